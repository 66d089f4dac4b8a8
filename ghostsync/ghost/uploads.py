"""Uploads: which endpoint, which media type, and a body that is never held in memory whole.

Ghost decides by the file name's extension *and* by the media type that the part declares (Ghost:
web/api/middleware/upload.js): without one, or with `application/octet-stream`, a perfectly good picture is refused
with 415. So the type is always declared, and from a table of our own: Python's `mimetypes` lacks webp on some systems,
reads the machine's files on others, and calls `.m4a` a type that Ghost does not know.

`requests` reads whole files into memory for multipart bodies; a 2 GB video should not need 2 GB, so the body here is
read piece by piece, and can be rewound when a server asks to come back later.
"""

from __future__ import annotations

import io
import mimetypes
import secrets
from collections.abc import Mapping
from pathlib import Path, PurePath
from types import TracebackType
from typing import BinaryIO, Final, Self

from ghostsync.ghost.admin import UploadTo

# Ghost 6.65: core/shared/config/overrides.json, `uploads`.
_IMAGES: Final[Mapping[str, str]] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".svgz": "image/svg+xml",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
}
_MEDIA: Final[Mapping[str, str]] = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
}
_UNKNOWN: Final = "application/octet-stream"


def endpoint_for(name: str) -> UploadTo:
    """Return where a file of this name belongs; what is neither a picture nor media that Ghost plays is a file."""
    extension = PurePath(name).suffix.lower()
    if extension in _IMAGES:
        return UploadTo.IMAGES
    return UploadTo.MEDIA if extension in _MEDIA else UploadTo.FILES


def media_type_of(name: str) -> str:
    """Return the media type to declare for a file of this name."""
    extension = PurePath(name).suffix.lower()
    known = _IMAGES.get(extension) or _MEDIA.get(extension)
    return known or mimetypes.guess_type(f"x{extension}", strict=False)[0] or _UNKNOWN


class MultipartBody:
    """A `multipart/form-data` body (RFC 7578) of a few short fields and one or two files, read piece by piece.

    Use it as a context manager: it closes the files that it opened itself.
    """

    def __init__(self) -> None:
        self._boundary = secrets.token_hex(16)
        self._pieces: list[tuple[BinaryIO, int, int]] = []  # file, where its content begins, how long it is
        self._opened: list[BinaryIO] = []
        self._at = 0
        self._finished = False

    @property
    def content_type(self) -> str:
        """The value of the request's `Content-Type`."""
        return f"multipart/form-data; boundary={self._boundary}"

    def add_field(self, name: str, value: str) -> None:
        """Add a short text field."""
        self._add_text(f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n')

    def add_file(self, field: str, name: str, content: bytes | BinaryIO | Path, *, mime: str | None = None) -> None:
        """Add a file under `field`.

        A file object is read from where it stands; one that cannot seek is read at once.
        """
        # As browsers write it (WHATWG HTML, "multipart/form-data encoding algorithm").
        escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        self._add_text(
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{escaped}"\r\n'
            f"Content-Type: {mime or media_type_of(name)}\r\n\r\n"
        )
        match content:
            case bytes():
                self._add(io.BytesIO(content))
            case Path():
                opened = content.open("rb")
                self._opened.append(opened)
                self._add(opened)
            case _ if content.seekable():
                self._add(content)
            case _:
                self._add(io.BytesIO(content.read()))
        self._add_text("\r\n")

    def finish(self) -> Self:
        """Add the closing boundary; nothing may be added after it."""
        self._add_text(f"--{self._boundary}--\r\n")
        self._finished = True
        self.rewind()
        return self

    def _add_text(self, text: str) -> None:
        self._add(io.BytesIO(text.encode()))

    def _add(self, file: BinaryIO) -> None:
        start = file.tell()
        length = file.seek(0, io.SEEK_END) - start
        self._pieces.append((file, start, length))

    def __len__(self) -> int:
        return sum(length for _, _, length in self._pieces)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self.read(65536)
        if not chunk:
            raise StopIteration
        return chunk

    def rewind(self) -> None:
        """Begin again from the first byte."""
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes from where reading stands, all that is left for a negative size."""
        wanted = len(self) - self._at if size < 0 else size
        taken: list[bytes] = []
        offset = 0
        for file, start, length in self._pieces:
            inside = self._at - offset
            offset += length
            if wanted <= 0:
                break
            if inside >= length:
                continue
            file.seek(start + inside)
            part = file.read(min(length - inside, wanted))
            if not part:
                message = "the file became shorter while it was being sent"
                raise OSError(message)
            taken.append(part)
            wanted -= len(part)
            self._at += len(part)
            if len(part) < length - inside:
                break
        return b"".join(taken)

    def close(self) -> None:
        """Close the files that were opened here."""
        while self._opened:
            self._opened.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def multipart_body(
    name: str,
    data: bytes | BinaryIO | Path,
    *,
    mime: str | None = None,
    ref: str | None = None,
    purpose: str | None = None,
    thumbnail: tuple[str, bytes | BinaryIO | Path] | None = None,
) -> MultipartBody:
    """Return the body of one upload.

    `name` becomes the public file name (Ghost replaces what it does not like in it), `mime` is by its extension where
    it is not given; `ref` comes back in the answer; `purpose` (`image`, `profile_image`, `icon`) is for pictures,
    `thumbnail` (name and data) for video. Raises `OSError` for a file that cannot be read.
    """
    body = MultipartBody()
    try:
        if purpose is not None:
            body.add_field("purpose", purpose)
        if ref is not None:
            body.add_field("ref", ref)
        body.add_file("file", PurePath(name).name, data, mime=mime)
        if thumbnail is not None:
            body.add_file("thumbnail", PurePath(thumbnail[0]).name, thumbnail[1])
        return body.finish()
    except BaseException:
        body.close()
        raise
