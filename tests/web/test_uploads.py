"""POST /uploads"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import joblib
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sklearn.preprocessing import StandardScaler
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from tests.versions.estimators import times
from webapp.helpers.accounts.roles import Grant, Role
from webapp.models.parts_file import FilePart, write_parts


def dumped(estimator: object) -> bytes:
    file = BytesIO()
    joblib.dump(estimator, file)
    return file.getvalue()


LINE, STEEPER = dumped(times(1)), dumped(times(2))


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(uploads=True)


def send(client: FlaskClient, data: bytes, file_name: str = "line.pkl", **fields: Any) -> TestResponse:
    return client.post("/uploads", data={"file": (BytesIO(data), file_name)} | fields)


def text(answer: TestResponse) -> str:
    return " ".join(BeautifulSoup(answer.text, "html.parser").select_one("main").text.split())


def served(app: Flask) -> dict[str, str]:
    store = app.extensions["scoredesk"].store
    store.refresh()
    return {model.name: model.version for model in store.served()}


def test_it_publishes_a_file_says_what_was_found_and_leads_to_the_form(app: Flask, tmp_path: Path) -> None:
    client = app.test_client()
    answer = send(client, LINE, "Größe (neu).pkl")
    assert answer.status_code == 200
    assert "Grosse-neu, version 1 Published." in text(answer)
    assert "LinearRegression, made with scikit-learn" in text(answer)
    assert "The file says nothing about x0" in text(answer)
    address = BeautifulSoup(answer.text, "html.parser").select_one("main .actions a")["href"]
    assert served(app) == {"Grosse-neu": "1"}
    assert BeautifulSoup(client.get(address).text, "html.parser").select_one("h1").text == "Größe (neu)"
    assert (tmp_path / "Grosse-neu" / "1.joblib").read_bytes() == LINE


def test_the_audit_log_names_who_published(make_app: MakeApp) -> None:
    app = make_app(uploads=True, auth="login")
    key = app.extensions["scoredesk"].keys.make("chief", Role.ADMIN)
    send_as = {"Authorization": f"Bearer {key}"}
    answer = app.test_client().post("/uploads", data={"file": (BytesIO(LINE), "line.pkl")}, headers=send_as)
    assert answer.status_code == 200
    events = [(event.action, event.subject, event.actor) for event in app.extensions["scoredesk"].audit.page()]
    assert ("published a version", "line", "key:chief") in events


def test_a_new_version_must_be_confirmed_and_waits_for_its_promotion(app: Flask) -> None:
    client = app.test_client()
    send(client, LINE)
    refused = send(client, STEEPER, "steeper.pkl", name="line")
    assert refused.status_code == 409
    assert "There is already a model with the name line. If this is its next version" in text(refused)
    assert BeautifulSoup(refused.text, "html.parser").select_one("#name")["value"] == "line"
    published = send(client, STEEPER, "steeper.pkl", name="line", next="yes")
    assert served(app) == {"line": "1"}
    form = BeautifulSoup(published.text, "html.parser").select_one("main form")
    sent = {field["name"]: field["value"] for field in form.select("input")}
    assert form.text.strip() == "Use version 2 from now on"
    assert "in use from now on" in text(client.post(form["action"], data=sent))
    assert served(app) == {"line": "2"}


def test_a_version_that_is_not_there_is_not_promoted(app: Flask) -> None:
    client = app.test_client()
    send(client, LINE)
    assert client.post("/models/line/promote", data={"version": "9"}).status_code == 404
    assert client.post("/models/line/promote").status_code == 404
    assert served(app) == {"line": "1"}


def test_a_damaged_version_is_not_promoted(app: Flask, tmp_path: Path) -> None:
    client = app.test_client()
    send(client, LINE)
    (tmp_path / "line" / "2.joblib").write_bytes(b"no pickle")
    assert client.post("/models/line/promote", data={"version": "2"}).status_code == 409
    assert served(app) == {"line": "1"}


def test_files_that_were_joined_outside_are_refused(app: Flask, tmp_path: Path) -> None:
    joined = write_parts([FilePart(role="model", name="line.pkl", data=LINE)])
    answer = send(app.test_client(), joined)
    assert answer.status_code == 422
    assert "Send the model's own file" in text(answer)
    assert list(tmp_path.iterdir()) == []


def test_a_bare_file_of_this_name_counts_too(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "line.joblib").write_bytes(LINE)
    assert send(app.test_client(), STEEPER).status_code == 409


def test_the_same_file_again_changes_nothing(app: Flask, tmp_path: Path) -> None:
    client = app.test_client()
    send(client, LINE)
    served(app)
    assert "published before, so nothing was changed" in text(send(client, LINE, next="yes"))
    assert sorted(path.name for path in (tmp_path / "line").iterdir()) == ["1.joblib", "1.json"]


def test_of_two_uploads_at_once_one_gets_the_name(app: Flask, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda data: send(app.test_client(), data), [LINE, STEEPER]))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert sorted(path.name for path in (tmp_path / "line").iterdir()) == ["1.joblib", "1.json"]


def zipped() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("line.pkl", LINE)
    return file.getvalue()


class Harmful:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch /tmp/harmed",)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "line.pkl can't be published."),
        (b"no pickle", "line.pkl can't be published."),
        (zipped(), "line.pkl can't be published."),
        (dumped(Harmful()), "posix.system"),
        (dumped(StandardScaler().fit([[0.0]])), "has no predict method"),
    ],
    ids=["empty", "text", "zip", "hostile", "scaler"],
)
def test_a_file_that_cant_be_served_leaves_its_reason_and_nothing_else(
    app: Flask, tmp_path: Path, data: bytes, says: str
) -> None:
    answer = send(app.test_client(), data)
    assert answer.status_code == 422
    assert says in text(answer)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../../line.pkl", "..", "/etc/line.pkl", "a\x01b.pkl", "x" * 300])
def test_no_name_leads_out_of_the_models_folder(app: Flask, tmp_path: Path, name: str) -> None:
    assert send(app.test_client(), LINE, name).status_code == 200
    assert [path.parent.parent for path in tmp_path.rglob("1.joblib")] == [tmp_path]


@pytest.mark.parametrize("name", ["../line", "a/b", ".line", "ü", "x" * 65])
def test_a_name_that_no_address_can_hold_is_refused(app: Flask, tmp_path: Path, name: str) -> None:
    assert "A model's name has up to 64 letters" in text(send(app.test_client(), LINE, name=name))
    assert list(tmp_path.iterdir()) == []


def test_a_form_without_a_file_asks_for_one(app: Flask) -> None:
    for data in ({}, {"file": (BytesIO(), "")}, {"file": "text"}):
        answer = app.test_client().post("/uploads", data=data, content_type="multipart/form-data")
        assert (answer.status_code, "Choose a file." in text(answer)) == (422, True)


def test_a_file_beyond_the_limit_is_refused(make_app: MakeApp, tmp_path: Path) -> None:
    answer = send(make_app(uploads=True, max_upload=100_000).test_client(), b"x" * 200_000)
    assert answer.status_code == 413
    assert "(MAX_UPLOAD)" in text(answer)
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_be_larger_than_other_bodies(make_app: MakeApp) -> None:
    answer = send(make_app(uploads=True, max_content_length=1024).test_client(), LINE + b"\0" * 2048)
    assert answer.status_code in (200, 422)


def test_a_folder_that_cant_be_written_is_told(make_app: MakeApp) -> None:
    app = make_app(uploads=True, models_dir=Path("/dev/null/models"))
    assert "can't be used (Not a directory)" in text(send(app.test_client(), LINE))
    app = make_app(uploads=True, known_dir=Path("/dev/null/known"))
    assert send(app.test_client(), LINE).status_code == 507


def test_uploads_are_off_unless_they_are_switched_on(make_app: MakeApp) -> None:
    client = make_app().test_client()
    assert send(client, LINE).status_code == 404
    assert client.post("/models/line/promote", data={"version": "1"}).status_code == 404
    assert "Publish a model" not in client.get("/").text


def test_only_administrators_of_all_models_see_the_form(make_app: MakeApp) -> None:
    app = make_app(uploads=True, auth="login")
    users, chance = app.extensions["scoredesk"].users, "gentoo walks to the sea"
    users.create("ada", chance, Grant(role=Role.ADMIN), actor="grace")
    users.create("bob", chance + "!", Grant(role=Role.ADMIN, model="line"), actor="grace")
    shown = {}
    for name, password in (("ada", chance), ("bob", chance + "!")):
        client = app.test_client()
        client.post("/login", data={"name": name, "password": password}, base_url="https://localhost")
        shown[name] = "Publish a model" in client.get("/", base_url="https://localhost").text
    assert shown == {"ada": True, "bob": False}


def test_a_page_of_another_site_can_send_none(app: Flask) -> None:
    answer = app.test_client().post(
        "/uploads", data={"file": (BytesIO(LINE), "line.pkl")}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, served(app)) == (403, {})
