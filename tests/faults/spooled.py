"""Watches the spool, and remembers each row that was ever in it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import BinaryIO

import orjson

from webapp.errors import DamagedLine
from webapp.services.spool import journal


class Spooled:
    """Holds each segment open from when it is first seen, so that it can be read after it was removed.

    A segment that lives for less than a hundredth of a second may escape it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, BinaryIO] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.ids: set[str] = set()

    def __enter__(self) -> Spooled:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._look()
        self._read(set(self._open))

    def _run(self) -> None:
        while not self._done.wait(0.01):
            self._look()

    def _look(self) -> None:
        found = set(self._folder.glob("*.journal"))
        self._read(set(self._open) - found)
        for path in found - set(self._open):
            try:
                self._open[path] = path.open("rb")
            except FileNotFoundError:
                continue

    def _read(self, gone: set[Path]) -> None:
        for path in gone:
            with self._open.pop(path) as file:
                for line in file:
                    try:
                        self.ids.add(orjson.loads(journal.decode(line))["id"])
                    except DamagedLine:
                        # A worker was killed while it wrote this, so nobody was answered.
                        continue
