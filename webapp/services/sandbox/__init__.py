"""Tries artifacts in a process that may die of them, before they are loaded where people are served."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import IO, cast

from pydantic import TypeAdapter, ValidationError

from webapp.config import ROOT
from webapp.types import Probed


@dataclass(frozen=True, kw_only=True)
class SandboxReport:
    """How a trial went."""

    #: Each name that the file uses, with its uses, in words of the allow-list.
    names: tuple[tuple[str, str], ...] = ()
    #: The uses that are not granted.
    refused: tuple[str, ...] = ()
    #: The version of scikit-learn that made the file, and the generation of numpy.
    made_with: str | None = None
    numpy: str | None = None
    #: What the file holds, what it takes and what it gives, in words.
    holds: str | None = None
    inputs: tuple[str, ...] = ()
    outputs: str | None = None
    #: Parts that keep rows of the training data.
    parts_with_training_rows: tuple[str, ...] = ()
    #: How the prediction of a made-up instance went, if not well.
    prediction: str | None = None
    #: What inputs take that nothing in the file tells about, found by trying.
    probed: Mapping[str, Probed] = field(default_factory=dict)
    #: Why the file can't be served; None if it can.
    reason: str | None = None


REPORT = TypeAdapter(SandboxReport)


class Sandbox:
    """Runs one trial after the other in a process of its own, started when it is first needed.

    A trial is forked off a process that has never predicted: after a prediction, a fork may hang
    in OpenMP. A verdict holds for the bytes that it was given for, so it is kept.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._reports: dict[tuple[str, tuple[str, ...]], SandboxReport] = {}
        self._lock = threading.Lock()

    def run(self, data: bytes, digest: str, trusted: Sequence[str] = ()) -> SandboxReport:
        """Try the bytes of an artifact and tell how it went."""
        key = digest, tuple(trusted)
        with self._lock:
            if key in self._reports:
                return self._reports[key]
            report = self._ask(data, trusted)
            if report is None:
                return SandboxReport(reason="It could not be tried.")
            self._reports[key] = report
            return report

    def close(self) -> None:
        """End the process; the next trial starts another."""
        with self._lock:
            self._end()

    def _ask(self, data: bytes, trusted: Sequence[str]) -> SandboxReport | None:
        asking, answering = self._pipes()
        header = json.dumps({"size": len(data), "trusted": list(trusted)}).encode()
        try:
            asking.write(header + b"\n" + data)
            asking.flush()
            answer = answering.readline()
        except BrokenPipeError:
            answer = b""
        try:
            return REPORT.validate_json(answer)
        except ValidationError:
            # It has died, or code of the file's own wrote this and may have written more.
            self._end()
            return None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Give the pipes of the process, started if it doesn't run."""
        if self._process is None or self._process.poll() is not None:
            # Nothing from outside is in this command.
            self._process = subprocess.Popen(  # nosec B603
                [sys.executable, "-m", "webapp.services.sandbox.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                # Ctrl-C is for the service; this ends when its input does.
                process_group=0,
            )
            atexit.register(self._end)
        return cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self._end)
        # Whoever still waits for an answer gets none, and lets go of the pipes.
        process.kill()
        process.communicate()


@cache
def shared_sandbox() -> Sandbox:
    """Give the one trial of this process."""
    return Sandbox()
