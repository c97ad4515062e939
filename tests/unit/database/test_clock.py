"""A host whose clock differs from the database's"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from webapp.database.clock import clock_warning
from webapp.database.engines import with_driver


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("ahead", "words"), [(180, "180 seconds ahead of"), (-180, "180 seconds behind")])
def test_it_says_how_far_the_clock_is_off(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, ahead: int, words: str
) -> None:
    with engine.connect():
        pass
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + ahead)
    said = clock_warning(engine)
    assert said is not None
    # How long the database took to answer may be told as a second.
    assert words in said.replace("179", "180").replace("181", "180")


def test_it_says_nothing_while_the_clocks_agree(engine: Engine) -> None:
    assert clock_warning(engine) is None


def test_it_says_nothing_while_postgresql_is_out_of_reach() -> None:
    assert clock_warning(create_engine("postgresql+psycopg://x@127.0.0.1:9/x")) is None
