"""/metrics of a real gunicorn: what all of its workers did."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from tests.faults.postgres import wait_until
from tests.serving import Serving
from tests.telemetry.conftest import Serve, add, metrics
from tests.telemetry.numbers import total

ROUTE = "/api/v1/models/<name>/predict"


def folders(server: Serving) -> list[Path]:
    return list(Path("/dev/shm").glob(f"scoredesk-{server.process.pid}-*"))  # noqa: S108


def test_it_tells_the_sums_of_all_workers(serve: Serve) -> None:
    with serve() as server:
        pool = ThreadPoolExecutor(8)
        assert set(pool.map(lambda number: add(server, number, number), range(60))) == {200}
        text = metrics(server)
        assert total(text, "requests_total", route=ROUTE, model="sum", channel="json", status="200") == 60
        assert total(text, "request_duration_seconds_count", route=ROUTE, model="sum") == 60
        assert total(text, "batch_instances_sum", model="sum") == 120
        assert total(text, "predictions_total", model="sum", status="answered", recorded_in="database") == 120
        assert total(text, "waiting_instances") == 0
        assert total(text, "recording_in_database") == 1
        # Whoever is asked, the sums are the same.
        again = [metrics(server) for _ in range(10)]
        assert {total(each, "requests_total", route=ROUTE) for each in again} == {60}
        assert total(again[-1], "model_load_duration_seconds_count", result="served") == 2


def test_what_a_killed_worker_counted_stays_and_what_it_was_doing_goes(serve: Serve, database_url: str) -> None:
    with serve() as server, ThreadPoolExecutor(12) as pool, psycopg.connect(database_url) as other:
        assert {add(server, number) for number in range(20)} == {200}
        # Whoever leads can't record, so all others stand in line.
        other.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
        asked = [pool.submit(add, server, 1) for _ in range(12)]
        wait_until(lambda: total(metrics(server), "waiting_instances") >= 8)
        killed = server.workers
        for worker in killed:
            worker.kill()
        assert any(each.exception() for each in asked)
        wait_until(lambda: len({worker.pid for worker in server.workers} - {each.pid for each in killed}) == 2)
        other.rollback()
        text = metrics(server)
        assert total(text, "waiting_instances") == 0
        assert total(text, "requests_total", route=ROUTE, status="200") >= 20


def test_nothing_is_left_of_it_when_the_service_has_ended(serve: Serve) -> None:
    with serve() as server:
        (made,) = folders(server)
        assert add(server, 1) == 200
        for worker in server.workers:
            worker.send_signal(signal.SIGTERM)
        wait_until(lambda: total(metrics(server), "requests_total", route=ROUTE) == 1)
        assert folders(server) == [made]
    assert folders(server) == []
