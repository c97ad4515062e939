"""flask doctor"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.conftest import DatabaseServer, MakeApp
from tests.sealing import SEALING_SECRET
from webapp.services.doctor import folder_checks


@pytest.fixture
def run(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Any:
    # The machine that runs the tests may have its temporary files in memory or in a container.
    monkeypatch.setattr(folder_checks, "file_system", lambda folder: "ext4")

    def run(**settings: Any) -> tuple[int, list[str]]:
        app = make_app(**{"sealing_key": SEALING_SECRET} | settings)
        result = app.test_cli_runner().invoke(args=["doctor"])
        return result.exit_code, result.output.splitlines()

    return run


def test_it_finds_nothing_where_all_is_well(run: Any) -> None:
    code, lines = run()
    assert code == 0
    assert [line.split(":")[0] for line in lines] == [
        f"OK     {name}"
        for name in (
            "Sealing key",
            "Spool",
            "Models folder",
            "Models' processes",
            "Database",
            "Clock",
            "Tables",
            "Keys",
            "Role",
            "Triggers",
            "Seals",
        )
    ]


FAULTS = {
    "a folder that is not there": ({"models_dir": Path("/nowhere")}, "Models folder: /nowhere can't be read."),
    "a file in the place of the spool": ({"spool_dir": Path("/proc/version/spool")}, "Spool: /proc/version can't be"),
    "no key": ({"sealing_key": "no key"}, "Sealing key: SEALING_KEY: It must be an Ed25519 private key"),
    "no database": ({"database_url": "postgresql://x@127.0.0.1:9/x"}, "Database: PostgreSQL can't be reached."),
}


@pytest.mark.parametrize(("settings", "sentence"), FAULTS.values(), ids=FAULTS)
def test_it_says_what_is_wrong(run: Any, settings: dict[str, Any], sentence: str) -> None:
    code, lines = run(**settings)
    assert code == 1
    assert next(line for line in lines if line.startswith("FAULT")).startswith(f"FAULT  {sentence}")
    assert lines[-1].startswith("Error: ")


def test_a_spool_in_memory_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_checks, "file_system", lambda folder: "tmpfs")
    assert "is on tmpfs, which does not last." in run()[1][1]


def test_it_knows_what_a_folder_is_on() -> None:
    assert folder_checks.file_system(Path("/proc")) == "proc"


def test_tables_that_are_not_there_are_told(run: Any, database_server: DatabaseServer) -> None:
    url = database_server.create(template="template0")
    code, lines = run(database_url=url)
    assert (code, lines[-1]) == (1, "Error: 1 fault to mend.")
    assert lines[-2].startswith("FAULT  Tables: DATABASE_URL: The tables are not up to date.")
    database_server.drop(url)


def test_a_trigger_of_somebody_else_is_told(run: Any, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute('CREATE RULE "mine\nOK" AS ON DELETE TO seals DO INSTEAD NOTHING')
    _, lines = run()
    assert any(line.startswith("FAULT  Triggers: A rule that is not the service's own is on seals: ") for line in lines)
    assert not any(line.startswith('OK"') for line in lines)


@pytest.fixture
def role(database_url: str) -> Iterator[str]:
    name = f"scoredesk_web_{secrets.token_hex(8)}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(database_url, autocommit=True) as owner:
        for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
            owner.execute(sql.SQL(statement).format(sql.Identifier(name)))


def test_a_role_that_lacks_a_privilege_is_told_and_one_that_was_granted_all_is_not(
    run: Any, make_app: MakeApp, database_url: str, role: str
) -> None:
    app = make_app()
    assert app.test_cli_runner().invoke(args=["database", "grant", role]).exit_code == 0
    url = make_conninfo(database_url, user=role)
    assert f"OK     Role: “{role}” can add to the log, but not change it." in run(database_url=url)[1]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("REVOKE DELETE ON sessions FROM {}").format(sql.Identifier(role)))
    assert f"FAULT  Role: “{role}” lacks DELETE on sessions." in "".join(run(database_url=url)[1])


def test_a_seal_that_is_gone_is_told(run: Any, make_app: MakeApp, database_url: str, tmp_path: Path) -> None:
    spool = tmp_path / "kept"
    app = make_app(sealing_key=SEALING_SECRET, spool_dir=spool)
    app.test_cli_runner().invoke(args=["predictions", "seal"])
    assert run(spool_dir=spool)[0] == 0
    with psycopg.connect(database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM seals")
    code, lines = run(spool_dir=spool)
    assert code == 1
    assert lines[-2].startswith("FAULT  Seals: Nothing was sealed, because seal ")
