"""The entries of a seal: the id and the leaf of each of its rows, in order, 48 bytes a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

ID_SIZE = 16
SIZE = ID_SIZE + 32


def pack(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Join ids and leaves, one after the other."""
    return b"".join(id + leaf for id, leaf in entries)


def unpack(packed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each id with its leaf."""
    for start in range(0, len(packed), SIZE):
        yield packed[start : start + ID_SIZE], packed[start + ID_SIZE : start + SIZE]


def ids(packed: bytes) -> Iterator[bytes]:
    """Yield each id of a list that holds only ids."""
    for start in range(0, len(packed), ID_SIZE):
        yield packed[start : start + ID_SIZE]


def name_of(id: bytes) -> str:
    """Return an id as people know it; in a list that was changed it may be a piece of one."""
    return str(UUID(bytes=id)) if len(id) == ID_SIZE else id.hex()


def leaves_of(packed: bytes) -> list[bytes]:
    """Return the leaves in their order."""
    return [leaf for _, leaf in unpack(packed)]


def index_of(packed: bytes, id: bytes) -> int | None:
    """Return the index of an id, None if it is not among the entries."""
    return next((index for index, (other, _) in enumerate(unpack(packed)) if other == id), None)
