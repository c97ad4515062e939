"""What was read off files, kept on disk by their digests, so that a later start asks no cell.

Whatever is read back is checked like what a cell sends. What can't be written or read is found out again.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import platform
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from uuid import uuid4

from webapp.config import ROOT
from webapp.models.file_report import FileReport, ReportInvalid, read_report, write_report

#: The libraries that decide what a file means.
LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib", "xgboost", "xgboost-cpu", "lightgbm")
#: The code that reads files and makes plans, with its lists and tables.
CODE = ("webapp/cell", "webapp/models", "webapp/types")
ENDINGS = ("py", "txt", "json")
#: Seconds after which what is known of a file that is no longer there is removed.
KEEP_SECONDS = 24 * 3600.0


@cache
def environment() -> str:
    """Return a digest of all that decides, besides the file, what is found in it: Python, libraries, our own code."""
    digest = hashlib.sha256(f"{platform.python_version()} {_processor()}".encode())
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            digest.update(f"{name} {metadata.version(name)}\n".encode())
    for place in CODE:
        for path in sorted([ROOT / place, *(each for end in ENDINGS for each in (ROOT / place).rglob(f"*.{end}"))]):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(digest: str, trusted: Sequence[str], other: str = "") -> str:
    """Return the key under which is kept what is known of a file; ``other`` names the code that it is run with.

    That is the digest of its environment, or of the operator's own code in the default one.
    """
    return hashlib.sha256("\n".join((environment(), other, digest, *sorted(trusted))).encode()).hexdigest()


def _processor() -> str:
    """Return the kind of the processor: another one may compute other last bits."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line for line in lines if line.startswith(("model name", "CPU part")))
    return platform.machine()


class KnownFiles:
    """A folder with a report, a plan and a copy of each file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def report(self, key: str) -> FileReport | None:
        """Return the report on a file, if there is one."""
        with suppress(OSError, ReportInvalid):
            return read_report(self._path(key, "report").read_bytes())
        return None

    def keep_report(self, key: str, report: FileReport) -> None:
        """Keep a report."""
        self._write(self._path(key, "report"), write_report(report))

    def inference(self, key: str, card: str) -> tuple[str, memoryview | None] | None:
        """Return which form answers, in words, and the plan if there is one; None if neither is known.

        Parameters
        ----------
        card : str
            The digest of the card whose rows the plan was compared with.
        """
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(self._path(key, f"form{card[:16]}").read_bytes())
            return str(known["form"]), self._plan(key, known["plan"]) if known["plan"] else None
        return None

    def keep_inference(self, key: str, card: str, form: str, plan: bytes | None) -> None:
        """Keep which form answers, and its plan."""
        digest = hashlib.sha256(plan).hexdigest() if plan is not None else None
        if plan is not None:
            self._write(self._path(key, "plan"), plan)
        self._write(self._path(key, f"form{card[:16]}"), json.dumps({"form": form, "plan": digest}).encode())

    def _plan(self, key: str, digest: str) -> memoryview:
        """Return the plan as it was kept, in memory that all processes share.

        Raises
        ------
        OSError, ValueError
            Also when it is another one: a power cut may have left half of it.
        """
        with self._path(key, "plan").open("rb") as file:
            plan = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if hashlib.sha256(plan).hexdigest() != digest:
            raise ValueError
        return plan

    def keep_copy(self, digest: str, data: bytes) -> None:
        """Keep a copy of a file, from which a cell can be started when the file itself is gone or was overwritten."""
        path = self._copy(digest)
        with suppress(OSError):
            if path.stat().st_size == len(data):
                os.utime(path)
                return
        self._write(path, data)

    def open_copy(self, digest: str) -> int:
        """Open the copy of a file.

        Raises
        ------
        OSError
        """
        return os.open(self._copy(digest), os.O_RDONLY | os.O_CLOEXEC)

    def forget(self, keep: Collection[str]) -> None:
        """Remove what is old, except what belongs to these keys and digests."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                is_old = path.stat().st_mtime < time.time() - KEEP_SECONDS
                if is_old and path.stem not in keep:
                    path.unlink()

    def _copy(self, digest: str) -> Path:
        return self._folder / f"{digest}.joblib"

    def _path(self, key: str, kind: str) -> Path:
        return self._folder / f"{key}.{kind}"

    def _write(self, path: Path, data: bytes) -> None:
        temporary = path.with_name(f".{uuid4().hex}")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.rename(path)
            finally:
                temporary.unlink(missing_ok=True)
