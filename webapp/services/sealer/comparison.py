"""Holds rows against what was sealed, and says of each that differs how it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID

from webapp.helpers.sealing import entries, order
from webapp.services.sealer.excuses import Excuses
from webapp.services.sealer.rows import Row

#: What is counted along the way.
Counts = Counter[str]


def predictions(seal: int, packed: bytes, rows: Iterable[Row], excuses: Excuses, counts: Counts) -> Iterator[str]:
    """Compare the predictions of one seal with those that are there."""
    sealed = {id: (place, leaf) for place, (id, leaf) in enumerate(entries.unpack(packed))}
    places: list[int] = []
    for row in rows:
        if (found := sealed.pop(row.id.bytes, None)) is None:
            yield f"Prediction {row.id} was inserted: it stands among rows that were sealed without it."
            continue
        place, leaf = found
        places.append(place)
        counts["sealed"] += 1
        counts["forgotten"] += row.is_emptied
        counts["older"] += row.is_older
        if row.leaf(excuses.forgotten) != leaf:
            yield f"Prediction {row.id} was changed after it was sealed."
    yield from _moved(packed, places)
    yield from _gone(seal, sealed, excuses, counts)


def audit_events(packed: bytes, events: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Compare the audit events of one seal with those that are there."""
    sealed = dict(entries.unpack(packed))
    for id, leaf in events:
        number = int.from_bytes(id)
        if (known := sealed.pop(id, None)) is None:
            yield f"Audit event {number} was inserted: it stands among events that were sealed without it."
        elif known != leaf:
            yield f"Audit event {number} was changed after it was sealed."
    for id in sealed:
        yield f"Audit event {int.from_bytes(id)} was removed after it was sealed."


def _moved(packed: bytes, places: list[int]) -> Iterator[str]:
    for place in sorted(order.misplaced(places)):
        start = place * entries.SIZE
        yield f"Prediction {UUID(bytes=packed[start : start + entries.ID_SIZE])} is not in the order of its seal."


def _gone(seal: int, sealed: Iterable[bytes], excuses: Excuses, counts: Counts) -> Iterator[str]:
    for id in sealed:
        if excuses.covers(id, seal):
            counts["pruned"] += 1
        else:
            yield f"Prediction {UUID(bytes=id)} was removed after it was sealed, or moved away from its place."
