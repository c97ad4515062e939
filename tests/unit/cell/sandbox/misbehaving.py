"""Models that try to change files, or end their process, when they are checked; and ways to change files."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

LIBC = ctypes.CDLL(None, use_errno=True)


def by_python(folder: Path) -> list[Callable[[], object]]:
    """Return ways to change a folder that holds ``file`` and ``inner``, each audited by Python."""
    file = folder / "file"
    return [
        (folder / "new").touch,
        lambda: file.write_text(""),
        lambda: file.open("r+b").close(),
        lambda: os.close(os.open(file, os.O_RDONLY | os.O_TRUNC)),
        lambda: os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR)),
        lambda: np.memmap(folder / "map", "u1", "w+", shape=(1,)),
        lambda: joblib.dump(1, folder / "dump"),
        lambda: joblib.Memory(folder / "cache", verbose=0).cache(len)("four"),
        lambda: tempfile.mkdtemp(dir=folder),
        (folder / "folder").mkdir,
        lambda: os.truncate(file, 0),
        lambda: file.rename(folder / "renamed"),
        file.unlink,
        (folder / "inner").rmdir,
        lambda: (folder / "symlink").symlink_to("file"),
        lambda: (folder / "link").hardlink_to(file),
        lambda: file.chmod(0),
        lambda: os.utime(file, (0, 0)),
    ]


def by_compiled_code(folder: Path) -> list[Callable[[], object]]:
    """Return ways of which Python knows nothing."""

    def path(name: str) -> bytes:
        return os.fsencode(folder / name)

    return [
        lambda: LIBC.creat(path("new"), 0o600),
        lambda: LIBC.creat(path("file"), 0o600),
        lambda: LIBC.open(path("file"), os.O_RDONLY | os.O_TRUNC),
        lambda: LIBC.truncate(path("file"), ctypes.c_long(0)),
        lambda: LIBC.mkdir(path("folder"), 0o700),
        lambda: LIBC.unlink(path("file")),
        lambda: LIBC.rmdir(path("inner")),
        lambda: LIBC.rename(path("file"), path("renamed")),
        lambda: LIBC.symlink(b"file", path("symlink")),
        lambda: LIBC.link(path("file"), path("link")),
        lambda: os.mkfifo(folder / "fifo"),
        lambda: bind(folder / "socket"),
        lambda: subprocess.run(["touch", folder / "touched"], check=True, capture_output=True),
    ]


def bind(path: Path) -> None:
    # The path of a socket may not be long.
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def attempt(ways: list[Callable[[], object]]) -> None:
    for way in ways:
        with suppress(Exception):
            way()


class Writing(RegressorMixin, BaseEstimator):
    """Tries to change a folder whenever it predicts."""

    n_features_in_ = 1

    def __init__(self, folder: str = "") -> None:
        self.folder = folder

    def predict(self, X: Any) -> Any:
        attempt(by_python(Path(self.folder)) + by_compiled_code(Path(self.folder)))
        return np.zeros(len(X))


class Sleeping(Writing):
    """Never answers, without using the processor."""

    def predict(self, X: Any) -> Any:
        time.sleep(600)


class Killed(Writing):
    """Ends as if Linux were short of memory, while there is a file of this name."""

    def predict(self, X: Any) -> Any:
        if Path(self.folder).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return np.zeros(len(X))


class Greedy(Writing):
    """Needs more memory than it may use while it is loaded."""

    def __setstate__(self, state: Any) -> None:
        np.ones(2**34)
