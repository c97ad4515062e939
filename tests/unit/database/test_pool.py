"""webapp.database.pool: what is not used is closed, after a while"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from tests.faults.postgres import wait_until
from webapp.config import Settings
from webapp.database import engines
from webapp.database.engines import Engines

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        (number,) = connection.execute(OTHERS).fetchone() or (0,)
        return int(number)


def use_at_once(made: Engines, threads: int) -> None:
    together = Barrier(threads)

    def use(number: int) -> None:
        with (made.pages if number % 2 else made.recording).connect():
            together.wait(30)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(use, range(threads)))


def test_it_has_as_many_as_are_used_at_once_and_closes_them_later(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Engines.of(Settings(database_url=database_url, threads=8))
    use_at_once(made, 12)
    assert count(database_url) == 12
    made.close_unused()
    assert count(database_url) == 12
    monkeypatch.setattr(engines, "UNUSED_SECONDS", 0)
    made.close_unused()
    wait_until(lambda: count(database_url) == 0)
    # And there is room for as many again.
    use_at_once(made, 16)
    made.close_unused()
    wait_until(lambda: count(database_url) == 0)


def test_one_that_is_used_stays_open(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "UNUSED_SECONDS", 0)
    made = Engines.of(Settings(database_url=database_url, threads=8))
    with made.recording.connect():
        made.close_unused()
        assert count(database_url) == 1
    made.close_unused()
    wait_until(lambda: count(database_url) == 0)
