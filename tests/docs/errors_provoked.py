"""One real situation for every error that ghostsync raises on purpose."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from describe import plan_samples as samples
from ghost.conftest import KEY, Loopback, SleptTime

from ghostsync.cli.ask_site import Asking, reach
from ghostsync.cli.console import Console
from ghostsync.cli.context import Globals, open_run
from ghostsync.cli.push import expect_plan_digest
from ghostsync.cli.sandbox import env
from ghostsync.core.changes import DeletePost, Reason
from ghostsync.core.safety import refusal
from ghostsync.engine.options import Options
from ghostsync.errors import GhostsyncError, Problem
from ghostsync.ghost.admin import AdminApi, Resource
from ghostsync.ghost.connect import connect
from ghostsync.local.config import Config, read_config
from ghostsync.local.lock import DirectoryLock
from ghostsync.local.tree import ContentTree
from ghostsync.sandbox import Instance
from ghostsync.starting import refuse_existing

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.core.outcome import Report

SITE = {"site": {"title": "A blog", "url": "http://127.0.0.1/", "version": "6.65"}}
NO_POSTS = {"posts": [], "meta": {"pagination": {"page": 1, "pages": 1, "limit": 1, "total": 0}}}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where errors are provoked: a folder, a real Ghost, and servers that misbehave as told."""

    folder: Path
    site: Instance
    loopback: Loopback

    @property
    def console(self) -> Console:
        """A console that nobody sits at."""
        return Console(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environ={})

    @contextmanager
    def api(self) -> Iterator[AdminApi]:
        """The real Ghost."""
        found = connect(self.site.url, self.site.admin_key)
        try:
            yield found
        finally:
            found.transport.close()

    def misbehaving(self, *replies: Any) -> AdminApi:
        """A server that gives these answers, the last one for ever."""
        return self.loopback.api(self.loopback.serve_each(*replies).url, time=SleptTime())

    def write(self, path: str, text: str) -> Path:
        """Write a file below the folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    @contextmanager
    def run(self) -> Iterator[Run]:
        """A run of the folder against the real Ghost (its address and key stand in the environment)."""
        with open_run(Globals(console=self.console), (self.folder,), command="push", locks=True) as run:
            yield run


def apply(run: Run, between: Callable[[], object]) -> Report:
    """Plan, let something happen, and apply the plan."""
    from ghostsync.apply.applier import Applier

    plan = run.session.plan_push(Options())
    between()
    return Applier(
        remote=run.remote, tree=run.tree, memory=run.memory, plan=plan, jobs=1, sleep=lambda _: None,
        stop=threading.Event(),
    ).run()  # fmt: skip


def first_error(report: Report) -> None:
    """Raise the first error of a report."""
    raise next(outcome.error for outcome in report.outcomes if outcome.error is not None)


# ---------------------------------------------------------------------------------------------- before Ghost


def provoke_ghostsync_error(scene: Scene) -> None:
    """`ghostsync init` where there is a project already."""
    scene.write("ghostsync.toml", "")
    refuse_existing(scene.folder)


def provoke_config_error(scene: Scene) -> None:
    """A configuration with two faults."""
    read_config(scene.write("ghostsync.toml", 'jobs = 0\nprune = "all"\n'))


def provoke_credentials_error(scene: Scene) -> None:
    """`ghostsync init` in a script that gives no key."""
    given = Globals(console=scene.console)
    reach(given, scene.folder, "https://blog.example.com", Asking(scene.console, False), key_stdin=False)


def provoke_content_error(scene: Scene) -> None:
    """The content directory has gone, with its disk."""
    content = scene.folder / "content"
    content.mkdir()
    tree = ContentTree(Config(root=content))
    shutil.rmtree(content)
    tree.load()


def provoke_lock_held(scene: Scene) -> None:
    """A second push while the first one works."""
    with DirectoryLock(scene.folder, command="watch"), DirectoryLock(scene.folder, command="push"):
        pass


def provoke_sandbox_error(scene: Scene) -> None:
    """A sandbox that was never made."""
    env.main(["--name", "gone"], standalone_mode=False, obj=Globals(console=scene.console))


# ---------------------------------------------------------------------------------------------- refused plans


def provoke_plan_refused(scene: Scene) -> None:
    """A push that unpublishes, in a script, without `--yes`."""
    scene.console.confirm("unpublish 1 post?", yes=False)


def provoke_conflicts_found(scene: Scene) -> None:
    """Somebody saves the post between plan and apply."""
    scene.write("hello.md", "# Hello\n\nText.\n")
    with scene.run() as run, scene.api() as api:
        apply(run, lambda: None)
        scene.write("hello.md", "# Hello\n\nOther text.\n")

        def edit() -> None:
            post = api.read_slug(Resource.POSTS, "hello")
            api.update(Resource.POSTS, post["id"], {"title": "Hello!", "updated_at": post["updated_at"]})

        first_error(apply(run, edit))


def provoke_safety_limit(scene: Scene) -> None:
    """A prune beside a document that cannot be read."""
    gone = DeletePost(**samples.orphan(), reason=Reason.PRUNE)
    unreadable = Problem(path="posts/new.md", line=3, message="`tags` is a list, not 7")
    found = refusal(
        samples.plan(gone, problems=(unreadable,)),
        documents=9,
        allow_many=False,
    )
    assert found is not None
    raise found


def provoke_plan_changed(scene: Scene) -> None:
    """`push --plan` after a file was edited."""
    scene.write("hello.md", "# Hello\n")
    with scene.run() as run:
        reviewed = run.session.plan_push(Options()).digest
    scene.write("hello.md", "# Hello again\n")
    with scene.run() as run:
        expect_plan_digest(run.session.plan_push(Options()), reviewed)


# ---------------------------------------------------------------------------------------------- Ghost


def provoke_unreachable(scene: Scene) -> None:
    """Nobody listens at the address."""
    server = scene.loopback.serve_each(scene.loopback.json(200, SITE))
    server.close()
    scene.loopback.servers.remove(server)
    scene.loopback.api(server.url, time=SleptTime()).site()


def provoke_outcome_unknown(scene: Scene) -> None:
    """The connection breaks after a post was sent."""
    scene.misbehaving(scene.loopback.CLOSE).create(Resource.POSTS, {"title": "Hello"})


def provoke_not_ghost(scene: Scene) -> None:
    """A web page answers."""
    scene.misbehaving(scene.loopback.html(200)).site()


def provoke_unsupported_version(scene: Scene) -> None:
    """Ghost 4 answers."""
    old = {"site": {"title": "Old", "url": "http://127.0.0.1/", "version": "4.48"}}
    scene.misbehaving(scene.loopback.json(200, old)).site()


def provoke_redirected(scene: Scene) -> None:
    """The address has moved."""
    scene.misbehaving(scene.loopback.html(301, Location="https://www.example.com/ghost/api/admin/site/")).site()


def provoke_unauthorized(scene: Scene) -> None:
    """A key that this Ghost does not know."""
    api = connect(scene.site.url, KEY)
    try:
        api.config()
    finally:
        api.transport.close()


def provoke_not_found(scene: Scene) -> None:
    """A post that is not there."""
    with scene.api() as api:
        api.read(Resource.POSTS, "0123456789abcdef01234567")


def provoke_update_collision(scene: Scene) -> None:
    """A write that is based on an older version."""
    with scene.api() as api:
        post = api.create(Resource.POSTS, {"title": "Hello"})
        api.update(Resource.POSTS, post["id"], {"title": "x", "updated_at": "2020-01-01T00:00:00.000Z"})


def provoke_rejected(scene: Scene) -> None:
    """A title that is longer than Ghost allows."""
    with scene.api() as api:
        api.create(Resource.POSTS, {"title": "x" * 300})


def provoke_rate_limited(scene: Scene) -> None:
    """A server that asks for more patience than anybody has."""
    scene.misbehaving(scene.loopback.error(429, "Too many requests.", type="TooManyRequestsError")).config()


def provoke_server_fault(scene: Scene) -> None:
    """Ghost fails, again and again."""
    scene.misbehaving(scene.loopback.error(500, "An unexpected error occurred, please try again.")).config()


def provoke_starting(scene: Scene) -> None:
    """Ghost says that it is in maintenance."""
    busy = scene.loopback.error(503, "Site is starting up, please wait a moment then retry.", type="MaintenanceError")
    scene.misbehaving(busy).config()


def provoke_mismatch(scene: Scene) -> None:
    """A picture is saved anew between plan and upload."""
    scene.write("hello.md", "# Hello\n\n![A picture](pic.svg)\n")
    picture = scene.write("pic.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    with scene.run() as run:
        first_error(apply(run, lambda: picture.write_text(picture.read_text() + "\n")))


def situations() -> dict[str, Callable[[Scene], None]]:
    """Return every situation by the name of its error."""
    return {
        "".join(part.title() for part in name.removeprefix("provoke_").split("_")): function
        for name, function in globals().items()
        if name.startswith("provoke_")
    }


def provoke(name: str, scene: Scene) -> GhostsyncError:
    """Return the error of a situation."""
    try:
        situations()[name](scene)
    except GhostsyncError as error:
        return error
    raise AssertionError(f"{name} was not raised")
