"""The tables of an earlier version are migrated while hosts of that version go on recording."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from migrations import locks
from tests import earlier_version
from tests.conftest import DatabaseServer, MakeApp
from tests.effort import EFFORT
from tests.faults.postgres import wait_until
from tests.sealing import sealed_log
from webapp.services.spool import Replayer, Spool

#: `make soak` takes a million.
ROWS = int(os.environ.get("UPGRADE_ROWS", 20_000 * EFFORT))


@pytest.fixture
def url(database_server: DatabaseServer) -> Iterator[str]:
    """A database with nothing in it."""
    url = database_server.create(template="template0")
    yield url
    database_server.drop(url)


@pytest.fixture
def app(url: str, make_app: MakeApp) -> Flask:
    return make_app(database_url=url)


def migrate(app: Flask, revision: str = "head") -> None:
    with app.app_context():
        upgrade(revision=revision)


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_two_hosts_go_on_and_nothing_is_lost_or_taken_for_tampering(url: str, app: Flask, tmp_path: Path) -> None:
    migrate(app, earlier_version.REVISION)
    earlier_version.fill(url, ROWS)
    first = earlier_version.Host(url, tmp_path / "first")
    second = earlier_version.Host(url, tmp_path / "second")
    with first, second:
        wait_until(lambda: first.recorded and second.recorded)
        before = len(first.recorded)
        migrate(app)
        during = len(first.recorded) - before
        second.is_cut_off = True
        wait_until(lambda: len(second.spooled) >= 10 and len(first.recorded) > before + during)
    with sealed_log(url, tmp_path) as log:
        # The first host has been replaced and seals; the spool of the second comes late.
        new = log.record(3)
        assert log.sealer.seal().unproven == 0
        moved = Replayer(Spool(tmp_path / "second"), log.log.store).replay()
        assert moved == len(second.spooled)
        assert log.problems() == []
        sealed = log.sealer.seal()
        assert (sealed.predictions, sealed.unproven, sealed.without_code) == (moved, 0, moved)
        verifier = log.sealer.verifier()
        assert list(verifier.problems()) == []
        recorded = {*first.recorded, *first.spooled, *second.recorded, *second.spooled}
        left = len(first.spooled)
        assert verifier.counts["older"] == ROWS + len(recorded) - left
        assert verifier.counts["sealed"] == ROWS + len(recorded) - left + len(new)
        assert verifier.counts["forgotten"] == 0
        rows = log.run("SELECT id, salt FROM predictions WHERE request_id = 'r-1'")
        assert sorted(id for id, _ in rows) == sorted(recorded - set(first.spooled))
        assert len({salt for _, salt in rows}) == len(rows)
    assert during, "The first host could not record while the tables were migrated"


def test_whoever_records_does_not_wait_behind_a_migration_that_waits(
    url: str, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    migrate(app, earlier_version.REVISION)
    earlier_version.fill(url, 100)
    said: list[str] = []
    monkeypatch.setattr(locks, "say", said.append)
    monkeypatch.setattr(locks, "PAUSE_SECONDS", 0.5)
    migration = threading.Thread(target=migrate, args=(app,))
    with earlier_version.Host(url, tmp_path / "spool") as host, psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM predictions")
        migration.start()
        wait_until(lambda: said)
        before = len(host.recorded)
        wait_until(lambda: len(host.recorded) > before + 10)
        assert migration.is_alive()
        assert select(url, "SELECT version_num FROM alembic_version") == [(earlier_version.REVISION,)]
        reader.rollback()
        migration.join(timeout=60)
        assert not migration.is_alive()
    assert said == ["Another transaction holds a lock on the tables. The migration tries again until it ends."]
    assert select(url, "SELECT version_num FROM alembic_version") != [(earlier_version.REVISION,)]


def test_a_transaction_that_never_ends_ends_the_migration_with_a_sentence(
    url: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(app, earlier_version.REVISION)
    monkeypatch.setattr(locks, "MAX_TRIES", 1)
    monkeypatch.setattr(locks, "PAUSE_SECONDS", 0)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM predictions")
        with pytest.raises(SystemExit, match="held a lock on the tables during 1 attempts"):
            migrate(app)
    migrate(app)


LIMITS = ("statement_timeout = '50ms'", "idle_in_transaction_session_timeout = '50ms'", "lock_timeout = '50ms'")


def test_no_limit_of_the_database_ends_a_migration(url: str, app: Flask) -> None:
    migrate(app, "0003")
    earlier_version.fill(url, ROWS)
    name = url.split("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(url, autocommit=True) as owner:
        for limit in LIMITS:
            owner.execute(f'ALTER DATABASE "{name}" SET {limit}')
    migrate(app)
    with app.extensions["scoredesk"].migration_engine.connect() as connection:
        limits = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("statement_timeout", "lock_timeout")]
    assert limits == ["0", "1500ms"]


def test_an_index_whose_creation_was_interrupted_is_created_again(url: str, app: Flask) -> None:
    migrate(app, "0003")
    earlier_version.fill(url, 100)
    (partition,) = select(url, "SELECT 'predictions_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')")[0]
    with psycopg.connect(url) as writer, psycopg.connect(url, autocommit=True) as owner:
        writer.execute(f"LOCK TABLE {partition} IN ROW EXCLUSIVE MODE")
        owner.execute("SET lock_timeout = '100ms'")
        index = f"{partition}_status_created_at_id_idx"
        with pytest.raises(psycopg.errors.LockNotAvailable):
            owner.execute(f"CREATE INDEX CONCURRENTLY {index} ON {partition} (status)")
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert select(url, invalid) == [(index,)]
    migrate(app)
    assert select(url, invalid) == []
    definition = select(url, f"SELECT pg_get_indexdef('{index}'::regclass)")[0][0]
    assert "(status, created_at, id) WHERE" in definition


def test_numbering_that_was_interrupted_goes_on(url: str, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(app, earlier_version.REVISION)
    earlier_version.fill(url, 20_000)
    with monkeypatch.context() as patched:
        patched.setattr(locks, "retried", interrupted_at(4))
        with pytest.raises(KeyboardInterrupt):
            migrate(app)
    numbered = "SELECT count(*), count(number), count(DISTINCT number), count(salt), max(number) < 0 FROM predictions"
    rows, some, *_ = select(url, numbered)[0]
    assert 0 < some < rows
    migrate(app)
    assert select(url, numbered) == [(20_000, 20_000, 20_000, 20_000, True)]


def interrupted_at(count: int) -> Any:
    """Return ``retried``, which is interrupted at the call with that number."""
    retried, calls = locks.retried, iter(range(1, 1_000))

    def counted(step: Any) -> Any:
        if next(calls) == count:
            raise KeyboardInterrupt
        return retried(step)

    return counted


OF_A_PARTITION = """
    SELECT (SELECT array_agg((column_name, data_type, is_nullable, column_default)::text ORDER BY ordinal_position)
            FROM information_schema.columns WHERE table_name = {0}),
           (SELECT array_agg(replace(indexdef, {0}, '') ORDER BY indexname) FROM pg_indexes WHERE tablename = {0}),
           (SELECT array_agg((tgname, tgenabled, tgtype)::text ORDER BY tgname) FROM pg_trigger
            WHERE tgrelid = {0}::regclass),
           (SELECT array_agg((conname, contype)::text ORDER BY conname) FROM pg_constraint
            WHERE conrelid = {0}::regclass AND contype <> 'p' AND contype <> 'n')"""


def test_a_partition_of_before_is_like_a_new_one(url: str, app: Flask) -> None:
    migrate(app, "0003")
    make_partition = "SELECT make_predictions_partition('{}-01-01')"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(make_partition.format(2026))
        migrate(app)
        owner.execute(make_partition.format(2027))
    old, new = (select(url, OF_A_PARTITION.format(f"'predictions_{year}01'")) for year in (2026, 2027))
    assert old == new
    assert select(url, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []


OTHER_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def test_a_process_that_waits_for_its_turn_does_not_hold_up_the_one_that_migrates(url: str, app: Flask) -> None:
    migrate(app, "0001")
    engine, turns = app.extensions["scoredesk"].migration_engine, []

    def wait() -> None:
        with locks.migrations_lock(engine):
            turns.append("second")

    second = threading.Thread(target=wait)
    with locks.migrations_lock(engine) as connection:
        second.start()
        wait_until(lambda: select(url, OTHER_SESSIONS)[0][0] == 2)
        time.sleep(2 * locks.POLL_SECONDS)
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("CREATE INDEX CONCURRENTLY an_index ON alembic_version (version_num)")
        turns.append("first")
    second.join(timeout=30)
    assert turns == ["first", "second"]
