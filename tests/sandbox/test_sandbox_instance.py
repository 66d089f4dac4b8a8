"""Instances: several at once, found again, dead and restarted, private, emptied."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from sandbox_requests import ask_with_key, create_post, titles

from ghostsync.errors import SandboxError
from ghostsync.sandbox import Folders, Instance, Sandbox, create_staff, log_in_owner, wire
from ghostsync.sandbox.process import find_process
from ghostsync.sandbox.site import answers, is_port_free

pytestmark = pytest.mark.real

_CONTENT_TABLES = (
    "posts", "posts_meta", "posts_tags", "posts_authors", "post_revisions", "tags", "actions", "emails",
    "email_batches", "members", "invites",
)  # fmt: skip
# One white pixel.
_DOT = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")
_ELSEWHERE = """
import json, pathlib, sys
from ghostsync.sandbox import Folders, Sandbox
folders = Folders(cache=pathlib.Path(sys.argv[1]), data=pathlib.Path(sys.argv[2]))
instance = getattr(Sandbox, sys.argv[3])(sys.argv[4], folders=folders)
print(json.dumps({"url": instance.url, "key": instance.admin_key, "pid": instance.process.pid}))
"""


def elsewhere(folders: Folders, verb: str, name: str) -> dict[str, object]:
    """Call Sandbox.up or Sandbox.find in another process, which ends afterwards."""
    command = [sys.executable, "-c", _ELSEWHERE, str(folders.cache), str(folders.data), verb, name]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(ran.stdout))


def rows(instance: Instance) -> dict[str, int]:
    """Count what is in the tables of content."""
    with closing(sqlite3.connect(instance.database_path)) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _CONTENT_TABLES}


@pytest.fixture
def spare(own_folders: Folders) -> Iterator[Instance]:
    """A second running Ghost 6, for one test."""
    instance = Sandbox.up("spare", folders=own_folders)
    yield instance
    instance.remove()


def test_a_new_site_is_empty_and_has_an_owner(spare: Instance) -> None:
    """Nothing of Ghost's starter content is there, nor any trace of it; the key and the owner's login work."""
    for kind in ("posts", "pages", "tags", "actions"):
        answer = ask_with_key(spare, "GET", f"{kind}/?limit=all")
        assert (answer.status_code, answer.json()[kind]) == (200, [])
    assert set(rows(spare).values()) == {0}
    assert log_in_owner(spare).ask("GET", "users/me/").json["users"][0]["email"] == spare.owner_email
    assert requests.get(spare.url, timeout=30).status_code == 200


def test_two_sandboxes_at_once(site: Instance, spare: Instance) -> None:
    """Two names are two servers with a port, a database and a key each; a key does not open the other."""
    create_post(site, "only here")
    assert site.port != spare.port
    assert (titles(site), titles(spare)) == (["only here"], [])
    assert ask_with_key(site, "GET", "posts/", key=spare.admin_key).status_code == 401
    assert ask_with_key(spare, "GET", "posts/").status_code == 200


def test_found_again_by_another_process(site: Instance, own_folders: Folders) -> None:
    """Another process finds the running server by its name, and `up` there starts nothing."""
    process = site.process
    assert process is not None
    expected = {"url": site.url, "key": site.admin_key, "pid": process.pid}
    assert elsewhere(own_folders, "find", site.name) == expected
    assert elsewhere(own_folders, "up", site.name) == expected


def test_outlives_the_process_that_started_it(own_folders: Folders) -> None:
    """A server started by a process that has ended goes on serving, and is removed from here.

    The folder that an interrupted `up` left behind is replaced on the way.
    """
    rubbish = own_folders.instance("orphan") / "content" / "rubbish"
    rubbish.parent.mkdir(parents=True)
    rubbish.touch()
    started = elsewhere(own_folders, "up", "orphan")
    assert not rubbish.exists()
    found = Sandbox.find("orphan", folders=own_folders)
    assert found is not None
    assert found.process is not None
    assert found.process.pid == started["pid"]
    assert answers(found.url)
    found.remove()
    found.remove()
    assert is_port_free(found.port)
    assert not found.folder.exists()
    assert Sandbox.find("orphan", folders=own_folders) is None


def test_interrupted_while_it_boots(own_folders: Folders) -> None:
    """When the starting process is killed during the boot, the next `up` takes over that very server."""
    command = [sys.executable, "-c", _ELSEWHERE, str(own_folders.cache), str(own_folders.data), "up", "booting"]
    record = own_folders.instance("booting") / "instance.json"
    with subprocess.Popen(command) as starter:
        while not record.exists() or json.loads(record.read_text(encoding="utf-8"))["process"] is None:
            assert starter.poll() is None
        starter.kill()
    launched = json.loads(record.read_text(encoding="utf-8"))
    instance = Sandbox.up("booting", folders=own_folders)
    assert instance.process is not None
    assert (instance.process.pid, instance.port) == (launched["process"]["pid"], launched["port"])
    assert titles(instance) == []
    instance.remove()


def test_a_dead_server_is_noticed_and_started_again(site: Instance, own_folders: Folders) -> None:
    """A killed server is known to have died; `up` brings it back with its address, key and posts."""
    create_post(site, "still there")
    process = site.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    while process.is_running():
        pass
    assert not site.is_running()
    assert site.has_died()
    again = Sandbox.up(site.name, folders=own_folders)
    assert (again.url, again.admin_key) == (site.url, site.admin_key)
    assert titles(again) == ["still there"]
    assert not site.has_died()


def test_a_stale_record_kills_nobody(site: Instance) -> None:
    """When the recorded id belongs to somebody else by now, that process is left alone."""
    record = site.folder / "instance.json"
    true_record = record.read_text(encoding="utf-8")
    stale = json.loads(true_record)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        stale["process"] = {"pid": stranger.pid, "began": "893102fb-bd95-4fcd-86c7-58331fdf9e05 4711"}
        record.write_text(json.dumps(stale), encoding="utf-8")
        assert not site.is_running()
        site.stop()
        assert stranger.poll() is None
        # Control: with the true beginning of that process, the same call ends it.
        began = find_process(stranger.pid)
        assert began is not None
        stale["process"] = {"pid": stranger.pid, "began": began.began}
        record.write_text(json.dumps(stale), encoding="utf-8")
        site.stop()
        assert stranger.wait(timeout=5) == -signal.SIGTERM
    record.write_text(true_record, encoding="utf-8")
    assert site.is_running()


def test_stopped_and_started_on_the_same_port(site: Instance) -> None:
    """Between `stop` and `start` nobody answers; afterwards everything is as it was."""
    create_post(site, "kept")
    site.stop()
    assert not site.is_running()
    assert not site.has_died()
    with pytest.raises(requests.ConnectionError):
        requests.get(site.url, timeout=5)
    site.start()
    assert titles(site) == ["kept"]
    pid = site.process
    site.start()
    assert site.process == pid


def test_a_taken_port_moves_the_site(own_folders: Folders) -> None:
    """`start` refuses a port that another program took; `up` moves to another port and says so by its URL."""
    import socket

    instance = Sandbox.up("moving", folders=own_folders)
    try:
        instance.stop()
        with socket.socket() as intruder:
            intruder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            intruder.bind(("127.0.0.1", instance.port))
            intruder.listen()
            with pytest.raises(SandboxError, match=f"port {instance.port} of sandbox 'moving' is in use"):
                instance.start()
            moved = Sandbox.up("moving", folders=own_folders)
            assert moved.port != instance.port
            assert titles(moved) == []
    finally:
        found = Sandbox.find("moving", folders=own_folders)
        assert found is not None
        found.remove()


def test_everything_is_private(site: Instance, own_folders: Folders) -> None:
    """Folders are for this user only, and so is every file that holds a key, a password or the database."""
    private_folders = [site.folder, own_folders.data, own_folders.template(site.version)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private_folders} == {0o700}
    secret = [
        site.folder / "instance.json",
        site.folder / "config.development.json",
        site.folder / "empty.db",
        site.database_path,
        site.log_path,
        site.request_log_path,
        *own_folders.template(site.version).iterdir(),
    ]
    assert {str(path): oct(stat.S_IMODE(path.stat().st_mode)) for path in secret} == {
        str(path): oct(0o600) for path in secret
    }


def test_no_secret_in_the_process_list(site: Instance) -> None:
    """The server's arguments and environment hold neither key nor password."""
    process = site.process
    assert process is not None
    seen = b"".join(Path(f"/proc/{process.pid}/{what}").read_bytes() for what in ("cmdline", "environ"))
    assert b"current/index.js" in seen
    for secret in (site.admin_key.split(":")[1], site.owner_password):
        assert secret.encode() not in seen


