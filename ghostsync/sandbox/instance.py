"""A running (or stopped) local Ghost with a name: making it, finding it again, stopping it, emptying it.

Everything that is known about an instance stands in `instance.json` in its folder, readable by this user only; there
is no daemon and no registry. Whoever knows the name, in whatever process, finds the server that an earlier process
started, and sees at once when that server has died. One lock per name keeps two processes from starting it twice.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from ghostsync.errors import SandboxError
from ghostsync.sandbox import database, site, wire
from ghostsync.sandbox.folders import Folders, check_name, make_private
from ghostsync.sandbox.install import DEFAULT_VERSION, Installation, installation
from ghostsync.sandbox.process import Process
from ghostsync.sandbox.progress import Progress, silent
from ghostsync.sandbox.record import read_record, turn_of, write_record
from ghostsync.sandbox.requestlog import RequestLog, log_file, open_log
from ghostsync.sandbox.site import Reach
from ghostsync.sandbox.template import make_template
from ghostsync.sandbox.toolchain import remove_tree

# How often a start is tried when somebody takes the chosen port first.
_START_TRIES = 3
# The first try finds content, the second finds it gone unless Ghost was still writing; the rest is patience.
_EMPTY_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One local site. `url` and `admin_key` are what a client needs; all paths are absolute.

    An Instance is what was true when it was made or found: the port, key and version of a name do not change while
    it exists, except that a stopped instance whose port was taken meanwhile moves to another on its next start.
    """

    name: str
    version: str
    port: int
    admin_key: str
    owner_email: str
    owner_password: str
    reach: Reach
    folders: Folders

    @property
    def installation(self) -> Installation:
        """The code it runs, installed again when the cache folder was cleaned."""
        return installation(self.version, folders=self.folders)

    @property
    def url(self) -> str:
        """The address of the site, which is also that of its Admin API, without a slash at the end."""
        return site.site_url(self.port)

    @property
    def folder(self) -> Path:
        """Everything that belongs to this instance."""
        return self.folders.instance(self.name)

    @property
    def content_path(self) -> Path:
        """Ghost's content folder: images, media, files, themes, logs, data."""
        return self.folder / "content"

    @property
    def database_path(self) -> Path:
        """The SQLite database."""
        return site.database_path(self.folder)

    @property
    def log_path(self) -> Path:
        """What the server prints, all starts one after the other."""
        return self.folder / "ghost.log"

    @property
    def request_log_path(self) -> Path:
        """Ghost's own log, one JSON object a line; `requestlog.parse_log` reads it."""
        return log_file(self.content_path, self.port)

    @property
    def process(self) -> Process | None:
        """The server's process, or None when it does not run."""
        recorded = read_record(self.folder).get("process")
        if not recorded:
            return None
        process = Process(pid=recorded["pid"], began=recorded["began"])
        return process if process.is_running() else None

    def log_requests(self) -> RequestLog:
        """Begin to note the requests that the server serves from now on; `.read()` and `.writes()` give them.

        Costs one request, as each reading does; these do not appear. Survives a restart on the same port.
        """
        return open_log(self.url, self.request_log_path)

    def is_running(self) -> bool:
        """Say whether the server's process runs."""
        return self.process is not None

    def has_died(self) -> bool:
        """Say whether the server was started, was not stopped, and runs no more."""
        return bool(read_record(self.folder).get("process")) and self.process is None

    def stop(self) -> None:
        """Stop the server and keep everything; `start` brings it back on the same port."""
        with turn_of(self.folders, self.name):
            self._stop()

    def start(self) -> None:
        """Start the server on its port and wait until it answers; does nothing when it runs.

        Raises SandboxError when the port has been taken by somebody else: an Instance keeps its URL.
        """
        with turn_of(self.folders, self.name):
            process = self.process
            if process is not None:
                site.wait_until_ready(process, self.folder, self.port)
            else:
                if not site.is_port_free(self.port):
                    raise SandboxError(
                        f"port {self.port} of sandbox {self.name!r} is in use by another program",
                        hint=f"`ghostsync sandbox up --name {self.name}`",
                    )
                self._start()

    def restart(self) -> None:
        """Stop the server and start it again on the same port."""
        self.stop()
        self.start()

    def reset(self) -> None:
        """Make the site new: empty database, no uploads, the same URL, key and owner. Takes one boot."""
        with turn_of(self.folders, self.name):
            self._stop()
            _empty_uploads(self.content_path)
            for journal in self.database_path.parent.glob(f"{self.database_path.name}-*"):
                journal.unlink()
            shutil.copy2(self.folder / "empty.db", self.database_path)
            self._start()

    def empty(self) -> None:
        """Remove posts, pages, tags, members, staff, history and uploads from the running site within a second.

        Settings, tiers, offers and themes stay as they are, because the running server holds them in memory; `reset`
        makes those new too. Raises SandboxError when something goes on writing into the site meanwhile.
        """
        pristine = self.folder / "empty.db"
        _empty_uploads(self.content_path)
        for _ in range(_EMPTY_TRIES):
            # Ghost writes history and counters after it has answered; all that waits in its one database
            # connection is done before the answer to a question of ours that needs the database too.
            if self.is_running():
                wire.require(self.url, "GET", f"{wire.ADMIN}/authentication/setup/")
            if database.is_restored(self.database_path, pristine):
                return
            database.restore_content(self.database_path, pristine)
        raise SandboxError(
            f"sandbox {self.name!r}: something goes on writing into it",
            hint=f"`ghostsync sandbox reset --name {self.name}`",
        )

    def remove(self) -> None:
        """Stop the server and remove the instance with all that is in it. The installation stays."""
        with turn_of(self.folders, self.name):
            if read_record(self.folder):
                self._stop()
            remove_tree(self.folder)

    def _start(self) -> None:
        """Launch the server, write down which process it is, and wait until it answers.

        RACE: killed between the two, we would leave a server that nobody knows. It takes microseconds; the boot of
        several seconds, during which people do interrupt, comes after the record.
        """
        process = site.launch(self.folder, self.installation, self.reach)
        _write_record(self, process)
        site.wait_until_ready(process, self.folder, self.port)

    def _stop(self) -> None:
        process = self.process
        if process is not None:
            process.stop()
        _write_record(self, None)


