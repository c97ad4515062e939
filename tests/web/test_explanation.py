"""Why an answer is as it is, on its page and for scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.conftest import MakeApp
from webapp.errors import NotExplainable


@pytest.fixture
def record(client: FlaskClient, penguin: dict[str, Any]) -> str:
    """The address of a record."""
    answer = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin})
    return f"/predictions/{answer.get_json()['id']}"


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def test_the_page_tells_what_each_input_did(client: FlaskClient, record: str, penguin: dict[str, Any]) -> None:
    rows = page(client, record).select(".reasons tbody tr")
    assert len(rows) == len(penguin)
    labels = [row.select_one("th").get_text() for row in rows]  # type: ignore[union-attr]
    assert "Bill length (mm): 39.1" in labels


def test_the_page_tells_what_would_change_the_answer(client: FlaskClient, record: str) -> None:
    section = page(client, record).select_one("[aria-labelledby=change1]")
    assert section is not None
    assert "the answer would be" in section.get_text() or "No change" in section.get_text()


def test_each_other_value_leads_to_the_form_with_that_value(
    client: FlaskClient, record: str, penguin: dict[str, Any]
) -> None:
    (curve,) = [each for each in page(client, record).select(".curve") if each.figcaption.text == "Island"]
    (link,) = [each for each in curve.select("a") if each.text == "Dream"]
    form = page(client, str(link["href"]))
    assert [each["value"] for each in form.select("input[name=island][checked]")] == ["Dream"]
    assert form.select_one("input[name=bill_length_mm]")["value"] == "39.1"


def test_each_suggestion_leads_to_the_form_with_its_value(client: FlaskClient, record: str) -> None:
    tried = page(client, record).select(".try")
    assert tried
    for link in tried:
        form = page(client, str(link["href"]))
        data = {each["name"]: each["value"] for each in form.select("main form input[type=text], main input[checked]")}
        changed = client.post(str(form.select_one("main form[method=post]")["action"]), data=data)
        promised = link.find_parent("li").get_text().split("the answer would be ")[1].split(".")[0]
        assert page(client, changed.headers["Location"]).h1.get_text().strip() == promised


def test_no_address_on_the_page_holds_an_input(client: FlaskClient, record: str, penguin: dict[str, Any]) -> None:
    found = page(client, record)
    addresses = [str(each.get("href") or each.get("action")) for each in found.select("[href], [action]")]
    assert any("change=island" in each for each in addresses)
    for address in addresses:
        values = parse_qs(urlsplit(address).query)
        assert not {"39.1", "Torgersen", "Dream", "181"} & {value for each in values.values() for value in each}
        assert not values.keys() & penguin.keys()


def test_a_change_of_another_file_is_not_looked_up(client: FlaskClient, app: Flask, record: str) -> None:
    again = f"/models/penguins?again={record.rsplit('/', 1)[1]}"
    for change in ("change=island", "change=island&to=99", "change=island&to=-1", "change=nothing&to=0"):
        assert client.get(f"{again}&{change}").status_code == 404
    assert client.get(f"{again}&change=island&to=1").status_code == 200
    model = app.extensions["scoredesk"].store.get("penguins")
    object.__setattr__(model, "digest", "0" * 64)
    assert client.get(f"{again}&change=island&to=1").status_code == 404
    assert client.get(again).status_code == 200


def test_the_answer_to_a_changed_form_stands_beside_the_one_before(
    client: FlaskClient, record: str, penguin: dict[str, Any]
) -> None:
    (again,) = page(client, record).select("[accesskey=e]")
    action = page(client, str(again["href"])).select_one("main form[method=post]")
    assert action is not None
    sent = client.post(str(action["action"]), data=penguin | {"island": "Dream"})
    assert sent.status_code == 303
    table = page(client, sent.headers["Location"]).select_one("table.beside")
    assert table is not None
    differing = [row.get_text(" ") for row in table.select(".differs")]
    assert any("Torgersen" in row and "Dream" in row for row in differing)


def test_what_is_no_prediction_of_the_model_is_not_put_beside(client: FlaskClient, record: str) -> None:
    assert page(client, f"{record}?beside=nonsense").select_one("table.beside") is None
    other = client.post(
        "/api/v1/models/penguin-mass/predict", json={"inputs": {"species": "Gentoo", "island": "Biscoe"}}
    )
    assert page(client, f"{record}?beside={other.get_json()['id']}").select_one("table.beside") is None


def test_looking_at_an_explanation_records_nothing(client: FlaskClient, record: str) -> None:
    before = client.get("/api/v1/predictions").get_json()["predictions"]
    page(client, record)
    assert client.get("/api/v1/predictions").get_json()["predictions"] == before


def test_a_script_gets_it_only_if_it_asks(client: FlaskClient, penguin: dict[str, Any]) -> None:
    url = "/api/v1/models/penguins/predict"
    assert "explanations" not in client.post(url, json={"inputs": penguin}).get_json()
    answer = client.post(f"{url}?explain=true", json={"inputs": penguin}).get_json()
    (found,) = answer["explanations"]
    assert found["explains"] == {"probability_of": answer["prediction"]}
    assert found["score"] == pytest.approx(answer["probabilities"][answer["prediction"]])
    total = sum(each["value"] for each in found["contributions"])
    assert total == pytest.approx(found["score"] - found["baseline"], abs=1e-9)
    again = client.get(f"/api/v1/predictions/{answer['id']}?explain=true").get_json()
    assert again["explanations"] == [found]


def test_a_list_is_not_explained(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post("/api/v1/models/penguins/predict?explain=true", json={"inputs": [penguin]})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["loc"] == ["inputs"]


def test_explain_is_true_or_false(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post("/api/v1/models/penguins/predict?explain=please", json={"inputs": penguin})
    assert (answer.status_code, answer.get_json()["errors"][0]["loc"]) == (422, ["explain"])


def test_a_failed_prediction_has_no_explanation(client: FlaskClient) -> None:
    client.post("/api/v1/models/penguins/predict", json={"inputs": {"island": "Atlantis"}})
    (rejected, *_) = client.get("/api/v1/predictions").get_json()["predictions"]
    shown = page(client, f"/predictions/{rejected['id']}")
    assert shown.select_one(".reasons") is None


def test_a_model_of_texts_has_no_explanation(make_app: MakeApp) -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(["good", "bad", "good dog"], [1, 0, 1])
    client = make_app({"words": model}).test_client()
    answer = client.post("/api/v1/models/words/predict?explain=true", json={"inputs": {"text": "good"}}).get_json()
    assert answer["explanations"] is None
    assert page(client, f"/predictions/{answer['id']}").select_one(".reasons") is None


def test_another_file_does_not_explain_what_it_did_not_answer(app: Flask, client: FlaskClient, record: str) -> None:
    services = app.extensions["scoredesk"]
    with app.app_context():
        prediction = services.log.get(UUID(record.rsplit("/", 1)[1]))
    with pytest.raises(NotExplainable):
        services.explainer.explain(services.store.get("breast-cancer"), prediction)


def test_the_page_gives_the_command_that_asks_the_same(client: FlaskClient, record: str) -> None:
    (code,) = page(client, record).select("pre code")
    assert code.get_text().startswith('curl http://localhost/api/v1/models/penguins/predict --json \'{"inputs": {')
