"""Load a server with wrk, and measure the resources that it uses."""

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
START_TIMEOUT_SECONDS = 120


class NotServingError(Exception):
    """A server can't be started, or gives wrong answers."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The resources that a process and its children used."""

    #: Milliseconds of processor time per request.
    cpu: float
    #: Megabytes: the sum of their Pss, which counts shared memory once.
    memory: float


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run of wrk, and the resources that the server used during it."""

    #: Without the requests that failed.
    requests_per_second: float
    #: Milliseconds.
    p50: float
    p99: float
    failures: int
    server: Usage
    database: Usage | None = None


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    process: int
    port: int
    #: The process of PostgreSQL, if the server started one.
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
    timeout: float = START_TIMEOUT_SECONDS,
) -> Iterator[Server]:
    """Run a server until the block ends; it is ready when ``path`` answers.

    Raises
    ------
    NotServingError
        When it does not get ready in time.
    """
    with log.open("wb") if log else nullcontext() as output:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env=os.environ | environ,
            stdout=output or subprocess.DEVNULL,
            stderr=output and subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}{path}", timeout)
        yield Server(process=process.pid, port=port)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and all processes that it started, even those in other sessions or that outlive it."""
    with suppress(psutil.NoSuchProcess):
        members = family(process.pid)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for each in members:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotServingError("it ended before it was ready")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NotServingError(f"it was not ready within {timeout} seconds")


def drive(server: Server, path: str, bodies: Sequence[object], connections: int, seconds: int) -> Measurement:
    """Send the bodies in turn, over this many connections at once."""
    wrk = shutil.which("wrk") or sys.exit("wrk is missing; install it with: sudo apt-get install wrk")
    script = Path(__file__).parent / "load.lua"
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", str(script)]
    with NamedTemporaryFile("w") as lines:
        lines.writelines(json.dumps(body) + "\n" for body in bodies)
        lines.flush()
        before = _cpu(server.process), _cpu(server.database)
        finished = subprocess.run(  # noqa: S603
            [*command, f"http://127.0.0.1:{server.port}{path}"],
            env=os.environ | {"METHOD": "POST", "BODIES": lines.name},
            capture_output=True,
            text=True,
            check=True,
        )
        spent = _cpu(server.process) - before[0], _cpu(server.database) - before[1]
    report = json.loads(finished.stdout.splitlines()[-1])
    answered = report["requests"] - report["failures"]
    per_request = 1000 / max(1, answered)
    return Measurement(
        requests_per_second=answered / report["microseconds"] * 1e6,
        p50=report["p50"] / 1000,
        p99=report["p99"] / 1000,
        failures=report["failures"],
        server=Usage(cpu=spent[0] * per_request, memory=_memory(server.process)),
        database=Usage(cpu=spent[1] * per_request, memory=_memory(server.database)) if server.database else None,
    )


def family(process: int | None) -> list[psutil.Process]:
    """Return a process, all that descend from it, and those of its session whose parents have ended."""
    if process is None:
        return []
    root = psutil.Process(process)
    found = {each.pid: each for each in [root, *root.children(recursive=True)]}
    for each in psutil.process_iter():
        with suppress(ProcessLookupError):
            if os.getsid(each.pid) == process:
                found.setdefault(each.pid, each)
    return list(found.values())


def postgres_of(folder: Path) -> int | None:
    """Return the process ID of the PostgreSQL that a Scoredesk has started below this folder, if any."""
    pid_file = next(folder.glob("**/postmaster.pid"), None)
    return int(pid_file.read_text().splitlines()[0]) if pid_file else None


def _cpu(process: int | None) -> float:
    """Return the seconds of processor time of a process and its children, including those that have ended."""
    seconds = 0.0
    for each in family(process):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _memory(process: int | None) -> float:
    size = 0
    for each in family(process):
        with suppress(psutil.NoSuchProcess):
            size += each.memory_full_info().pss
    return size / 1e6
