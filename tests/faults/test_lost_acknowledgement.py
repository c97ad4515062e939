"""The connection to PostgreSQL breaks, so that the service can't know whether a row is stored."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.conftest import Serve
from tests.faults.load import Load
from tests.faults.postgres import Postgres, wait_until
from tests.faults.proxy import Cut, Proxy
from tests.serving import Serving


@pytest.fixture(scope="module")
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    proxy = Proxy(postgres.url)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def server(serve: Serve, proxy: Proxy) -> Iterator[Serving]:
    with serve(database_url=proxy.url) as server:
        yield server


@pytest.fixture(autouse=True)
def whole(proxy: Proxy, server: Serving) -> None:
    """Begin each test with a connection that works."""
    proxy.cut, proxy.cuts = None, 0
    wait_until(lambda: server.ready()["recording"] == "database")


@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_an_insert_is_cut_off(server: Serving, proxy: Proxy, nothing_is_lost: Any, cut: Cut, share: float) -> None:
    with Load(server.url) as load:
        wait_until(lambda: load.more_than(20))
        proxy.cut, proxy.share = cut, share
        wait_until(lambda: proxy.cuts > 2 and load.more_than(200))
        proxy.cut = None
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_connections_are_dropped_at_any_time(server: Serving, proxy: Proxy, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        while proxy.cuts < 40:
            proxy.drop_all()
            time.sleep(random.uniform(0, 0.1))  # noqa: S311
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)
