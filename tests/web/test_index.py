"""GET /"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from tests.conftest import MakeApp
from webapp.helpers.accounts.roles import Role
from webapp.services.prediction_log import usage


def page(client: FlaskClient, path: str = "/", headers: dict[str, str] | None = None) -> BeautifulSoup:
    return BeautifulSoup(client.get(path, headers=headers).text, "html.parser")


def text(element: Any) -> str:
    return " ".join(element.text.split())


@pytest.fixture
def nine(make_app: MakeApp, tmp_path: Path) -> Any:
    """An app with nine models, one of which has a card, and one file that holds none."""
    folder = tmp_path / "nine"
    folder.mkdir()
    for number in range(1, 10):
        joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0, 1]), folder / f"line-{number}.joblib")
    words = {"title": "Heart", "description": "Risk of an infarct within a year. Not for children."}
    (folder / "line-1.json").write_text(json.dumps(words))
    (folder / "churn.joblib").write_bytes(b"no pickle")

    def make(**settings: Any) -> Any:
        return make_app(models_dir=folder, **settings)

    return make


def test_it_lists_the_models_with_what_they_predict(client: FlaskClient) -> None:
    models = page(client).select("article.model")
    assert [model.select_one("h2").text for model in models] == ["Breast cancer", "Penguin mass", "Penguins"]
    assert "Adelie, Chinstrap or Gentoo" in models[2].text
    assert "Flipper length (mm)" in models[2].text
    assert models[2].select_one("a")["href"] == "/models/penguins"


def test_it_tells_when_a_model_was_last_used(client: FlaskClient, penguin: dict[str, Any]) -> None:
    assert "never" in page(client).select("article.model")[2].text
    client.post("/api/v1/models/penguins/predict", json={"inputs": penguin})
    assert "UTC" in page(client).select("article.model")[2].text
    assert "never" in page(client).select("article.model")[1].text


def test_it_lists_what_cant_be_served_with_its_reason(make_app: MakeApp) -> None:
    fine = LinearRegression().fit([[0.0], [1.0]], [0, 1])
    client = make_app({"fine": fine, "scaler": StandardScaler().fit([[0.0]])}).test_client()
    unserved = page(client).select_one(".unserved")
    assert unserved.select_one("dt").text == "scaler"
    assert unserved.select_one("dd").text.startswith("It holds a StandardScaler, which has no predict method. If it")
    assert [heading.text for heading in page(client).select("article h2")] == ["Fine"]


def test_many_models_are_a_table_with_a_line_for_each(nine: Any) -> None:
    client = nine().test_client()
    client.post("/api/v1/models/line-2/predict", json={"inputs": {"x0": 0.5}})
    rows = [[text(cell) for cell in row.select("th, td")] for row in page(client).select(".models tbody tr")]
    assert len(rows) == 9
    assert [row[0] for row in rows[:2]] == ["Heart", "Line 2"]
    assert rows[0][1] == "Risk of an infarct within a year."
    assert rows[1][1:2] + rows[1][3:4] == ["Predicts a number.", "1"]
    assert rows[1][4].endswith("UTC")
    assert rows[2][3:] == ["0", "never"]


@pytest.mark.parametrize("query", ["heart", "INFARCT", "line-1", "risk children"])
def test_a_model_is_found_by_the_words_that_people_see_of_it(nine: Any, query: str) -> None:
    found = page(nine().test_client(), f"/?q={query}")
    assert [text(row) for row in found.select(".models tbody th")] == ["Heart"]
    assert text(found.select_one("main [role=status]")) == f"1 of 9 models match “{query}”. Show all"


def test_it_says_that_no_model_was_found(nine: Any) -> None:
    found = page(nine().test_client(), "/?q=<b>")
    assert found.select(".models") == []
    assert "0 of 9 models match “<b>”." in text(found)


def test_a_few_models_need_no_search(client: FlaskClient, nine: Any) -> None:
    assert page(client).select("main form[role=search]") == []
    assert page(nine().test_client()).select("main form[role=search]")


def test_only_its_admins_see_what_cant_be_served(nine: Any) -> None:
    app = nine(auth="login")
    keys, client = app.extensions["scoredesk"].keys, app.test_client()

    def banner(name: str, role: Role, *models: str) -> str:
        key = keys.make(name, role, models=models)
        found = page(client, headers={"Authorization": f"Bearer {key}"})
        assert found.select("h1")
        return " ".join(text(each) for each in found.select(".caution"))

    assert banner("chief", Role.ADMIN).startswith("1 model can’t be served churn It is damaged")
    assert "churn" in banner("lead", Role.ADMIN, "churn")
    assert banner("reviewer", Role.REVIEW) == banner("other", Role.ADMIN, "line-1") == ""


def test_a_model_that_was_unloaded_is_shown_with_how_to_put_it_back(nine: Any) -> None:
    app = nine()
    app.extensions["scoredesk"].promoter.unload("line-3", "ada")
    entry = [text(each) for each in page(app.test_client()).select(".unserved dd")][1]
    assert entry == "It was unloaded. To put it back: flask --app wsgi models load line-3"


def test_it_says_that_there_were_more_than_it_counts(nine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MAX_COUNTED", 2)
    monkeypatch.setattr("webapp.controllers.models.MAX_COUNTED", 2)
    client = nine().test_client()
    for count in ("1", "2", "over 2", "over 2"):
        client.post("/api/v1/models/line-2/predict", json={"inputs": {"x0": 0.5}})
        assert text(page(client).select(".models .count")[2]) == count


def test_it_says_what_to_do_when_there_is_no_model(make_app: MakeApp) -> None:
    assert "joblib.dump" in page(make_app().test_client()).select_one("main").text


def test_it_lists_the_models_while_the_log_is_out_of_reach(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, database_url="postgresql://x@127.0.0.1:9/x").test_client()
    assert len(page(client).select("article.model")) == 3
