"""What somebody did is remembered and can't be changed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from webapp.errors import AuditUnavailable
from webapp.services.audit import TABLE, Action, AuditLog


@pytest.fixture
def audit(app: Flask) -> AuditLog:
    return app.extensions["scoredesk"].audit  # type: ignore[no-any-return]


def test_it_gives_what_was_done_the_newest_first(audit: AuditLog) -> None:
    audit.record(Action.PROMOTED, "penguins", "ada", version="2")
    audit.record(Action.EXPORTED, "penguins", None, rows=3)
    newest, oldest = audit.page()
    assert (newest.action, newest.actor, newest.details) == ("exported predictions", None, {"rows": 3})
    assert (oldest.action, oldest.subject, oldest.actor) == ("promoted a version", "penguins", "ada")
    assert audit.page(before=newest.id) == [oldest]
    assert len(audit.page(size=1)) == 1


@pytest.mark.parametrize("change", [delete(TABLE), update(TABLE).values(actor="nobody")], ids=["delete", "update"])
def test_nothing_of_it_can_be_changed(app: Flask, audit: AuditLog, change: object) -> None:
    audit.record(Action.PROMOTED, "penguins", "ada")
    engine = app.extensions["scoredesk"].engine
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(change)


def test_without_a_database_it_says_so(app: Flask, audit: AuditLog, database_url: str, database_server: object) -> None:
    app.extensions["scoredesk"].close()
    database_server.drop(database_url)  # type: ignore[attr-defined]
    with pytest.raises(AuditUnavailable):
        audit.record(Action.PROMOTED, "penguins", "ada")


def test_what_changes_the_champion_and_what_is_exported_is_in_it(app: Flask, audit: AuditLog) -> None:
    client = app.test_client()
    client.post("/v2/repository/models/penguins/unload")
    client.post("/v2/repository/models/penguins/load")
    client.get("/predictions.csv?model=penguins&status=failed").get_data()
    events = [(event.action, event.subject) for event in audit.page()]
    assert events == [
        ("exported predictions", "penguins"),
        ("loaded a model", "penguins"),
        ("unloaded a model", "penguins"),
    ]
