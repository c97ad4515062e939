"""UUIDs that sort by time (RFC 9562, version 7)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

SEQUENCE_SIZE = 1 << 12


def uuid7(milliseconds: int, sequence: int, randomness: int) -> UUID:
    """Build the id of something that happened ``milliseconds`` after 1970.

    Parameters
    ----------
    sequence : int
        Orders ids of the same millisecond; the lower 12 bits count.
    randomness : int
        The lower 62 bits count.
    """
    return UUID(int=uuid7_int(milliseconds, sequence, randomness))


def uuid7_int(milliseconds: int, sequence: int, randomness: int) -> int:
    """Return the 128 bits of the id that ``uuid7`` builds, as a number."""
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (sequence % SEQUENCE_SIZE) << 64
    return value | 0b10 << 62 | randomness & (1 << 62) - 1


def read_uuid7(text: str) -> UUID:
    """Read an id in its usual spelling.

    Raises
    ------
    ValueError
        When it is not a UUIDv7, or carries a time that no calendar has.
    """
    id = UUID(text)
    if id.version != 7 or str(id) != text.lower():
        raise ValueError
    try:
        time_of(id)
    except OverflowError:
        raise ValueError from None
    return id


def time_of(id: UUID) -> datetime:
    """Return the time, to the millisecond, that a UUIDv7 carries."""
    return _instant(id.int >> 80)


@lru_cache(maxsize=64)
def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
