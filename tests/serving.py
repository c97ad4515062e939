"""A real gunicorn with the project's own configuration, on a free port of this machine."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
START_TIMEOUT = 60
#: What was read off models is kept for all services of this process, so that only the first has to read them.
KNOWN_DIR = mkdtemp(prefix="scoredesk-known-")
atexit.register(rmtree, KNOWN_DIR, ignore_errors=True)


@dataclass
class Serving:
    """A gunicorn that runs, and where it answers."""

    process: subprocess.Popen[str]
    url: str

    def __post_init__(self) -> None:
        self._lines: list[str] = []
        # Read at once, for it would stand still as soon as nobody takes what it prints.
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as printed:
            self._lines.extend(printed)

    def ready(self) -> dict[str, Any]:
        """Give what its readiness probe says."""
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=20) as answer:
            return dict(json.load(answer))

    def so_far(self) -> list[str]:
        """Give the lines that it printed until now."""
        return list(self._lines)

    @property
    def workers(self) -> list[psutil.Process]:
        return workers_of(self.process.pid)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it and give what it printed."""
        if how == signal.SIGINT:
            # Ctrl-C reaches the workers too.
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.said()

    def said(self) -> str:
        """Wait until it and its workers have ended, and give what they printed."""
        self.process.wait(timeout=30)
        self._reading.join(timeout=30)
        return "".join(self._lines)


def workers_of(master: int) -> list[psutil.Process]:
    """Return the workers of gunicorn; its other children belong to the cells, or have just ended."""
    return [each for each in psutil.Process(master).children() if "gunicorn" in _command(each)]


def _command(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return " ".join(process.cmdline())
    return ""


def free_port() -> int:
    """Return a port that no server uses, and that Linux gives to no client before it is used."""
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start(port: int | None = None, files: int | None = None, **settings: object) -> Serving:
    """Start gunicorn with these settings and nothing of the caller's own; let it have so many files open."""
    port = port or free_port()
    names = {name.upper(): str(value) for name, value in settings.items()}
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    limited = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh"] if files else []
    process = subprocess.Popen(
        [*limited, sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={"KNOWN_DIR": KNOWN_DIR} | environ | names | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Serving(process, f"http://{settings.get('host', '127.0.0.1')}:{port}")


@contextmanager
def serving(**settings: object) -> Iterator[Serving]:
    """Serve until the block ends."""
    server = start(**settings)
    try:
        wait_until_ready(server)
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
        server.said()


def wait_until_ready(server: Serving) -> None:
    """Wait until it answers; if it ends instead, say what it printed."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(server.said())
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"{server.url} did not become ready")
