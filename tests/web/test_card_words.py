"""The words of a card, wherever a feature is spoken of"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.conftest import MakeApp

WORDS = {
    "title": "Species of a penguin",
    "labels": {"bill_length_mm": "Length of the bill", "sex": "Sex, if seen"},
    "units": {"bill_length_mm": "mm", "body_mass_g": "grams"},
    "help": {"bill_length_mm": "From the tip to the feathers."},
    "ranges": {"bill_length_mm": [30, 60]},
    "order": ["sex", "island"],
    "groups": {"The bird": ["sex", "body_mass_g"], "Its bill": ["bill_depth_mm", "bill_length_mm"]},
    "examples": [{"title": "A small one", "inputs": {"sex": "female", "body_mass_g": 3100}}],
}


@pytest.fixture
def client(make_app: MakeApp, tmp_path: Path, demo_models: Path) -> FlaskClient:
    """The bare file of the penguins, with words beside it."""
    (tmp_path / "penguins.joblib").write_bytes((demo_models / "penguins.joblib").read_bytes())
    (tmp_path / "penguins.json").write_text(json.dumps(WORDS))
    return make_app().test_client()


def form(client: FlaskClient) -> BeautifulSoup:
    return BeautifulSoup(client.get("/models/penguins").text, "html.parser")


def test_the_form_is_in_the_cards_order_and_groups(client: FlaskClient) -> None:
    page = form(client)
    assert [each.text for each in page.select("form > fieldset > legend")] == ["The bird", "Its bill", "Other"]
    assert list(dict.fromkeys(each["name"] for each in page.select("form [name]"))) == [
        "sex",
        "body_mass_g",
        "bill_depth_mm",
        "bill_length_mm",
        "island",
        "flipper_length_mm",
    ]


def test_the_form_speaks_the_cards_words(client: FlaskClient) -> None:
    page = form(client)
    labels = [each.contents[0].strip() for each in page.select(".field > label, .radios > .name")]
    assert labels[:4] == ["Sex, if seen", "Body mass (grams)", "Bill depth (mm)", "Length of the bill (mm)"]
    hint = page.find("input", {"name": "bill_length_mm"}).find_parent(class_="field").select_one(".hint").text
    assert hint.startswith("From the tip to the feathers. In training: 30 to 60.")


def test_the_form_can_be_filled_in_with_the_cards_examples(client: FlaskClient) -> None:
    link = form(client).find("a", string="Fill in “A small one”")
    page = BeautifulSoup(client.get(link["href"]).text, "html.parser")
    assert page.find("input", {"name": "body_mass_g"})["value"] == "3100"
    assert page.find("input", {"name": "sex", "checked": True})["value"] == "female"
    assert page.find("input", {"name": "bill_length_mm"})["value"] == ""


def test_an_order_for_people_does_not_mix_up_the_estimators_columns(
    client: FlaskClient, make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]
) -> None:
    plain = make_app(models_dir=demo_models).test_client()
    answers = [each.post("/api/v1/models/penguins/predict", json={"inputs": penguin}).json for each in (client, plain)]
    assert answers[0]["probabilities"] == answers[1]["probabilities"]


def test_warnings_errors_and_records_speak_them_too(client: FlaskClient, penguin: dict[str, Any]) -> None:
    address = "/api/v1/models/penguins/predict"
    answer = client.post(address, json={"inputs": penguin | {"bill_length_mm": 61}}).json
    assert answer["warnings"][0]["msg"] == ("Length of the bill (mm) is outside the training range (30 to 60).")
    assert "Length of the bill (mm)" in client.get(f"/predictions/{answer['id']}").text
    errors = client.post(address, json={"inputs": penguin | {"bill_length_mm": "61"}}).json["errors"]
    assert errors[0]["msg"].startswith("Length of the bill (mm) must be a number")


def test_the_json_schema_speaks_them_too(client: FlaskClient) -> None:
    description = client.get("/api/v1/models/penguins").json
    about = description["schema"]["properties"]["bill_length_mm"]
    assert about["title"] == "Length of the bill (mm)"
    assert about["description"] == "From the tip to the feathers. In training: 30 to 60."
    assert description["title"] == "Species of a penguin"


def test_the_title_is_the_same_everywhere(client: FlaskClient, penguin: dict[str, Any]) -> None:
    record = client.post("/models/penguins", data=penguin).headers["Location"]
    for address in ("/", "/models/penguins", "/models/penguins/card", "/docs", record, "/predictions?model=penguins"):
        page = BeautifulSoup(client.get(address).text, "html.parser")
        assert "Species of a penguin" in page.body.text
        assert "Penguins" not in page.get_text()
    assert BeautifulSoup(client.get(record).text, "html.parser").title.text.startswith("Species of a penguin: ")


REQUIRED = {"required": ["sex", "body_mass_g"]}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "form": ("/models/penguins", {"data": {"island": "Dream"}}),
    "json": ("/api/v1/models/penguins/predict", {"json": {"inputs": {"sex": None}}}),
    "list": ("/api/v1/models/penguins/predict", {"json": {"inputs": [{"sex": None}]}}),
    "v1": ("/v1/models/penguins:predict", {"json": {"instances": [{"sex": None}]}}),
    "mlflow": ("/mlflow/penguins/invocations", {"data": "ROW", "content_type": "text/csv"}),
    "v2": (
        "/v2/models/penguins/infer",
        {"json": {"inputs": [{"name": "island", "shape": [1], "datatype": "BYTES", "data": ["Dream"]}]}},
    ),
}


@pytest.mark.parametrize("door", BODIES)
def test_what_the_card_requires_is_refused_as_a_blank_at_every_door(
    client: FlaskClient, tmp_path: Path, penguin: dict[str, Any], door: str
) -> None:
    (tmp_path / "penguins.json").write_text(json.dumps(REQUIRED))
    client.application.extensions["scoredesk"].store.refresh()
    address, sent = BODIES[door]
    if door == "mlflow":
        values = penguin | {"sex": "", "body_mass_g": ""}
        sent = sent | {"data": f"{','.join(values)}\n{','.join(map(str, values.values()))}\n"}
    answer = client.post(address, **sent)
    assert answer.status_code in (400, 422)
    assert "Sex is required." in answer.text
    assert "Body mass (g) is required." in answer.text


def test_required_inputs_are_marked_and_not_filled_in(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "penguins.json").write_text(json.dumps(REQUIRED))
    client.application.extensions["scoredesk"].store.refresh()
    page = form(client)
    assert [each.text for each in page.select(".optional")] == ["(required)", "(required)"]
    body_mass = page.find("input", {"name": "body_mass_g"})
    assert body_mass.has_attr("required")
    assert "If blank" not in body_mass.find_parent(class_="field").text
    assert client.get("/api/v1/models/penguins").json["schema"]["required"] == ["body_mass_g", "sex"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (b'{"required": ["wings"]}', "“wings”, which is not an input"),
        (b"{", "not valid JSON"),
        (b'{"labels": {"wings": "Wings"}}', "“wings”, which is not an input"),
        (b'{"ranges": {"island": [1, 2]}}', "“island”, which is not a number"),
        (b'{"groups": {"A": ["sex"], "B": ["sex"]}}', "twice in groups"),
        (b'{"golden": [{"inputs": {}}]}', "golden.0.prediction"),
        (b'{"examples": [{"title": "A", "inputs": {"wings": 2}}]}', "“wings”, which is not an input"),
        (
            b'{"examples": [{"title": "A", "inputs": {"island": "Sylt"}}]}',
            "“A” on the card has an invalid value for “island”",
        ),
        (
            b'{"examples": [{"title": "A", "inputs": {"body_mass_g": true}}]}',
            "“A” on the card has an invalid value for “body_mass_g”",
        ),
        (
            b'{"examples": [{"title": "A", "inputs": {"body_mass_g": "3"}}]}',
            "“A” on the card has an invalid value for “body_mass_g”",
        ),
        (b'{"examples": [{"inputs": {}}]}', "examples.0.title"),
        (
            b'{"empty_pairs": [{"first": {"feature": "sex"}, "second": {"feature": "wings"}, "expected": 9}]}',
            "“wings”, which is not an input",
        ),
        (b'{"digest": "12"}', "digest"),
        (b"\xff", "not UTF-8"),
        (b'{"title": "' + b"x" * 5_000_000 + b'"}', "larger than 4 MiB"),
    ],
)
def test_a_card_with_nonsense_in_it_is_refused_with_the_reason(
    client: FlaskClient, tmp_path: Path, words: bytes, says: str
) -> None:
    (tmp_path / "penguins.json").write_bytes(words)
    answer = client.get("/api/v1/models/penguins")
    assert answer.status_code == 503
    assert says in answer.json["error"]
    assert len(answer.json["error"]) < 300


def test_a_card_that_is_mended_counts_at_once(client: FlaskClient, tmp_path: Path) -> None:
    store = client.application.extensions["scoredesk"].store
    assert store.get("penguins").title == "Species of a penguin"
    (tmp_path / "penguins.json").write_text('{"title": "Penguin"}')
    store.refresh()
    assert store.get("penguins").title == "Penguin"
    (tmp_path / "penguins.json").unlink()
    store.refresh()
    assert store.get("penguins").title == "Penguins"
