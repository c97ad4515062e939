"""A wire between the service and PostgreSQL that can be cut at the worst moments."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from enum import Enum
from typing import Any

from psycopg.conninfo import conninfo_to_dict

#: No row is sent without it.
A_ROW = b'"created_at":'


class Cut(Enum):
    """When the connection of an INSERT is cut."""

    BEFORE = "PostgreSQL has not heard of it"
    SENT = "PostgreSQL has it, and nobody hears what becomes of it"
    COMMITTED = "PostgreSQL has committed it, and its answer is not passed on"


class Proxy:
    """Passes bytes between the service and the PostgreSQL of ``url``, on a port of this machine."""

    def __init__(self, url: str) -> None:
        self.lead_to(url)
        parts = conninfo_to_dict(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://{parts['user']}@127.0.0.1:{self._listener.getsockname()[1]}/{parts['dbname']}"
        #: What is done to INSERTs, and to how many of them.
        self.cut: Cut | None = None
        self.share = 0.5
        self.cuts = 0
        #: Whether there is no way through at all.
        self.is_down = False
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def lead_to(self, url: str) -> None:
        """Pass bytes to the server of another address from now on, on new connections."""
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        host, port = parts["host"], int(parts.get("port", 5432))
        self._server: Any = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)

    def drop_all(self) -> None:
        """Cut all connections, whatever they are doing."""
        for connection in list(self._open):
            self.cuts += 1
            _end(connection)

    def go_down(self) -> None:
        """Cut all connections and let none through until ``is_down`` is unset."""
        self.is_down = True
        self.drop_all()

    def close(self) -> None:
        _end(self._listener)
        self._accepting.join()
        self.drop_all()

    def _accept(self) -> None:
        with self._listener, suppress(OSError):
            while True:
                service, _ = self._listener.accept()
                threading.Thread(target=self._pass, args=(service,), daemon=True).start()

    def _pass(self, service: socket.socket) -> None:
        target = self._server
        family = socket.AF_UNIX if isinstance(target, str) else socket.AF_INET
        with service, socket.socket(family) as server, suppress(OSError):
            if self.is_down:
                return
            server.connect(target)
            self._open.add(service)
            answers = _Answers(server, service)
            threading.Thread(target=answers.run, daemon=True).start()
            try:
                while data := service.recv(1 << 20):
                    cut = self.cut if A_ROW in data and random.random() < self.share else None  # noqa: S311
                    self.cuts += cut is not None
                    if cut is Cut.BEFORE:
                        break
                    if cut is Cut.COMMITTED:
                        answers.is_transient = False
                    server.sendall(data)
                    if cut is Cut.SENT:
                        break
            finally:
                self._open.discard(service)
                _end(service)
                _end(server)


class _Answers:
    """What comes back; the first that is not passed on ends the connection."""

    def __init__(self, server: socket.socket, service: socket.socket) -> None:
        self._server, self._service = server, service
        self.is_transient = True

    def run(self) -> None:
        with suppress(OSError):
            while (data := self._server.recv(1 << 20)) and self.is_transient:
                self._service.sendall(data)
        _end(self._service)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
