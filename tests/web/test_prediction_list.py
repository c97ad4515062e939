"""GET /predictions as a page: what each line says, and what the list leaves out"""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.conftest import MakeApp

PREDICT = "/api/v1/models/penguins/predict"
HEADER = "X-Forwarded-User"


def page(client: FlaskClient, address: str = "/predictions", who: str = "") -> BeautifulSoup:
    return BeautifulSoup(client.get(address, headers={HEADER: who} if who else {}).text, "html.parser")


def lines(page: BeautifulSoup) -> list[dict[str, str]]:
    """Return each line of the list by the headings of its columns."""
    heads = [cell.text for cell in page.select(".list thead th")]
    rows = [[" ".join(cell.text.split()) for cell in row.select("th, td")] for row in page.select(".list tbody tr")]
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture
def team(make_app: MakeApp, tmp_path: Path, demo_models: Path) -> FlaskClient:
    """A service behind a proxy that says who asks, with a card that names key inputs."""
    for name in ("penguins", "penguin-mass"):
        copy(demo_models / f"{name}.joblib", tmp_path)
    words = {"title": "Birds", "labels": {"island": "Where"}, "key_inputs": ["island", "body_mass_g"]}
    (tmp_path / "penguins.json").write_text(json.dumps(words))
    return make_app(
        auth="proxy", auth_proxy_header=HEADER, auth_proxy_role="review", trusted_hosts=("localhost",)
    ).test_client()


def ask(client: FlaskClient, inputs: Any, who: str = "ada") -> Any:
    return client.post(PREDICT, json={"inputs": inputs}, headers={HEADER: who}).json


def test_a_line_names_the_case_the_answer_its_probability_who_asked_and_the_key_inputs(
    team: FlaskClient, penguin: dict[str, Any]
) -> None:
    id = ask(team, penguin | {"sex": None})["id"]
    (line,) = lines(page(team, "/predictions?model=penguins", "ada"))
    assert list(line) == ["Time (UTC)", "Case", "Version", "Answer", "Warnings", "Where", "Body mass (g)", "Who"]
    assert line["Case"] == f"Case {id[-8:]}"
    assert line["Answer"].startswith("Adelie > 99.9 %")
    assert (line["Where"], line["Body mass (g)"], line["Who"]) == ("Torgersen", "3750", "ada JSON")
    assert line["Warnings"] == "⚠ 1 warning"


def test_a_list_of_several_models_names_each_and_shows_no_inputs(team: FlaskClient, penguin: dict[str, Any]) -> None:
    ask(team, penguin)
    (line,) = lines(page(team, who="ada"))
    assert "Where" not in line
    assert line["Model"].startswith("Birds version ")


def test_the_only_model_needs_no_filter_to_show_its_key_inputs(
    make_app: MakeApp, tmp_path: Path, demo_models: Path, penguin: dict[str, Any]
) -> None:
    copy(demo_models / "penguins.joblib", tmp_path)
    (tmp_path / "penguins.json").write_text(json.dumps({"key_inputs": ["island"]}))
    client = make_app().test_client()
    client.post(PREDICT, json={"inputs": penguin})
    assert lines(page(client))[0]["Island"] == "Torgersen"


