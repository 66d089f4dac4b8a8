"""Ghost's own renderer, converters and node list, in one Node process for a whole test session.

The tests of the compiler compare with what Ghost really does, never with our idea of it. Ghost's packages are
taken from a Ghost installation (the sandbox's, or the folder that `GHOSTSYNC_TEST_GHOST` names together with a
Node binary in `GHOSTSYNC_TEST_NODE`), and run behind a pipe (`ghost_renderer.cjs`): starting Node and loading
jsdom costs a second, an answer about a millisecond, so one process answers everything. Requests are sent in
batches by a thread of its own while the answers are read, so neither pipe can fill up and stop both sides.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from ghostsync.sandbox import installation

GHOST_VERSION = "6.65.0"
_SCRIPT = Path(__file__).with_name("ghost_renderer.cjs")


class RenderError(Exception):
    """Ghost refused: the message is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostInstallation:
    """`package` is the folder of Ghost's package.json, `node` the binary that runs it."""

    package: Path
    node: Path


def find_installation() -> GhostInstallation:
    """Return the installation to test with; installs Ghost into the sandbox's cache where it is missing.

    Raises SandboxError where that fails: these tests are never skipped, for without Ghost they prove nothing.
    """
    package, node = os.environ.get("GHOSTSYNC_TEST_GHOST"), os.environ.get("GHOSTSYNC_TEST_NODE")
    if package and node:
        return GhostInstallation(package=Path(package), node=Path(node))
    found = installation(GHOST_VERSION)
    return GhostInstallation(package=found.package_dir, node=found.node)


class GhostRenderer:
    """One running Node process; use as a context manager. Not for several threads at once."""

    def __init__(self, installation: GhostInstallation) -> None:
        self.installation = installation
        self._process = subprocess.Popen(
            [str(installation.node), str(_SCRIPT), str(installation.package)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def ask(self, requests: Iterable[Mapping[str, object]]) -> list[object]:
        """Return one answer per request, in order; a request that Ghost refuses gives a RenderError value."""
        # ASCII-only JSON: lone surrogates travel as \\ud800 escapes and U+2028 cannot end a line.
        lines = [json.dumps(request) + "\n" for request in requests]
        sender = threading.Thread(target=self._send, args=(lines,), daemon=True)
        sender.start()
        answers = [self._read_answer() for _ in lines]
        sender.join()
        return answers

    def _send(self, lines: Sequence[str]) -> None:
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write(line.encode("ascii"))
        self._process.stdin.flush()

    def _read_answer(self) -> object:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the node process with Ghost's renderer has ended")
        answer = json.loads(line)
        return RenderError(answer["error"]) if "error" in answer else answer["ok"]

    def ask_one(self, request: Mapping[str, object]) -> object:
        """Return one answer, or raise RenderError."""
        [answer] = self.ask([request])
        if isinstance(answer, RenderError):
            raise answer
        return answer

    # One method per operation, for one and for many.

    def render(self, document: Mapping[str, Any], *, target: str | None = None) -> str:
        """Return the HTML that Ghost stores for a Lexical document (`target="email"`: what it mails)."""
        return cast("str", self.ask_one({"op": "render", "document": document, "target": target}))

    def render_many(self, documents: Iterable[Mapping[str, Any]]) -> list[str | RenderError]:
        """Return Ghost's HTML per document; RenderError where Ghost's renderer throws."""
        return cast("list[str | RenderError]", self.ask({"op": "render", "document": one} for one in documents))

    def reserialise(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the document as Ghost's nodes export it after importing it."""
        return cast("dict[str, Any]", self.ask_one({"op": "reserialise", "document": document}))

    def markdown(self, text: str) -> str:
        """Return the HTML that Ghost makes of a markdown card's text."""
        return cast("str", self.ask_one({"op": "markdown", "markdown": text}))

    def source_html_many(self, texts: Iterable[str]) -> list[dict[str, Any] | RenderError]:
        """Return the Lexical documents that Ghost makes of HTML sent with `?source=html`."""
        return cast("list[dict[str, Any] | RenderError]", self.ask({"op": "source_html", "html": one} for one in texts))

    def mobiledoc_to_lexical(self, mobiledoc: Mapping[str, Any]) -> dict[str, Any]:
        """Return the Lexical document that Ghost converts a mobiledoc to."""
        return cast("dict[str, Any]", self.ask_one({"op": "mobiledoc", "mobiledoc": mobiledoc}))

    def node_properties(self) -> dict[str, dict[str, Any] | None]:
        """Return every registered node type with its properties and defaults; None for nodes that are no card."""
        return cast("dict[str, dict[str, Any] | None]", self.ask_one({"op": "nodes"}))

    def default_node(self, node_type: str) -> dict[str, Any]:
        """Return the JSON that an empty card of this type exports."""
        return cast("dict[str, Any]", self.ask_one({"op": "default_node", "type": node_type}))
