"""A gunicorn worker that never passes a request from one thread to another.

In gunicorn's own ``gthread`` the main thread waits for all connections, hands each request to a
thread of a pool and takes the connection back afterwards. With Python's global lock these hand-overs
cost a short request a fifth of its time. Here the threads themselves wait for the connections, all
in one epoll, which wakes one thread for each request. One more thread answers probes while all others are busy, so
that nothing that holds threads makes the service look dead.
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

from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn

from webapp.server.peek import has_probe, has_request
from webapp.server.refusals import refusal
from webapp.server.resilience import ResilientWorker

#: epoll reports a connection once; then it belongs to the thread that got it, until that thread arms it again.
ONCE = select.EPOLLIN | select.EPOLLONESHOT
#: How often a worker looks whether all of its threads are busy and a probe waits.
PROBE_INTERVAL_MILLISECONDS = 100


class SharedPollWorker(ResilientWorker):
    """Serves as ``gthread`` does; its main thread accepts connections, and all others wait for them together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Connections between two requests, by descriptor; the thread that takes one out owns it.
        self._waiting: dict[int, TConn] = {}
        #: Connections whose next request was read together with the last one.
        self._pipelined: deque[TConn] = deque()
        #: Whether each thread is answering a request.
        self._busy = [False] * self.cfg.threads

    def init_process(self) -> None:
        """Create what belongs to this process, and run."""
        self._ready = select.epoll()
        self._ended = os.eventfd(0)
        self._ready.register(self._ended, select.EPOLLIN)
        super().init_process()

    def run(self) -> None:
        """Accept connections until told to stop, then wait for the requests that are being answered."""
        try:
            # Not the threads of gthread's pool: a signal that ends the worker would wait for the pool's lock forever.
            for number in range(self.cfg.threads):
                Thread(target=self._serve, args=[number], name=f"requests-{number}").start()
            Thread(target=self._answer_probes, name="probes").start()
            super().run()
        finally:
            self._end()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once. A second signal may arrive at any point while the first one is ending the worker."""
        self._end()
        super().handle_quit(sig, frame)

    def _end(self) -> None:
        # No thread reads it, so it stays set for all of them.
        os.eventfd_write(self._ended, 1)

    def close_longest_idle(self) -> None:
        """Close a tenth of the connections that wait for nothing, first those that never sent a request."""
        waiting = sorted(self._waiting.copy().items(), key=lambda item: (item[1].initialized, item[1].timeout))
        for descriptor, conn in waiting[: len(waiting) // 10 + 1]:
            if not has_request(conn.sock) and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def enqueue_req(self, conn: TConn) -> None:
        """Wait for the first request of a new connection."""
        self._wait(conn, self._ready.register)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close the connections that have been idle for too long, or all."""
        now, is_full = time.monotonic(), self.nr_conns >= self.worker_connections
        for descriptor, conn in self._waiting.copy().items():
            is_over = conn.timeout <= now or (is_full and conn.initialized)
            # A connection that has sent a request only waits for a thread, however long that takes.
            if (force or (is_over and not has_request(conn.sock))) and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting.copy().values():
            conn.timeout = min(conn.timeout, deadline)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a request, and tell the client that the connection ends if its body could not be read."""
        body, should_close = req.body, req.should_close
        req.should_close = lambda: body.failed or should_close()
        return bool(super().handle_request(req, conn))

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Refuse a request that can't be read. gunicorn would repeat it, in its answer and in the log."""
        request_id = os.urandom(16).hex()
        self.log.warning("Invalid request: %s", type(exc).__name__, extra={"request_id": request_id})
        # The client may have gone.
        with suppress(OSError):
            util.write_nonblock(client, refusal(exc, request_id))

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        # A request has one answer, also if the rest of its body turns out to be wrong afterwards.
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except ParseException as error:
            self.log.warning("Invalid request: %s", type(error).__name__)
            return False

    def _serve(self, number: int) -> None:
        while True:
            self._busy[number] = False
            # A client that sends many requests at once takes turns with all others.
            ready = self._ready.poll(0 if self._pipelined else None, 1)
            self._busy[number] = True
            for descriptor, _ in ready:
                if descriptor == self._ended:
                    return
                if conn := self._waiting.pop(descriptor, None):
                    self._answer(conn)
            if conn := self._next_pipelined():
                self._answer(conn)

    def _answer_probes(self) -> None:
        ended = select.poll()
        ended.register(self._ended, select.POLLIN)
        while not ended.poll(PROBE_INTERVAL_MILLISECONDS):
            if not all(self._busy):
                continue
            for descriptor, _ in self._ready.poll(0):
                if conn := self._waiting.pop(descriptor, None):
                    if has_probe(conn.sock):
                        self._answer(conn)
                    else:
                        self._wait(conn, self._ready.modify)

    def _next_pipelined(self) -> TConn | None:
        try:
            return self._pipelined.popleft()
        except IndexError:
            return None

    def _answer(self, conn: TConn) -> None:
        # The epoll has reported it, so gunicorn need not wait for it in another one.
        conn.data_ready = True
        try:
            stays_open = self.handle(conn)
        except BaseException:
            # An error that ended the thread would leave all others waiting.
            self.log.exception("Error handling request")
            stays_open = False
        if not stays_open:
            self._close(conn, graceful=True)
        elif conn.initialized and conn.parser.unreader.buf.getvalue():
            # Data that was already read does not make the connection ready again.
            self._pipelined.append(conn)
        else:
            self._wait(conn, self._ready.modify)

    def _wait(self, conn: TConn, arm: Callable[[int, int], None]) -> None:
        conn.set_timeout()
        descriptor = conn.sock.fileno()
        self._waiting[descriptor] = conn
        try:
            arm(descriptor, ONCE)
        except OSError:
            # The main thread may have closed it at this very moment.
            if self._waiting.get(descriptor) is conn and self._waiting.pop(descriptor, None):
                self._close(conn, graceful=False)

    def _close(self, conn: TConn, graceful: bool) -> None:
        # Connections are counted in the main thread, which this wakes.
        self.method_queue.defer(self._count_off)
        # A connection that broke while answering is closed already.
        with suppress(OSError):
            conn.close(graceful=graceful)

    def _count_off(self) -> None:
        self.nr_conns -= 1
