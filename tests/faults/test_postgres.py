"""PostgreSQL stops, freezes, refuses, while people ask."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.conftest import Serve
from tests.faults.load import Load
from tests.faults.postgres import Postgres, wait_until
from tests.serving import Serving
from webapp.config import Settings
from webapp.database.engines import brief_engine
from webapp.helpers.accounts.roles import Role
from webapp.services.accounts import Keys

#: How long PostgreSQL is away in these tests; `make soak` takes longer.
AWAY = 3.0


def go_on(load: Load, server: Serving, seconds: float = 1.0, *, recording: str) -> None:
    """Let the clients ask for a while, and see that they are answered and where that is recorded."""
    before = len(load.answers)
    time.sleep(seconds)
    wait_until(lambda: len(load.answers) > before)
    wait_until(lambda: server.ready()["recording"] == recording)


def test_postgresql_stops_and_starts_again(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        postgres.stop()
        go_on(load, server, AWAY, recording="spool")
        postgres.start()
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_postgresql_freezes(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        postgres.freeze()
        go_on(load, server, AWAY, recording="spool")
        postgres.thaw()
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_postgresql_freezes_while_keys_and_rates_are_looked_up_there(
    serve: Serve, postgres: Postgres, nothing_is_lost: Any, tmp_path: Path
) -> None:
    engine = brief_engine(Settings(database_url=postgres.url))
    key = Keys(engine, model_names=list).make("nightly", Role.PREDICT)
    engine.dispose()
    with (
        serve(auth="login", rate_limit=1_000_000, spool_dir=tmp_path) as server,
        Load(server.url, key=str(key)) as load,
    ):
        go_on(load, server, recording="database")
        postgres.freeze()
        go_on(load, server, AWAY, recording="spool")
        before = len(load.answers)
        # Not each of them waits for PostgreSQL.
        wait_until(lambda: load.more_than(before + 1000))
        postgres.thaw()
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers, tmp_path)


def test_postgresql_takes_no_writes(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        postgres.read_only(True)
        go_on(load, server, AWAY, recording="spool")
        postgres.read_only(False)
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_sessions_that_began_on_a_server_without_writes_are_not_kept(
    server: Serving, postgres: Postgres, nothing_is_lost: Any
) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        with postgres.read_only_sessions():
            go_on(load, server, 2 * AWAY, recording="spool")
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_a_migration_locks_the_table(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        with psycopg.connect(postgres.url) as migration:
            migration.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
            go_on(load, server, AWAY, recording="spool")
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_a_trigger_discards_the_rows_and_postgresql_confirms_them(
    server: Serving, postgres: Postgres, nothing_is_lost: Any
) -> None:
    postgres.execute("CREATE FUNCTION discard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        postgres.execute("CREATE TRIGGER discard BEFORE INSERT ON predictions FOR EACH ROW EXECUTE FUNCTION discard()")
        try:
            go_on(load, server, AWAY, recording="spool")
        finally:
            postgres.execute("DROP FUNCTION discard CASCADE")
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)
