"""Where a trigger makes PostgreSQL discard a write and confirm it all the same, nothing is promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import MakeApp
from tests.logs import KEY, a_log
from tests.sealing import SEALING_SECRET
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.errors import (
    AccountsUnavailable,
    AuditUnavailable,
    IdempotencyUnavailable,
    KeysUnavailable,
    PredictionLogUnavailable,
    SealsUnavailable,
    Unavailable,
    VersionHistoryUnavailable,
)
from webapp.helpers.accounts.roles import Grant, Role
from webapp.helpers.records.row import encode
from webapp.services.audit import Action
from webapp.services.spool import Replayer, Spool
from webapp.services.wiring import Services

PASSWORD = "a correct horse of the battery"
WINDOW = timedelta(minutes=15)


@pytest.fixture
def services(make_app: MakeApp) -> Services:
    found: Services = make_app(sealing_key=SEALING_SECRET).extensions["scoredesk"]
    found.users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="root")
    return found


@pytest.fixture
def discard(database_url: str) -> Any:
    """Make PostgreSQL discard, and confirm, what is done to the rows of a table."""

    def discard(table: str, event: str, condition: str = "true") -> None:
        with psycopg.connect(database_url, autocommit=True) as owner:
            owner.execute(
                "CREATE OR REPLACE FUNCTION discard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
            )
            owner.execute(
                f"CREATE TRIGGER a_discard BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) "
                "EXECUTE FUNCTION discard()"
            )

    return discard


def rows(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_prediction_that_is_discarded_goes_to_the_spool_and_stays_there(
    database_url: str, discard: Any, tmp_path: Path
) -> None:
    spool = Spool(tmp_path)
    log = a_log(database_url, spool)
    replayer = Replayer(spool, log.store, log.mend)
    log.record([a_prediction()])
    discard("predictions", "INSERT", "NEW.model = 'other'")
    kept, discarded = a_prediction(sequence=1), a_prediction(sequence=2, model="other")
    assert log.record([kept, discarded]) == "spool"
    assert not log.in_database
    spool.seal()
    with pytest.raises(PredictionLogUnavailable):
        replayer.replay()
    assert log.get(discarded.id) == discarded
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DROP TRIGGER a_discard ON predictions")
    assert replayer.replay() == 2
    assert spool.is_empty()
    assert rows(database_url, "SELECT count(*) FROM predictions") == 3
    log.close()


def test_a_prediction_that_is_discarded_is_not_answered_without_a_spool(database_url: str, discard: Any) -> None:
    log = a_log(database_url)
    log.record([a_prediction()])
    discard("predictions", "INSERT")
    with pytest.raises(PredictionLogUnavailable):
        log.record([a_prediction(sequence=1)])
    log.close()


def test_a_row_that_is_there_already_is_not_missed(database_url: str) -> None:
    log = a_log(database_url)
    lines = [encode(a_prediction(sequence=number), KEY) for number in range(3)]
    log.store(lines[:2])
    log.store([*lines, lines[2]])
    assert rows(database_url, "SELECT count(*) FROM predictions") == 3
    log.close()


WRITES = {
    "an audit event": ("audit_events", "INSERT", AuditUnavailable, lambda s: s.audit.record(Action.EXPORTED, "", "a")),
    "the audit event of a role": ("audit_events", "INSERT", AccountsUnavailable, lambda s: give(s)),
    "a champion": (
        "version_events",
        "INSERT",
        VersionHistoryUnavailable,
        lambda s: s.promoter._history.promote("m", "1", "0" * 64, "ada"),
    ),
    "a seal": ("seals", "INSERT", SealsUnavailable, lambda s: s.sealer.seal()),
    "a role": ("grants", "INSERT", AccountsUnavailable, lambda s: give(s)),
    "a key": ("api_keys", "INSERT", AccountsUnavailable, lambda s: s.keys.make("nightly", Role.PREDICT)),
    "a session": ("sessions", "INSERT", AccountsUnavailable, lambda s: begin(s)),
    "a password": ("users", "UPDATE", AccountsUnavailable, lambda s: s.users.set_password("ada", PASSWORD, actor="a")),
    "a disabled user": ("users", "UPDATE", AccountsUnavailable, lambda s: s.users.disable("ada", actor="root")),
    "keys that are accepted": (
        "key_fingerprints",
        "INSERT",
        KeysUnavailable,
        lambda s: s.key_check.accept(s.engine, "ada"),
    ),
    "the keys of a host": ("key_fingerprints", "INSERT", KeysUnavailable, lambda s: s.key_check.check()),
    "an attempt": ("attempts", "INSERT", AccountsUnavailable, lambda s: s.attempts.count({"name": 3}, WINDOW)),
    "a key for repeated requests": (
        "idempotency_keys",
        "INSERT",
        IdempotencyUnavailable,
        lambda s: s.idempotency_keys.claim("", "key", b"request"),
    ),
}


def give(services: Services) -> bool:
    return services.users.grant("ada", Grant(role=Role.PREDICT), actor="root")


def begin(services: Services) -> str:
    return services.sessions.begin(services.users.authenticate("ada", PASSWORD), "ada")


@pytest.mark.parametrize(("table", "event", "error", "write"), WRITES.values(), ids=WRITES)
def test_a_write_that_is_discarded_fails(
    services: Services, discard: Any, table: str, event: str, error: type[Unavailable], write: Any
) -> None:
    discard(table, event)
    with pytest.raises(error):
        write(services)


def test_a_key_that_can_not_be_revoked_is_told(services: Services, discard: Any) -> None:
    id = services.keys.make("nightly", Role.PREDICT).split("_")[1]
    discard("api_keys", "UPDATE")
    with pytest.raises(AccountsUnavailable):
        services.keys.revoke(id, actor="ada")


def test_a_session_that_can_not_be_ended_is_told(services: Services, discard: Any) -> None:
    token = begin(services)
    discard("sessions", "DELETE")
    for end in (
        lambda: services.sessions.end(token),
        lambda: services.users.set_password("ada", PASSWORD, actor="ada"),
        lambda: services.users.disable("ada", actor="root"),
    ):
        with pytest.raises(AccountsUnavailable):
            end()
    assert services.sessions.find(token)


def test_inputs_that_can_not_be_forgotten_are_told(services: Services, discard: Any) -> None:
    services.log.record([a_prediction(datetime.now(UTC), inputs={"patient_id": 17.0})])
    discard("predictions", "UPDATE")
    with pytest.raises(SealsUnavailable):
        services.retention.forget("penguins", [("patient_id", "17")], "ada")
