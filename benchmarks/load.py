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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
START_TIMEOUT = 120


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run of wrk, and what the server's processes used meanwhile."""

    requests_per_second: float
    #: Milliseconds.
    p50: float
    p99: float
    cpu: float
    failures: int


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs, and where it answers."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, environ: Mapping[str, str], path: str = "/", *, folder: Path = ROOT
) -> Iterator[Server]:
    """Run a server until the block ends; it is ready when ``path`` answers."""
    process = subprocess.Popen(  # noqa: S603
        command, cwd=folder, env=os.environ | environ, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}{path}")
        yield Server(process=process, port=port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"{url} did not answer")


def drive(server: Server, path: str, body: object, connections: int, seconds: int) -> Measured:
    """Send the same body over so many connections at once; without a body, only ask."""
    wrk = shutil.which("wrk") or sys.exit("wrk is needed: sudo apt-get install wrk")
    script = Path(__file__).parent / "load.lua"
    sent = {"METHOD": "GET" if body is None else "POST", "BODY": "" if body is None else json.dumps(body)}
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", str(script)]
    before = _cpu(server)
    found = subprocess.run(  # noqa: S603
        [*command, f"http://127.0.0.1:{server.port}{path}"],
        env=os.environ | sent,
        capture_output=True,
        text=True,
        check=True,
    )
    spent = _cpu(server) - before
    told = json.loads(found.stdout.splitlines()[-1])
    return Measured(
        requests_per_second=told["requests"] / told["microseconds"] * 1e6,
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        cpu=spent / max(1, told["requests"]) * 1000,
        failures=told["failures"],
    )


def _cpu(server: Server) -> float:
    """Seconds of processor time that the server's processes have used."""
    times = [process.cpu_times() for process in server.processes]
    return sum(each.user + each.system for each in times)
