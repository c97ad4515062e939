"""The spool: where records wait on this machine's disk while PostgreSQL can't take them."""

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

from webapp.helpers.uuid7 import time_of
from webapp.services.spool import disk, journal, segments
from webapp.services.spool.segments import LineCounts, Segment
from webapp.services.spool.writer import Writer

#: So much must fit on the disk for the spool to count as usable.
ROOM = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class SpoolStatus:
    """What waits in the spool."""

    rows: int
    #: When the oldest segment was begun, which is about when its first row was made.
    oldest: datetime | None
    #: How many lines could not be replayed, because they are damaged or PostgreSQL refuses them.
    set_aside: int


class Spool:
    """A folder of append-only journals, shared by all processes of one machine.

    Nothing is opened before the first row comes, so it may be made before a fork.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._set_aside = folder / "set-aside.jsonl"
        self._writer = Writer(folder)
        self._counts = LineCounts()

    def append(self, rows: Sequence[bytes]) -> None:
        """Store rows, each one JSON object; when this returns, they are durable.

        Raises
        ------
        SpoolUnavailable
            When the disk did not take them; then none of them is left.
        """
        data = b"".join(map(journal.encode, rows))
        with disk.as_unavailable():
            self._writer.append(data)

    def seal(self) -> None:
        """End the segment that this process writes to, so that it can be replayed."""
        self._writer.seal()

    def find(self, id: UUID) -> bytes | None:
        """Give the row of this id, if it waits here."""
        with disk.as_unavailable():
            found = (segments.find(path, id) for path in reversed(segments.paths(self.folder)))
            return next((row for row in found if row), None)

    def is_empty(self) -> bool:
        """Tell whether there is nothing to replay."""
        with disk.as_unavailable():
            return not segments.paths(self.folder)

    def status(self) -> SpoolStatus:
        """Count what waits."""
        with disk.as_unavailable():
            found = segments.paths(self.folder)
            set_aside, *rows = self._counts.of([self._set_aside, *found])
        begun = [_begun(path) for path, count in zip(found, rows, strict=True) if count]
        return SpoolStatus(rows=sum(rows), oldest=min(filter(None, begun), default=None), set_aside=set_aside)

    def check(self) -> None:
        """Make sure that rows could be stored.

        Raises
        ------
        SpoolUnavailable
        """
        with disk.as_unavailable():
            disk.make_folder(self.folder, 0o700)
            with TemporaryFile(dir=self.folder) as probe:
                probe.write(bytes(ROOM))

    def lock(self) -> AbstractContextManager[bool]:
        """Be the only one who replays, inside the block; tells whether it could be."""
        return disk.locked(self.folder, os.O_RDONLY | os.O_DIRECTORY)

    def segments(self) -> Generator[Segment]:
        """Give what can be replayed: segments that were sealed, or whose writer is gone."""
        return segments.sealed(self.folder)

    def set_aside(self, lines: Sequence[tuple[bytes, str]]) -> None:
        """Keep lines that can't be replayed, each with its reason, for a person to look at.

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
            disk.sync_folder(self.folder)


def _begun(path: Path) -> datetime | None:
    try:
        return time_of(UUID(path.stem))
    except (OverflowError, ValueError):
        return None
