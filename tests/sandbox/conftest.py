"""Sandboxes of these tests' own: installed code from the user's cache, instances in a temporary folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ghostsync.sandbox import Folders, Instance, Sandbox

# The support module beside this file.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The user's installations, and a data folder that nobody else uses."""
    return Folders(cache=Folders.standard().cache, data=tmp_path_factory.mktemp("data") / "sandbox")


@pytest.fixture(scope="session")
def shared_site(own_folders: Folders) -> Iterator[Instance]:
    """A running Ghost 6 that the tests of this folder share; use `site` to have it new."""
    instance = Sandbox.up("shared", folders=own_folders)
    yield instance
    instance.remove()


@pytest.fixture
def site(shared_site: Instance) -> Instance:
    """The shared Ghost 6, running, like new."""
    shared_site.start()
    shared_site.empty()
    return shared_site


@pytest.fixture
def data_folder(own_folders: Folders) -> Path:
    """Where the instances of these tests live."""
    return own_folders.data
