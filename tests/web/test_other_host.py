"""A record that waits in the spool of one host, looked up on another."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.faults.rows import an_id
from tests.sealing import SEALING_SECRET
from webapp.helpers.uuid7 import time_of

NOWHERE = "postgresql://x@127.0.0.1:9/x"
PREDICT = "/api/v1/models/penguins/predict"
ADDRESSES = ["/api/v1/predictions/{}", "/predictions/{}.json", "/predictions/{}.csv"]
SEARCHES = ["/api/v1/predictions?id={}", "/predictions.json?id={}", "/predictions.csv?id={}"]
SENTENCE = (
    "This prediction is stored on another server and is not here yet. If it never appears, tell the administrator."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool of the first host"


@pytest.fixture
def cut_off(make_app: MakeApp, demo_models: Path, folder: Path) -> FlaskClient:
    """A host that can't reach the database."""
    return make_app(models_dir=demo_models, database_url=NOWHERE, spool_dir=folder).test_client()


@pytest.fixture
def other(make_app: MakeApp, demo_models: Path) -> FlaskClient:
    """Another host, which can."""
    return make_app(models_dir=demo_models, sealing_key=SEALING_SECRET).test_client()


@pytest.fixture
def id(cut_off: FlaskClient, penguin: dict[str, Any]) -> str:
    """The id of a record that the first host keeps."""
    return str(cut_off.post(PREDICT, json={"inputs": penguin}).json["id"])


def move(cut_off: FlaskClient, connected: Flask) -> None:
    """Do what the first host does when it can reach the database again."""
    cut_off.application.extensions["scoredesk"].spool.seal()
    assert connected.extensions["scoredesk"].replayer.replay()


@pytest.mark.parametrize("address", ADDRESSES + SEARCHES)
def test_a_script_is_told_to_come_again(other: FlaskClient, id: str, address: str) -> None:
    answer = other.get(address.format(id))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["error"] == SENTENCE
    assert "Refresh" not in answer.headers


@pytest.mark.parametrize("address", ["/predictions/{}", "/predictions?id={}"])
def test_a_page_loads_itself_again(other: FlaskClient, id: str, address: str) -> None:
    answer = other.get(address.format(id))
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Refresh"]) == (503, "5", "5")
    assert "Not here yet" in answer.text
    assert SENTENCE in answer.text


def test_it_is_shown_once_the_host_has_moved_it(
    make_app: MakeApp, cut_off: FlaskClient, other: FlaskClient, id: str, folder: Path
) -> None:
    move(cut_off, make_app(spool_dir=folder))
    assert "Adelie" in other.get(f"/predictions/{id}").text
    assert all(other.get(address.format(id)).status_code == 200 for address in ADDRESSES + SEARCHES)


def test_the_host_that_keeps_it_shows_it(cut_off: FlaskClient, id: str) -> None:
    assert cut_off.get(f"/predictions/{id}").status_code == 200


def test_who_waits_long_comes_again_more_rarely(
    other: FlaskClient, cut_off: FlaskClient, penguin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours, seconds in ((1, range(360, 400)), (100, range(3600, 3601))):
        then = time.time_ns() - hours * 3600 * 1_000_000_000
        with monkeypatch.context() as patch:
            patch.setattr(time, "time_ns", lambda then=then: then)
            id = cut_off.post(PREDICT, json={"inputs": penguin}).json["id"]
        assert int(other.get(f"/predictions/{id}").headers["Refresh"]) in seconds


def test_an_id_that_no_host_made_is_not_found(other: FlaskClient) -> None:
    answers = [other.get(f"/predictions/{an_id()}") for _ in range(3)]
    assert 404 in {answer.status_code for answer in answers}
    assert other.get(f"/api/v1/predictions?id={an_id()}").json["predictions"] == []


def test_an_id_that_was_made_with_another_key_is_not_found(
    make_app: MakeApp, demo_models: Path, other: FlaskClient, penguin: dict[str, Any]
) -> None:
    stranger = make_app(models_dir=demo_models, database_url=NOWHERE, secret_key="another secret key").test_client()
    ids = [stranger.post(PREDICT, json={"inputs": penguin}).json["id"] for _ in range(3)]
    assert 404 in {other.get(f"/predictions/{id}").status_code for id in ids}


def test_what_was_pruned_is_not_found(
    other: FlaskClient, penguin: dict[str, Any], database_url: str, make_app: MakeApp
) -> None:
    id = other.post(PREDICT, json={"inputs": penguin}).json["id"]
    with psycopg.connect(database_url, autocommit=True) as owner:
        # A month that has no partition for another reason was not pruned.
        owner.execute(f"DROP TABLE predictions_{time_of(UUID(id)):%Y%m}")
        assert other.get(f"/predictions/{id}").status_code == 503
        owner.execute("SELECT make_predictions_partition(%s)", [time_of(UUID(id)).date().replace(day=1)])
    runner = make_app(sealing_key=SEALING_SECRET).test_cli_runner()
    assert runner.invoke(args=["predictions", "prune", "--older-than", "2999-01-01"]).exit_code == 0
    assert other.get(f"/predictions/{id}").status_code == 404


def test_a_prediction_is_shown_without_the_previous_one_that_is_elsewhere(
    other: FlaskClient, id: str, penguin: dict[str, Any]
) -> None:
    here = other.post(PREDICT, json={"inputs": penguin}).json["id"]
    assert "Adelie" in other.get(f"/predictions/{here}?beside={id}").text


def test_it_can_not_be_proved_yet(make_app: MakeApp, cut_off: FlaskClient, id: str, folder: Path) -> None:
    def prove(app: Flask) -> str:
        return app.test_cli_runner().invoke(args=["predictions", "prove", id]).output

    elsewhere = make_app(sealing_key=SEALING_SECRET)
    assert prove(elsewhere) == f"Error: {SENTENCE}\n"
    itself = make_app(sealing_key=SEALING_SECRET, spool_dir=folder)
    assert "may still wait in the spool" in prove(itself)
    move(cut_off, itself)
    assert prove(elsewhere).startswith("Error: This prediction is not sealed yet.")


def test_a_host_that_is_cut_off_says_so_and_its_page_loads_itself_again(
    cut_off: FlaskClient, other: FlaskClient, penguin: dict[str, Any]
) -> None:
    id = other.post(PREDICT, json={"inputs": penguin}).json["id"]
    page = cut_off.get(f"/predictions/{id}")
    assert (page.status_code, page.headers["Refresh"]) == (503, "5")
    sentence = "The database can't be reached right now, so this prediction can't be shown."
    assert sentence in page.text.replace("&#39;", "'")
    answer = cut_off.get(f"/api/v1/predictions/{id}")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json["error"]) == (503, "5", sentence)
