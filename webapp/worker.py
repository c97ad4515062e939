"""How connections come to threads: a gunicorn worker that passes no request from one thread to another.

In gunicorn's own ``gthread`` the main thread waits for all connections, hands each request to a
thread of a pool and takes the connection back afterwards. With one lock for the interpreter these
hand-overs cost a short request a fifth of its time. Here the threads wait for the connections
themselves, all of them in one epoll, which wakes one thread for each request.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

#: It tells of a connection once; then the connection is its thread's alone, until that arms it again.
ONCE = select.EPOLLIN | select.EPOLLONESHOT
#: While it stops, the main thread looks so often whether all connections have ended.
STOPPING_SECONDS = 0.1


class SharedPollWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types.
    """Serves as ``gthread`` does; its main thread accepts connections, and all others wait for them together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Connections between two requests, by descriptor; whoever takes one out has it alone.
        self._waiting: dict[int, TConn] = {}
        self._counting = Lock()

    def init_process(self) -> None:
        """Make what belongs to this process, and run."""
        self._ready = select.epoll()
        self._ended = os.eventfd(0)
        self._ready.register(self._ended, select.EPOLLIN)
        super().init_process()

    def run(self) -> None:
        """Accept until it is told to stop, then wait for what is being answered."""
        for _ in range(self.cfg.threads):
            self.tpool.submit(self._serve)
        try:
            super().run()
        finally:
            # Nobody reads it, so that each thread sees it.
            os.eventfd_write(self._ended, 1)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for new connections."""
        super().wait_for_and_dispatch_events(timeout if self.alive else STOPPING_SECONDS)

    def enqueue_req(self, conn: TConn) -> None:
        """Let a new connection wait for its first request."""
        self._wait(conn, self._ready.register)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close the connections that have waited for too long, or all that wait."""
        now = time.monotonic()
        for descriptor, conn in list(self._waiting.items()):
            if (force or conn.timeout <= now) and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in list(self._waiting.values()):
            conn.timeout = min(conn.timeout, deadline)

    def _serve(self) -> None:
        while True:
            for descriptor, _ in self._ready.poll(maxevents=1):
                if descriptor == self._ended:
                    return
                if conn := self._waiting.pop(descriptor, None):
                    self._answer(conn)

    def _answer(self, conn: TConn) -> None:
        if self._stays(conn):
            self._wait(conn, self._ready.modify)
        else:
            self._close(conn, graceful=True)

    def _stays(self, conn: TConn) -> bool:
        """Answer what a connection asks, and tell whether it may ask again."""
        try:
            stays = self.handle(conn)
            # What was read together with one request does not make its connection ready again.
            while stays and conn.initialized and conn.parser.unreader.buf.getvalue():
                stays = self.handle(conn)
            return bool(stays)
        except BaseException:
            # What would end a whole thread or process here would keep all others waiting.
            self.log.exception("Error handling request")
            return False

    def _wait(self, conn: TConn, arm: Callable[[int, int], None]) -> None:
        conn.set_timeout()
        descriptor = conn.sock.fileno()
        self._waiting[descriptor] = conn
        arm(descriptor, ONCE)

    def _close(self, conn: TConn, graceful: bool) -> None:
        with self._counting:
            self.nr_conns -= 1
        conn.close(graceful=graceful)
