"""webapp.database.bounded, against a server that accepts and then says nothing, and against a real one"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from webapp.database.bounded import bound
from webapp.database.engines import with_driver


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = bound(create_engine(with_driver(database_url)), 0.5)
    yield engine
    engine.dispose()


def test_it_gives_up_on_a_server_that_does_not_answer(engine: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(20)"))
    assert time.monotonic() - began < 10


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(engine: Engine) -> None:
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM pg_sleep(0.7)"))
    time.sleep(0.5)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 2")).scalar() == 2


def test_an_error_of_the_server_leaves_the_connection_as_it_is(engine: Engine) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with pytest.raises(OperationalError) as error:
            connection.execute(text("SET LOCAL statement_timeout = 50; SELECT pg_sleep(0.3)"))
        assert isinstance(error.value.orig, psycopg.errors.QueryCanceled)
        connection.rollback()
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() == pid
