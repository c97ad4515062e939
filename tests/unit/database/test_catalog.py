"""webapp.database.catalog: whatever acts on the tables besides the service's own triggers is found"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine

from migrations.versions import __path__ as migrations
from tests.conftest import DatabaseServer
from webapp.database import catalog
from webapp.database.engines import with_driver

NOTHING = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
PARTITION = "SELECT make_predictions_partition('2026-11-01')"


@pytest.fixture(scope="module")
def engine(database_server: DatabaseServer) -> Iterator[Engine]:
    url = database_server.create()
    engine = create_engine(with_driver(url))
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(PARTITION)
        owner.execute(NOTHING)
    yield engine
    engine.dispose()
    database_server.drop(url)


def found(engine: Engine, *statements: str) -> list[str]:
    """Return what is found after these statements, which are then rolled back."""
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        return list(catalog.problems(connection))


def test_nothing_is_found_in_what_the_migrations_made(engine: Engine) -> None:
    assert found(engine) == []


@pytest.mark.parametrize(
    "table",
    ["predictions", "predictions_202611", "seals", "audit_events", "version_events", "idempotency_keys", "users"],
)
@pytest.mark.parametrize("when", ["BEFORE INSERT", "AFTER INSERT", "BEFORE UPDATE"])
def test_a_foreign_trigger_is_found(engine: Engine, table: str, when: str) -> None:
    trigger = f"CREATE TRIGGER mine {when} ON {table} FOR EACH ROW EXECUTE FUNCTION nothing()"
    assert f"A trigger that is not the service's own is on {table}: mine." in found(engine, trigger)


FAULTS = {
    "its own trigger that refuses to insert": (
        "CREATE TRIGGER mine BEFORE INSERT ON seals EXECUTE FUNCTION refuse_change()",
        "A trigger that is not the service's own is on seals: mine.",
    ),
    "a rule": (
        "CREATE RULE mine AS ON INSERT TO audit_events DO INSTEAD NOTHING",
        "A rule that is not the service's own is on audit_events: mine.",
    ),
    "a policy": (
        "CREATE POLICY mine ON predictions USING (false)",
        "Row-level security can hide or refuse rows of predictions.",
    ),
    "row-level security": (
        "ALTER TABLE predictions_202611 ENABLE ROW LEVEL SECURITY",
        "Row-level security can hide or refuse rows of predictions_202611.",
    ),
    "a trigger that tells nothing": (
        "ALTER TABLE version_events DISABLE TRIGGER tell_version_event",
        "The trigger that tells workers of a new champion is missing or disabled on version_events.",
    ),
    "another body": (
        "CREATE OR REPLACE FUNCTION tell_version_event() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "The function tell_version_event() was altered: it may no longer do what the service needs.",
    ),
    "a function that is gone": (
        "DROP FUNCTION make_predictions_partition(date)",
        "The function make_predictions_partition(date) was altered: it may no longer do what the service needs.",
    ),
    "a table that is lost in a crash": (
        "ALTER TABLE attempts SET UNLOGGED",
        "attempts is missing, or is no ordinary table: its rows may not last.",
    ),
    "a partition that is lost in a crash": (
        "ALTER TABLE predictions_202611 SET UNLOGGED",
        "predictions_202611 was attached to predictions by another role, or its rows may not last.",
    ),
    "a table that is gone": (
        "DROP TABLE attempts",
        "attempts is missing, or is no ordinary table: its rows may not last.",
    ),
    "a partition of another name": (
        "CREATE TABLE mine PARTITION OF predictions DEFAULT",
        "mine was attached to predictions by another role, or its rows may not last.",
    ),
    "a table whose rows appear in another": (
        "CREATE TABLE mine () INHERITS (audit_events)",
        "mine was attached to audit_events by another role, or its rows may not last.",
    ),
    "numbers that begin anew": (
        "ALTER TABLE predictions ALTER COLUMN number SET DEFAULT 1",
        "The default of predictions.number was altered.",
    ),
    "events of another day": (
        "ALTER TABLE audit_events ALTER COLUMN created_at SET DEFAULT '2020-01-01'",
        "The default of audit_events.created_at was altered.",
    ),
}


@pytest.mark.parametrize(("statement", "sentence"), FAULTS.values(), ids=FAULTS)
def test_what_was_altered_is_found(engine: Engine, statement: str, sentence: str) -> None:
    assert sentence in found(engine, statement)


def test_a_view_in_the_place_of_a_table_is_found(engine: Engine) -> None:
    sentences = found(engine, "ALTER TABLE attempts RENAME TO x", "CREATE VIEW attempts AS SELECT * FROM x")
    assert "attempts is missing, or is no ordinary table: its rows may not last." in sentences


def test_the_bodies_are_those_of_the_migrations() -> None:
    text = "".join(path.read_text() for path in sorted(Path(next(iter(migrations))).glob("*.py")))
    bodies = re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+).*?AS \$\$(.*?)\$\$", text, re.DOTALL)
    digests = {name: sha256(body.encode()).hexdigest() for name, body in bodies}
    assert digests == {name.partition("(")[0]: digest for name, digest in catalog.FUNCTIONS.items()}
