"""What a seal holds of its rows: the id and the leaf of each, in their order, 48 bytes a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ID_SIZE = 16
SIZE = ID_SIZE + 32


def pack(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Put ids and leaves one after the other."""
    return b"".join(id + leaf for id, leaf in entries)


def unpack(packed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give each id with its leaf."""
    for start in range(0, len(packed), SIZE):
        yield packed[start : start + ID_SIZE], packed[start + ID_SIZE : start + SIZE]


def ids(packed: bytes) -> Iterator[bytes]:
    """Give each id where ids alone were put one after the other."""
    for start in range(0, len(packed), ID_SIZE):
        yield packed[start : start + ID_SIZE]


def leaves_of(packed: bytes) -> list[bytes]:
    """Give the leaves in their order."""
    return [leaf for _, leaf in unpack(packed)]


def index_of(packed: bytes, id: bytes) -> int | None:
    """Tell where an id stands, if it does."""
    return next((index for index, (other, _) in enumerate(unpack(packed)) if other == id), None)
