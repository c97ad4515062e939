"""Records written as they come"""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest

from tests.unit.helpers.records.test_representation import prediction
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import json_lines, record_json
from webapp.helpers.records.part import Part
from webapp.types import Prediction

ID = UUID("01a209d1-14c3-7000-8c4b-68060c25d92e")


def part(predictions: list[Prediction], cursor: UUID | None = None, incomplete: str | None = None) -> Part:
    return Part(predictions=predictions, cursor=cursor, incomplete=incomplete)


def table(*parts: Part, inputs: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO("".join(csv_lines(iter(parts), inputs)))))


def test_json_holds_each_record_in_a_line_of_its_own() -> None:
    text = b"".join(json_lines([part([prediction()] * 2, ID), part([prediction()])])).decode()
    assert json.loads(text) == {"predictions": [record_json(prediction())] * 3, "cursor": None, "incomplete": None}
    assert json.loads(text.splitlines()[1].rstrip(",")) == record_json(prediction())


def test_json_of_nothing_is_json() -> None:
    text = b"".join(json_lines([part([])]))
    assert json.loads(text) == {"predictions": [], "cursor": None, "incomplete": None}


def test_json_that_was_cut_is_json_and_its_last_line_says_so() -> None:
    text = b"".join(json_lines([part([prediction()], ID), part([], ID, "Incomplete: so.")])).decode()
    assert json.loads(text)["incomplete"] == "Incomplete: so."
    assert "Incomplete: so." in text.splitlines()[-1]


def test_the_columns_are_the_requested_ones_and_those_of_the_first_part() -> None:
    later = prediction(inputs={"size": 2, "colour": "red"})
    rows = table(part([prediction(inputs={"note": "=1"})], ID), part([later]), inputs=("size",))
    assert [key for key in rows[0] if "input" in key] == ["input size", "input note", "other inputs"]
    assert [rows[0]["input note"], rows[0]["other inputs"]] == ["'=1", ""]
    assert (rows[1]["input size"], json.loads(rows[1]["other inputs"])) == ("2", {"colour": "red"})


def test_a_csv_that_was_cut_says_so_in_the_first_cell_of_its_last_line() -> None:
    lines = "".join(csv_lines(iter([part([prediction()], ID, "Incomplete: so.")]), ())).splitlines()
    assert lines[-1] == f'"Incomplete: so. The rest begins at cursor={ID}."'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_spreadsheet_runs_nothing_of_an_export(start: str) -> None:
    (row,) = table(part([prediction(inputs={f"{start}name": f"{start}1"}, model=f"{start}m")]))
    assert row["model"] == f"'{start}m"
    assert row[f"input {start}name"] == f"'{start}1"


def test_numbers_stay_numbers() -> None:
    text = "".join(csv_lines(iter([part([prediction(inputs={"size": -1.5, "tall": True})])]), ()))
    assert '-1.5,"true"' in text
