"""Changed code of one's own: a published version is refused, and records tell which code answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp
from tests.own_code import CODE, MODULE, TRUSTED, OwnModule


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnModule:
    return OwnModule(tmp_path / "code of one's own", monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def app(make_app: MakeApp, own: OwnModule, folder: Path) -> Flask:
    return make_app(models_dir=folder, trusted_types=TRUSTED)


def refresh(app: Flask) -> None:
    app.extensions["scoredesk"].store.refresh()


def record(client: FlaskClient, name: str = "line") -> dict[str, Any]:
    """Ask a model for three, and return the record."""
    answer = client.post(f"/api/v1/models/{name}/predict", json={"inputs": {"x0": 3.0}})
    assert answer.status_code == 200, answer.text
    return dict(client.get(f"/api/v1/predictions/{answer.json['id']}").json)


def publish(app: Flask, own: OwnModule, tmp_path: Path) -> str:
    source = tmp_path / "line to publish.joblib"
    source.write_bytes(own.dump())
    result = app.test_cli_runner().invoke(args=["models", "publish", str(source), "--name", "line"])
    refresh(app)
    return str(result.output)


def test_records_of_a_file_tell_the_code_before_a_change_from_the_code_after_it(
    app: Flask, own: OwnModule, folder: Path
) -> None:
    client = app.test_client()
    (folder / "line.joblib").write_bytes(own.dump())
    refresh(app)
    before = record(client)
    own.write(3)
    refresh(app)
    after = record(client)
    assert (round(before["prediction"]), round(after["prediction"])) == (6, 9)
    assert before["digest"] == after["digest"]
    assert before["code"] != after["code"]
    own.write(2)
    refresh(app)
    assert (record(client)["code"], round(record(client)["prediction"])) == (before["code"], 6)


def test_pages_and_exports_show_the_code(app: Flask, own: OwnModule, folder: Path) -> None:
    client = app.test_client()
    (folder / "line.joblib").write_bytes(own.dump())
    refresh(app)
    found = record(client)
    code = found["code"]
    assert client.get("/api/v1/models/line").json["code"] == code
    assert code in client.get("/models/line/card").text
    assert code in client.get(f"/predictions/{found['id']}").text
    assert code in client.get(f"/predictions/{found['id']}.csv").text
    checked = app.test_cli_runner().invoke(args=["models", "check", str(folder / "line.joblib")])
    assert code in checked.output


def test_a_published_version_is_refused_with_other_code_until_it_is_put_back_or_published_again(
    app: Flask, own: OwnModule, folder: Path, tmp_path: Path
) -> None:
    client = app.test_client()
    publish(app, own, tmp_path)
    before = record(client)
    card = json.loads((folder / "line" / "1.json").read_text())
    assert card["code"] == before["code"]
    own.write(3)
    refresh(app)
    (listed,) = client.get("/api/v1/models").json["models"]
    assert listed["reason"] == (
        f"Since it was published, the code of {MODULE} changed, so it may answer differently. Publish its file again "
        "as a new version, or put back what was changed."
    )
    assert client.post("/api/v1/models/line/predict", json={"inputs": {"x0": 3.0}}).status_code == 503
    own.write(2)
    refresh(app)
    assert record(client)["code"] == before["code"]
    own.write(3)
    publish(app, own, tmp_path)
    app.test_cli_runner().invoke(args=["models", "promote", "line", "2"])
    refresh(app)
    after = record(client)
    assert (after["version"], round(after["prediction"])) == ("2", 9)
    assert after["code"] != before["code"]


def test_a_model_without_code_of_ones_own_is_served_whatever_changes(
    app: Flask, own: OwnModule, folder: Path, make_app: MakeApp, tmp_path: Path
) -> None:
    client = make_app(
        {"plain": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])}, trusted_types=TRUSTED
    ).test_client()
    before = record(client, "plain")
    own.write(3)
    refresh(client.application)
    assert (before["code"], record(client, "plain")["code"]) == (None, None)


def test_an_answer_is_not_explained_with_other_code(app: Flask, own: OwnModule, folder: Path) -> None:
    client = app.test_client()
    (folder / "line.joblib").write_bytes(own.dump())
    refresh(app)
    page = f"/predictions/{record(client)['id']}"
    assert "Effect of each input" in client.get(page).text
    own.write(3)
    refresh(app)
    assert "Effect of each input" not in client.get(page).text


def test_a_module_that_is_broken_for_a_while_is_named_and_read_again_once_it_is_mended(
    app: Flask, own: OwnModule, folder: Path
) -> None:
    client = app.test_client()
    (folder / "line.joblib").write_bytes(own.dump())
    for factor, code, said in (
        (2, "def", f"importing {MODULE} here fails (SyntaxError)"),
        (2, "import a_module_that_is_not_there", "lacks a_module_that_is_not_there (ModuleNotFoundError)"),
    ):
        own.write(factor, code)
        refresh(app)
        (listed,) = client.get("/api/v1/models").json["models"]
        assert said in listed["reason"]
    own.write(2, CODE)
    refresh(app)
    assert round(record(client)["prediction"]) == 6
