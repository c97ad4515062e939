"""/metrics of a real gunicorn: what all of its workers did."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.postgres import wait_until
from tests.serving import Serving, start
from tests.telemetry.conftest import Serve, add, locked, metrics
from tests.telemetry.numbers import total
from webapp.server.metrics_files import MASTER

ROUTE = "/api/v1/models/<name>/predict"


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Serving]:
    with serve() as server:
        yield server


def folders(server: Serving) -> list[Path]:
    return list(Path("/dev/shm").glob(f"scoredesk-{server.process.pid}-*"))  # noqa: S108


def wait_until_replaced(server: Serving, before: set[int]) -> None:
    wait_until(lambda: len({worker.pid for worker in server.workers} - before) == 2)


def test_it_tells_the_sums_of_all_workers(server: Serving) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda number: add(server, number, number), range(60))) == {200}
    text = metrics(server)
    assert total(text, "requests_total", route=ROUTE, model="sum", channel="json", status="200") == 60
    assert total(text, "request_duration_seconds_count", route=ROUTE, model="sum") == 60
    assert total(text, "batch_instances_sum", model="sum") == 120
    assert total(text, "predictions_total", model="sum", status="answered", recorded_in="database") == 120
    assert total(text, "waiting_instances") == 0
    assert total(text, "recording_in_database") == 1
    # The second worker may still be loading when the first one answers.
    wait_until(lambda: total(metrics(server), "model_load_duration_seconds_count", result="served") == 2)
    # Whoever is asked, the sums are the same.
    again = [metrics(server) for _ in range(10)]
    assert {total(each, "requests_total", route=ROUTE) for each in again} == {60}


def test_what_a_killed_worker_counted_stays_and_what_it_was_doing_goes(server: Serving, database: str) -> None:
    assert {add(server, number) for number in range(20)} == {200}
    before = total(metrics(server), "requests_total", route=ROUTE, status="200")
    assert before >= 20
    killed = {worker.pid for worker in server.workers}
    # Whoever leads can't record, so all others stand in line.
    with ThreadPoolExecutor(12) as pool, locked(database):
        asked = [pool.submit(add, server, 1) for _ in range(12)]
        wait_until(lambda: total(metrics(server), "waiting_instances") >= 8)
        for worker in server.workers:
            worker.kill()
        assert all(each.exception() for each in asked)
    wait_until_replaced(server, killed)
    text = metrics(server)
    assert total(text, "waiting_instances") == 0
    assert total(text, "requests_total", route=ROUTE, status="200") == before


def test_workers_that_die_leave_no_files_behind(server: Serving) -> None:
    (folder,) = folders(server)
    assert {add(server, number) for number in range(20)} == {200}
    counted = total(metrics(server), "requests_total", route=ROUTE)
    # A worker that has just been started, which may still be loading, has not made all of its files.
    kinds = {path.name.rpartition("_")[0] for path in folder.iterdir()}
    allowed = {f"{kind}_{place}.db" for kind in kinds for place in (MASTER, 1, 2)}
    for _ in range(3):
        killed = {worker.pid for worker in server.workers}
        for worker in server.workers:
            worker.kill()
        wait_until_replaced(server, killed)
        wait_until(lambda: {add(server, number) for number in range(20)} == {200})
        assert {path.name for path in folder.iterdir()} <= allowed
        counted += 20
    assert total(metrics(server), "requests_total", route=ROUTE) >= counted


def test_the_age_of_a_background_part_is_that_of_the_slowest_worker(server: Serving) -> None:
    def age(part: str) -> float:
        return total(metrics(server), "background_age_seconds", part=part)

    for part in ("watcher", "replayer", "sealer", "connections", "idempotency keys"):
        assert f'part="{part}"' in metrics(server)
    worker = server.workers[0]
    worker.suspend()
    try:
        wait_until(lambda: min(age("watcher"), age("replayer")) > 5)
    finally:
        worker.resume()
    wait_until(lambda: max(age("watcher"), age("replayer")) < 5)


def test_its_folder_outlives_a_reload_and_goes_when_the_service_ends(serve: Serve) -> None:
    with serve() as server:
        (made,) = folders(server)
        assert add(server, 1) == 200
        before = {worker.pid for worker in server.workers}
        server.process.send_signal(signal.SIGHUP)
        wait_until_replaced(server, before)
        wait_until(lambda: total(metrics(server), "requests_total", route=ROUTE) == 1)
        assert folders(server) == [made]
    assert folders(server) == []


def test_the_next_start_removes_what_a_killed_service_left(serve: Serve) -> None:
    with serve(web_concurrency=1) as server:
        start(threads="none").said()
        # It was not left: somebody uses it.
        assert folders(server)
        server.stop(signal.SIGKILL)
        # Even one that gets no further removes it.
        start(threads="none").said()
        assert folders(server) == []