def test_empty_makes_a_running_site_new(site: Instance) -> None:
    """Posts, pages, tags, people, members, history, mails and uploads go within a second; key and address stay."""
    process = site.process
    owner = log_in_owner(site)
    create_staff(site, name="Ada", email="ada@example.com")
    owner.ask("POST", "members/", {"members": [{"email": "reader@example.com"}]})
    create_post(site, "a post", status="published", tags=["a tag", "#internal"])
    ask_with_key(site, "POST", "pages/", json={"pages": [{"title": "a page"}]})
    picture = {"file": ("dot.gif", _DOT, "image/gif")}
    assert ask_with_key(site, "POST", "images/upload/", files=picture).status_code == 201
    before = rows(site)
    assert (before["posts"], before["tags"], before["members"]) == (2, 2, 1)
    assert before["actions"] > 0
    assert before["post_revisions"] > 0
    began = time.monotonic()
    site.empty()
    assert time.monotonic() - began < 1.0
    assert set(rows(site).values()) == {0}
    assert [path for path in (site.content_path / "images").rglob("*") if path.is_file()] == []
    assert site.process == process
    assert [user["name"] for user in owner.ask("GET", "users/").json["users"]] == ["Sandbox Owner"]
    assert requests.get(f"{site.url}/a-post/", timeout=30).status_code == 404
    assert create_post(site, "a post", status="published")["slug"] == "a-post"
    assert requests.get(f"{site.url}/a-post/", timeout=30).status_code == 200


