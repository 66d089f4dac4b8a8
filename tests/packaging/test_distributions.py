"""What is shipped: a wheel that works alone, and a source archive from which everything can be tested."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import ghostsync

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source archive, built as a release is, with the tools that are installed here."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def names_of_the_wheel(wheel: Path) -> set[str]:
    """Return the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_whole_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    """Every module, every schema, the type marker and the server's preload; no test, no example, no cache."""
    names = names_of_the_wheel(built[0])
    package = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "ghostsync").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert "ghostsync/py.typed" in package
    assert "ghostsync/schemas/front-matter.json" in package
    assert "ghostsync/sandbox/loopback_only.cjs" in package
    assert {name for name in names if ".dist-info/" not in name} == package


def test_the_wheel_says_who_it_is(built: tuple[Path, Path]) -> None:
    """Version, Python, licence and the command are in the metadata."""
    with zipfile.ZipFile(built[0]) as archive:
        info = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(info).decode())
        scripts = archive.read(info.replace("METADATA", "entry_points.txt")).decode()
        assert info.replace("METADATA", "licenses/LICENSE") in archive.namelist()
    assert (metadata["Name"], metadata["Version"]) == ("ghostsync", ghostsync.__version__)
    assert metadata["Requires-Python"] == ">=3.11"
    assert "ghostsync = ghostsync.cli:main" in scripts


def test_the_source_archive_can_be_tested(built: tuple[Path, Path]) -> None:
    """Tests, documentation, the example site and what CI runs are in it."""
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", ".ci/run", "action.yml",
        ".pre-commit-hooks.yaml", "docs/README.md", "example-site/tags.yaml", "tests/conftest.py",
        "ghostsync/schemas/config.json",
    }  # fmt: skip
    assert wanted - names == set()
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)
