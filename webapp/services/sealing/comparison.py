"""Compares rows with what was sealed, and describes each difference in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from uuid import UUID

from webapp.helpers.sealing import entries, order
from webapp.services.sealing.copies import Copied
from webapp.services.sealing.deletions import SignedDeletions
from webapp.services.sealing.stored_rows import Row

#: Counts of rows by their state, filled in during the comparison.
Counts = Counter[str]


def predictions(
    seal: int, packed: bytes, rows: Iterable[Row], deletions: SignedDeletions, counts: Counts
) -> Iterator[str]:
    """Compare the predictions of one seal with the rows in the table."""
    sealed = {id: (index, leaf) for index, (id, leaf) in enumerate(entries.unpack(packed))}
    indexes: list[int] = []
    for row in rows:
        if (entry := sealed.pop(row.id.bytes, None)) is None:
            yield f"Prediction {row.id} was inserted: it stands among rows that were sealed without it."
            continue
        index, leaf = entry
        indexes.append(index)
        counts["sealed"] += 1
        counts["forgotten"] += row.is_emptied and row.id.bytes in deletions.forgotten
        counts["older"] += row.is_older
        if row.leaf(deletions.forgotten) != leaf:
            yield f"Prediction {row.id} was changed after it was sealed."
    yield from _moved(packed, indexes)
    yield from _missing(seal, sealed, deletions, counts)


def audit_events(packed: bytes, events: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Compare the audit events of one seal with the rows in the table."""
    sealed = dict(entries.unpack(packed))
    for id, leaf in events:
        number = int.from_bytes(id)
        if (sealed_leaf := sealed.pop(id, None)) is None:
            yield f"Audit event {number} was inserted: it stands among events that were sealed without it."
        elif sealed_leaf != leaf:
            yield f"Audit event {number} was changed after it was sealed."
    for id in sealed:
        yield f"Audit event {int.from_bytes(id)} was removed after it was sealed."


def copies(seals: Mapping[int, str], copied: Copied) -> Iterator[str]:
    """Compare the digests of the seals' heads with their copies, and report missing copies."""
    yield from _uncopied(seals, copied)
    yield from _differences(seals, copied, "SEAL_TO")


def last_head(seals: Mapping[int, str], kept: Copied, path: Path) -> Iterator[str]:
    """Compare the seals with the newest head that this machine has seen."""
    if kept.error:
        yield f"No seal could be compared with the head in {path}: it can't be read ({kept.error})."
    yield from _differences(seals, kept, str(path))


def _differences(seals: Mapping[int, str], copied: Copied, place: str) -> Iterator[str]:
    for number, digest in copied.digests:
        if number not in seals:
            yield f"Seal {number} was removed: {place} has a copy of its head."
        elif seals[number] != digest:
            yield f"Seal {number} differs from the copy of its head in {place}."


def _uncopied(seals: Mapping[int, str], copied: Copied) -> Iterator[str]:
    numbers = {number for number, _ in copied.digests}
    if copied.last_copied and not copied.error and copied.last_copied not in numbers:
        yield f"The copy of seal {copied.last_copied} is gone: its head was written to the file in SEAL_TO."
    elif (seals or copied.last_copied) and not numbers:
        why = f"can't be read ({copied.error})" if copied.error else "has none"
        # Without a record of the last copy, SEAL_TO may also have been set only after the last seal.
        hint = "" if copied.last_copied else " If it was set after the last seal, seal the log again."
        yield f"No seal could be compared with a copy of its head: the file in SEAL_TO {why}.{hint}"


def _moved(packed: bytes, indexes: list[int]) -> Iterator[str]:
    for index in sorted(order.misplaced(indexes)):
        start = index * entries.SIZE
        yield f"Prediction {UUID(bytes=packed[start : start + entries.ID_SIZE])} is not in the order of its seal."


def _missing(seal: int, sealed: Iterable[bytes], deletions: SignedDeletions, counts: Counts) -> Iterator[str]:
    for id in sealed:
        if deletions.covers(id, seal):
            counts["pruned"] += 1
        else:
            yield f"Prediction {entries.name_of(id)} was removed after it was sealed, or moved away from its place."
