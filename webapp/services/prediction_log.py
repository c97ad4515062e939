"""The permanent record of every prediction: the only place that reads or writes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Connection, Engine, Row, Text, cast, func, insert, select, text, tuple_

from webapp.database.tables import PredictionRecord
from webapp.database.transactions import transaction
from webapp.errors import PredictionLogUnavailable, PredictionNotFound, RowRefused
from webapp.helpers.uuid7 import time_of
from webapp.types import Answer, Notice, Prediction, Status

TABLE = PredictionRecord.__table__
#: Partitions are made for the month of a row and for so many that follow.
MONTHS_AHEAD = 2

REPLAY = text(
    "INSERT INTO predictions SELECT * FROM json_populate_recordset(NULL::predictions, CAST(:rows AS json)) "
    "ON CONFLICT DO NOTHING"
)


class PredictionLog:
    """Stores predictions, one row each, and finds them again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._months: set[date] = set()

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Store predictions in one transaction; when this returns, they are durable.

        Raises
        ------
        PredictionLogUnavailable
        """
        months = {prediction.created_at.date().replace(day=1) for prediction in predictions} - self._months
        with self._transaction() as connection:
            for month in months:
                _make_partitions(connection, month)
            connection.execute(insert(PredictionRecord), [_row(prediction) for prediction in predictions])
        self._months |= months

    def store(self, rows: Sequence[bytes]) -> None:
        """Store rows that the spool held, each one JSON object; those that are there already stay as they are.

        Raises
        ------
        RowRefused
        PredictionLogUnavailable
        """
        try:
            months = {datetime.fromisoformat(orjson.loads(row)["created_at"]).date().replace(day=1) for row in rows}
        except (ValueError, KeyError, TypeError):
            raise RowRefused("form") from None
        try:
            with self._transaction() as connection:
                for month in months - self._months:
                    _make_partitions(connection, month)
                connection.execute(REPLAY, {"rows": f"[{b','.join(rows).decode()}]"})
        except PredictionLogUnavailable as error:
            state = str(getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) or "")
            if state[:2] in ("22", "23"):
                raise RowRefused(state) from None
            raise
        self._months |= months

    def get(self, id: UUID) -> Prediction:
        """Find one prediction; its id tells the partition.

        Raises
        ------
        PredictionNotFound
        PredictionLogUnavailable
        """
        try:
            created_at = time_of(id)
        except (OverflowError, ValueError):
            raise PredictionNotFound from None
        query = select(TABLE).where(TABLE.c.created_at == created_at, TABLE.c.id == id)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise PredictionNotFound
        return _prediction(row)

    def newest(self, *, model: str | None = None, before: UUID | None = None, limit: int = 50) -> list[Prediction]:
        """Give the newest predictions, those made before the id ``before`` if one is given."""
        query = select(TABLE).order_by(TABLE.c.created_at.desc(), TABLE.c.id.desc()).limit(limit)
        if model is not None:
            query = query.where(TABLE.c.model == model)
        if before is not None:
            query = query.where(tuple_(TABLE.c.created_at, TABLE.c.id) < (time_of(before), before))
        with self._transaction() as connection:
            return [_prediction(row) for row in connection.execute(query)]

    def last_used(self, models: Sequence[str]) -> dict[str, datetime]:
        """Tell when each of these models answered last; one that never did is left out."""
        names = func.unnest(cast(list(models), ARRAY(Text))).column_valued("name")
        newest = (
            select(TABLE.c.created_at)
            .where(TABLE.c.model == names)
            .order_by(TABLE.c.created_at.desc(), TABLE.c.id.desc())
            .limit(1)
            .lateral()
        )
        with self._transaction() as connection:
            rows = connection.execute(select(names, newest.c.created_at))
            return {row.name: row.created_at for row in rows}

    def check(self) -> None:
        """Make sure that the log can be reached and its table is there.

        Raises
        ------
        PredictionLogUnavailable
        """
        with self._transaction() as connection:
            connection.execute(select(TABLE.c.id).limit(0))

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, PredictionLogUnavailable)


def _make_partitions(connection: Connection, month: date) -> None:
    for ahead in range(MONTHS_AHEAD + 1):
        wanted = (month + timedelta(days=31 * ahead)).replace(day=1)
        connection.execute(text("SELECT make_predictions_partition(:month)"), {"month": wanted})


def _row(prediction: Prediction) -> dict[str, Any]:
    answer = prediction.answer
    output = (
        {"prediction": answer.prediction, "probabilities": answer.probabilities}
        if answer
        else {"errors": [notice.to_dict() for notice in prediction.errors]}
    )
    return {
        "id": prediction.id,
        "created_at": prediction.created_at,
        "model": prediction.model,
        "version": prediction.version,
        "digest": prediction.digest,
        "channel": prediction.channel,
        "actor": prediction.actor,
        "request_id": prediction.request_id,
        "status": prediction.status,
        "inputs": None if prediction.inputs is None else dict(prediction.inputs),
        "output": output,
        "warnings": [notice.to_dict() for notice in prediction.warnings],
        "duration": prediction.duration,
    }


def _prediction(row: Row[Any]) -> Prediction:
    kept = dict(row._mapping)
    output = kept.pop("output")
    answered = kept["status"] == Status.ANSWERED
    return Prediction(
        **kept
        | {
            "status": Status(kept["status"]),
            "answer": Answer(**output) if answered else None,
            "errors": _notices(output.get("errors", [])),
            "warnings": _notices(kept["warnings"]),
        }
    )


def _notices(kept: list[dict[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(loc=tuple(each["loc"]), msg=each["msg"]) for each in kept)
