"""Reads the spool: its segments and their lines."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from webapp.errors import DamagedLine, SpoolUnavailable
from webapp.services.spool import disk, journal

#: How many bytes are read at once.
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Segment:
    """A segment that no process writes to any longer; it is locked while it is in use."""

    path: Path

    def lines(self) -> Iterator[bytes]:
        """Return its lines, whole or damaged."""
        with disk.as_unavailable():
            content = self.path.read_bytes()
        return journal.split(content)

    def remove(self) -> None:
        """Remove it, once all its rows are safe elsewhere."""
        with disk.as_unavailable():
            self.path.unlink()


def paths(folder: Path) -> list[Path]:
    """Return the paths of all segments, the oldest first."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".journal")
    except FileNotFoundError:
        return []


def sealed(folder: Path) -> Generator[Segment]:
    """Yield the segments that no process writes to, the oldest first, each locked until the next."""
    with disk.as_unavailable():
        segment_paths = paths(folder)
    for path in segment_paths:
        # A segment that can't be opened stays; the others need not wait for it.
        with suppress(SpoolUnavailable), disk.as_unavailable(), disk.locked(path, os.O_RDWR) as is_locked:
            if is_locked:
                yield Segment(path)


def find(path: Path, id: UUID) -> bytes | None:
    """Return the row with this id, if this segment holds it undamaged."""
    needle = str(id).encode()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    # Another row may contain this id as a text in its inputs.
    lines = journal.split(content) if needle in content else iter(())
    return next((row for line in lines if needle in line and (row := _row(line, id))), None)


def _row(line: bytes, id: UUID) -> bytes | None:
    try:
        row = journal.decode(line)
        return row if orjson.loads(row)["id"] == str(id) else None
    except (DamagedLine, ValueError, KeyError, TypeError):
        return None


class LineCounts:
    """Counts the lines of files; of a file that has grown, only the new part is read."""

    def __init__(self) -> None:
        self._counts: dict[Path, tuple[int, int]] = {}

    def of(self, files: Sequence[Path]) -> list[int]:
        """Return the number of lines of each file; a file that is gone has none."""
        self._counts = counts = {path: self._count(path) for path in files}
        return [lines for _, lines in counts.values()]

    def _count(self, path: Path) -> tuple[int, int]:
        size, lines = self._counts.get(path, (0, 0))
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < size:
                    size = lines = 0
                file.seek(size)
                while block := file.read(BLOCK_BYTES):
                    size, lines = size + len(block), lines + block.count(b"\n")
        except FileNotFoundError:
            return 0, 0
        return size, lines
