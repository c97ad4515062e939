"""The sandbox: tests artifacts in a process that may crash, before the service itself loads them."""

from __future__ import annotations

import atexit
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import IO, cast

from pydantic import TypeAdapter, ValidationError

from webapp.cell.sandbox.confinement import max_seconds
from webapp.config import ROOT
from webapp.types import Probed

logger = logging.getLogger(__name__)

#: Seconds that the process has beyond the limit of a check, to pass on its report.
MARGIN_SECONDS = 30
#: With several threads, OpenMP burns processor time while it waits for a processor that others use.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, kw_only=True)
class SandboxReport:
    """What the sandbox found out about a file."""

    #: Each name that the file uses, with its uses in the words of the allow-list.
    names: tuple[tuple[str, str], ...] = ()
    #: The uses that are not granted.
    refused: tuple[str, ...] = ()
    #: The version of scikit-learn that wrote the file, and the generation of numpy.
    made_with: str | None = None
    numpy: str | None = None
    #: The class of the estimator, its inputs and its outputs, in words.
    holds: str | None = None
    inputs: tuple[str, ...] = ()
    outputs: str | None = None
    #: The classes of the parts that keep rows of the training data.
    parts_with_training_rows: tuple[str, ...] = ()
    #: Why the prediction for a made-up instance failed; None if it succeeded.
    prediction: str | None = None
    #: The kinds of inputs of which the file says nothing, found by probing.
    probed: Mapping[str, Probed] = field(default_factory=dict)
    #: Why the file can't be served; None if it can.
    reason: str | None = None
    #: Whether every check would end like this one. False if time, memory or a signal ended it.
    is_final: bool = True
    #: Whether Linux keeps the check from writing, and not only Python.
    is_confined: bool = True


REPORT = TypeAdapter(SandboxReport)


class Sandbox:
    """Tests one artifact after the other in a separate process, which starts when it is first needed.

    That process never predicts itself, because a fork of a process that has predicted may hang in
    OpenMP: it forks a child for each artifact. A report that depends on nothing but the bytes and the
    trusted names is kept.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._reports: dict[tuple[str, tuple[str, ...]], SandboxReport] = {}
        self._lock = threading.Lock()
        self._has_warned = False

    def run(self, data: bytes, digest: str, trusted: Sequence[str] = ()) -> SandboxReport:
        """Return the report about the bytes of an artifact, which have this digest."""
        key = digest, tuple(trusted)
        with self._lock:
            if key in self._reports:
                return self._reports[key]
            report = self._request_report(data, trusted)
            if report is None:
                return SandboxReport(reason="It could not be tested.", is_final=False)
            if report.is_final:
                self._reports[key] = report
            self._warn(report)
            return report

    def close(self) -> None:
        """End the process; the next test starts another."""
        with self._lock:
            self._end()

    def _warn(self, report: SandboxReport) -> None:
        if not report.is_confined and not self._has_warned:
            self._has_warned = True
            logger.warning("Linux has no complete Landlock here, so only Python keeps checks of files from writing")

    def _request_report(self, data: bytes, trusted: Sequence[str]) -> SandboxReport | None:
        try:
            requests, answers = self._pipes()
        except OSError:
            # Memory, processes or descriptors are short.
            return None
        header = json.dumps({"size": len(data), "trusted": list(trusted)}).encode()
        assert self._process is not None  # noqa: S101  # nosec B101  # _pipes has just seen it
        late = threading.Timer(max_seconds(len(data)) + MARGIN_SECONDS, self._process.kill)
        late.daemon = True
        late.start()
        try:
            requests.write(header + b"\n" + data)
            requests.flush()
            answer = answers.readline()
        except BrokenPipeError:
            answer = b""
        finally:
            late.cancel()
        try:
            return REPORT.validate_json(answer)
        except ValidationError:
            # The process has died, or code from the file wrote this answer and may have written more.
            self._end()
            return None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Return the pipes of the process, which is started unless it is running."""
        if self._process is None or self._process.poll() is not None:
            # This command holds nothing from outside.
            self._process = subprocess.Popen(  # nosec B603
                # -B: Python writes no compiled modules.
                [sys.executable, "-B", "-m", "webapp.cell.sandbox.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env=os.environ | ONE_THREAD,
                # Ctrl-C is meant for the service; this process ends when its input does.
                process_group=0,
            )
            atexit.register(self._end)
        return cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self._end)
        # A thread that is waiting for an answer then reads the end of the pipe and stops using it.
        process.kill()
        process.communicate()


@cache
def shared_sandbox() -> Sandbox:
    """Return the one sandbox of this process."""
    return Sandbox()