def test_reset_makes_settings_new_too(site: Instance) -> None:
    """After a reset the title is the old one and nothing is in the site; key, owner and address are the same."""
    owner = log_in_owner(site)
    owner.ask("PUT", "settings/", {"settings": [{"key": "title", "value": "Changed"}]})
    create_post(site, "a post")
    assert ask_with_key(site, "GET", "site/").json()["site"]["title"] == "Changed"
    site.reset()
    assert ask_with_key(site, "GET", "site/").json()["site"]["title"] == "Sandbox"
    assert titles(site) == []
    assert log_in_owner(site).cookie


def test_another_version_under_the_same_name_is_refused(site: Instance, own_folders: Folders) -> None:
    """A name keeps its version: asking for another one says both and the way out."""
    with pytest.raises(SandboxError, match=r"runs Ghost 6\.65\.0, asked for was 5\.130\.6") as raised:
        Sandbox.up(site.name, "5.130.6", folders=own_folders)
    assert raised.value.hint is not None
    assert "--name" in raised.value.hint


def test_wrong_passwords_lock_nobody_out(site: Instance) -> None:
    """Twenty wrong passwords, and the right one still opens a session."""
    ada = create_staff(site, name="Ada", email="ada@example.com", role="Editor")
    for _ in range(20):
        with pytest.raises(SandboxError, match="422 Your password is incorrect"):
            wire.log_in(site.url, ada.email, "wrong password")
    assert wire.log_in(site.url, ada.email, ada.password)
    post = ada.ask("POST", "posts/", {"posts": [{"title": "by Ada"}]}).json["posts"][0]
    assert [author["name"] for author in post["authors"]] == ["Ada"]


def test_a_newsletter_leaves_a_row_and_nothing_else(site: Instance) -> None:
    """Publishing with a newsletter makes one row in `emails`, publishing without it none."""
    newsletter = log_in_owner(site).ask("GET", "newsletters/").json["newsletters"][0]["slug"]
    for title, query, expected in (("quiet", "", 0), ("loud", f"?newsletter={newsletter}", 1)):
        post = create_post(site, title)
        change = {"posts": [{"status": "published", "updated_at": post["updated_at"]}]}
        answer = ask_with_key(site, "PUT", f"posts/{post['id']}/{query}", json=change)
        assert answer.status_code == 200
        assert rows(site)["emails"] == expected


@pytest.mark.ghost5
def test_ghost_5_works_the_same(own_folders: Folders) -> None:
    """5.130.6 comes up empty, takes posts, is emptied and reset."""
    instance = Sandbox.up("five", "5.130.6", folders=own_folders)
    try:
        assert ask_with_key(instance, "GET", "site/").json()["site"]["version"] == "5.130"
        assert set(rows(instance).values()) == {0}
        assert create_post(instance, "old", status="published", tags=["t"])["slug"] == "old"
        instance.empty()
        assert set(rows(instance).values()) == {0}
        assert requests.get(f"{instance.url}/old/", timeout=30).status_code == 404
        create_post(instance, "again")
        instance.reset()
        assert titles(instance) == []
    finally:
        instance.remove()
