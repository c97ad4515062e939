"""`make run MODEL=…` at a real terminal, with a file of another scikit-learn: it asks, builds and serves."""

from __future__ import annotations

import json
import os
import pickle
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from shutil import rmtree
from tempfile import mkdtemp

import pytest
import sklearn
from sklearn.linear_model import LinearRegression

from tests.serving import ROOT, free_port

QUESTION = "Build it now? [y/N]"
#: Downloading the libraries takes most of it.
SECONDS = 600


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the processes of models may enter, which run as nobody if the tests run as root."""
    folder = Path(mkdtemp(prefix="scoredesk-first-"))
    folder.chmod(0o755)
    yield folder
    rmtree(folder)


@pytest.fixture
def file(folder: Path) -> Path:
    """A file that says that scikit-learn 1.3 made it."""
    data = pickle.dumps(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))
    path = folder / "old line.joblib"
    path.write_bytes(data.replace(sklearn.__version__.encode(), b"1.3.2"))
    return path


class Terminal:
    """A terminal with a running service."""

    def __init__(self, process: subprocess.Popen[bytes], keyboard: int) -> None:
        self.process, self.keyboard, self.text = process, keyboard, ""

    def read_until(self, *words: str) -> str:
        """Return what was shown until one of these words, or the end of the process."""
        deadline = time.monotonic() + SECONDS
        while not any(word in self.text for word in words):
            assert time.monotonic() < deadline, self.text
            if select([self.keyboard], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.keyboard, 65536).decode()
                except OSError:
                    break
            elif self.process.poll() is not None:
                break
        return self.text

    def type(self, text: str) -> None:
        os.write(self.keyboard, text.encode())


@contextmanager
def terminal(folder: Path, file: Path, port: int) -> Iterator[Terminal]:
    keyboard, screen = pty.openpty()
    settings = {
        "FIRST_MODEL": file,
        "INSTANCE_DIR": folder / "instance",
        "MODELS_DIR": folder / "models",
        "ENVIRONMENTS_DIR": folder / "environments",
        "PORT": port,
        "WEB_CONCURRENCY": 1,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        stdin=screen,
        stdout=screen,
        stderr=screen,
        env=os.environ | {name: str(value) for name, value in settings.items()},
        start_new_session=True,
    )
    os.close(screen)
    try:
        yield Terminal(process, keyboard)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        os.close(keyboard)


def test_it_builds_the_environment_if_a_person_says_yes_and_then_serves_the_file(folder: Path, file: Path) -> None:
    port = free_port()
    with terminal(folder, file, port) as shown:
        assert "It was made with scikit-learn 1.3.2" in shown.read_until(QUESTION)
        shown.type("n\n")
        assert shown.process.wait(60) == 1
        assert "flask --app wsgi environments add sklearn-1.3 --scikit-learn 1.3" in shown.read_until(
            "can't be published"
        )
        assert not (folder / "environments").exists()
    with terminal(folder, file, port) as shown:
        shown.read_until(QUESTION)
        shown.type("y\n")
        assert "The form of old line is at" in shown.read_until("The form of old line is at", "can't be")
        assert re.search(r"Added the environment sklearn-1\.3: Python 3\.1\d\.\d+, scikit-learn 1\.3\.2\s", shown.text)
        url = f"http://127.0.0.1:{port}"
        body = json.dumps({"inputs": {"x0": 4.0}}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{url}/api/v1/models/old-line/predict", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["prediction"] == pytest.approx(8.0)
        with urllib.request.urlopen(f"{url}/models/old-line", timeout=60) as answer:
            assert answer.status == 200
