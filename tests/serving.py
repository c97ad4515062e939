"""A real gunicorn with the project's own configuration, on a free port of this machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
START_TIMEOUT = 60


@dataclass
class Serving:
    """A gunicorn that runs, and where it answers."""

    process: subprocess.Popen[str]
    url: str

    def ready(self) -> dict[str, Any]:
        """Give what its readiness probe says."""
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=20) as answer:
            return dict(json.load(answer))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it and give what it printed."""
        if how == signal.SIGINT:
            # Ctrl-C reaches the workers too.
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.communicate(timeout=30)[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(port: int | None = None, **settings: object) -> Serving:
    """Start gunicorn with these settings and nothing of the caller's own."""
    port = port or free_port()
    names = {name.upper(): str(value) for name, value in settings.items()}
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env=environ | names | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Serving(process, f"http://127.0.0.1:{port}")


@contextmanager
def serving(**settings: object) -> Iterator[Serving]:
    """Serve until the block ends."""
    server = start(**settings)
    try:
        wait_until_ready(server)
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
        assert server.process.stdout is not None
        server.process.stdout.close()


def wait_until_ready(server: Serving) -> None:
    """Wait until it answers; if it ends instead, say what it printed."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(server.process.communicate()[0])
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{server.url} did not become ready")
