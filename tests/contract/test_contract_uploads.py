"""Uploads: names, types, and what is served afterwards."""

from __future__ import annotations

import base64

import pytest
import requests
from contract.backends import Site

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGNQSFgARwzEcQDMQxIBsLSc1wAAAABJRU5ErkJggg=="
)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><script>x()</script>'
    b'<path d="M0 0h4v4z"/><use href="#a"/></svg>'
)


def _url(answer: requests.Response, kind: str = "images") -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()[kind][0]["url"])


def _served(site: Site, url: str) -> bytes:
    answer = site.session.get(url, timeout=30)
    assert answer.status_code == 200
    return answer.content


def _original(url: str) -> str:
    stem, _, extension = url.rpartition(".")
    return f"{stem}_o.{extension}"


def test_image_name_and_place(site: Site) -> None:
    """`content/images/{year}/{month}/`, the name kept, the reference given back."""
    answer = site.upload("images", "my-pic-abc123.png", PNG, "image/png", ref="here")
    url = _url(answer)
    assert url.startswith(f"{site.url}/content/images/20")
    assert url.endswith("/my-pic-abc123.png")
    assert answer.json()["images"][0]["ref"] == "here"


def test_same_name_twice_is_counted_up(site: Site) -> None:
    """An upload never overwrites and is never recognised: the second gets `-1`."""
    first = _url(site.upload("images", "pic.png", PNG, "image/png"))
    second = _url(site.upload("images", "pic.png", PNG, "image/png"))
    assert second == first.replace("pic.png", "pic-1.png")


def test_names_are_cleaned(site: Site) -> None:
    """Characters other than letters, digits, `_`, `@` and `.` become dashes."""
    assert _url(site.upload("images", "a b+c@2x_d.png", PNG, "image/png")).endswith("/a-b-c@2x_d.png")


@pytest.mark.parametrize(
    ("name", "data", "mime"), [("a.png", PNG, "image/png"), ("a.gif", GIF, "image/gif")], ids=["png", "gif"]
)
def test_originals_are_kept(site: Site, name: str, data: bytes, mime: str) -> None:
    """The bytes as sent are served under `_o`."""
    url = _url(site.upload("images", name, data, mime))
    assert _served(site, _original(url)) == data
    assert _served(site, url)[:4] == data[:4]


def test_svg_is_rewritten(site: Site) -> None:
    """An SVG loses its prolog, scripts and `<use>`, and has no original."""
    url = _url(site.upload("images", "a.svg", SVG, "image/svg+xml"))
    served = _served(site, url)
    assert b"<path" in served
    assert not any(part in served for part in (b"<?xml", b"script", b"<use"))
    assert site.session.get(_original(url), timeout=30).status_code == 404


@pytest.mark.parametrize("mime", [None, "text/plain", "application/octet-stream"])
def test_images_need_their_type(site: Site, mime: str | None) -> None:
    """A part without an image's MIME type is refused with 415."""
    answer = site.upload("images", "a.png", PNG, mime)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["type"] == "UnsupportedMediaTypeError"


@pytest.mark.parametrize(("name", "mime"), [("a.bmp", "image/bmp"), ("a.avif", "image/avif"), ("a.txt", "image/png")])
def test_refused_images(site: Site, name: str, mime: str) -> None:
    """Kinds of pictures that Ghost does not take."""
    assert site.upload("images", name, PNG, mime).status_code == 415


def test_broken_image(site: Site) -> None:
    """Bytes that are no picture are refused."""
    assert site.upload("images", "a.png", b"not a picture at all", "image/png").status_code == 400


def test_missing_file(site: Site) -> None:
    """A form without a file is refused."""
    answer = site.ask("POST", "images/upload/", {})
    assert answer.status_code == 422


def test_files(site: Site) -> None:
    """Files are served as sent; Ghost 6 has a list of extensions, Ghost 5 takes any."""
    url = _url(site.upload("files", "a.pdf", b"%PDF-1.4 x", "application/pdf"), "files")
    assert url.endswith("/a.pdf")
    assert "/content/files/20" in url
    assert _served(site, url) == b"%PDF-1.4 x"
    assert site.upload("files", "a.exe", b"MZ", "application/pdf").status_code == (415 if site.major >= 6 else 201)


def test_media(site: Site) -> None:
    """Media are served as sent."""
    answer = site.upload("media", "a.wav", b"RIFF0000WAVE", "audio/wav")
    url = _url(answer, "media")
    assert "/content/media/20" in url
    assert answer.json()["media"][0]["thumbnail_url"] is None
    assert _served(site, url) == b"RIFF0000WAVE"
    assert site.upload("media", "a.wav", b"RIFF0000WAVE", "audio/x-nonsense").status_code == 415
