"""The spool: records wait on this machine's disk while PostgreSQL is out of reach."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID

import orjson

from webapp.durability import make_folder, sync_folder
from webapp.helpers.uuid7 import time_of
from webapp.services.spool import disk, journal, segments
from webapp.services.spool.key_note import KeyNote
from webapp.services.spool.segments import LineCounts, Segment
from webapp.services.spool.writer import Writer

#: Free bytes that the disk must have for the spool to count as usable.
MIN_FREE_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class SpoolStatus:
    """The number of records in the spool, and their age."""

    rows: int
    #: When the oldest segment was begun, which is about when its first row was recorded.
    oldest: datetime | None
    #: How many lines can't be replayed, because they are damaged or PostgreSQL refuses them.
    set_aside: int


class Spool:
    """A folder of append-only journals, shared by all processes of one machine.

    No file is opened before the first row, so the object may be created before a fork.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key_note = KeyNote(folder)
        self._set_aside = folder / "set-aside.jsonl"
        self._writer = Writer(folder)
        self._counts = LineCounts()

    def append(self, rows: Sequence[bytes]) -> None:
        """Store rows, each one JSON object; when this returns, they are durable.

        Raises
        ------
        SpoolUnavailable
            When the disk can't store them; none of them is left then.
        """
        data = b"".join(map(journal.encode, rows))
        with disk.as_unavailable():
            self._writer.append(data)

    def seal(self) -> None:
        """End the segment that this process writes to, so that it can be replayed."""
        self._writer.seal()

    def find(self, id: UUID) -> bytes | None:
        """Return the row with this id, if it waits here."""
        with disk.as_unavailable():
            rows = (segments.find(path, id) for path in reversed(segments.paths(self.folder)))
            return next((row for row in rows if row), None)

    def is_empty(self) -> bool:
        """Return whether there is nothing to replay."""
        with disk.as_unavailable():
            return not segments.paths(self.folder)

    def status(self) -> SpoolStatus:
        """Count the rows that wait."""
        with disk.as_unavailable():
            paths = segments.paths(self.folder)
            set_aside, *rows = self._counts.of([self._set_aside, *paths])
        begins = [_begin_of(path) for path, count in zip(paths, rows, strict=True) if count]
        return SpoolStatus(rows=sum(rows), oldest=min(filter(None, begins), default=None), set_aside=set_aside)

    def check(self) -> None:
        """Check that rows could be stored.

        Raises
        ------
        SpoolUnavailable
        """
        with disk.as_unavailable():
            make_folder(self.folder, 0o700)
            with TemporaryFile(dir=self.folder) as probe:
                probe.write(bytes(MIN_FREE_BYTES))

    def lock(self) -> AbstractContextManager[bool]:
        """Lock the spool against other replayers during the block; yields whether that succeeded."""
        return disk.locked(self.folder, os.O_RDONLY | os.O_DIRECTORY)

    def segments(self) -> Generator[Segment]:
        """Yield the segments that can be replayed: they were sealed, or their writer is gone."""
        return segments.sealed(self.folder)

    def set_aside(self, lines: Sequence[tuple[bytes, str]]) -> None:
        """Keep lines that can't be replayed, each with its reason, so that a person can check them.

        Raises
        ------
        SpoolUnavailable
        """
        if not lines:
            return
        entries = [{"reason": reason, "line": line.decode(errors="backslashreplace")} for line, reason in lines]
        data = b"".join(orjson.dumps(entry) + b"\n" for entry in entries)
        with disk.as_unavailable():
            fd = os.open(self._set_aside, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                disk.append(fd, data)
            finally:
                os.close(fd)
            sync_folder(self.folder)


def _begin_of(path: Path) -> datetime | None:
    try:
        return time_of(UUID(path.stem))
    except (OverflowError, ValueError):
        return None
