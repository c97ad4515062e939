"""The role of the web processes on a real PostgreSQL: it can do all that the service does, and no more"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import create_engine

from tests.conftest import SECRET, DatabaseServer, MakeApp
from tests.faults.rows import a_row
from tests.versions.estimators import put, times
from webapp.database import postgres_roles
from webapp.database.engines import with_driver
from webapp.errors import KeysUnavailable, NotGrantable, SettingsError
from webapp.helpers.accounts.roles import Grant, Role
from webapp.services.sealing.key_check import KeyCheck, require_privileges

PASSWORD = "a'password\\of:100%/its@own"
#: A month in which nothing was recorded, so that it has no partition.
LONG_AGO = UUID("01893f3f-2640-7000-ae7c-cc276ec0099a")


@pytest.fixture
def role(database_url: str) -> Iterator[str]:
    """A name for a role, which is gone afterwards."""
    name = f"scoredesk_web_{secrets.token_hex(8)}"
    yield name
    with psycopg.connect(database_url, autocommit=True) as owner:
        if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                owner.execute(sql.SQL(statement).format(sql.Identifier(name)))


def grant(url: str, role: str, password: str | None = None) -> None:
    engine = create_engine(with_driver(url))
    try:
        postgres_roles.grant(engine, role, password)
    finally:
        engine.dispose()


@pytest.fixture
def web_url(database_url: str, role: str) -> str:
    """The database as the web processes reach it, with one partition that was made before."""
    with psycopg.connect(database_url) as owner:
        owner.execute("SELECT make_predictions_partition('2026-11-01')")
    grant(database_url, role, PASSWORD)
    before, _, rest = database_url.partition("://")
    return f"{before}://{role}:{quote(PASSWORD, safe='')}@{rest.partition('@')[2]}"


REFUSED = [
    "UPDATE predictions SET model = 'other'",
    "DELETE FROM predictions",
    "TRUNCATE predictions",
    "INSERT INTO predictions_202611 SELECT * FROM predictions",
    "UPDATE predictions_202611 SET model = 'other'",
    "DELETE FROM predictions_202611",
    "TRUNCATE predictions_202611",
    "ALTER TABLE predictions DETACH PARTITION predictions_202611",
    "DROP TABLE predictions_202611",
    "DROP TABLE predictions",
    "ALTER TABLE predictions DISABLE TRIGGER refuse_change",
    "ALTER TABLE predictions_202611 DISABLE TRIGGER ALL",
    "DROP TRIGGER refuse_change ON predictions",
    "CREATE TRIGGER mine BEFORE INSERT ON predictions EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO predictions DO INSTEAD NOTHING",
    "ALTER TABLE predictions ADD COLUMN mine text",
    "ALTER TABLE predictions OWNER TO CURRENT_USER",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "ALTER FUNCTION make_predictions_partition(date) RESET ALL",
    "DROP FUNCTION make_predictions_partition(date)",
    "CREATE TABLE mine (a int)",
    "UPDATE version_events SET actor = 'other'",
    "DELETE FROM version_events",
    "UPDATE audit_events SET actor = 'other'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
    "TRUNCATE idempotency_keys",
    "UPDATE users SET name = 'me'",
    "DELETE FROM users",
    "UPDATE grants SET role = 'admin'",
    "TRUNCATE grants",
    "DELETE FROM api_keys",
    "UPDATE key_fingerprints SET fingerprint = 'mine'",
    "DELETE FROM key_fingerprints",
    "UPDATE alembic_version SET version_num = '0001'",
    "COPY predictions TO PROGRAM 'true'",
]


def test_it_may_not(web_url: str) -> None:
    allowed = []
    with psycopg.connect(web_url, autocommit=True) as web:
        for statement in REFUSED:
            try:
                web.execute(statement)
                allowed.append(statement)
            except InsufficientPrivilege:
                continue
        # This is only a warning, because it may give away none of what it has.
        web.execute("GRANT UPDATE ON predictions TO CURRENT_USER")
        assert web.execute("SELECT has_table_privilege('predictions', 'UPDATE')").fetchone() == (False,)
    assert allowed == []


def test_the_owner_is_refused_by_no_privilege(database_url: str, web_url: str) -> None:
    # Or else what is refused above might be refused to everybody.
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE predictions DISABLE TRIGGER refuse_change")
        owner.execute("UPDATE predictions SET model = 'other'")


@pytest.fixture
def app(make_app: MakeApp, web_url: str, demo_models: Path) -> Flask:
    return make_app(models_dir=demo_models, database_url=web_url)


def test_the_service_works_with_it(app: Flask, penguin: dict[str, Any]) -> None:
    client = app.test_client()
    url = "/api/v1/models/penguins/predict"
    assert client.post("/models/penguins", data=penguin, follow_redirects=True).status_code == 200
    for replayed in (None, "true"):
        answer = client.post(url, json={"inputs": penguin}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.headers.get("Idempotent-Replayed")) == (200, replayed)
    assert client.get("/readyz").json["recording"] == "database"
    assert len(client.get("/api/v1/predictions").json["predictions"]) == 2
    assert client.get("/predictions").status_code == 200
    assert client.get("/predictions.csv").status_code == 200
    app.extensions["scoredesk"].idempotency_keys.prune()


def test_who_may_ask_is_told_and_kept_with_it(make_app: MakeApp, app: Flask, web_url: str, demo_models: Path) -> None:
    make_app().extensions["scoredesk"].users.create(
        "ada", "gentoo walks to the sea", Grant(role=Role.ADMIN), actor="grace"
    )
    guarded = make_app(models_dir=demo_models, database_url=web_url, auth="login")
    client, services = guarded.test_client(), guarded.extensions["scoredesk"]

    def send(path: str, **form: str) -> int:
        return client.post(path, data=form, base_url="https://localhost").status_code

    assert send("/login", name="ada", password="wrong") == 401
    assert send("/login", name="ada", password="gentoo walks to the sea") == 303
    for page in ("/", "/users", "/keys", "/audit", "/account", "/predictions.csv"):
        assert client.get(page, base_url="https://localhost").status_code == 200, page
    key = services.keys.make("nightly", Role.PREDICT)
    assert services.keys.find(key) is not None
    services.keys.revoke(key.split("_")[1], actor="grace")
    assert services.keys.find(key) is None
    for path in ("/users", "/users/bob/grant", "/users/bob/link", "/users/bob/disable", "/users/bob/enable"):
        status = send(path, name="bob", role="predict", model="penguins")
        assert status in (200, 303), path
    token = services.password_links.renew("bob", actor="ada").token
    assert send("/password", token=token, new_password="chinstrap stays on land") == 200
    assert send("/users/bob/revoke", model="penguins") == 303
    services.users.set_password("ada", "chinstrap stays on land", actor="grace")
    assert client.get("/", base_url="https://localhost").status_code == 303
    assert send("/logout") == 303


def test_it_makes_partitions_that_it_can_not_touch(app: Flask, web_url: str) -> None:
    # The months of its first row and those that follow, and then one of long ago.
    services = app.extensions["scoredesk"]
    services.log.store([a_row()])
    services.log.store([a_row(id=LONG_AGO, created_at="2023-07-10T12:00:00Z")])
    with psycopg.connect(web_url, autocommit=True) as web:
        assert web.execute("SELECT count(*) FROM predictions").fetchone() == (2,)
        assert web.execute("SELECT to_regclass('predictions_202307') IS NOT NULL").fetchone() == (True,)
        with pytest.raises(InsufficientPrivilege):
            web.execute("SELECT * FROM predictions_202307")


def test_it_can_not_choose_what_the_owner_makes(web_url: str) -> None:
    with psycopg.connect(web_url, autocommit=True) as web:
        web.execute("CREATE TEMPORARY TABLE predictions (created_at timestamptz) PARTITION BY RANGE (created_at)")
        web.execute("SELECT make_predictions_partition('2024-01-01')")
        query = "SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = 'predictions_202401'::regclass"
        assert web.execute(query).fetchone() == ("public.predictions",)


def test_versions_are_published_promoted_and_told_of(make_app: MakeApp, web_url: str, tmp_path: Path) -> None:
    for version in (1, 2):
        put(times(version), tmp_path / "line" / f"{version}.joblib")
    services = make_app(database_url=web_url).extensions["scoredesk"]
    with psycopg.connect(web_url, autocommit=True) as listening:
        listening.execute("LISTEN scoredesk_versions")
        services.promoter.promote("line", "1", None)
        assert len(list(listening.notifies(timeout=5, stop_after=1))) == 1
    services.store.refresh()
    assert services.store.get("line").version == "1"


def test_what_was_given_too_much_is_taken_away(database_url: str, role: str, web_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute(sql.SQL("GRANT ALL ON predictions, audit_events TO {}").format(sql.Identifier(role)))
    grant(database_url, role)
    with psycopg.connect(web_url, autocommit=True) as web, pytest.raises(InsufficientPrivilege):
        web.execute("UPDATE predictions SET model = 'other'")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("ALTER ROLE {role} SUPERUSER", "everything that the owner"),
        ("GRANT {owner} TO {role}", "everything that the owner"),
        ("GRANT pg_write_all_data TO {role}", "DELETE on audit_events"),
        ("GRANT UPDATE ON version_events TO PUBLIC", "UPDATE on version_events"),
        ("GRANT DELETE ON predictions_202611 TO {role}", "DELETE on predictions_202611"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "CREATE in the schema"),
    ],
)
def test_a_role_that_could_do_more_is_refused(
    database_url: str, role: str, web_url: str, given: str, what: str
) -> None:
    with psycopg.connect(database_url) as owner:
        names = {"role": sql.Identifier(role), "owner": sql.Identifier(owner.info.user)}
        owner.execute(sql.SQL(given).format(**names))
    with pytest.raises(NotGrantable, match=what):
        grant(database_url, role)


def test_only_the_owner_may_grant(role: str, web_url: str) -> None:
    with pytest.raises(NotGrantable, match="Only the owner of the tables"):
        grant(web_url, role)


def test_a_role_that_may_not_create_roles_is_told_so(database_url: str, role: str, web_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        names = {"role": sql.Identifier(role), "owner": sql.Identifier(owner.info.user)}
        owner.execute(sql.SQL("GRANT {owner} TO {role}").format(**names))
    with pytest.raises(NotGrantable, match=f"“{role}” lacks CREATEROLE. Create the role .* without ROLE_PASSWORD"):
        grant(web_url, f"{role}_more", PASSWORD)


def test_a_database_without_tables_is_named_as_the_cause(database_server: DatabaseServer, role: str) -> None:
    url = database_server.create(template="template0")
    with pytest.raises(NotGrantable, match=r"There are no tables in .*db upgrade"):
        grant(url, role)
    database_server.drop(url)


def test_a_server_out_of_reach_is_named_as_the_cause(role: str) -> None:
    with pytest.raises(NotGrantable, match="can't be reached"):
        grant("postgresql://x@127.0.0.1:9/x", role)


def test_the_command_makes_the_role(make_app: MakeApp, role: str, database_url: str, tmp_path: Path) -> None:
    runner = make_app().test_cli_runner()
    missing = runner.invoke(args=["database", "grant", role])
    assert missing.exit_code == 1
    assert missing.output.startswith(f"Error: There is no role “{role}”.")
    assert missing.output.endswith(" To create it, set its password in ROLE_PASSWORD.\n")
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    made = runner.invoke(args=["database", "grant", role], env={"ROLE_PASSWORD_FILE": str(file)})
    assert (made.exit_code, made.output) == (0, f"{role} can read the log and add to it, but can't change it.\n")
    with psycopg.connect(database_url) as owner:
        query = "SELECT rolcanlogin, rolsuper, rolpassword FROM pg_authid WHERE rolname = %s"
        login, super, password = owner.execute(query, [role]).fetchone() or ()
    assert (login, super, password[:14]) == (True, False, "SCRAM-SHA-256$")


def test_the_command_asks_whether_another_role_was_meant(web_url: str, make_app: MakeApp) -> None:
    role = create_engine(with_driver(web_url)).url.username or ""
    missing = make_app().test_cli_runner().invoke(args=["database", "grant", role.replace("web", "wbe")])
    assert (missing.exit_code, f"Did you mean “{role}”?" in missing.output) == (1, True)


def test_the_command_says_when_it_is_not_the_owner(make_app: MakeApp, role: str, web_url: str) -> None:
    result = make_app(database_url=web_url).test_cli_runner().invoke(args=["database", "grant", role])
    assert result.exit_code == 1
    assert "Only the owner of the tables can do this." in result.output


def test_it_registers_the_keys_and_says_when_it_may_not(database_url: str, web_url: str) -> None:
    engine = create_engine(with_driver(web_url), isolation_level="AUTOCOMMIT")
    check = KeyCheck(engine=engine, secret=SECRET, public_key=lambda: None, spool=None)
    check.start()
    with psycopg.connect(database_url) as owner:
        assert owner.execute("SELECT name FROM key_fingerprints").fetchall() == [("SECRET_KEY",)]
        owner.execute("REVOKE ALL ON key_fingerprints FROM PUBLIC, " + engine.url.username)
    with pytest.raises(KeysUnavailable) as refused:
        check.start()
    with pytest.raises(SettingsError, match="lacks new privileges"):
        require_privileges(refused.value)
    other = KeyCheck(engine=engine, secret="another secret key", public_key=lambda: None, spool=None)
    with pytest.raises(KeysUnavailable):
        other.accept(engine, "ada")
    engine.dispose()