def test_without_a_login_the_list_says_the_source_instead_of_who(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(PREDICT, json={"inputs": penguin})
    (line,) = lines(page(client))
    assert (line["Source"], "Who" in line, "Warnings" in line) == ("JSON", False, False)


def test_one_can_see_ones_own_alone_and_who_may_see_all_sees_all(team: FlaskClient, penguin: dict[str, Any]) -> None:
    ask(team, penguin, "ada")
    ask(team, penguin, "grace")
    everybody = page(team, who="ada")
    assert [line["Who"] for line in lines(everybody)] == ["grace JSON", "ada JSON"]
    mine = everybody.select_one(".whose a")
    assert mine.text == "Mine"
    assert [line["Who"] for line in lines(page(team, mine["href"], "ada"))] == ["ada JSON"]
    assert [line["Who"] for line in lines(page(team, "/predictions?actor=grace", "ada"))] == ["grace JSON"]


def test_an_api_key_can_ask_for_its_own_records(team: FlaskClient, penguin: dict[str, Any]) -> None:
    from webapp.helpers.accounts.roles import Role

    keys = team.application.extensions["scoredesk"].keys
    headers = {"Authorization": f"Bearer {keys.make('nightly', Role.REVIEW)}"}
    ask(team, penguin, "ada")
    team.post(PREDICT, json={"inputs": penguin}, headers=headers)
    found = team.get("/api/v1/predictions?mine=true", headers=headers).json["predictions"]
    assert [each["actor"] for each in found] == ["key:nightly"]
    assert len(team.get("/api/v1/predictions", headers=headers).json["predictions"]) == 2


def test_what_was_not_answered_is_left_out_counted_and_shown_when_asked_for(
    client: FlaskClient, penguin: dict[str, Any]
) -> None:
    client.post(PREDICT, json={"inputs": penguin})
    for _ in range(2):
        client.post("/models/penguins", data={"bill_length_mm": "long"})
    first = page(client)
    assert [line["Answer"] for line in lines(first)] == ["Adelie > 99.9 %"]
    sentence = first.find(string=lambda text: "not shown" in text)
    assert sentence.strip() == "2 invalid requests are not shown."
    everything = page(client, sentence.parent.a["href"])
    assert [line["Answer"] for line in lines(everything)][:2] == ["no answer (invalid input)"] * 2
    assert "not shown" not in everything.text
    # Exports hold what the page shows.
    export = next(link for link in first.select("a") if link.text == "All as JSON")
    assert len(client.get(export["href"]).json["predictions"]) == 1


def test_a_list_of_nothing_but_invalid_requests_says_so(client: FlaskClient) -> None:
    client.post("/models/penguins", data={"bill_length_mm": "long"})
    shown = page(client)
    assert "1 invalid request is not shown." in shown.text
    assert "No predictions match" in shown.text


def test_numbers_are_drawn_as_a_histogram_with_a_table(client: FlaskClient) -> None:
    for mass in (3000, 4000, 5000):
        inputs = {"species": "Gentoo", "island": "Biscoe", "flipper_length_mm": mass / 20}
        client.post("/api/v1/models/penguin-mass/predict", json={"inputs": inputs})
    chart = page(client, "/predictions?model=penguin-mass").select_one("[aria-labelledby^=histogram]")
    assert chart.desc.text.startswith("How many of 3 answers lie where between")
    counts = [int(cell.text) for cell in chart.find_parent("figure").select("tbody td")]
    assert sum(counts) == 3


def test_the_filter_offers_the_inputs_and_choices_of_the_model_by_their_labels(team: FlaskClient) -> None:
    form = page(team, "/predictions?model=penguins", "ada").select_one(".filter form")
    inputs = {option["value"]: option.text for option in form.select("select[name=input] option")}
    assert inputs["island"] == "Where"
    values = {option["label"]: option["value"] for option in form.select("datalist option")}
    assert values["Where: Dream"] == "Dream"
    models = {option["value"]: option.text for option in form.select("select[name=model] option")}
    assert models["penguins"] == "Birds"


def test_the_names_of_a_models_inputs_are_for_those_who_may_use_it(make_app: MakeApp, demo_models: Path) -> None:
    from webapp.helpers.accounts.roles import Role

    app = make_app(models_dir=demo_models, auth="login")
    key = app.extensions["scoredesk"].keys.make("other", Role.REVIEW, models=["penguin-mass"])
    for path in ("/predictions", "/predictions.csv"):
        answer = app.test_client().get(f"{path}?model=penguins", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        assert "bill" not in answer.text.lower()


@pytest.mark.parametrize("digits", [8, 36])
def test_the_number_of_a_case_leads_to_its_record(client: FlaskClient, penguin: dict[str, Any], digits: int) -> None:
    ids = [each["id"] for each in client.post(PREDICT, json={"inputs": [penguin] * 3}).json["predictions"]]
    answer = client.get("/predictions", query_string={"id": ids[1][-digits:].upper()})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/predictions/{ids[1]}")
    assert client.get("/predictions?id=00000000").status_code == 200


def test_a_record_says_who_asked(team: FlaskClient, client: FlaskClient, penguin: dict[str, Any]) -> None:
    id = ask(team, penguin, "grace")["id"]
    assert "grace" in page(team, f"/predictions/{id}", "ada").find("main").text
    unknown = client.post(PREDICT, json={"inputs": penguin}).json["id"]
    assert "unknown (no login)" in page(client, f"/predictions/{unknown}").text
