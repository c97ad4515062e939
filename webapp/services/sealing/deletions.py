"""Deletions on purpose: audit events that the service signed when it forgot or pruned."""

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
#: The part of an event's details that is not for people.
EVIDENCE = "evidence"
#: Public keys by their short names.
Keys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """A span of time whose sealed rows were dropped."""

    begins: datetime
    ends: datetime
    #: The number of the newest seal at that time; rows of later seals are not covered.
    seal: int

    def covers(self, id: bytes, seal: int) -> bool:
        """Return whether a row of this seal may be missing."""
        try:
            return seal <= self.seal and self.begins <= time_of(UUID(bytes=id)) < self.ends
        except (OverflowError, ValueError):
            return False


@dataclass(frozen=True, kw_only=True)
class SignedDeletions:
    """The differences from what was sealed that are not tampering."""

    #: The digest of each forgotten payload, by the row's id.
    forgotten: dict[bytes, bytes] = field(default_factory=dict)
    pruned: list[Pruned] = field(default_factory=list)
    #: The ids of events that claim a deletion without a valid signature.
    unsigned: list[int] = field(default_factory=list)

    def covers(self, id: bytes, seal: int) -> bool:
        """Return whether a row of this seal may be missing."""
        return any(span.covers(id, seal) for span in self.pruned)


def signed_details(
    key: Ed25519PrivateKey,
    action: Action,
    subject: str,
    details: Mapping[str, object],
    evidence: Mapping[str, object],
) -> dict[str, object]:
    """Return the details of a deletion's event: those for people and, apart from them, the signed evidence."""
    signature = key.sign(_message(action, subject, details, evidence)).hex()
    return {**details, EVIDENCE: {**evidence, "key": signing_keys.key_id(key.public_key()), "signature": signature}}


def read(connection: Connection, trusted: Keys) -> SignedDeletions:
    """Return all deletions that are signed with a trusted key."""
    deletions = SignedDeletions()
    for id, action, subject, details in _events(connection):
        try:
            _add(deletions, trusted, action, subject, details)
        except (AttributeError, KeyError, TypeError, ValueError):
            deletions.unsigned.append(id)
    return deletions


def _events(connection: Connection) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    query = select(TABLE.c.id, TABLE.c.action, TABLE.c.subject, TABLE.c.details)
    is_deletion = TABLE.c.action.in_([Action.FORGOT, Action.PRUNED])
    for row in connection.execute(query.where(is_deletion).order_by(TABLE.c.id)):
        yield row.id, row.action, row.subject, row.details


def _add(deletions: SignedDeletions, trusted: Keys, action: str, subject: str, details: dict[str, Any]) -> None:
    details = dict(details)
    evidence = dict(details.pop(EVIDENCE))
    key, signature = trusted[evidence.pop("key")], bytes.fromhex(evidence.pop("signature"))
    if not signing_keys.is_signed(key, signature, _message(action, subject, details, evidence)):
        raise ValueError
    if action == Action.FORGOT:
        deletions.forgotten.update((UUID(id).bytes, bytes.fromhex(digest)) for id, digest in evidence["rows"].items())
        return
    begins, ends = (datetime.fromisoformat(evidence[name]) for name in ("from", "to"))
    deletions.pruned.append(Pruned(begins=begins, ends=ends, seal=evidence["seal"]))


def _message(action: str, subject: str, details: Mapping[str, object], evidence: Mapping[str, object]) -> bytes:
    return canonical.canonical([str(action), subject, details, evidence])
