"""webapp.database.bounded, against a server that accepts and then says nothing, and against a real one"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.faults.rows import a_row
from tests.logs import a_log
from webapp.database.bounded import bound
from webapp.database.engines import with_driver
from webapp.errors import PredictionLogUnavailable


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


def pid_of(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def raise_in(connection: Connection, state: str) -> None:
    raising = text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(DBAPIError):
        connection.execute(raising)


@pytest.mark.parametrize("state", ["08006", "25006", "25P03", "26000", "42P05", "57P01", "57P03"])
def test_sessions_that_are_of_no_use_are_not_used_again(engine: Engine, state: str) -> None:
    with engine.connect() as one, engine.connect() as other:
        before = {pid_of(one), pid_of(other)}
        raise_in(one, state)
    with engine.connect() as one, engine.connect() as other:
        assert not before & {pid_of(one), pid_of(other)}


@pytest.mark.parametrize("state", ["23505", "42501", "40001", "53100", "57014"])
def test_other_errors_leave_sessions_as_they_are(engine: Engine, state: str) -> None:
    with engine.connect() as connection:
        before = pid_of(connection)
        raise_in(connection, state)
    with engine.connect() as connection:
        assert pid_of(connection) == before


@pytest.mark.parametrize("state", ["25006", "26000", "42P05"])
def test_recording_uses_no_such_session_again_either(database_url: str, state: str) -> None:
    log = a_log(database_url)
    with psycopg.connect(database_url, autocommit=True) as owner:
        body = f"BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END"
        owner.execute(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        with log._recording.connect() as connection:
            before = pid_of(connection)
        owner.execute("CREATE TRIGGER refuse BEFORE INSERT ON predictions EXECUTE FUNCTION refuse()")
        with pytest.raises(PredictionLogUnavailable):
            log.store([])
        owner.execute("DROP TRIGGER refuse ON predictions")
    log.store([a_row()])
    with log._recording.connect() as connection:
        assert pid_of(connection) != before
    log.close()
