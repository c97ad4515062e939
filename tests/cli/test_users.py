"""flask users, flask keys"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.conftest import MakeApp
from webapp.helpers.access import Grant, Role

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
    assert (weak.exit_code, "tried first" in weak.output) == (1, True)


def test_roles_are_given_and_taken(app: Flask) -> None:
    create(app, "ada", "--model", "penguins")
    run(app, "users", "grant", "ada", "--role", "review", "--model", "penguins")
    run(app, "users", "grant", "ada", "--role", "predict")
    assert run(app, "users", "list").output == "ada  predict: all models, review: penguins\n"
    run(app, "users", "revoke", "ada")
    run(app, "users", "revoke", "ada", "--model", "penguins")
    assert run(app, "users", "list").output == "ada  no role\n"


def test_a_user_is_disabled_and_gets_a_new_password(app: Flask) -> None:
    create(app, "ada")
    new = "macaroni in the wind"
    assert run(app, "users", "password", "ada", input=f"{new}\n{new}\n").exit_code == 0
    assert app.extensions["scoredesk"].users.authenticate("ada", new)
    assert run(app, "users", "disable", "ada").output == "ada can't log in any more.\n"
    assert run(app, "users", "list").output == "ada  disabled\n"
    assert run(app, "users", "disable", "bob").output == "Error: There is no user of this name.\n"


def test_a_key_is_made_listed_and_revoked(app: Flask) -> None:
    key = run(app, "keys", "create", "nightly", "--model", "penguins", "--days", "30").output.strip()
    assert app.extensions["scoredesk"].keys.find(key).grants == (Grant(role=Role.PREDICT, model="penguins"),)
    id = key.split("_")[1]
    listed = run(app, "keys", "list").output
    assert listed.startswith(f"{id}  nightly  predict: penguins  until ")
    assert key not in listed
    assert run(app, "keys", "revoke", id).exit_code == 0
    assert app.extensions["scoredesk"].keys.find(key) is None
    assert run(app, "keys", "list").output.endswith("ended\n")
    assert run(app, "keys", "revoke", "x").output == "Error: There is no key with this id.\n"


def test_all_of_it_is_in_the_audit(app: Flask) -> None:
    create(app, "ada")
    run(app, "keys", "create", "nightly")
    events = app.extensions["scoredesk"].audit.page()
    assert [(event.action, event.subject) for event in events] == [("made a key", "nightly"), ("created a user", "ada")]
