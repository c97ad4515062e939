"""A standby freezes, and takes the place of its primary"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.conftest import Serve
from tests.faults.load import Load, lost, wrong
from tests.faults.postgres import wait_until, with_tables
from tests.faults.rows import a_row, an_id
from tests.faults.standby import Pair
from tests.faults.test_postgres import AWAY, go_on
from tests.logs import a_log
from tests.serving import Serving
from webapp.errors import PredictionLogUnavailable


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with TemporaryDirectory(prefix="scoredesk-pair-") as folder:
        Path(folder).chmod(0o755)
        pair = Pair(with_tables(Path(folder)), Path(folder))
        yield pair
        pair.stop()


@pytest.fixture(scope="module")
def server(serve: Serve, pair: Pair) -> Iterator[Serving]:
    with serve(database_url=pair.url) as server:
        yield server


def check(answers: Any, pair: Any, spool_dir: Path) -> None:
    assert answers, "nobody was answered"
    wait_until(lambda: not list(spool_dir.glob("*.journal")))
    assert (lost(answers, pair), wrong(answers)) == ([], [])


def test_a_standby_that_freezes_lets_all_go_to_the_spool(server: Serving, pair: Pair, spool_dir: Path) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        pair.standby.freeze()
        wait_until(lambda: server.ready()["recording"] == "spool")
        # Whoever is asked, and as often as it is tried again: no commit succeeds.
        for _ in range(8):
            assert {server.ready()["recording"] for _ in range(4)} == {"spool"}
            go_on(load, server, recording="spool")
        # What PostgreSQL committed without its standby is kept in the spool too.
        assert list(spool_dir.glob("*.journal"))
        pair.standby.thaw()
        go_on(load, server, recording="database")
    assert set(load.statuses) == {200}
    check(load.answers, pair, spool_dir)


def test_a_row_that_only_the_primary_has_is_not_taken_for_stored(pair: Pair) -> None:
    log, id = a_log(pair.url), an_id()
    # After this, the month has its partition.
    log.store([a_row()])
    pair.standby.freeze()
    try:
        with pytest.raises(PredictionLogUnavailable):
            log.store([a_row(id)])
        # PostgreSQL was told that nobody waits for the standby any more, or it would not show the row.
        wait_until(lambda: pair.execute("SELECT count(*) FROM predictions WHERE id = %s", id) == [(1,)])
        # As the replayer does, which would remove it from the spool then.
        with pytest.raises(PredictionLogUnavailable):
            log.store([a_row(id)])
    finally:
        pair.standby.thaw()
    log.store([a_row(id)])
    log.close()


def test_a_standby_that_froze_before_it_took_over_lacks_nothing(server: Serving, pair: Pair, spool_dir: Path) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        pair.standby.freeze()
        wait_until(lambda: server.ready()["recording"] == "spool")
        go_on(load, server, 2 * AWAY, recording="spool")
        pair.primary.kill()
        pair.standby.thaw()
        pair.promote()
        go_on(load, server, AWAY, recording="database")
    assert set(load.statuses) == {200}
    check(load.answers, pair, spool_dir)


def test_a_standby_takes_over_while_people_ask(server: Serving, pair: Pair, spool_dir: Path) -> None:
    pair.make_standby()
    with Load(server.url) as load:
        go_on(load, server, AWAY, recording="database")
        pair.primary.kill()
        go_on(load, server, AWAY, recording="spool")
        pair.promote()
        go_on(load, server, AWAY, recording="database")
    assert set(load.statuses) == {200}
    check(load.answers, pair, spool_dir)
