"""A forwarder before a Ghost: it sees every request, and can make the way there longer."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time

_METHODS = (b"GET ", b"POST ", b"PUT ", b"DELETE ")


class Forwarder:
    """A TCP forwarder to a port on this machine: remembers when which request arrived, and adds to each round trip."""

    def __init__(self, port: int, *, added: float = 0.0) -> None:
        self.seen: list[tuple[str, float]] = []
        """Method and moment of every request."""
        self._added = added
        self._port = port
        self._news = threading.Condition()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return len(self.seen)

    def times_of(self, method: str) -> list[float]:
        """Return when requests with a method arrived."""
        return [at for name, at in self.seen if name == method]

    def wait_for(self, method: str, count: int, *, patience: float) -> float:
        """Wait until so many requests with a method came in; return when the last of them did."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.times_of(method)) >= count, patience):
                raise SystemExit(f"waited in vain for {method} number {count}")
            return self.times_of(method)[count - 1]

    def _accept(self) -> None:
        while True:
            client, _ = self._server.accept()
            ghost = socket.create_connection(("127.0.0.1", self._port))
            for end in (client, ghost):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pump, args=(client, ghost, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(ghost, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        """Bring what comes to `target`, each piece half a round trip later: the way is long, not narrow."""
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        threading.Thread(target=_deliver, args=(under_way, target), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := source.recv(262_144):
                now = time.perf_counter()
                if is_request and data.startswith(_METHODS):
                    with self._news:
                        self.seen.append((data.partition(b" ")[0].decode(), now))
                        self._news.notify_all()
                under_way.put((now + self._added / 2, data))
        under_way.put((time.perf_counter() + self._added / 2, b""))


def _deliver(under_way: queue.SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
    while True:
        due, data = under_way.get()
        time.sleep(max(0.0, due - time.perf_counter()))
        with contextlib.suppress(OSError):
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
