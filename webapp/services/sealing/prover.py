"""Proves, to anyone who has the public key, that a prediction is on record as it was made."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from sqlalchemy import Connection, Engine

from webapp.database.transactions import failing_as
from webapp.errors import NotProvable, NotSealed, PredictionNotFound, SealsUnavailable
from webapp.helpers.sealing import Head, entries, merkle
from webapp.helpers.uuid7 import time_of
from webapp.services.sealing import deletions, seals, stored_rows
from webapp.services.sealing.deletions import Keys
from webapp.services.sealing.seals import Seal
from webapp.services.sealing.stored_rows import Row


def prove(engine: Engine, id: UUID, trusted: Keys) -> dict[str, object]:
    """Return everything needed to check one prediction, as values that JSON can hold.

    Raises
    ------
    PredictionNotFound
    NotSealed
    NotProvable
        When it differs from what was sealed, or its code was already wrong when it was sealed.
    SealsUnavailable
    """
    with failing_as(SealsUnavailable), engine.connect() as connection, connection.begin():
        row = stored_rows.one(connection, id, time_of(id))
        if row is None:
            raise PredictionNotFound
        forgotten = deletions.read(connection, trusted).forgotten if row.is_emptied else {}
        seal = _seal_of(connection, row)
        index = entries.index_of(seal.predictions, id.bytes)
        leaves = entries.leaves_of(seal.predictions)
        leaf = row.leaf(forgotten)
    # Inserted rows are sealed as well; the signed list of wrong codes tells them from the others.
    if index is None or leaves[index] != leaf or id.bytes in entries.ids(seal.unproven):
        raise NotProvable
    return _payload(row, forgotten) | {
        "metadata": row.metadata.decode(),
        "index": index,
        "path": [digest.hex() for digest in merkle.path_of(leaves, index)],
        "unproven": seal.unproven.hex(),
        "head": seal.head,
        "signature": seal.signature.hex(),
    }


def _seal_of(connection: Connection, row: Row) -> Seal:
    for signed in seals.heads(connection):
        with suppress(ValueError):
            span = Head.read(signed.head).predictions
            if row.number is not None and span.after < row.number <= span.up_to:
                return seals.get(connection, signed.number)
    raise NotSealed


def _payload(row: Row, forgotten: dict[bytes, bytes]) -> dict[str, object]:
    if row.salt is None:
        return {"payload_digest": forgotten[row.id.bytes].hex()} if row.id.bytes in forgotten else {}
    return {"salt": row.salt.hex(), "payload": row.payload.decode(), "payload_digest": row.payload_digest.hex()}
