"""Reading the spool: its segments, and what is in them."""

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

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Segment:
    """A segment to which nobody adds any more, locked as long as it is looked at."""

    path: Path

    def lines(self) -> Iterator[bytes]:
        """Give its lines, whole or damaged."""
        with disk.as_unavailable():
            content = self.path.read_bytes()
        return journal.split(content)

    def remove(self) -> None:
        """Remove it, once all that it holds is safe elsewhere."""
        with disk.as_unavailable():
            self.path.unlink()


def paths(folder: Path) -> list[Path]:
    """List all segments, from the oldest to the newest."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".journal")
    except FileNotFoundError:
        return []


def sealed(folder: Path) -> Generator[Segment]:
    """Give the segments that nobody writes to, from the oldest to the newest, each locked until the next."""
    with disk.as_unavailable():
        found = paths(folder)
    for path in found:
        # One that can't be opened stays; the others need not wait for it.
        with suppress(SpoolUnavailable), disk.as_unavailable(), disk.locked(path, os.O_RDWR) as mine:
            if mine:
                yield Segment(path)


def find(path: Path, id: UUID) -> bytes | None:
    """Give the row of this id if this segment holds it whole."""
    wanted = str(id).encode()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    # A row with another id may hold this one as a text that somebody sent.
    lines = journal.split(content) if wanted in content else iter(())
    return next((row for line in lines if wanted in line and (row := _row(line, id))), None)


def _row(line: bytes, id: UUID) -> bytes | None:
    try:
        row = journal.decode(line)
        return row if orjson.loads(row)["id"] == str(id) else None
    except (DamagedLine, ValueError, KeyError, TypeError):
        return None


class LineCounts:
    """How many lines files have; of a file that grew, only what is new is read."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int]] = {}

    def of(self, files: Sequence[Path]) -> list[int]:
        """Count the lines of each of these files; one that is gone has none."""
        self._known = known = {path: self._count(path) for path in files}
        return [lines for _, lines in known.values()]

    def _count(self, path: Path) -> tuple[int, int]:
        size, lines = self._known.get(path, (0, 0))
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < size:
                    size = lines = 0
                file.seek(size)
                while block := file.read(BLOCK):
                    size, lines = size + len(block), lines + block.count(b"\n")
        except FileNotFoundError:
            return 0, 0
        return size, lines
