"""flask models, where inputs are not to be kept"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import joblib
import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.unkept import PERSON, WORDS, estimator, save_people, told


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that is to be published, its words, and a sample of people."""
    folder = tmp_path_factory.mktemp("source")
    joblib.dump(estimator(), folder / "people")
    (folder / "words.json").write_text(json.dumps(WORDS))
    with (folder / "sample.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, PERSON)
        writer.writeheader()
        writer.writerows([PERSON | {"age": age} for age in range(20, 50)])
    return folder


def publish(app: Flask, source: Path, *options: Any) -> tuple[int, str]:
    words = ["models", "publish", source / "people", "--name", "people", "--sample", source / "sample.csv", *options]
    result = app.test_cli_runner().invoke(args=[str(word) for word in words])
    return result.exit_code, result.output


@pytest.mark.parametrize(("setting", "options"), [((), ["--card", "words.json"]), (("note", "dose"), [])])
def test_golden_rows_with_their_values_are_not_published(
    make_app: MakeApp, source: Path, tmp_path: Path, setting: tuple[str, ...], options: list[str]
) -> None:
    app = make_app(redact=setting)
    given = [source / each if each.endswith(".json") else each for each in options]
    code, output = publish(app, source, *given)
    assert code == 1
    refusal = (
        "The golden rows would store values of “note”, which must not be stored; publish the model with --no-golden."
    )
    assert refusal in output
    assert list(tmp_path.rglob("*.json")) == []
    assert publish(app, source, *given, "--no-golden")[0] == 0


def test_the_card_of_what_was_published_holds_no_value(make_app: MakeApp, source: Path, tmp_path: Path) -> None:
    publish(make_app(), source, "--card", source / "words.json", "--no-golden")
    (written,) = (tmp_path / "people").glob("*.json")
    assert json.loads(written.read_text())["sample"]["rows"] == 30
    # Of the wards it tells which there are and how they are spread.
    assert set(told(written.read_text())) <= {"Falkenried"}


def test_the_list_names_them(make_app: MakeApp, tmp_path: Path) -> None:
    save_people(tmp_path)
    result = make_app(redact=("age",)).test_cli_runner().invoke(args=["models", "list"])
    assert "  not kept on record: note, patient, dose, ward, age\n" in result.output
