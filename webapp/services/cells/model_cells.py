"""Calls of the cells of one file: asks a free one, starts another when all are busy, and ends one that misbehaves."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fcntl import ioctl
from itertools import count
from os import getpid
from struct import unpack
from termios import TIOCOUTQ
from typing import Any

from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from webapp.errors import EstimatorFailed, ModelProcessFailed, ModelTooSlow, NotServable
from webapp.helpers.frames import SMALL_BYTES, ConnectionEnded, FrameInvalid, encode_frame, receive_frame
from webapp.models.crossing.answers import AnswersInvalid, max_answer_bytes, max_header_bytes, unpack_answers
from webapp.models.crossing.instances import pack_instances
from webapp.services.cells.cell_starts import CellStarts, FileOfCells
from webapp.services.cells.zygote import ZygoteClient
from webapp.types import Answer, Instance, Signature

#: Seconds after which a call that no cell has taken asks for one more cell, and between two such requests.
BUSY_SECONDS, GROW_SECONDS = 0.002, 1.0
#: How many times, and after how many seconds, a call is sent once more that no cell has taken.
MAX_RETRIES, RETRY_SECONDS = 4, 0.02
#: What a cell answers when it is asked for the inputs that it can't work with: pairs of positions.
CULPRITS = TypeAdapter(list[tuple[NonNegativeInt, NonNegativeInt]])
MAX_CULPRITS_BYTES = 4096
#: The name of a class, which is all that a cell says about an error.
ERROR_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


class _NotTaken(Exception):
    """No cell has taken the call before the last one ended."""


@contextmanager
def _not_taken() -> Iterator[None]:
    """Raise ``_NotTaken`` when the other side is gone; one that has read the whole call ends the connection instead."""
    try:
        yield
    except (ConnectionError, FileNotFoundError):
        raise _NotTaken from None


class ModelCells(CellStarts):
    """Asks the cells of one file.

    Parameters
    ----------
    max_cells : int
        How many cells of this file there are at most, for all processes of the service.
    max_calls : int
        How many calls of this process may be under way at the same time. With as many for all processes as there are
        cells, requests that come meanwhile are answered together instead of waiting for a cell.
    seconds : float
        How long a call may take.
    """

    def __init__(
        self, zygote: ZygoteClient, file: FileOfCells, *, max_cells: int, max_calls: int, seconds: float
    ) -> None:
        super().__init__(zygote, file)
        self._max_cells = max_cells
        self.max_calls = max_calls
        self._seconds = seconds
        self._ids = count(1)
        self._grow_at = self._answered_at = 0.0

    def predict(
        self, instances: Sequence[Instance], signature: Signature, seconds: float | None = None
    ) -> list[Answer]:
        """Return the answers of the estimator.

        Raises
        ------
        EstimatorFailed
        PredictionFailed
            When an answer is not finite, or the cell has ended, or was too slow.
        """
        fields, payload = pack_instances(instances, signature)
        rows = len(instances)
        limits = max_header_bytes(rows), max_answer_bytes(rows, signature)
        with self._call("predict", fields, payload, limits, seconds) as (header, answers):
            return unpack_answers(header, answers, rows, signature)

    def find_culprits(
        self, instances: Sequence[Instance], signature: Signature, seconds: float | None = None
    ) -> list[tuple[int, str]]:
        """Return the positions of instances that the estimator can't answer, each with an input that is the reason.

        Raises
        ------
        PredictionFailed
        """
        fields, payload = pack_instances(instances, signature)
        with self._call("culprits", fields, payload, (MAX_CULPRITS_BYTES, 0), seconds) as (header, _):
            try:
                found = CULPRITS.validate_python(header.get("culprits"))
                return [(row, signature.features[place].name) for row, place in found if instances[row]]
            except (ValidationError, IndexError):
                raise AnswersInvalid from None

    def ask(
        self, operation: str, fields: Mapping[str, Any], payload: bytes, limits: tuple[int, int], seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Return what the cell answers to another operation; the caller checks it."""
        with self._call(operation, fields, payload, limits, seconds) as answer:
            return answer

    @contextmanager
    def _call(
        self,
        operation: str,
        fields: Mapping[str, Any],
        payload: bytes,
        limits: tuple[int, int],
        seconds: float | None,
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield the answer of a cell; end the cell if it takes too long or if the answer is none."""
        seconds = seconds or self._seconds
        call = getpid() << 32 | next(self._ids)
        frame = encode_frame({"operation": operation, "call": call, **fields}, payload)
        try:
            header, answer = self._send(frame, limits, time.monotonic() + seconds)
            if "error" in header:
                raise EstimatorFailed(_error_name(header["error"]))
            yield header, answer
            self._answered_at = time.monotonic()
        except TimeoutError:
            cause = f"It took longer than {seconds:g} seconds for an answer."
            # A cell that works for others answers something meanwhile.
            self.end_call(call, seconds, cause, may_be_any=self._answered_at < time.monotonic() - seconds)
            raise ModelTooSlow from None
        except (FrameInvalid, AnswersInvalid):
            self.end_call(call, seconds, "What it answered was no answer.", may_be_any=True)
            raise ModelProcessFailed from None
        except (ConnectionEnded, _NotTaken, OSError):
            raise ModelProcessFailed from None

    def _send(self, frame: bytes, limits: tuple[int, int], deadline: float) -> tuple[dict[str, Any], bytes]:
        for _ in range(MAX_RETRIES):
            with suppress(_NotTaken):
                return self._exchange(frame, limits, deadline)
            # Cells have ended, on other calls or when they were killed, which the zygote may not have noticed yet.
            time.sleep(RETRY_SECONDS)
        return self._exchange(frame, limits, deadline)

    def _exchange(self, frame: bytes, limits: tuple[int, int], deadline: float) -> tuple[dict[str, Any], bytes]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            self._connect(connection, deadline)
            with _not_taken():
                connection.sendall(frame)
                begun = self._wait(connection)
                return receive_frame(
                    connection, max_header=limits[0], max_payload=limits[1], deadline=deadline, begun=begun
                )

    def _connect(self, connection: socket.socket, deadline: float) -> None:
        address = f"{self._zygote.folder}/{self._file.key[:32]}"
        try:
            connection.connect(address)
        except OSError:
            self._start_for_call(deadline)
            with _not_taken():
                connection.connect(address)

    def _start_for_call(self, deadline: float) -> None:
        try:
            self.start(max(0.001, deadline - time.monotonic()))
        except NotServable:
            raise ModelProcessFailed from None

    def _wait(self, connection: socket.socket) -> bytes:
        """Return the beginning of the answer if it comes soon; if no cell has taken the call, ask for one more.

        Raises
        ------
        ConnectionEnded
        """
        connection.settimeout(BUSY_SECONDS)
        with suppress(TimeoutError):
            if begun := connection.recv(SMALL_BYTES):
                return begun
            raise ConnectionEnded
        if self._max_cells > 1 and time.monotonic() > self._grow_at and _is_unread(connection):
            self._grow_at = time.monotonic() + GROW_SECONDS
            self.grow(self._max_cells)
        return b""


def _is_unread(connection: socket.socket) -> bool:
    """Return whether the other side has not received all that was sent."""
    return bool(unpack("i", ioctl(connection, TIOCOUTQ, b"\0" * 4))[0])


def _error_name(found: Any) -> str:
    if not isinstance(found, str) or not ERROR_NAME.fullmatch(found):
        raise FrameInvalid
    return found
