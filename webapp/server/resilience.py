"""A gunicorn worker that ends with gunicorn's master, and that no shortage of descriptors ends."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from webapp.helpers.parent_death import signal_on_parent_death

#: Seconds between two checks whether all connections have ended, while the worker stops.
STOPPING_SECONDS = 0.1
#: Seconds after which a worker whose master can't kill it any more ends, even if its threads hang.
ORPHAN_SECONDS = 10
#: Errors of accept() that mean that a descriptor or memory is missing.
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
#: Seconds until the next accept() after one that failed, and between two log lines about it.
ACCEPT_PAUSE_SECONDS, ACCEPT_LOG_SECONDS = 0.1, 60.0


class ResilientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types.
    """Stops as soon as it is told to, or its master is gone, and goes on if it can't accept a connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accept_logged_at = -ACCEPT_LOG_SECONDS

    def init_signals(self) -> None:
        """Treat the end of gunicorn's master, which may have been killed, as a request to stop."""
        super().init_signals()
        self.alive = signal_on_parent_death(signal.SIGTERM, self.ppid)

    def is_parent_alive(self) -> bool:
        """Return whether gunicorn's master lives; if not, stop as on SIGTERM."""
        self.alive = self.alive and bool(super().is_parent_alive())
        return self.alive

    def run(self) -> None:
        """Serve until told to stop, and see to it that the process ends afterwards."""
        try:
            super().run()
        finally:
            if os.getppid() != self.ppid:
                signal.alarm(ORPHAN_SECONDS)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for new connections; while the worker stops, refuse them."""
        super().wait_for_and_dispatch_events(timeout if self.alive else STOPPING_SECONDS)
        if not self.alive:
            self._stop_listening()

    def _stop_listening(self) -> None:
        # As long as the socket listens, clients connect and get no answer, and no other service can have the port.
        self.set_accept_enabled(False)
        while self.sockets:
            listener = self.sockets.pop()
            self._accept_all(listener)
            listener.close()

    def _accept_all(self, listener: socket.socket) -> None:
        # Closing it would reset those who are connected and wait to be accepted: a proxy that has sent a POST there
        # must not send it to another host.
        ready = select.poll()
        ready.register(listener, select.POLLIN)
        for _ in range(self.cfg.backlog):
            if not ready.poll(0):
                break
            self.accept(listener)

    def accept(self, listener: Any) -> None:
        """Accept a connection. If that fails, make room and go on: it must neither end the worker nor keep it busy."""
        try:
            super().accept(listener)
        except OSError as error:
            if time.monotonic() > self._accept_logged_at + ACCEPT_LOG_SECONDS:
                self._accept_logged_at = time.monotonic()
                self.log.error("Connections can't be accepted: %s", error.strerror)
            if error.errno in EXHAUSTED:
                self.close_longest_idle()
            time.sleep(ACCEPT_PAUSE_SECONDS)

    def close_longest_idle(self) -> None:
        """Close some connections that wait for nothing."""
        raise NotImplementedError
