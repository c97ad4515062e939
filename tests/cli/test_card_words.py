"""flask models card, diff, and what publish says of the words and the sample"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from click.testing import Result
from flask import Flask
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from tests.conftest import MakeApp

X = pd.DataFrame({"sex": ["f", "m"] * 20, "age": [30.5, 40.0, 60.0, 70.25] * 10, "dose": [1.0, 2.0] * 20})
DIED = [0, 0, 1, 1] * 10
WORDS = {
    "title": "Liver follow-up",
    "labels": {"age": "Age at entry", "dose": "First dose"},
    "units": {"age": "years"},
    "choices": {"sex": {"f": "female", "m": "male"}},
    "classes": {"0": "Survived", "1": "Died"},
    "report": "1",
    "thresholds": {"1": 0.6},
    "ranges": {"age": [18, 90]},
    "groups": {"Patient": ["sex", "age"], "Treatment": ["dose"]},
    "redact": ["dose"],
    "examples": [
        {"title": "A young one", "inputs": {"sex": "f", "age": 31}},
        {"title": "Somebody", "inputs": {"sex": "m"}},
    ],
}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "to publish"
    folder.mkdir()
    (folder / "words.json").write_text(json.dumps(WORDS))
    for name, columns, numbers in (("all", X, ["age", "dose"]), ("fewer", X.drop(columns="dose"), ["age"])):
        inputs = make_column_transformer((OneHotEncoder(), ["sex"]), (MinMaxScaler(), numbers))
        joblib.dump(make_pipeline(inputs, LogisticRegression()).fit(columns, DIED), folder / name)
        joblib.dump(make_pipeline(inputs, LinearRegression()).fit(columns, X["age"]), folder / f"{name}-line")
    return folder


def run(app: Flask, *arguments: Any) -> Result:
    result = app.test_cli_runner().invoke(args=["models", *map(str, arguments)])
    app.extensions["scoredesk"].store.refresh()
    return result


def publish(app: Flask, path: Path, *options: Any) -> list[str]:
    return run(app, "publish", path, "--name", "liver", *options).output.splitlines()


def card(tmp_path: Path, version: int) -> Any:
    return json.loads((tmp_path / "liver" / f"{version}.json").read_text())


def test_a_new_version_gets_the_champions_words_and_publish_says_which(
    app: Flask, source: Path, tmp_path: Path
) -> None:
    publish(app, source / "all", "--card", source / "words.json")
    lines = publish(app, source / "fewer")
    assert lines[:3] == [
        "Taken over from version 1: title, labels, units, choices, groups, classes, thresholds, report, examples.",
        "Not taken over: words for dose, no longer an input.",
        "Not taken over: ranges (they describe its training data).",
    ]
    made = card(tmp_path, 2)
    for name in ("title", "units", "choices", "classes", "report", "thresholds", "examples"):
        assert made[name] == WORDS[name]
    assert (made["labels"], made["groups"]) == ({"age": "Age at entry"}, {"Patient": ["sex", "age"]})
    assert (made["ranges"], made["redact"]) == ({}, [])


def test_values_that_are_not_kept_stay_so(app: Flask, source: Path, tmp_path: Path) -> None:
    publish(app, source / "all", "--card", source / "words.json")
    publish(app, source / "all")
    assert card(tmp_path, 2)["redact"] == ["dose"]


def test_words_that_a_model_contradicts_are_left_out(app: Flask, source: Path, tmp_path: Path) -> None:
    publish(app, source / "all", "--card", source / "words.json")
    lines = publish(app, source / "all-line")
    assert "Not taken over: classes (The card labels classes, but this model predicts a number)." in lines
    assert (card(tmp_path, 2)["classes"], card(tmp_path, 2)["title"]) == ({}, "Liver follow-up")


def test_an_example_is_taken_over_only_where_it_fits(app: Flask, source: Path, tmp_path: Path) -> None:
    words = WORDS | {"examples": [{"title": "Treated", "inputs": {"age": 31, "dose": 1}}, WORDS["examples"][1]]}
    (source / "words.json").write_text(json.dumps(words | {"redact": []}))
    publish(app, source / "all", "--card", source / "words.json")
    lines = publish(app, source / "fewer")
    assert any(line.startswith("Not taken over: the example “Treated” (") for line in lines)
    assert [each["title"] for each in card(tmp_path, 2)["examples"]] == ["Somebody"]


@pytest.mark.parametrize("options", [["--no-inherit"], ["--card", "other.json"]])
def test_a_card_of_its_own_or_no_inherit_begins_anew(
    app: Flask, source: Path, tmp_path: Path, options: list[str]
) -> None:
    (source / "other.json").write_text('{"labels": {"age": "Years"}}')
    publish(app, source / "all", "--card", source / "words.json")
    lines = publish(app, source / "all", *(source / each if each.endswith(".json") else each for each in options))
    assert not [line for line in lines if "aken over" in line]
    made = card(tmp_path, 2)
    assert (made.get("title"), made["choices"]) == (None, {})


def test_a_skeleton_has_a_blank_for_each_word_and_can_be_published_as_it_is(
    app: Flask, source: Path, tmp_path: Path
) -> None:
    publish(app, source / "all")
    skeleton = json.loads(run(app, "card", "liver").output)
    assert skeleton == {
        "title": "",
        "description": "",
        "labels": {"sex": "", "age": "", "dose": ""},
        "units": {"age": "", "dose": ""},
        "help": {"sex": "", "age": "", "dose": ""},
        "choices": {"sex": {"f": "", "m": ""}},
        "classes": {"0": "", "1": ""},
        "output": {"label": ""},
    }
    (source / "filled.json").write_text(json.dumps(skeleton | {"classes": {"0": "", "1": "Died"}}))
    assert "Published liver, version 2" in publish(app, source / "all", "--card", source / "filled.json")[0]
    filled = json.loads(run(app, "card", "liver@2").output)
    assert filled["classes"] == {"0": "", "1": "Died"}


def test_a_skeleton_keeps_the_words_that_are_there(app: Flask, source: Path) -> None:
    publish(app, source / "all", "--card", source / "words.json")
    skeleton = json.loads(run(app, "card", "liver@1").output)
    assert skeleton["labels"] == {"sex": "", "age": "Age at entry", "dose": "First dose"}
    assert {name: skeleton[name] for name in ("report", "ranges", "redact", "examples")} == {
        name: WORDS[name] for name in ("report", "ranges", "redact", "examples")
    }


def test_the_difference_of_two_versions_is_told_line_by_line(app: Flask, source: Path) -> None:
    sample = source / "sample.csv"
    X.assign(died=DIED).to_csv(sample, index=False)
    publish(app, source / "all", "--card", source / "words.json", "--no-golden")
    publish(app, source / "fewer", "--sample", sample, "--target", "died")
    lines = run(app, "diff", "liver", 1, 2).output.splitlines()
    assert "Input removed: dose" in lines
    assert "age: values: a number, in training 18 to 90 → a number, in training 30.5 to 70.25" in lines
    assert "labels.dose: First dose → none" in lines
    assert any(line.startswith("Correct answers (accuracy): none → 100.0 %") for line in lines)
    assert "Input added: dose (a number, in training 18 to 90)" not in lines
    assert "Input added: dose (a number, in training 1 to 2)" in run(app, "diff", "liver", 2, 1).output
    assert run(app, "diff", "liver", 1, 1).output == "Versions 1 and 1 have the same inputs, words and metrics.\n"
    assert run(app, "diff", "liver", 1, 7).exit_code == 1


def test_publish_says_what_it_took_the_sample_for(app: Flask, source: Path) -> None:
    sample = source / "sample.csv"
    sample.write_bytes(X.assign(died=DIED).to_csv(index=False, sep=";", decimal=",").encode("utf-8-sig"))
    lines = publish(app, source / "all", "--sample", sample, "--target", "died")
    assert lines[0] == "Read as CSV with ; and decimal commas: 40 rows."
    assert lines[1].startswith("Published liver, version 1")


def test_a_sample_that_could_be_both_is_published_once_the_publisher_says_what_it_is(app: Flask, source: Path) -> None:
    sample = source / "sample.csv"
    rows = X.assign(age=(X["age"] / 10 + 0.001).map("{:.3f}".format))
    rows["age"] = rows["age"].str.replace(".", ",")
    rows.astype({"dose": int}).to_csv(sample, index=False, sep=";")
    assert "--decimal ','" in publish(app, source / "all", "--sample", sample)[0]
    assert "decimal commas: 40 rows" in publish(app, source / "all", "--sample", sample, "--decimal", ",")[0]
