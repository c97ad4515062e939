"""The service behind PgBouncer, which shares its connections to PostgreSQL among its clients"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests import serving
from tests.conftest import SECRET
from tests.faults.conftest import Serve
from tests.faults.load import PATH, Load
from tests.faults.postgres import Postgres, wait_until, with_tables
from tests.faults.test_postgres import AWAY, go_on
from tests.pgbouncer import Mode, pgbouncer_before
from tests.sealing import SEALING_SECRET
from tests.serving import Serving
from tests.web.test_login import HTTPS, PASSWORD
from webapp import create_app
from webapp.config import Settings
from webapp.database.engines import Engines

#: Fewer connections to PostgreSQL than there are clients, so that they really take turns.
FEW = 3


@contextmanager
def pooled(postgres: Postgres, mode: Mode, size: int = FEW) -> Iterator[str]:
    with (
        TemporaryDirectory(prefix="scoredesk-pgbouncer-") as folder,
        pgbouncer_before(postgres.url, Path(folder), mode, size) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server of this module's own, whose log is sealed here."""
    with TemporaryDirectory(prefix="scoredesk-pooled-") as folder:
        Path(folder).chmod(0o755)
        postgres = with_tables(Path(folder))
        # Whatever a session has by itself.
        postgres.execute("ALTER ROLE ALL SET timezone = 'Asia/Tokyo'")
        yield postgres
        postgres.stop()


@pytest.fixture(scope="module")
def transactions(postgres: Postgres) -> Iterator[str]:
    """An address at which each transaction gets another connection to PostgreSQL."""
    with pooled(postgres, "transaction") as url:
        yield url


@pytest.fixture(scope="module")
def server(serve: Serve, postgres: Postgres, transactions: str) -> Iterator[Serving]:
    with serve(
        database_url=transactions, maintenance_database_url=postgres.url, seal_every=1, sealing_key=SEALING_SECRET
    ) as server:
        yield server


def test_each_transaction_may_have_another_connection(
    server: Serving, postgres: Postgres, nothing_is_lost: Any
) -> None:
    with Load(server.url, clients=16) as load:
        go_on(load, server, 4, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)
    # Nothing went by way of the spool, and the log was sealed meanwhile.
    assert "Recording failed" not in "".join(server.so_far())
    wait_until(lambda: postgres.execute("SELECT count(*) FROM seals") != [(0,)])


def test_the_connections_of_pgbouncer_keep_nothing_of_the_service(server: Serving, transactions: str) -> None:
    with Load(server.url, clients=16) as load:
        wait_until(lambda: len(load.answers) > 500)
    with psycopg.connect(transactions, prepare_threshold=None) as somebody_else:
        limits = {somebody_else.execute("SHOW statement_timeout").fetchone() for _ in range(20)}
        prepared = somebody_else.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert (limits, prepared) == ({("0",)}, (0,))


def test_each_transaction_has_the_limits_of_the_service(transactions: str) -> None:
    engines = Engines.of(Settings(database_url=transactions))
    limits = "SELECT current_setting('statement_timeout'), current_setting('timezone')"
    with engines.pages.connect() as pages, closing(engines.recording.raw_connection()) as recording:
        for _ in range(3):
            assert pages.execute(text(limits)).one() == ("10s", "UTC")
            pages.commit()
            assert recording.driver_connection.execute_alone(limits, ()).fetchone() == ("2s", "UTC")
    engines.pages.dispose()
    engines.recording.dispose()


def test_postgresql_stops_and_starts_again_behind_it(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url) as load:
        go_on(load, server, recording="database")
        postgres.stop()
        go_on(load, server, AWAY, recording="spool")
        postgres.start()
        go_on(load, server, 2, recording="database")
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def test_without_an_address_of_postgresql_itself_it_does_not_start(
    transactions: str, sums: Path, tmp_path: Path
) -> None:
    server = serving.start(database_url=transactions, secret_key=SECRET, models_dir=sums, spool_dir=tmp_path)
    said = server.said()
    assert server.process.returncode == 1
    assert said == (
        "MAINTENANCE_DATABASE_URL: The address is that of a pooler that shares its sessions. "
        "Set this to the address of PostgreSQL itself.\n"
    )


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_pages_logins_sealing_and_pruning_work_behind_it(
    postgres: Postgres, sums: Path, tmp_path: Path, mode: Mode
) -> None:
    with pooled(postgres, mode, size=20) as url, ExitStack() as stack:
        # In session mode all may go by PgBouncer: a session has its connection as long as it lasts.
        direct = postgres.url if mode == "transaction" else None
        folders = {"models_dir": sums, "spool_dir": tmp_path / "spool", "instance_dir": tmp_path}
        keys = {"secret_key": SECRET, "sealing_key": SEALING_SECRET}
        app = create_app(Settings(database_url=url, maintenance_database_url=direct, auth="login", **folders, **keys))
        stack.callback(app.extensions["scoredesk"].close)
        run, person = app.test_cli_runner().invoke, app.test_client()
        created = run(args=["users", "create", mode, "--role", "admin", "--password", PASSWORD])
        assert created.output == f"{mode} can log in.\n"
        key = {"Authorization": f"Bearer {run(args=['keys', 'create', mode, '--role', 'predict']).output.strip()}"}
        for number in range(20):
            # The driver prepares a statement that it has executed five times, unless it may not.
            body = {"inputs": {"x0": number, "x1": 1}}
            answer = app.test_client().post(
                PATH, json=body, headers=key | {"Idempotency-Key": f"{mode}-{number}"}, base_url=HTTPS
            )
            assert answer.status_code == 200
        assert person.post("/login", data={"name": mode, "password": PASSWORD}, base_url=HTTPS).status_code == 303
        pages = ["/", "/models/sum", "/predictions", f"/predictions/{answer.json['id']}"] * 3
        assert [person.get(page, base_url=HTTPS).status_code for page in pages] == [200] * len(pages)
        assert app.test_client().get("/readyz").json["recording"] == "database"
        assert "Sealed " in run(args=["predictions", "seal"]).output
        forgotten = run(args=["predictions", "forget", "--model", "sum", "--input", "x0=7"])
        assert (forgotten.exit_code, run(args=["predictions", "prune", "--older-than", "24months"]).exit_code) == (0, 0)
        assert "No tampering was found." in run(args=["predictions", "verify"]).output
        # A pooler that goes on must not keep the lock of a session that has ended.
        assert postgres.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def test_no_migration_leaves_its_lock_in_a_shared_session(
    transactions: str, postgres: Postgres, sums: Path, tmp_path: Path
) -> None:
    app = create_app(Settings(database_url=transactions, secret_key=SECRET, models_dir=sums, spool_dir=tmp_path))
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 1
    assert "MAINTENANCE_DATABASE_URL: " in result.output
    assert postgres.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]
    app.extensions["scoredesk"].close()
