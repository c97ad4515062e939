"""webapp.services.prediction_log, on a real PostgreSQL"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.logs import a_log
from webapp.database.engines import with_driver
from webapp.errors import PredictionLogUnavailable, PredictionNotFound
from webapp.helpers.records.filters import Filter
from webapp.helpers.uuid7 import time_of, uuid7
from webapp.services.prediction_log import Explorer, PredictionLog
from webapp.types import Answer, Notice, Prediction, Status


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url), connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture
def log(database_url: str) -> Iterator[PredictionLog]:
    log = a_log(database_url)
    yield log
    log.close()


def an_id(time: datetime, sequence: int = 0) -> UUID:
    return uuid7(int(time.timestamp() * 1000), sequence, 1)


def a_prediction(
    time: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC), sequence: int = 0, **other: Any
) -> Prediction:
    id = an_id(time, sequence)
    values: dict[str, Any] = {
        "model": "penguins",
        "version": "1",
        "digest": "0" * 64,
        "channel": "json",
        "request_id": "r",
        "status": Status.ANSWERED,
        "inputs": {"a": 0.1, "b": None, "c": "ü🐧", "d": True},
        "answer": Answer(prediction="x", probabilities={"z": 0.1 + 0.2, "y": 1e-300}),
        "warnings": (Notice(loc=("a",), msg="Careful."),),
        "duration": 0.5,
    }
    return Prediction(id=id, created_at=time_of(id), **(values | other))


def newest(engine: Engine) -> list[Prediction]:
    return Explorer(engine).page(Filter()).predictions


def test_it_gives_back_what_it_was_given(log: PredictionLog) -> None:
    prediction = a_prediction()
    log.record([prediction])
    assert log.get(prediction.id) == prediction
    assert list(log.get(prediction.id).answer.probabilities) == ["z", "y"]


@pytest.mark.parametrize("status", [Status.FAILED, Status.REJECTED])
def test_it_keeps_why_there_is_no_answer(log: PredictionLog, status: Status) -> None:
    errors = (Notice(loc=("inputs", 3, "a"), msg="No."),)
    prediction = a_prediction(status=status, answer=None, inputs=None, errors=errors)
    log.record([prediction])
    assert log.get(prediction.id) == prediction


def test_it_knows_no_other_id(log: PredictionLog) -> None:
    with pytest.raises(PredictionNotFound):
        log.get(an_id(datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_list_is_recorded_whole_or_not_at_all(log: PredictionLog, engine: Engine) -> None:
    unfit = a_prediction(sequence=1, status="unheard of")
    with pytest.raises(PredictionLogUnavailable):
        log.record([a_prediction(), unfit])
    assert newest(engine) == []


def test_a_row_that_is_there_already_stays_as_it_is(log: PredictionLog, engine: Engine) -> None:
    log.record([a_prediction()])
    log.record([a_prediction(model="other"), a_prediction(sequence=1)])
    assert [each.model for each in newest(engine)] == ["penguins", "penguins"]


def test_it_tells_when_each_model_was_last_used(log: PredictionLog) -> None:
    early, late = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    log.record([a_prediction(early), a_prediction(late), a_prediction(early, 1, model="other")])
    assert log.last_used(["penguins", "other", "never"]) == {"penguins": late, "other": early}


@pytest.mark.parametrize(
    "time",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2031, 2, 28, tzinfo=UTC),
    ],
)
def test_it_makes_the_partition_of_any_month(log: PredictionLog, time: datetime) -> None:
    prediction = a_prediction(time)
    log.record([prediction])
    assert log.get(prediction.id) == prediction


def test_it_makes_partitions_ahead(log: PredictionLog, engine: Engine) -> None:
    log.record([a_prediction(datetime(2026, 12, 31, tzinfo=UTC))])
    with engine.connect() as connection:
        found = connection.execute(text("SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1")).scalars()
        tables = [name for name in found if "index" not in name and name.count("_") == 1]
    assert tables == ["predictions_202612", "predictions_202701", "predictions_202702"]


def test_many_may_make_the_same_partition_at_once(database_url: str, engine: Engine) -> None:
    logs = [a_log(database_url) for _ in range(5)]
    threads = [threading.Thread(target=log.record, args=([a_prediction(sequence=n)],)) for n, log in enumerate(logs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(newest(engine)) == 5
    for log in logs:
        log.close()


def test_a_look_up_by_id_touches_one_partition(log: PredictionLog, engine: Engine) -> None:
    log.record([a_prediction()])
    query = "EXPLAIN SELECT * FROM predictions WHERE created_at = '2026-11-23 12:00Z' AND id = :id"
    with engine.connect() as connection:
        plan = "\n".join(connection.execute(text(query), {"id": an_id(datetime.now(UTC))}).scalars())
    assert "predictions_202611" in plan
    assert "predictions_202612" not in plan


@pytest.mark.parametrize("table", ["predictions", "predictions_202611"])
@pytest.mark.parametrize("change", ["UPDATE {} SET model = 'other'", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_changes_a_row(log: PredictionLog, engine: Engine, table: str, change: str) -> None:
    prediction = a_prediction()
    log.record([prediction])
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table)))
    assert log.get(prediction.id) == prediction


def test_it_says_when_it_cant_be_reached() -> None:
    nowhere = a_log("postgresql://x@127.0.0.1:9/x")
    for call in (lambda: nowhere.record([a_prediction()]), nowhere.check):
        with pytest.raises(PredictionLogUnavailable):
            call()
