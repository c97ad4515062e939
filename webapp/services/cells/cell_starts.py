"""Cells of one file from the outside: has them started and ended by the zygote, and receives what they report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from os import close
from typing import Any

from webapp.errors import ModelPaused, NotServable, NotServableYet
from webapp.models.file_limits import max_seconds
from webapp.models.file_report import FileReport, ReportInvalid, read_report
from webapp.models.signature.input_types import types_json
from webapp.services.cells.zygote import ZygoteClient
from webapp.services.cells.zygote_process import ZygoteGone
from webapp.types import InputType

#: Seconds that the zygote may take beyond the time in which a cell must have read its file.
MARGIN_SECONDS = 30.0
#: Seconds that a page may wait for what has happened.
STATUS_SECONDS = 1.0
CODE_CHANGES = "The code that it is run with is being changed."
NO_LOCK = "This machine's kernel can lock no process, so the file could do harm. To run it all the same: CELLS=unlocked"


@dataclass(frozen=True, kw_only=True)
class FileOfCells:
    """The file that the cells read."""

    #: Names the file, the types that are trusted in it, and the code that it is run with.
    key: str
    digest: str
    size: int
    trusted: Sequence[str]
    #: Opens the file for reading, and returns its descriptor.
    open: Callable[[], int]
    #: Returns whether the code that the file is run with is still the one that the key names.
    has_its_code: Callable[[], bool] = lambda: True


class CellStarts:
    """Starts and ends the cells of one file."""

    def __init__(self, zygote: ZygoteClient, file: FileOfCells) -> None:
        self._zygote = zygote
        self._file = file
        #: What probing found when the file was first read.
        self.probed: Mapping[str, InputType] = {}

    @property
    def key(self) -> str:
        """Names the file and all that decides what is found in it."""
        return self._file.key

    @property
    def has_its_code(self) -> bool:
        """Whether the code that the file is run with is still the one that the key names."""
        return self._file.has_its_code()

    def read(self) -> FileReport:
        """Let a cell read the file for the first time, and return its report.

        Raises
        ------
        NotServable, NotServableYet
        """
        try:
            return self._read()
        except ModelPaused as error:
            raise NotServableYet(error.message.removesuffix("The failure is recorded.").strip()) from None

    def _read(self) -> FileReport:
        answer, report = self._open(probed=None)
        found = _report(report)
        if answer["state"] == "ready":
            self.probed = found.probed
            return found
        if found.reason:
            return found
        if found.signature is None:
            return replace(found, reason=str(answer.get("cause")), is_final=False)
        # Probing has ended it. It is served without, and the next attempt may find more.
        self.start()
        return replace(found, is_final=False)

    def start(self, seconds: float | None = None) -> None:
        """Have at least one cell that has read the file.

        Parameters
        ----------
        seconds : float, optional
            How long that may take, if it is less than usual.

        Raises
        ------
        ModelPaused, NotServable, NotServableYet
        """
        answer, _ = self._open(probed=self.probed, seconds=seconds)
        if answer["state"] != "ready":
            raise NotServableYet(str(answer.get("cause")))

    def grow(self, cells: int) -> None:
        """Have one more cell started, unless there are this many; calls wait for the others until then."""
        with suppress(ZygoteGone, TimeoutError, OSError, NotServable):
            self._request("grow", probed=types_json(self.probed), cells=cells)

    def end_call(self, call: int, seconds: float, cause: str, *, may_be_any: bool) -> None:
        """End the cell that works on a call; it may be any of them if that is not known otherwise."""
        header = {
            "request": "end call",
            "key": self._file.key,
            "call": call,
            "seconds": seconds,
            "cause": cause,
            "may_be_any": may_be_any,
        }
        with suppress(ZygoteGone, TimeoutError, OSError):
            self._zygote.request(header, may_start=False)

    def trouble(self) -> str | None:
        """Return in a sentence what has happened to the cells lately; None if nothing has."""
        header = {"request": "status", "key": self._file.key}
        try:
            status, _ = self._zygote.request(header, seconds=STATUS_SECONDS, may_start=False)
        except (ZygoteGone, TimeoutError, OSError):
            return None
        if not (deaths := status.get("deaths")):
            return None
        return f"It has ended {deaths} time{'s'[: deaths != 1]} in the last ten minutes. {status.get('cause')}"

    def retire(self) -> None:
        """Say that the cells of the file will seldom be needed, so that they are ended soon."""
        with suppress(ZygoteGone, TimeoutError, OSError):
            self._zygote.request({"request": "retire", "key": self._file.key}, may_start=False)

    def _open(
        self, probed: Mapping[str, InputType] | None, seconds: float | None = None
    ) -> tuple[dict[str, Any], bytes]:
        seconds = seconds or max_seconds(self._file.size) + MARGIN_SECONDS
        try:
            answer, report = self._request(
                "open", seconds=seconds, probed=None if probed is None else types_json(probed)
            )
        except (ZygoteGone, TimeoutError, OSError) as error:
            raise NotServableYet(f"Its process can't be started ({type(error).__name__}).") from error
        if answer.get("state") == "unlocked":
            raise NotServable(NO_LOCK)
        if answer.get("state") == "waiting":
            raise ModelPaused(
                f"The model's process has ended {answer['deaths']} times. {answer['cause']} "
                f"It is started again in {answer['seconds']:.0f} seconds. The failure is recorded."
            )
        return answer, report

    def _request(self, request: str, seconds: float = MARGIN_SECONDS, **fields: Any) -> tuple[dict[str, Any], bytes]:
        if not self.has_its_code:
            raise NotServableYet(CODE_CHANGES)
        header = {
            "request": request,
            "key": self._file.key,
            "digest": self._file.digest,
            "size": self._file.size,
            "trusted": list(self._file.trusted),
            **fields,
        }
        file = self._file.open()
        try:
            answer = self._zygote.request(header, file, seconds)
        finally:
            close(file)
        if not self.has_its_code:
            # The zygote may have been started after the change, and then it has other code than the key says.
            self._zygote.end()
            raise NotServableYet(CODE_CHANGES)
        return answer


def _report(data: bytes) -> FileReport:
    if not data:
        return FileReport()
    try:
        return read_report(data)
    except ReportInvalid:
        return FileReport(reason="What its process reported about it was no report.", is_final=False)
