"""How often models were used lately."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine

from tests.logs import a_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.database.engines import with_driver
from webapp.errors import PredictionLogUnavailable
from webapp.services.prediction_log import Usage, usage

NOW = datetime.now(UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url))
    yield engine
    engine.dispose()


def record(url: str, ages: list[timedelta], model: str = "penguins") -> None:
    log = a_log(url)
    log.record([a_prediction(NOW - age, number, model=model) for number, age in enumerate(ages)])
    log.close()


def counts(usage: Usage, *models: str) -> dict[str, int]:
    return {model: use.count for model, use in usage.lately(models).items()}


def test_it_counts_each_model_in_the_last_thirty_days(engine: Engine, database_url: str) -> None:
    record(database_url, [timedelta(days=days) for days in (0, 1, 29, 31)])
    record(database_url, [timedelta(days=2)], "other")
    assert counts(Usage(engine), "penguins", "other", "never") == {"penguins": 3, "other": 1, "never": 0}


def test_a_small_count_is_always_right_and_a_large_one_is_kept_for_a_minute(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "ALWAYS_COUNTED", 3)
    uses = Usage(engine)
    found = []
    for day in range(5):
        record(database_url, [timedelta(days=day)])
        found.append(counts(uses, "penguins")["penguins"])
    assert found == [1, 2, 3, 3, 3]
    monkeypatch.setattr(usage, "KEPT_SECONDS", 0.0)
    assert counts(uses, "penguins") == {"penguins": 5}


def test_it_stops_counting_where_a_page_would_have_to_wait(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "MAX_COUNTED", 2)
    record(database_url, [timedelta(hours=hours) for hours in range(5)])
    use = Usage(engine).lately(["penguins"])["penguins"]
    assert (use.count, use.is_more) == (3, True)


def test_what_can_not_be_counted_in_time_is_left_out_for_a_minute(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    uses = Usage(engine)
    monkeypatch.setattr(usage, "COUNTING_SECONDS", 0.0)
    assert uses.lately(["penguins"]) == {}
    monkeypatch.setattr(usage, "COUNTING_SECONDS", 60.0)
    assert uses.lately(["penguins"]) == {}
    monkeypatch.setattr(uses, "_retry_at", 0.0)
    assert counts(uses, "penguins") == {"penguins": 0}


def test_it_counts_nothing_without_the_database() -> None:
    away = create_engine(with_driver("postgresql://x@127.0.0.1:9/x"))
    with pytest.raises(PredictionLogUnavailable):
        Usage(away).lately(["penguins"])
