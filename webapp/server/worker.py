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
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
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
        #: Those of which the next request was read together with the last one.
        self._ahead: deque[TConn] = deque()

    def init_process(self) -> None:
        """Make what belongs to this process, and run."""
        self._ready = select.epoll()
        self._ended = os.eventfd(0)
        self._ready.register(self._ended, select.EPOLLIN)
        super().init_process()

    def run(self) -> None:
        """Accept until it is told to stop, then wait for what is being answered."""
        try:
            # Not those of the pool, whose lock a signal that ends the worker would wait for, for ever.
            for number in range(self.cfg.threads):
                Thread(target=self._serve, name=f"requests-{number}").start()
            super().run()
        finally:
            self._end()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once. A second signal may come while the first one is ending the worker, anywhere in that."""
        self._end()
        super().handle_quit(sig, frame)

    def _end(self) -> None:
        # Nobody reads it, so that each thread sees it.
        os.eventfd_write(self._ended, 1)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for new connections."""
        super().wait_for_and_dispatch_events(timeout if self.alive else STOPPING_SECONDS)

    def enqueue_req(self, conn: TConn) -> None:
        """Let a new connection wait for its first request."""
        self._wait(conn, self._ready.register)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close the connections that have asked nothing for too long, or all."""
        now, is_full = time.monotonic(), self.nr_conns >= self.worker_connections
        for descriptor, conn in self._waiting.copy().items():
            is_over = conn.timeout <= now or (is_full and conn.initialized)
            # One that has asked is only waiting for a thread, however long that takes.
            if (force or (is_over and not _has_asked(conn))) and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting.copy().values():
            conn.timeout = min(conn.timeout, deadline)

    def _serve(self) -> None:
        while True:
            # Whoever sends many requests at once takes turns with all others.
            for descriptor, _ in self._ready.poll(0 if self._ahead else None, 1):
                if descriptor == self._ended:
                    return
                if conn := self._waiting.pop(descriptor, None):
                    self._answer(conn)
            if conn := self._next_ahead():
                self._answer(conn)

    def _next_ahead(self) -> TConn | None:
        try:
            return self._ahead.popleft()
        except IndexError:
            return None

    def _answer(self, conn: TConn) -> None:
        try:
            stays = self.handle(conn)
        except BaseException:
            # What would end a whole thread or process here would keep all others waiting.
            self.log.exception("Error handling request")
            stays = False
        if not stays:
            self._close(conn, graceful=True)
        elif conn.initialized and conn.parser.unreader.buf.getvalue():
            # What was read already does not make its connection ready again.
            self._ahead.append(conn)
        else:
            self._wait(conn, self._ready.modify)

    def _wait(self, conn: TConn, arm: Callable[[int, int], None]) -> None:
        conn.set_timeout()
        descriptor = conn.sock.fileno()
        self._waiting[descriptor] = conn
        try:
            arm(descriptor, ONCE)
        except OSError:
            # Unless the main thread has closed it already, in this very moment.
            if self._waiting.get(descriptor) is conn and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def _close(self, conn: TConn, graceful: bool) -> None:
        # Connections are counted in the main thread, which this wakes.
        self.method_queue.defer(self._count_off)
        # An answer that broke off has closed its connection itself.
        with suppress(OSError):
            conn.close(graceful=graceful)

    def _count_off(self) -> None:
        self.nr_conns -= 1


def _has_asked(conn: TConn) -> bool:
    """Tell whether something of a connection was not read yet."""
    look = select.poll()
    try:
        look.register(conn.sock, select.POLLIN)
        return bool(look.poll(0))
    except (OSError, ValueError):
        # Its thread has closed it.
        return True
