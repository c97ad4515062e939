"""Two hosts behind nginx, as docs/deployment.md configures it: they are restarted, and one is cut off."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET
from tests.faults.load import Load
from tests.faults.postgres import Postgres, wait_until
from tests.faults.proxy import Proxy
from tests.nginx import nginx_before_hosts
from tests.serving import Serving, free_port, start, wait_until_ready
from tests.telemetry.numbers import total


@dataclass
class Host:
    """One of the two, which keeps its port and its spool when it is restarted."""

    spool: Path
    settings: dict[str, object]
    port: int = field(default_factory=free_port)
    server: Serving | None = None

    def start(self) -> None:
        self.server = start(self.port, spool_dir=self.spool, proxy_hops=1, web_concurrency=1, **self.settings)
        wait_until_ready(self.server)

    def stop(self) -> None:
        if self.server and self.server.process.poll() is None:
            self.server.stop()

    def predicted(self) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as answer:
            return total(answer.read().decode(), "predictions_total")


@pytest.fixture(scope="module")
def hosts(
    postgres: Postgres, sums: Path, wire: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Host, Host]]:
    shared = {"models_dir": sums, "secret_key": SECRET}
    one, two = (
        Host(tmp_path_factory.mktemp("host") / "spool", shared | {"database_url": url})
        for url in (postgres.url, wire.url)
    )
    try:
        one.start()
        two.start()
        yield one, two
    finally:
        one.stop()
        two.stop()


@pytest.fixture(scope="module")
def nginx(hosts: tuple[Host, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    one, two = hosts
    with nginx_before_hosts(one.port, two.port, tmp_path_factory.mktemp("nginx")) as url:
        yield url


def test_a_record_that_waits_on_one_host_is_found_behind_nginx(
    hosts: tuple[Host, Host], wire: Proxy, nginx: str, nothing_is_lost: Any
) -> None:
    _, two = hosts
    wire.go_down()
    try:
        with Load(f"http://127.0.0.1:{two.port}", clients=1) as load:
            wait_until(lambda: list(two.spool.glob("*.journal")) and load.more_than(20))
        id = load.answers[-1].id
        # Whichever host nginx asks first.
        for _ in range(4):
            with urllib.request.urlopen(f"{nginx}/api/v1/predictions/{id}", timeout=20) as answer:
                assert json.load(answer)["id"] == id
    finally:
        wire.is_down = False
    nothing_is_lost(load.answers, two.spool)


def test_hosts_are_restarted_one_after_the_other(hosts: tuple[Host, Host], nginx: str, nothing_is_lost: Any) -> None:
    one, two = hosts
    # More than the connections that nginx keeps, so that it opens new ones all the time, and not so fast that it
    # refuses some as too many.
    with Load(nginx, clients=40, pause=0.05) as load:
        wait_until(lambda: load.more_than(200))
        one.stop()
        one.start()
        # nginx has noticed that it is there again.
        wait_until(lambda: one.predicted() > 20)
        two.stop()
        before = len(load.answers)
        wait_until(lambda: load.more_than(before + 200))
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers, one.spool)
    nothing_is_lost(load.answers, two.spool)
