"""A row's digests come out the same from what is recorded and from what PostgreSQL gives back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, NullPool, create_engine, text

from tests.logs import KEY, a_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.database.engines import with_driver
from webapp.helpers.sealing import canonical
from webapp.services.prediction_log import PredictionLog
from webapp.services.sealing import stored_rows
from webapp.types import Answer, Notice, Status

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
floats = st.floats(allow_nan=False, allow_infinity=False)
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | floats | texts
inputs = st.dictionaries(texts, values, max_size=6)
AWKWARD = {
    "a": -0.0,
    "b": 1e16,
    "c": 2.0**62,
    "d": 1.7976931348623157e308,
    "e": 5e-324,
    "f": 2**63 - 1,
    "g": -1e22,
    "h": 9007199254740993,
    "i": 1e-7,
    "j": float(2**63),
    "k": 100000.0,
    "l": "1e16",
    "m": -0.05,
}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url), poolclass=NullPool, connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture
def log(database_url: str) -> Iterator[PredictionLog]:
    log = a_log(database_url)
    yield log
    log.close()


def stored(engine: Engine) -> list[stored_rows.Row]:
    with engine.begin() as connection:
        return list(stored_rows.between(connection, 0, 10**9))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(inputs, min_size=1, max_size=10))
@example([AWKWARD])
def test_what_comes_back_has_the_code_that_was_recorded(
    log: PredictionLog, engine: Engine, many: list[dict[str, Any]]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS predictions_202611"))
    log.record([a_prediction(sequence=i, inputs=each) for i, each in enumerate(many)])
    found = stored(engine)
    assert len(found) == len(many)
    assert all(row.is_proven(KEY, row.leaf({})) for row in found)


@given(texts, texts, floats, texts)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_else_of_a_row_comes_back_the_same_too(
    log: PredictionLog, engine: Engine, model: str, actor: str, share: float, message: str
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS predictions_202611"))
    answer = Answer(prediction=share, probabilities={model: share, actor: 1})
    notice = Notice(loc=("inputs", 3, actor), msg=message)
    log.record(
        [
            a_prediction(model=model, actor=actor, answer=answer, duration=abs(share), warnings=(notice,)),
            a_prediction(sequence=1, status=Status.REJECTED, answer=None, inputs=None, errors=(notice,), warnings=()),
        ]
    )
    assert all(row.is_proven(KEY, row.leaf({})) for row in stored(engine))


@given(inputs, inputs)
def test_other_inputs_have_other_bytes(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    assert (canonical.payload(one, []) == canonical.payload(other, [])) >= same


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, "1"), (None, "null"), (2**63 - 1, 2**63 - 2), (1e16, 1e16 + 2), (0, False), (0.1, 0.2)],
)
def test_values_that_are_easily_mixed_up_are_not(one: object, other: object) -> None:
    assert canonical.payload({"a": one}, []) != canonical.payload({"a": other}, [])


def test_each_salt_is_another(log: PredictionLog, engine: Engine) -> None:
    log.record([a_prediction(), a_prediction(sequence=1)])
    one, other = stored(engine)
    assert one.salt != other.salt
    assert one.payload == other.payload
    assert one.payload_digest != other.payload_digest


def test_rows_are_numbered_as_they_come(log: PredictionLog, engine: Engine) -> None:
    log.record([a_prediction(datetime(2026, 12, 1, tzinfo=UTC))])
    log.record([a_prediction(datetime(2026, 11, 1, tzinfo=UTC))])
    assert [row.created_at.month for row in stored(engine)] == [12, 11]
