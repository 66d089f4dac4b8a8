# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""Uploads: what is accepted, under which name it lands, and what is served for it.

The served bytes of a raster picture differ from those sent, as they may on a real Ghost, which optimises pictures: here
a few bytes are added behind the picture's end. The bytes as sent are served under `name_o.ext`. Every SVG is rewritten,
and has no original. Not imitated: scaling (a picture wider than 2000 pixels is stored as it is) and EXIF rotation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakeghost.clock import year_month
from fakeghost.faults import GhostFault, bad_request, invalid
from fakeghost.state import State

_IMAGES = {
    "extensions": set(".jpg .jpeg .gif .png .svg .svgz .ico .webp".split()),
    "types": set(
        "image/jpeg image/png image/gif image/svg+xml image/x-icon image/vnd.microsoft.icon image/webp".split()
    ),
}
_MEDIA = {
    "extensions": set(".mp4 .webm .ogv .mp3 .wav .ogg .m4a".split()),
    "types": set(
        "video/mp4 video/webm video/ogg audio/mpeg audio/vnd.wav audio/wave audio/wav audio/x-wav audio/ogg audio/mp4 "
        "audio/x-m4a application/ogg".split()
    ),
}
_FILES_SINCE_6 = set(
    ".7z .aac .ai .aif .aiff .apkg .arw .avif .avi .blend .bmp .bz2 .cr2 .cr3 .css .csv .deb .dng .doc .docx .eot "
    ".epub .eps .fb2 .fbx .flac .geojson .gif .glb .gltf .gpx .gz .heic .heif .html .ics .ipynb .jpeg .jpg .js .json "
    ".jsonld .key .kml .m4a .m4v .md .mid .midi .mkv .mobi .mov .mp3 .mp4 .nef .np3 .numbers .obj .odp .ods .odt .ogv "
    ".opus .orf .otf .pages .paprikarecipes .pdf .png .ppt .pptx .psd .py .raf .rar .rpm .rtf .rw2 .skp .stl .svg .tar "
    ".tgz .tif .tiff .toml .tsv .ttf .txt .vcf .wav .webm .webp .woff .woff2 .xcf .xls .xlsb .xlsm .xlsx .xml .yaml "
    ".zip".split()
)
_MAGIC = {
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".gif": b"GIF8",
    ".webp": b"RIFF",
}
_WORDS = {"images": "image", "media": "media file", "files": "file"}
_OPTIMISED = b"\x00optimised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a multipart body."""

    name: str
    filename: str | None
    mime: str | None
    data: bytes


def split_multipart(content_type: str, body: bytes) -> dict[str, Part]:
    """Parts by name; empty when the body is not multipart."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        return {}
    parts: dict[str, Part] = {}
    for chunk in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, data = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        text = head.decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', text)
        filename = re.search(r'filename="([^"]*)"', text) or re.search(r"filename\*=utf-8''(\S+)", text)
        mime = re.search(r"(?im)^content-type:\s*([^\s;]+)", text)
        if name is not None:
            parts[name[1]] = Part(
                name=name[1], filename=filename[1] if filename else None, mime=mime[1] if mime else None, data=data
            )
    return parts


class Uploads:
    """Stores uploads below `/content/{images,media,files}/{year}/{month}/`."""

    def __init__(self, state: State, *, site: str, major: int) -> None:
        self._state = state
        self._site = site
        self._major = major

    def take(self, kind: str, part: Part | None) -> str:
        """Stores one part and gives its address. Raises `GhostFault` 415, 422 or 400."""
        if part is None or part.filename is None:
            raise invalid(f"Please select {'an' if kind == 'images' else 'a'} {_WORDS[kind]}.")
        stem, dot, extension = part.filename.rpartition(".")
        stem, extension = (stem, f"{dot}{extension}".lower()) if dot else (part.filename, "")
        self._check_type(kind, extension, part.mime)
        if kind == "images" and extension in _MAGIC and not part.data.startswith(_MAGIC[extension]):
            raise bad_request("Image processing failed")
        year, month = year_month(self._state.clock.now_ms())
        clean = re.sub(r"[^A-Za-z0-9_@.]", "-", stem)
        if kind == "images":
            clean = clean.removesuffix("_o")
        folder = f"{kind}/{year}/{month}"
        name = self._free_name(folder, clean, extension)
        self._store(f"{folder}/{name}", part, extension, is_picture=kind == "images")
        return f"{self._site}/content/{folder}/{name}"

    def _check_type(self, kind: str, extension: str, mime: str | None) -> None:
        if kind == "files":
            if self._major >= 6 and extension not in _FILES_SINCE_6:
                raise _unsupported("file")
            return
        allowed = _IMAGES if kind == "images" else _MEDIA
        if extension not in allowed["extensions"] or mime not in allowed["types"]:
            raise _unsupported(_WORDS[kind])

    def _free_name(self, folder: str, stem: str, extension: str) -> str:
        name, number = f"{stem}{extension}", 0
        while f"{folder}/{name}" in self._state.uploads:
            number += 1
            name = f"{stem}-{number}{extension}"
        return name

    def _store(self, path: str, part: Part, extension: str, *, is_picture: bool) -> None:
        mime = part.mime or "application/octet-stream"
        data = part.data
        if is_picture and extension in {".svg", ".svgz"}:
            data = rewrite_svg(data)
        elif is_picture and extension != ".ico":
            original = path.removesuffix(extension) + "_o" + extension
            self._state.uploads.put(original, (mime, data))
            data += _OPTIMISED
        self._state.uploads.put(path, (mime, data))


def rewrite_svg(data: bytes) -> bytes:
    """As a sanitiser leaves it: no prolog, no comments, no scripts, no `<use>`, and elements closed in full."""
    text = data.decode("utf-8", "replace")
    if "<svg" not in text:
        raise _unsupported("image")
    text = re.sub(r"<\?xml.*?\?>|<!DOCTYPE[^>]*>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|foreignObject)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"<use\b[^>]*/>|<use\b.*?</use>", "", text, flags=re.DOTALL)
    text = re.sub(r"""\son\w+=("[^"]*"|'[^']*')""", "", text)
    return re.sub(r"<([a-zA-Z]+)((?:\s[^<>]*?)?)\s*/>", r"<\1\2></\1>", text).strip().encode()


def _unsupported(what: str) -> GhostFault:
    return GhostFault(
        status=415, kind="UnsupportedMediaTypeError", message=f"Please select a valid {what}.", context=None
    )