class Sandbox:
    """The front door: `Sandbox.up()` gives a running Ghost, whatever was there before."""

    @staticmethod
    def up(
        name: str = "default",
        version: str | None = None,
        *,
        reach: Reach | None = None,
        progress: Progress = silent,
        folders: Folders | None = None,
    ) -> Instance:
        """Return the running instance `name`, installing, making and starting what is missing.

        `version` None means the version it has, or 6.65.0 for a new one; `reach` None likewise, or loopback for a
        new one (a running server with another reach is restarted). Raises SandboxError when the instance exists
        with another version.
        """
        folders = folders or Folders.standard()
        make_private(folders.data)
        with turn_of(folders, check_name(name), progress):
            found = _find(folders, name)
            if found is None:
                found = _make(folders, name, version or DEFAULT_VERSION, progress)
            elif version is not None and version != found.version:
                raise SandboxError(
                    f"sandbox {name!r} runs Ghost {found.version}, asked for was {version}",
                    hint=f"`ghostsync sandbox down --name {name} --remove`, or another `--name`",
                )
            if reach is not None and reach is not found.reach:
                found._stop()  # noqa: SLF001 - under the lock that stop() would take
                found = replace(found, reach=reach)
            process = found.process
            if process is not None:
                # Another process may have started it and been interrupted before it answered.
                site.wait_until_ready(process, found.folder, found.port)
                return found
            installation(found.version, folders=folders, progress=progress)
            progress(f"starting Ghost {found.version}")
            return _start_somewhere(found)

    @staticmethod
    def find(name: str = "default", *, folders: Folders | None = None) -> Instance | None:
        """Return the instance `name`, running or not, or None when there is none."""
        folders = folders or Folders.standard()
        return _find(folders, check_name(name))

    @staticmethod
    def names(*, folders: Folders | None = None) -> tuple[str, ...]:
        """Return the names of all instances, in order."""
        folders = folders or Folders.standard()
        return tuple(sorted(path.parent.name for path in folders.data.glob("*/instance.json")))


def _make(folders: Folders, name: str, version: str, progress: Progress) -> Instance:
    """Lay out a new instance from the template; it is not started. The caller holds its lock."""
    installed = installation(version, folders=folders, progress=progress)
    template = make_template(folders, installed, progress)
    folder = folders.instance(name)
    # What is here without a record is the rest of an interrupted `up`.
    remove_tree(folder)
    port = site.choose_port()
    site.lay_out(folder, installed, port)
    shutil.copy2(template.database, folder / "empty.db")
    key = database.give_identity(folder / "empty.db")
    shutil.copy2(folder / "empty.db", site.database_path(folder))
    made = Instance(
        name=name,
        version=version,
        port=port,
        admin_key=key,
        owner_email=template.owner_email,
        owner_password=template.owner_password,
        reach=Reach.LOOPBACK,
        folders=folders,
    )
    _write_record(made, None)
    return made


def _find(folders: Folders, name: str) -> Instance | None:
    record = read_record(folders.instance(name))
    if not record:
        return None
    return Instance(
        name=name,
        version=record["version"],
        port=record["port"],
        admin_key=record["admin_key"],
        owner_email=record["owner_email"],
        owner_password=record["owner_password"],
        reach=Reach(record.get("reach", Reach.LOOPBACK)),
        folders=folders,
    )


def _start_somewhere(instance: Instance) -> Instance:
    """Start on the recorded port, or on another when that is taken. The caller holds the lock."""
    for attempt in range(_START_TRIES):
        if attempt or not site.is_port_free(instance.port):
            instance = replace(instance, port=site.choose_port())
        site.lay_out(instance.folder, instance.installation, instance.port)
        try:
            instance._start()  # noqa: SLF001 - the caller holds the lock that start() would take
        except SandboxError:
            if attempt + 1 == _START_TRIES or "EADDRINUSE" not in site.quote_log(instance.log_path):
                raise
        else:
            break
    return instance


def _write_record(instance: Instance, process: Process | None) -> None:
    record = {
        "version": instance.version,
        "port": instance.port,
        "admin_key": instance.admin_key,
        "owner_email": instance.owner_email,
        "owner_password": instance.owner_password,
        "reach": instance.reach.value,
        "process": None if process is None else {"pid": process.pid, "began": process.began},
    }
    write_record(instance.folder, record)


def _empty_uploads(content: Path) -> None:
    """Remove what was uploaded; the folders themselves stay, the running server expects them."""
    for kind in ("images", "media", "files"):
        for entry in (content / kind).iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
