"""While the audit log takes nothing, nothing is done that it should tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.conftest import SECRET
from tests.sealing import SEALING_SECRET
from tests.unit.services.prediction_log.test_log import a_prediction
from tests.versions.estimators import put, times
from webapp import create_app
from webapp.config import Settings
from webapp.errors import ScoredeskError
from webapp.helpers.accounts.roles import Grant, Role
from webapp.helpers.records.filters import Filter
from webapp.services.audit import Action
from webapp.services.model_store.card_writer import CardWriter
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.wiring import Services

PASSWORD, OTHER_PASSWORD, ADDRESS = "gentoo walks to the sea", "adelie swims in the cold", "203.0.113.7"
LAST_YEAR = datetime(datetime.now(UTC).year - 1, 5, 5, tzinfo=UTC)
TABLES = (
    "users",
    "grants",
    "password_links",
    "sessions",
    "api_keys",
    "key_fingerprints",
    "version_events",
    "seals",
    "predictions",
    "audit_events",
)
PREDICT = Grant(role=Role.PREDICT)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service in which everything is there that can be changed, and whose audit log takes nothing any more."""

    services: Services
    url: str
    #: What `ada` is logged in with, the id of a key, and a link for `eve`.
    token: str
    key: str
    link: str
    #: A file that could be published.
    file: Path
    models: Path

    def contents(self) -> dict[str, list[str]]:
        """All rows of all tables, and all files of models."""
        with psycopg.connect(self.url) as connection:
            found = {
                table: sorted(str(row) for row in connection.execute(f"SELECT * FROM {table}"))  # noqa: S608
                for table in TABLES
            }
        return found | {"files": sorted(map(str, self.models.rglob("*")))}


@pytest.fixture(scope="module")
def service(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("audited")
    models = folder / "models"
    models.mkdir()
    for version in (1, 2):
        put(times(version), models / "line" / f"{version}.joblib")
    put(times(3), models / "away" / "1.joblib")
    joblib.dump(times(4), folder / "new.joblib")
    folders = {"models_dir": models, "spool_dir": folder / "spool"}
    app = create_app(
        Settings(database_url=module_database_url, secret_key=SECRET, sealing_key=SEALING_SECRET, **folders)
    )
    services: Services = app.extensions["scoredesk"]
    for version in ("1", "2"):
        services.promoter.promote("line", version, "grace")
    services.promoter.unload("away", "grace")
    services.users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="grace")
    link = services.password_links.invite("eve", PREDICT, actor="grace").token
    key = services.keys.make("nightly", Role.PREDICT).split("_")[1]
    token = services.login.log_in("ada", PASSWORD, address=ADDRESS, old_token=None)
    services.log.record([a_prediction(LAST_YEAR, number, inputs={"patient": 17}) for number in range(2)])
    services.sealer.seal()
    with psycopg.connect(module_database_url) as owner:
        owner.execute("ALTER TABLE audit_events ADD CONSTRAINT takes_nothing CHECK (false) NOT VALID")
    yield Service(
        services=services,
        url=module_database_url,
        token=token,
        key=key,
        link=link,
        file=folder / "new.joblib",
        models=models,
    )
    services.close()


def export(service: Service) -> None:
    for _ in service.services.explorer.export(Filter(), actor="ada", format="csv"):
        pytest.fail("Records left that the audit log doesn't tell of.")


#: All that is done, by what the audit log would say of it.
ACTS: dict[tuple[Action, str], Callable[[Service], Any]] = {
    (Action.LOGGED_IN, ""): lambda it: it.services.login.log_in("ada", PASSWORD, address=ADDRESS, old_token=None),
    (Action.LOGGED_IN, "in the place of a session"): lambda it: it.services.login.log_in(
        "ada", PASSWORD, address=ADDRESS, old_token=it.token
    ),
    (Action.LOGIN_REFUSED, ""): lambda it: it.services.login.log_in("ada", "wrong", address=ADDRESS, old_token=None),
    (Action.CHANGE_REFUSED, ""): lambda it: it.services.login.change_password(
        "ada", "wrong", OTHER_PASSWORD, address=ADDRESS
    ),
    (Action.LOGGED_OUT, ""): lambda it: it.services.sessions.end(it.token),
    (Action.USER_CREATED, ""): lambda it: it.services.users.create("bob", PASSWORD, PREDICT, actor="ada"),
    (Action.USER_CREATED, "by link"): lambda it: it.services.password_links.invite("bob", PREDICT, actor="ada"),
    (Action.USER_CHANGED, "link"): lambda it: it.services.password_links.renew("ada", actor="grace"),
    (Action.USER_CHANGED, "password by link"): lambda it: it.services.password_links.use(it.link, OTHER_PASSWORD),
    (Action.USER_CHANGED, "enabled"): lambda it: it.services.users.enable("eve", actor="ada"),
    (Action.USER_CHANGED, "one's own password"): lambda it: it.services.login.change_password(
        "ada", PASSWORD, OTHER_PASSWORD, address=ADDRESS
    ),
    (Action.USER_CHANGED, "password"): lambda it: it.services.users.set_password("ada", OTHER_PASSWORD, actor="grace"),
    (Action.USER_CHANGED, "disabled"): lambda it: it.services.users.disable("ada", actor="grace"),
    (Action.USER_CHANGED, "granted"): lambda it: it.services.users.grant("ada", PREDICT, actor="grace"),
    (Action.USER_CHANGED, "revoked"): lambda it: it.services.users.revoke("ada", None, actor="grace"),
    (Action.KEY_CREATED, ""): lambda it: it.services.keys.make("weekly", Role.PREDICT, created_by="ada"),
    (Action.KEY_REVOKED, ""): lambda it: it.services.keys.revoke(it.key, actor="ada"),
    (Action.PUBLISHED, "first version"): lambda it: it.services.publisher.publish(it.file, "new", CardWriter(), "ada"),
    (Action.PUBLISHED, "next version"): lambda it: it.services.publisher.publish(it.file, "line", CardWriter(), "ada"),
    (Action.PROMOTED, ""): lambda it: it.services.promoter.promote("line", "1", "ada"),
    (Action.ROLLED_BACK, ""): lambda it: it.services.promoter.roll_back("line", "ada"),
    (Action.UNLOADED, ""): lambda it: it.services.promoter.unload("line", "ada"),
    (Action.LOADED, ""): lambda it: it.services.promoter.load("away", "ada"),
    (Action.EXPORTED, ""): export,
    (Action.FORGOT, ""): lambda it: it.services.retention.forget("penguins", [("patient", "17")], "ada"),
    (Action.PRUNED, ""): lambda it: it.services.retention.prune(datetime.now(UTC), "ada"),
    (Action.SEALED, ""): lambda it: it.services.sealer.seal(actor="ada"),
    (Action.KEYS_ACCEPTED, ""): lambda it: KeyCheck(
        engine=it.services.engine, secret=SECRET + "!", public_key=lambda: None, spool=None
    ).accept(it.services.engine, "ada"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=[f"{action.value} {how}".strip() for action, how in ACTS])
def test_what_the_audit_log_can_not_take_is_not_done(service: Service, act: Callable[[Service], Any]) -> None:
    before = service.contents()
    with pytest.raises(ScoredeskError) as refused:
        act(service)
    # It is the audit log that refused, not the act that was none.
    assert isinstance(refused.value.__cause__, DBAPIError), refused.value
    assert "takes_nothing" in str(refused.value.__cause__)
    assert service.contents() == before


def test_each_action_of_the_audit_log_is_tried_here() -> None:
    assert {action for action, _ in ACTS} == set(Action)
