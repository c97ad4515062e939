"""flask doctor"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sklearn.linear_model import LinearRegression

from tests.conftest import SECRET, DatabaseServer, MakeApp
from tests.faults.rows import a_row, spooled
from tests.sealing import SEALING_SECRET
from webapp.database.address import describe
from webapp.database.revision import newest_revision
from webapp.helpers.accounts.roles import Grant, Role
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
    assert lines.pop() == "Nothing needs to be done."
    assert [line.split(":")[0] for line in lines] == [
        f"OK     {name}"
        for name in (
            "Sealing key",
            "Key files",
            "Spool",
            "Disk",
            "Models' processes",
            "Environments",
            "Models folder",
            "Models",
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
    "no database": (
        {"database_url": "postgresql://x@127.0.0.1:9/x"},
        "Database: PostgreSQL at 127.0.0.1/x can't be",
    ),
}


@pytest.mark.parametrize(("settings", "sentence"), FAULTS.values(), ids=FAULTS)
def test_it_says_what_is_wrong(run: Any, settings: dict[str, Any], sentence: str) -> None:
    code, lines = run(**settings)
    assert code == 1
    assert next(line for line in lines if line.startswith("FAULT")).startswith(f"FAULT  {sentence}")
    assert lines[-1].startswith("Error: ")


def test_a_spool_in_memory_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_checks, "file_system", lambda folder: "tmpfs")
    assert any("is on tmpfs, which does not last." in line for line in run()[1])


def test_it_knows_what_a_folder_is_on() -> None:
    assert folder_checks.file_system(Path("/proc")) == "proc"


def test_tables_that_are_not_there_are_told(run: Any, database_server: DatabaseServer) -> None:
    url = database_server.create(template="template0")
    code, lines = run(database_url=url)
    assert (code, lines[-1]) == (1, "Error: 1 fault to mend.")
    assert lines[-2].startswith(f"FAULT  Tables: {describe(url)} has no tables yet. As the owner of the database, run:")
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


def line_about(name: str, lines: list[str]) -> str:
    return next(line for line in lines if line[7:].startswith(f"{name}: "))


def test_it_names_the_database_the_role_and_both_versions(run: Any, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        version = str(owner.info.parameter_status("server_version")).split()[0]
    lines = run()[1]
    place = describe(database_url)
    assert line_about("Database", lines) == f"OK     Database: {place}, version {version}, as the role “postgres”."
    assert line_about("Tables", lines) == f"OK     Tables: version {newest_revision()}, as this code needs."


def test_tables_of_an_earlier_version_are_told(run: Any, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    code, lines = run()
    assert (code, "are of version 0001, and this code needs" in line_about("Tables", lines)) == (1, True)


def test_a_key_that_everybody_can_read_is_told(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "secret_key"
    key.write_text("x" * 64)
    monkeypatch.setenv("SECRET_KEY_FILE", str(key))
    for folder in tmp_path.parents[:3]:
        folder.chmod(folder.stat().st_mode | 0o011)
    tmp_path.chmod(0o711)
    key.chmod(0o640)
    assert line_about("Key files", run()[1]).startswith("OK     Key files: ")
    key.chmod(0o644)
    code, lines = run()
    told = f"FAULT  Key files: {key} can be read by every user of this machine. To close it: chmod o= {key}"
    assert (code, line_about("Key files", lines)) == (1, told)
    key.unlink()
    assert f"{key} is not there" in line_about("Key files", run()[1])


def test_a_model_that_is_not_served_is_told_with_the_reason(run: Any, tmp_path: Path) -> None:
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), tmp_path / "line.joblib")
    assert line_about("Models", run()[1]).startswith("OK     Models: 1 served: line ")
    (tmp_path / "torn.joblib").write_bytes(b"torn")
    code, lines = run()
    assert code == 1
    assert any(line.startswith("FAULT  Models: torn") and " is not served: " in line for line in lines)


def test_records_that_wait_or_were_set_aside_are_told(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "waiting"
    spooled(folder, [a_row()])
    assert "1 row is waiting there" in line_about("Spool", run(spool_dir=folder)[1])
    monkeypatch.setattr(folder_checks, "MAX_WAITING_SECONDS", 0.0)
    assert "FAULT  Spool: 1 row is waiting in " in line_about("Spool", run(spool_dir=folder)[1])
    (folder / "set-aside.jsonl").write_text("{}\n")
    assert "1 row is set aside in " in line_about("Spool", run(spool_dir=folder)[1])


def test_a_disk_that_is_nearly_full_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_checks, "MIN_FREE_BYTES", 2**60)
    assert re.match(r"FAULT  Disk: only [\d.]+ GB are free for SPOOL_DIR ", line_about("Disk", run()[1]))


def test_a_service_that_nobody_can_log_in_to_is_told(run: Any, make_app: MakeApp) -> None:
    code, lines = run(auth="login")
    assert (code, line_about("Users", lines).startswith("FAULT  Users: nobody can log in.")) == (1, True)
    users = make_app().extensions["scoredesk"].users
    users.create("ada", "gentoo walks to the sea", Grant(role=Role.ADMIN), actor="grace")
    assert line_about("Users", run(auth="login")[1]) == "OK     Users: 1 can log in."


def test_it_prints_no_secret(run: Any, database_url: str) -> None:
    url = make_conninfo(database_url, password="hush-hush")
    printed = "".join(run(database_url=url)[1] + run(database_url="postgresql://x:hush-hush@127.0.0.1:9/x")[1])
    assert not [secret for secret in ("hush-hush", SECRET, SEALING_SECRET) if secret in printed]
