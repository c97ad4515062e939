"""Inputs that are not kept: the model gets them, whoever asked sees the answer, and nothing holds them afterwards"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.unkept import PERSON, SECRETS, TOO_OLD, WORDS, all_that_is_stored, estimator, save_people, told

URL = "/api/v1/models/people/predict"
CODE = re.compile(r"redacted:[0-9a-f]{16}")


@pytest.fixture
def client(make_app: MakeApp, tmp_path: Path) -> FlaskClient:
    save_people(tmp_path)
    return make_app().test_client()


def predict(client: FlaskClient, **other: Any) -> str:
    answer = client.post(URL, json={"inputs": PERSON | other})
    assert answer.status_code == 200, answer.text
    return str(answer.json["id"])


def kept(client: FlaskClient, id: str) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/predictions/{id}").json["inputs"])


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).text, "html.parser")


def test_the_model_gets_the_value_and_the_record_does_not(client: FlaskClient) -> None:
    answer = client.post(URL, json={"inputs": PERSON}).json
    (expected,) = estimator().predict(pd.DataFrame([PERSON]))
    assert answer["prediction"] == pytest.approx(expected)
    record = kept(client, answer["id"])
    assert record | {"patient": ""} == {
        "note": "redacted",
        "dose": "redacted",
        "ward": "redacted",
        "age": 61.0,
        "patient": "",
    }
    assert CODE.fullmatch(record["patient"])


def test_a_blank_stays_a_blank(client: FlaskClient) -> None:
    record = kept(client, predict(client, patient=None, dose=None))
    assert (record["patient"], record["dose"]) == (None, None)


def test_records_of_one_person_have_one_pseudonym(client: FlaskClient) -> None:
    same = [kept(client, predict(client, patient=patient))["patient"] for patient in (7, 7.0)]
    other = kept(client, predict(client, patient=8))["patient"]
    assert same[0] == same[1] != other


def test_a_pseudonym_needs_the_secret_key(make_app: MakeApp, tmp_path: Path) -> None:
    save_people(tmp_path)
    keys = ("one secret of two", "two secrets of two")
    patients = []
    for key in keys:
        app = make_app(secret_key=key)
        # Otherwise the database refuses the second key.
        app.test_cli_runner().invoke(args=["database", "accept-keys"])
        client = app.test_client()
        patients.append(kept(client, predict(client))["patient"])
    assert patients[0] != patients[1]


def test_nothing_is_stored_through_any_door(
    client: FlaskClient, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    doors: list[tuple[str, dict[str, Any]]] = [
        (URL, {"json": {"inputs": PERSON}}),
        (URL, {"json": {"inputs": [PERSON, PERSON]}}),
        (f"{URL}?explain=true", {"json": {"inputs": PERSON}}),
        ("/models/people", {"data": PERSON}),
        ("/v1/models/people:predict", {"json": {"instances": [PERSON]}}),
        ("/v1/models/people:explain", {"json": {"instances": [PERSON]}}),
        ("/mlflow/people/invocations", {"json": {"dataframe_records": [PERSON]}}),
        ("/invocations", {"data": f"{','.join(PERSON)}\n{','.join(map(str, PERSON.values()))}\n"}),
        ("/v2/models/people/infer", {"json": {"inputs": _tensors(PERSON)}}),
    ]
    for number, (door, body) in enumerate(doors):
        if door == "/invocations":
            body = body | {"content_type": "text/csv"}
        assert client.post(door, **body, headers={"Idempotency-Key": f"key-{number}"}).status_code in (200, 303), door
    stored = all_that_is_stored(database_url)
    # What is looked through is there.
    assert stored.count("redacted:") >= len(doors)
    assert stored.count("idempotency_keys") == len(doors) - 1
    assert told(stored) == []
    assert told(caplog.text) == []


def _tensors(person: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "BYTES", float: "FP64"}
    return [
        {"name": name, "shape": [1, 1], "datatype": kinds[type(value)], "data": [value]}
        for name, value in person.items()
    ]


def test_nothing_is_stored_of_what_failed_or_was_refused(
    client: FlaskClient, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"note": 83746251, "patient": "Zebrafink", "dose": "47.1193", "ward": "Zebrafink", "age": 61.0}
    for body in (PERSON | {"age": TOO_OLD}, wrong, PERSON | {"unknown": "Zebrafink"}):
        assert client.post(URL, json={"inputs": body}).status_code in (422, 500)
        assert client.post("/models/people", data=body).status_code in (422, 500)
        assert client.post("/v1/models/people:predict", json={"instances": [body]}).status_code in (400, 500)
        assert client.post("/mlflow/people/invocations", json={"inputs": body}).status_code in (200, 400, 500)
    stored = all_that_is_stored(database_url)
    assert '"status":"rejected"' in stored
    assert '"status":"rejected"' in stored
    # Which wards there are tells nothing of whose was which.
    assert told(stored.replace("Ward must be East or Falkenried.", "")) == []
    assert told(caplog.text) == []


def test_the_form_that_is_wrong_shows_what_was_typed_to_whoever_typed_it(client: FlaskClient) -> None:
    answer = client.post("/models/people", data=PERSON | {"dose": "a lot"})
    assert answer.status_code == 422
    assert "Zebrafink fever" in answer.text


def test_the_form_and_the_card_say_so(client: FlaskClient) -> None:
    field = page(client, "/models/people").find("textarea", {"name": "note"})
    assert field is not None
    assert "Not kept on record." in field.find_parent(class_="field").text  # type: ignore[union-attr]
    text = page(client, "/models/people/card").text
    assert text.count("Not kept on record.") == 3
    assert text.count("Not kept on record, except for a code") == 1


def test_scripts_are_told_too(client: FlaskClient) -> None:
    inputs = client.get("/api/v1/models/people").json["inputs"]
    assert {each["name"]: each["kept"] for each in inputs} == {
        "note": "nothing",
        "patient": "pseudonym",
        "dose": "nothing",
        "ward": "nothing",
        "age": "value",
    }


def test_the_result_says_what_is_not_kept(client: FlaskClient) -> None:
    found = page(client, f"/predictions/{predict(client)}")
    rows = {row.th.text: row.td.text for row in found.select("section[aria-labelledby=inputs] tr")}
    assert rows["Age"] == "61"
    assert rows["Note"] == rows["Dose"] == "not kept on record"
    assert re.fullmatch(r"not kept on record \(code [0-9a-f]{16}\)", rows["Patient"])
    assert "This answer can’t be explained, because some of its inputs are not kept." in found.text
    assert found.find(id="why1") is None


def test_changing_and_asking_again_leaves_those_fields_empty(client: FlaskClient) -> None:
    found = page(client, f"/predictions/{predict(client)}")
    link = str(found.find("a", string="Edit and predict again")["href"])  # type: ignore[index]
    form = page(client, link)
    assert form.find("input", {"name": "age"})["value"] == "61"  # type: ignore[index]
    assert form.find("textarea", {"name": "note"}).text.strip() == ""  # type: ignore[union-attr]
    # A script could not ask the same either.
    assert found.find("pre") is None


def test_two_results_can_stand_side_by_side(client: FlaskClient) -> None:
    first, second = predict(client), predict(client, patient=8)
    found = page(client, f"/predictions/{second}?beside={first}")
    rows = {row.th.text: row.get("class") for row in found.select(".beside tbody tr")}
    assert rows["Patient"] == ["differs"]
    assert "Note" not in rows


def test_whoever_asks_gets_the_explanation_and_nobody_later(client: FlaskClient) -> None:
    answer = client.post(f"{URL}?explain=true", json={"inputs": PERSON}).json
    ((explanation,), id) = answer["explanations"], answer["id"]
    assert {each["feature"] for each in explanation["contributions"]} == set(PERSON)
    assert client.get(f"/api/v1/predictions/{id}?explain=true").json["explanations"] is None


def test_an_answer_that_is_kept_for_its_key_comes_without_the_explanation(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = client.post(f"{URL}?explain=true", json={"inputs": PERSON}, headers=headers)
        assert answer.json["explanations"] is None


def test_records_are_found_by_a_value_that_has_a_pseudonym(client: FlaskClient) -> None:
    id = predict(client)
    predict(client, patient=8)
    for query in ("input.patient=83746251", "input.patient=83746251.0", "input.age=61&input.patient=83746251"):
        found = client.get(f"/api/v1/predictions?{query}").json["predictions"]
        assert [each["id"] for each in found] == [id]
    assert client.get("/api/v1/predictions?input.dose=47.1193").json["predictions"] == []
    assert client.get("/predictions?input.dose=47.1193").status_code == 200


def test_exports_hold_what_the_record_holds(client: FlaskClient) -> None:
    predict(client)
    lines = client.get("/predictions.csv?model=people").text
    (row,) = csv.DictReader(io.StringIO(lines))
    assert (row["input note"], row["input age"]) == ("redacted", "61.0")
    assert CODE.fullmatch(row["input patient"])
    assert told(lines) == told(client.get("/predictions.json").text) == []


def test_a_setting_names_inputs_of_bare_files(make_app: MakeApp, tmp_path: Path, database_url: str) -> None:
    save_people(tmp_path, words=None)
    client = make_app(redact=("note", "patient", "dose", "ward")).test_client()
    assert set(kept(client, predict(client)).values()) == {"redacted", 61.0}
    assert told(all_that_is_stored(database_url)) == []


def test_without_either_all_is_kept(make_app: MakeApp, tmp_path: Path, database_url: str) -> None:
    save_people(tmp_path, words=None)
    client = make_app().test_client()
    assert kept(client, predict(client)) == PERSON
    assert told(all_that_is_stored(database_url)) == list(SECRETS)


def test_a_warning_that_would_tell_the_value_is_not_given(make_app: MakeApp, tmp_path: Path) -> None:
    pair = {"first": {"feature": "ward", "value": "Falkenried"}, "second": {"feature": "age", "above": 50, "to": None}}
    noted = {"sample": {"rows": 100}, "empty_pairs": [pair | {"expected": 12}]}
    for words, warned in ((noted, True), (noted | WORDS, False)):
        save_people(tmp_path, words)
        client = make_app().test_client()
        answer = client.post(URL, json={"inputs": PERSON}).json
        assert ("has no case with" in json.dumps(answer["warnings"])) == warned


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"redact": ["nobody"]}, "The card names “nobody”, which is not an input of this model."),
        ({"pseudonymise": ["nobody"]}, "The card names “nobody”, which is not an input of this model."),
        ({"redact": ["note"], "pseudonymise": ["note"]}, "names “note” both in redact and in pseudonymise."),
        ({"pseudonymise": ["ward"]}, "has so few values that their frequencies would reveal them"),
        (
            {"redact": ["ward"], "examples": [{"title": "One", "inputs": {"ward": "East"}}]},
            "The example “One” on the card has a value for “ward”, which must not be stored; leave it out.",
        ),
        (
            {"redact": ["dose"], "golden": [{"inputs": PERSON, "prediction": 1.0}]},
            "The golden rows would store values of “dose”, which must not be stored; "
            "publish the model with --no-golden.",
        ),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    make_app: MakeApp, tmp_path: Path, words: dict[str, Any], sentence: str
) -> None:
    save_people(tmp_path, words)
    answer = make_app().test_client().get("/api/v1/models/people")
    assert answer.status_code == 503
    assert sentence in answer.json["error"]
