"""The seals as they are stored: written once, and read in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from webapp.database.tables.seals import SealRecord
from webapp.errors import SealDamaged
from webapp.helpers.sealing import Head, chain, digest_of
from webapp.services.sealing.deletions import Keys

TABLE = SealRecord.__table__
HEAD = (TABLE.c.number, TABLE.c.head, TABLE.c.signature)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One seal with what it holds."""

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
    """What of a seal is also written elsewhere: little, and enough to hold the log to it."""

    number: int
    head: str
    signature: bytes

    def to_dict(self) -> dict[str, object]:
        told = Head.read(self.head)
        return {
            "number": self.number,
            "root": told.predictions.root,
            "hash": digest_of(self.head),
            "head": self.head,
            "signature": self.signature.hex(),
        }


def add(connection: Connection, seal: Seal) -> None:
    """Store one."""
    connection.execute(insert(SealRecord), vars(seal))


def newest(connection: Connection, trusted: Keys) -> Head | None:
    """Give what the newest says.

    Raises
    ------
    SealDamaged
        When none of these keys signed it: whoever made it up could say that all is sealed, and for how long.
    """
    found = connection.execute(select(*HEAD).order_by(TABLE.c.number.desc()).limit(1)).mappings().first()
    if found is None:
        return None
    newest = SignedHead(**found)
    if any(chain.signature_problems(newest.number, newest.head, newest.signature, trusted)):
        raise SealDamaged
    return Head.read(newest.head)


def heads(connection: Connection, after: int = 0) -> Iterator[SignedHead]:
    """Give the heads of those after one number, from the oldest on."""
    query = select(*HEAD).where(TABLE.c.number > after).order_by(TABLE.c.number)
    for row in connection.execute(query).mappings():
        yield SignedHead(**row)


def numbers(connection: Connection) -> list[int]:
    """Give the numbers of all."""
    return list(connection.execute(select(TABLE.c.number).order_by(TABLE.c.number)).scalars())


def get(connection: Connection, number: int) -> Seal:
    """Give one that is there."""
    return Seal(**connection.execute(select(TABLE).where(TABLE.c.number == number)).mappings().one())
