"""flask users, flask keys"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from psycopg import sql
from sqlalchemy import create_engine

from tests.conftest import DatabaseServer, MakeApp
from webapp.database import postgres_roles
from webapp.database.address import describe
from webapp.database.engines import with_driver
from webapp.helpers.accounts.roles import Grant, Role

PASSWORD = "gentoo walks to the sea"


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    return make_app(models_dir=demo_models, auth="login")


def run(app: Flask, *words: str, input: str = "") -> Result:
    return app.test_cli_runner().invoke(args=list(words), input=input)


def create(app: Flask, *words: str) -> Result:
    return run(app, "users", "create", *words, input=f"{PASSWORD}\n{PASSWORD}\n")


def test_the_first_administrator_is_made_with_a_password_that_is_asked_for(app: Flask) -> None:
    assert run(app, "users", "list").output == "There are no users.\n"
    made = create(app, "Ada", "--role", "admin")
    assert (made.exit_code, made.output.splitlines()[-1]) == (0, "Ada can log in.")
    assert PASSWORD not in made.output
    assert run(app, "users", "list").output == "ada  admin: all models\n"
    assert app.extensions["scoredesk"].users.authenticate("ada", PASSWORD)


def test_a_name_is_given_once_and_a_weak_password_not_at_all(app: Flask) -> None:
    create(app, "ada")
    again = create(app, "ADA")
    assert (again.exit_code, again.output.splitlines()[-1]) == (1, "Error: There is a user of this name.")
    weak = run(app, "users", "create", "bob", input="password1234\npassword1234\n")
    assert (weak.exit_code, "easy to guess" in weak.output) == (1, True)


def test_roles_are_given_and_taken(app: Flask) -> None:
    create(app, "ada", "--model", "penguins")
    run(app, "users", "grant", "ada", "--role", "review", "--model", "penguins")
    run(app, "users", "grant", "ada", "--role", "predict")
    assert run(app, "users", "list").output == "ada  predict: all models, review: penguins\n"
    first = run(app, "users", "revoke", "ada")
    assert first.output == "ada no longer has a role for all models. Remaining roles: review: penguins.\n"
    last = run(app, "users", "revoke", "ADA", "--model", "penguins")
    assert last.output == "ADA no longer has a role for penguins. Remaining roles: none.\n"
    assert run(app, "users", "list").output == "ada  no role\n"


def test_where_there_is_no_such_role_none_is_said_to_be_taken(app: Flask) -> None:
    create(app, "bob", "--model", "penguins")
    without = run(app, "users", "revoke", "bob")
    said = "bob has no role for all models, so nothing was removed. Remaining roles: predict: penguins."
    assert (without.exit_code, without.output) == (1, f"Error: {said}\n")
    misspelt = run(app, "users", "revoke", "bbob", "--model", "penguins")
    said = "There is no user “bbob”. Did you mean “bob”?"
    assert (misspelt.exit_code, misspelt.output) == (1, f"Error: {said}\n")
    assert [event.action for event in app.extensions["scoredesk"].audit.page()] == ["created a user"]


def test_a_role_for_a_name_that_is_no_users_is_refused_with_the_name_that_was_meant(app: Flask) -> None:
    create(app, "grace")
    assert run(app, "users", "grant", "Grace", "--role", "review").exit_code == 0
    misspelt = run(app, "users", "grant", "gracee", "--role", "review")
    said = "There is no user “gracee”. Did you mean “grace”? To create one: flask --app wsgi users create gracee."
    assert (misspelt.exit_code, misspelt.output.startswith(f"Error: {said}")) == (1, True)
    assert run(app, "users", "list").output == "grace  review: all models\n"


def test_a_role_for_a_model_that_is_not_there_is_refused_with_the_name_that_was_meant(app: Flask) -> None:
    said = "Error: There is no model “pengiuns”. Did you mean “penguins”?\n"
    assert create(app, "ada", "--model", "pengiuns").output.endswith(said)
    assert run(app, "users", "list").output == "There are no users.\n"
    create(app, "ada")
    assert run(app, "users", "grant", "ada", "--role", "review", "--model", "pengiuns").output == said
    key = run(app, "keys", "create", "nightly", "--model", "pengiuns")
    assert (key.exit_code, key.output) == (1, said)
    assert run(app, "keys", "list").output == "There are no API keys.\n"


def test_a_role_for_a_name_that_a_proxy_sends_is_given_and_told_of(make_app: MakeApp) -> None:
    assert run(make_app(auth="proxy"), "users", "grant", "bbo", "--role", "review").output.splitlines() == [
        "bbo has the role review for all models.",
        "There is no user of this name yet. The role counts when a trusted proxy sends this name.",
    ]


def test_a_new_user_has_no_roles_that_were_given_to_the_name_before(
    app: Flask, make_app: MakeApp, demo_models: Path
) -> None:
    proxied = make_app(models_dir=demo_models, auth="proxy")
    run(proxied, "users", "grant", "bob", "--role", "admin", "--model", "penguins")
    refused = create(app, "Bob")
    assert (refused.exit_code, refused.output.splitlines()[-1]) == (
        1,
        "Error: This name was given roles before (admin: penguins). First remove them with users revoke.",
    )
    assert run(app, "users", "list").output == "There are no users.\n"
    run(app, "users", "revoke", "bob", "--model", "penguins")
    assert create(app, "Bob").exit_code == 0
    assert run(app, "users", "list").output == "bob  predict: all models\n"


def test_a_user_is_disabled_and_gets_a_new_password(app: Flask) -> None:
    create(app, "ada")
    new = "macaroni in the wind"
    assert run(app, "users", "password", "ada", input=f"{new}\n{new}\n").exit_code == 0
    assert app.extensions["scoredesk"].users.authenticate("ada", new)
    assert run(app, "users", "disable", "ada").output == "ada can no longer log in.\n"
    assert run(app, "users", "list").output == "ada  disabled\n"
    assert run(app, "users", "disable", "bob").output == "Error: There is no user “bob”.\n"


def test_a_key_is_made_listed_and_revoked(app: Flask) -> None:
    key = run(app, "keys", "create", "nightly", "--model", "penguins", "--days", "30").output.strip()
    assert app.extensions["scoredesk"].keys.find(key).grants == (Grant(role=Role.PREDICT, model="penguins"),)
    id = key.split("_")[1]
    listed = run(app, "keys", "list").output
    assert listed.startswith(f"{id}  nightly  predict: penguins  expires ")
    assert key not in listed
    assert run(app, "keys", "revoke", id).exit_code == 0
    assert app.extensions["scoredesk"].keys.find(key) is None
    assert run(app, "keys", "list").output.endswith("revoked\n")
    assert run(app, "keys", "revoke", "x").output == "Error: There is no key with this id.\n"


def test_two_keys_of_one_name_may_do_the_same(app: Flask) -> None:
    words = ("keys", "create", "nightly", "--model", "penguins", "--model", "penguin-mass")
    assert run(app, *words).exit_code == 0
    assert run(app, *words[:3], "--model", "penguin-mass", "--model", "penguins").exit_code == 0
    other = run(app, "keys", "create", "Nightly")
    said = "There is a key of this name with another role or other models (predict: penguins, penguin-mass). "
    assert (other.exit_code, other.output) == (1, f"Error: {said}Choose another name, or revoke that key first.\n")
    assert run(app, *words, "--role", "review").exit_code == 1
    for key in app.extensions["scoredesk"].keys.all():
        app.extensions["scoredesk"].keys.revoke(key.id, actor="grace")
    assert run(app, "keys", "create", "nightly").exit_code == 0


def test_all_of_it_is_in_the_audit(app: Flask) -> None:
    create(app, "ada")
    key = run(app, "keys", "create", "nightly").output.strip()
    events = app.extensions["scoredesk"].audit.page()
    assert events[0].details == {"id": key.split("_")[1], "role": "predict", "models": None}
    assert [(event.action, event.subject) for event in events] == [("made a key", "nightly"), ("created a user", "ada")]


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_who_has_no_name_on_the_machine_is_told_of_by_number(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nobody)
    assert create(app, "ada").exit_code == 0
    key = run(app, "keys", "create", "nightly").output.strip()
    assert run(app, "keys", "revoke", key.split("_")[1]).exit_code == 0
    assert run(app, "users", "disable", "ada").exit_code == 0
    assert run(app, "models", "unload", "penguins").exit_code == 0
    events = app.extensions["scoredesk"].audit.page()
    assert [event.actor for event in events] == [str(os.getuid())] * 5


def test_what_nobody_can_be_named_for_is_not_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    create(app, "ada")

    def fail() -> str:
        raise RuntimeError

    monkeypatch.setattr("getpass.getuser", fail)
    for words in (("disable", "ada"), ("revoke", "ada"), ("grant", "ada", "--role", "admin")):
        assert run(app, "users", *words).exit_code == 1
    assert create(app, "bob").exit_code == 1
    assert run(app, "users", "list").output == "ada  predict: all models\n"


def test_a_role_that_may_not_change_users_is_told_so(make_app: MakeApp, database_url: str) -> None:
    web = f"scoredesk_web_{secrets.token_hex(8)}"
    engine = create_engine(with_driver(database_url))
    postgres_roles.grant(engine, web, "a password")
    engine.dispose()
    with psycopg.connect(database_url, autocommit=True) as owner:
        # As in a role that was made for an earlier version.
        owner.execute(sql.SQL("REVOKE INSERT ON grants FROM {}").format(sql.Identifier(web)))
    before, _, rest = database_url.partition("://")
    app = make_app(database_url=f"{before}://{web}:a%20password@{rest.partition('@')[2]}")
    result = create(app, "ada", "--role", "review")
    assert f"Error: The role “{web}” may not do this in " in result.output
    assert "Use the DATABASE_URL of the tables' owner" in result.output
    with psycopg.connect(database_url, autocommit=True) as owner:
        for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
            owner.execute(sql.SQL(statement).format(sql.Identifier(web)))


def test_a_database_without_tables_is_named(make_app: MakeApp, database_server: DatabaseServer) -> None:
    url = database_server.create(template="template0")
    result = run(make_app(database_url=url), "users", "list")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: There are no tables in {describe(url)}. To create them, run as ")
    database_server.drop(url)
