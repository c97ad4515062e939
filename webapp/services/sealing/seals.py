"""Stores seals, and reads them in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from webapp.database.tables.seals import SealRecord
from webapp.database.transactions import write
from webapp.errors import SealDamaged
from webapp.helpers.sealing import Head, chain, digest_of
from webapp.services.sealing.deletions import Keys

TABLE = SealRecord.__table__
HEAD = (TABLE.c.number, TABLE.c.head, TABLE.c.signature)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One seal with its contents."""

    number: int
    head: str
    signature: bytes
    #: The id and the digest of each row, in their order.
    predictions: bytes
    audit_events: bytes
    #: The ids of rows whose code was wrong.
    unproven: bytes


@dataclass(frozen=True, kw_only=True)
class SignedHead:
    """The part of a seal that is also copied elsewhere: small, but enough to detect changes of the log."""

    number: int
    head: str
    signature: bytes

    def to_dict(self) -> dict[str, object]:
        """Return the head as a copy holds it."""
        head = Head.read(self.head)
        return {
            "number": self.number,
            "root": head.predictions.root,
            "hash": digest_of(self.head),
            "head": self.head,
            "signature": self.signature.hex(),
        }


def add(connection: Connection, seal: Seal) -> None:
    """Store a seal."""
    write(connection, insert(SealRecord), vars(seal))


def newest(connection: Connection, trusted: Keys) -> Head | None:
    """Return the head of the newest seal.

    Raises
    ------
    SealDamaged
        When none of these keys signed it: a forged head could claim that everything is sealed already.
    """
    if (found := last(connection)) is None:
        return None
    if any(chain.signature_problems(found.number, found.head, found.signature, trusted)):
        raise SealDamaged
    return Head.read(found.head)


def last(connection: Connection) -> SignedHead | None:
    """Return the head with the highest number, whoever signed it."""
    row = connection.execute(select(*HEAD).order_by(TABLE.c.number.desc()).limit(1)).mappings().first()
    return SignedHead(**row) if row else None


def digest(connection: Connection, number: int) -> str | None:
    """Return the digest of a head; None if there is no such seal."""
    head = connection.execute(select(TABLE.c.head).where(TABLE.c.number == number)).scalar_one_or_none()
    return digest_of(head) if head is not None else None


def heads(connection: Connection, after: int = 0) -> Iterator[SignedHead]:
    """Yield the heads of the seals after a number, the oldest first."""
    query = select(*HEAD).where(TABLE.c.number > after).order_by(TABLE.c.number)
    for row in connection.execute(query).mappings():
        yield SignedHead(**row)


def numbers(connection: Connection) -> list[int]:
    """Return the numbers of all seals."""
    return list(connection.execute(select(TABLE.c.number).order_by(TABLE.c.number)).scalars())


def get(connection: Connection, number: int) -> Seal:
    """Return a seal that is known to exist."""
    return Seal(**connection.execute(select(TABLE).where(TABLE.c.number == number)).mappings().one())
