"""GET /"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from tests.conftest import MakeApp


def page(client: FlaskClient) -> BeautifulSoup:
    return BeautifulSoup(client.get("/").text, "html.parser")


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


def test_it_says_what_to_do_when_there_is_no_model(make_app: MakeApp) -> None:
    assert "joblib.dump" in page(make_app().test_client()).select_one("main").text


def test_it_lists_the_models_while_the_log_is_out_of_reach(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, database_url="postgresql://x@127.0.0.1:9/x").test_client()
    assert len(page(client).select("article.model")) == 3
