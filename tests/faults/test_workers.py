"""Workers are killed, and the service is stopped, while people ask."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg

from tests.faults.conftest import Serve
from tests.faults.load import PATH, Load
from tests.faults.postgres import Postgres, wait_until
from tests.serving import Serving
from webapp.helpers.uuid7 import time_of

WORKERS = 2
#: Puts in a row of somebody else's with an id of ours, as it was never asked for.
TAKE_ID = (
    "INSERT INTO predictions (created_at, id, model, version, digest, channel, request_id, status, output, warnings, "
    "duration) VALUES (%s, %s, '', '', '', '', '', 'failed', '{}', '[]', 0)"
)


def kill(server: Serving, worker: psutil.Process) -> None:
    """Kill a worker, and wait until the master has another in its place."""
    worker.kill()
    wait_until(lambda: not worker.is_running() and len(server.workers) == WORKERS)


def segments(spool_dir: Path) -> set[Path]:
    return set(spool_dir.glob("*.journal"))


def who_locks(folder: Path, server: Serving) -> psutil.Process | None:
    """Find the worker that has this folder locked."""
    inode = f":{folder.stat().st_ino} "
    pids = [int(line.split()[4]) for line in Path("/proc/locks").read_text().splitlines() if inode in line]
    return next((worker for worker in server.workers if worker.pid in pids), None)


def test_workers_are_killed(server: Serving, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        for _ in range(6):
            before = len(load.answers)
            wait_until(lambda count=before: load.more_than(count + 20))
            kill(server, random.choice(server.workers))  # noqa: S311
    assert set(load.statuses) == {200, 0}
    nothing_is_lost(load.answers)


def test_workers_are_killed_while_postgresql_is_away(
    server: Serving, postgres: Postgres, spool_dir: Path, nothing_is_lost: Any
) -> None:
    with Load(server.url) as load:
        postgres.stop()
        left_behind = wait_until(lambda: segments(spool_dir))
        for worker in server.workers:
            kill(server, worker)
        # Those who took their places write to segments of their own.
        wait_until(lambda: segments(spool_dir) - left_behind)
        assert left_behind < segments(spool_dir)
        postgres.start()
        wait_until(lambda: server.ready()["recording"] == "database")
    assert set(load.statuses) == {200, 0}
    nothing_is_lost(load.answers)


def test_a_worker_is_killed_while_it_moves_what_waited(
    server: Serving, postgres: Postgres, spool_dir: Path, nothing_is_lost: Any
) -> None:
    postgres.execute("SELECT make_predictions_partition(current_date)")
    postgres.read_only(True)
    with Load(server.url, several=300) as load:
        wait_until(lambda: segments(spool_dir) and load.more_than(6000))
    waited = [each.id for each in load.answers]
    with psycopg.connect(postgres.url) as other:
        # Who comes to this row waits for what becomes of the other; those before it are moved by then.
        id = max(waited)
        other.execute("SET TRANSACTION READ WRITE")
        other.execute(TAKE_ID, (time_of(UUID(id)), id))
        postgres.read_only(False)
        wait_until(lambda: postgres.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        kill(server, wait_until(lambda: who_locks(spool_dir, server)))
        ((moved,),) = postgres.execute("SELECT count(*) FROM predictions WHERE id = ANY(%s::uuid[])", waited)
        assert 0 < moved < len(waited)
        other.rollback()
    nothing_is_lost(load.answers)


def is_refused(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False


def has_ended(process: psutil.Process) -> bool:
    # Who takes in orphans may leave them as zombies.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_gunicorns_master_is_killed(serve: Serve, tmp_path: Path, nothing_is_lost: Any) -> None:
    with serve(spool_dir=tmp_path) as server:
        workers, url = server.workers, urlsplit(server.url)
        address = (str(url.hostname), url.port or 0)
        body = json.dumps({"inputs": {"x0": 1.0, "x1": 2.0}})
        head = f"POST {PATH} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        with socket.create_connection(address, timeout=30) as asking:
            asking.sendall(request[:-1])
            with Load(server.url) as load:
                wait_until(lambda: load.more_than(100))
                server.process.kill()
                # While they finish what they are answering, nobody connects to them and waits for nothing.
                wait_until(lambda: is_refused(address), seconds=15)
                assert not all(map(has_ended, workers))
                asking.sendall(request[-1:])
                assert b" 200 " in asking.recv(100)
        wait_until(lambda: all(map(has_ended, workers)))
        assert set(load.statuses) == {200, 0}
    nothing_is_lost(load.answers, tmp_path)


def test_the_service_is_stopped(serve: Serve, tmp_path: Path, nothing_is_lost: Any) -> None:
    with serve(spool_dir=tmp_path) as server:
        with Load(server.url) as load:
            wait_until(lambda: load.more_than(100))
            server.process.terminate()
            # Well within the 20 seconds that those have who still wait.
            assert server.process.wait(timeout=15) == 0
        # Who was connected was answered; only new connections were not taken any more.
        assert set(load.statuses) == {200, 0}
        assert load.cut_off == 0
    nothing_is_lost(load.answers, tmp_path)


def test_the_service_is_stopped_while_postgresql_is_away(
    serve: Serve, postgres: Postgres, tmp_path: Path, nothing_is_lost: Any
) -> None:
    with serve(spool_dir=tmp_path) as server, Load(server.url) as load:
        postgres.stop()
        wait_until(lambda: segments(tmp_path))
        server.process.terminate()
        assert server.process.wait(timeout=15) == 0
    postgres.start()
    assert segments(tmp_path)
    with serve(spool_dir=tmp_path):
        nothing_is_lost(load.answers, tmp_path)
