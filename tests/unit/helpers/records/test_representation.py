"""Models and predictions as JSON and CSV"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.fitted import CASES
from webapp.cell.signature import read_signature
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import answer_json, record_json, timestamp
from webapp.helpers.records.part import Part
from webapp.helpers.records.row import decode, encode
from webapp.helpers.sealing import MacKey
from webapp.helpers.uuid7 import uuid7
from webapp.models.signature.as_json import signature_json
from webapp.types import Answer, Channel, Notice, Prediction, Status


def prediction(**changed: Any) -> Prediction:
    known: dict[str, Any] = {
        "id": uuid7(1_700_000_000_123, 0, 0),
        "created_at": datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC),
        "model": "penguins",
        "version": "abc",
        "digest": "abcdef",
        "channel": Channel.JSON,
        "request_id": "r-1",
        "status": Status.ANSWERED,
        "inputs": {"size": -1.5, "note": "fine"},
        "answer": Answer(prediction="Adelie", probabilities={"Adelie": 0.75, "Gentoo": 0.25}),
        "warnings": (Notice(loc=("size",), msg="Too small."),),
        "duration": 0.25,
    }
    return Prediction(**known | changed)


def table(*predictions: Prediction) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csv_lines(iter([Part(predictions=predictions)]))))))


def test_an_answer_holds_the_prediction_the_probabilities_and_the_warnings() -> None:
    assert answer_json(prediction()) == {
        "id": str(prediction().id),
        "prediction": "Adelie",
        "probabilities": {"Adelie": 0.75, "Gentoo": 0.25},
        "warnings": [{"loc": ["size"], "msg": "Too small."}],
    }


def test_an_answer_of_a_regressor_has_no_probabilities() -> None:
    assert "probabilities" not in answer_json(prediction(answer=Answer(prediction=0.0)))
    assert answer_json(prediction(answer=Answer(prediction=0.0)))["prediction"] == 0.0


def test_a_record_holds_all_fields() -> None:
    record = json.loads(json.dumps(record_json(prediction())))
    assert record["created_at"] == "2023-11-14T22:13:20.123Z"
    assert record["inputs"] == {"size": -1.5, "note": "fine"}
    assert (record["status"], record["channel"], record["actor"]) == ("answered", "json", None)


def test_a_record_says_that_another_version_made_the_model() -> None:
    words = "scikit-learn 1.6.1, read as 1.9.1"
    assert record_json(prediction())["read_as"] is None
    assert record_json(prediction(read_as=words))["read_as"] == words
    assert table(prediction(read_as=words))[0]["read_as"] == words
    for stored in (prediction(read_as=words), prediction(answer=None, status=Status.FAILED, read_as=words)):
        assert decode(encode(stored, MacKey("k" * 32))).read_as == words
    assert b"read_as" not in encode(prediction(), MacKey("k" * 32))


def test_a_record_says_which_code_of_ones_own_the_model_ran_with() -> None:
    code = "c0de" * 16
    assert record_json(prediction())["code"] is None
    assert table(prediction(code=code))[0]["code"] == code
    for stored in (prediction(code=code), prediction(answer=None, status=Status.FAILED, code=code)):
        assert decode(encode(stored, MacKey("k" * 32))).code == code
    assert b"code" not in encode(prediction(), MacKey("k" * 32))


def test_a_record_of_a_failure_has_its_errors_and_no_prediction() -> None:
    errors = (Notice(loc=(), msg="It failed."),)
    record = record_json(prediction(status=Status.FAILED, answer=None, errors=errors))
    assert (record["prediction"], record["probabilities"]) == (None, None)
    assert record["errors"] == [{"loc": [], "msg": "It failed."}]


@pytest.mark.parametrize("name", CASES)
def test_a_signature_can_be_written_as_strict_json(name: str) -> None:
    described = signature_json(read_signature(CASES[name]().estimator))
    assert json.loads(json.dumps(described, allow_nan=False)) == described


def test_a_signature_lists_inputs_and_outputs() -> None:
    described = signature_json(read_signature(CASES["ordinal_encoder_of_three_types"]().estimator))
    smoker = described["inputs"][1]
    assert (smoker["name"], smoker["kind"], smoker["optional"]) == ("smoker", "boolean", False)
    assert (smoker["choices"], smoker["default"], smoker["range"]) == ([False, True], None, None)
    (output,) = described["outputs"]
    assert (output["name"], output["classes"], output["label"]) == ("y", ["high", "low"], None)


def test_a_table_has_one_column_for_each_input_that_occurs() -> None:
    rows = table(prediction(), prediction(inputs={"tall": True}), prediction(inputs=None))
    assert [row["input size"] for row in rows] == ["-1.5", "", ""]
    assert [row["input tall"] for row in rows] == ["", "true", ""]


def test_a_table_without_predictions_has_no_rows() -> None:
    assert table() == []


def test_a_table_holds_probabilities_as_json() -> None:
    assert json.loads(table(prediction())[0]["probabilities"]) == {"Adelie": 0.75, "Gentoo": 0.25}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_spreadsheet_runs_nothing_that_was_sent(start: str) -> None:
    (row,) = table(prediction(inputs={"note": f"{start}1+1"}, actor=f"{start}me"))
    assert row["input note"] == f"'{start}1+1"
    assert row["actor"] == f"'{start}me"


@pytest.mark.parametrize("text", ['say "hi"', "a,b", "one\ntwo", "ü🌧", "''"])
def test_a_table_keeps_texts_as_they_are(text: str) -> None:
    assert table(prediction(inputs={"note": text}))[0]["input note"] == text


def test_a_name_of_an_input_cannot_hide_another_column() -> None:
    (row,) = table(prediction(inputs={"model": "mine", "=1+1": 2}))
    assert (row["model"], row["input model"], row["input =1+1"]) == ("penguins", "mine", "2")


def test_a_timestamp_is_in_utc_to_the_millisecond() -> None:
    there = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 3, 1, 1, 5, 0, 999999, tzinfo=there)) == "2026-02-28T23:05:00.999Z"
