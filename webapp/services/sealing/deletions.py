"""What was forgotten and pruned on purpose: events that were signed when it was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, select

from webapp.database.tables.audit import AuditEventRecord
from webapp.helpers.sealing import canonical, signing_keys
from webapp.helpers.uuid7 import time_of
from webapp.services.audit import Action

TABLE = AuditEventRecord.__table__
#: What of an event's details is not for people.
EVIDENCE = "evidence"
Keys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """A span of time whose rows were dropped, as far as they had been sealed."""

    begins: datetime
    ends: datetime
    #: The number of the newest seal at that time: what came later is not excused.
    seal: int

    def covers(self, id: bytes, seal: int) -> bool:
        """Tell whether a row of this seal may be gone."""
        try:
            return seal <= self.seal and self.begins <= time_of(UUID(bytes=id)) < self.ends
        except (OverflowError, ValueError):
            return False


@dataclass(frozen=True, kw_only=True)
class SignedDeletions:
    """Which differences from what was sealed are none of tampering."""

    #: The digest of each payload that was forgotten, by the row's id.
    forgotten: dict[bytes, bytes] = field(default_factory=dict)
    pruned: list[Pruned] = field(default_factory=list)
    #: The events that claim something without a signature.
    unsigned: list[int] = field(default_factory=list)

    def covers(self, id: bytes, seal: int) -> bool:
        """Tell whether a row of this seal may be gone."""
        return any(each.covers(id, seal) for each in self.pruned)


def signed(
    key: Ed25519PrivateKey,
    action: Action,
    subject: str,
    details: Mapping[str, object],
    evidence: Mapping[str, object],
) -> dict[str, object]:
    """Give the details of an event, for people and, apart from these, what makes it an excuse, with a signature."""
    signature = key.sign(_message(action, subject, details, evidence)).hex()
    return {**details, EVIDENCE: {**evidence, "key": signing_keys.key_id(key.public_key()), "signature": signature}}


def read(connection: Connection, known: Keys) -> SignedDeletions:
    """Read all that are signed with a key that is known."""
    deletions = SignedDeletions()
    for id, action, subject, details in _events(connection):
        try:
            _add(deletions, known, action, subject, details)
        except (AttributeError, KeyError, TypeError, ValueError):
            deletions.unsigned.append(id)
    return deletions


def _events(connection: Connection) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    query = select(TABLE.c.id, TABLE.c.action, TABLE.c.subject, TABLE.c.details)
    wanted = TABLE.c.action.in_([Action.FORGOT, Action.PRUNED])
    for row in connection.execute(query.where(wanted).order_by(TABLE.c.id)):
        yield row.id, row.action, row.subject, row.details


def _add(deletions: SignedDeletions, known: Keys, action: str, subject: str, details: dict[str, Any]) -> None:
    told = dict(details)
    evidence = dict(told.pop(EVIDENCE))
    key, signature = known[evidence.pop("key")], bytes.fromhex(evidence.pop("signature"))
    if not signing_keys.is_signed(key, signature, _message(action, subject, told, evidence)):
        raise ValueError
    if action == Action.FORGOT:
        deletions.forgotten.update((UUID(id).bytes, bytes.fromhex(digest)) for id, digest in evidence["rows"].items())
        return
    begins, ends = (datetime.fromisoformat(evidence[name]) for name in ("from", "to"))
    deletions.pruned.append(Pruned(begins=begins, ends=ends, seal=evidence["seal"]))


def _message(action: str, subject: str, details: Mapping[str, object], evidence: Mapping[str, object]) -> bytes:
    return canonical.canonical([str(action), subject, details, evidence])
