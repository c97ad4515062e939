"""Drives a server with wrk and reads what that cost the server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import psutil

ROOT = Path(__file__).parents[1]
START_TIMEOUT = 120


class NotServingError(Exception):
    """A server could not be started, or does not answer as it should."""


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a process and its children used."""

    #: Milliseconds of processor time for each request.
    cpu: float
    #: Megabytes: the sum of their Pss, in which what several share is counted once.
    memory: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run of wrk, and what the server used for it."""

    #: Those that failed are not counted.
    requests_per_second: float
    #: Milliseconds.
    p50: float
    p99: float
    failures: int
    server: Used
    database: Used | None = None


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs, and where it answers."""

    process: int
    port: int
    #: PostgreSQL, where the server started one.
    database: int | None = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    environ: Mapping[str, str],
    path: str = "/",
    *,
    folder: Path = ROOT,
    log: Path | None = None,
) -> Iterator[Server]:
    """Run a server until the block ends; it is ready when ``path`` answers.

    Raises
    ------
    NotServingError
        It does not get ready.
    """
    with log.open("wb") if log else nullcontext() as told:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env=os.environ | environ,
            stdout=told or subprocess.DEVNULL,
            stderr=told and subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}{path}")
        yield Server(process=process.pid, port=port)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started, also what has a session of its own or outlives it."""
    with suppress(psutil.NoSuchProcess):
        family = _family(process.pid)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotServingError("ended instead of getting ready")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NotServingError(f"did not get ready within {START_TIMEOUT} seconds")


def drive(server: Server, path: str, bodies: Sequence[object], connections: int, seconds: int) -> Measured:
    """Send the bodies in turns over so many connections at once."""
    wrk = shutil.which("wrk") or sys.exit("wrk is needed: sudo apt-get install wrk")
    script = Path(__file__).parent / "load.lua"
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", str(script)]
    with NamedTemporaryFile("w") as lines:
        lines.writelines(json.dumps(body) + "\n" for body in bodies)
        lines.flush()
        before = _cpu(server.process), _cpu(server.database)
        found = subprocess.run(  # noqa: S603
            [*command, f"http://127.0.0.1:{server.port}{path}"],
            env=os.environ | {"METHOD": "POST", "BODIES": lines.name},
            capture_output=True,
            text=True,
            check=True,
        )
        spent = _cpu(server.process) - before[0], _cpu(server.database) - before[1]
    told = json.loads(found.stdout.splitlines()[-1])
    answered = told["requests"] - told["failures"]
    each = 1000 / max(1, answered)
    return Measured(
        requests_per_second=answered / told["microseconds"] * 1e6,
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        failures=told["failures"],
        server=Used(cpu=spent[0] * each, memory=_memory(server.process)),
        database=Used(cpu=spent[1] * each, memory=_memory(server.database)) if server.database else None,
    )


def _family(process: int | None) -> list[psutil.Process]:
    if process is None:
        return []
    root = psutil.Process(process)
    return [root, *root.children(recursive=True)]


def _cpu(process: int | None) -> float:
    """Seconds of processor time that a process and its children have used, those that ended included."""
    seconds = 0.0
    for each in _family(process):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _memory(process: int | None) -> float:
    size = 0
    for each in _family(process):
        with suppress(psutil.NoSuchProcess):
            size += each.memory_full_info().pss
    return size / 1e6
