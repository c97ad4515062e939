"""Files that hold a dict, list or tuple with one model: what is put together, what is said, and what is refused."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.utils import Bunch

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.reading import Model, read_file
from webapp.models.file_report import FileReport

RNG = np.random.default_rng(0)
X = RNG.normal([40, 1000], [10, 300], size=(60, 2))
NAMES = ["age", "income"]
FRAME = pd.DataFrame(X, columns=NAMES)
Y = (X[:, 0] > 40).astype(int)
SCALER = StandardScaler().fit(X)
MODEL = LogisticRegression().fit(SCALER.transform(X), Y)
ROW = {"age": 41.0, "income": 900.0}


def read(value: Any) -> tuple[FileReport, Model | None]:
    *_, step = read_file(pickle.dumps(value), ())
    return step


def served(value: Any) -> Model:
    report, model = read(value)
    assert report.reason is None
    assert model is not None
    return model


def names(model: Model) -> list[str]:
    return [feature.name for feature in model.signature.features]


def home_answer() -> Any:
    return MODEL.predict_proba(SCALER.transform([[41.0, 900.0]]))[0].tolist()


def answer(model: Model, row: dict[str, float] = ROW) -> Any:
    (found,) = predict_answers(model.estimator, as_matrix([row], model.signature), model.signature)
    return found


CONTAINERS: dict[str, Any] = {
    "dict": {"model": MODEL, "scaler": SCALER, "features": NAMES, "accuracy": 0.93},
    "ordered dict": OrderedDict(features=NAMES, clf=MODEL, sc=SCALER),
    "bunch": Bunch(model=MODEL, scaler=SCALER, feature_names=np.array(NAMES, dtype=object)),
    "tuple": (MODEL, SCALER, NAMES),
    "list": [NAMES, SCALER, MODEL],
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_model_with_its_scaler_and_names_answers_as_both_did(kind: str) -> None:
    model = served(CONTAINERS[kind])
    assert names(model) == NAMES
    assert list(answer(model).probabilities.values()) == home_answer()


def test_it_says_what_it_did_with_each_part() -> None:
    report, _ = read(CONTAINERS["dict"])
    assert report.notes == (
        "The file holds a dict; its model is “model” (LogisticRegression).",
        "“scaler” (StandardScaler) prepares the inputs.",
        "The names of the inputs are those in “features”.",
        "Not used: “accuracy”.",
    )


def test_the_names_of_the_transformer_come_first() -> None:
    model = served({"model": MODEL, "scaler": StandardScaler().fit(FRAME), "features": ["a", "b"]})
    assert names(model) == NAMES


@pytest.mark.parametrize("value", [0.25, np.float64(0.25)])
def test_a_threshold_decides_and_is_said(value: float) -> None:
    model = LogisticRegression().fit(FRAME, np.where(Y, "yes", "no"))
    report, opened = read({"model": model, "threshold": value, "classes": ["no", "yes"]})
    assert opened is not None
    assert "The answer is yes where its probability is at least 0.25 (“threshold”)." in report.notes
    doubtful = next(
        row for row in FRAME.to_dict("records") if 0.25 < model.predict_proba(pd.DataFrame([row]))[0, 1] < 0.5
    )
    assert answer(opened, doubtful).prediction == "yes"
    assert (
        list(answer(opened, doubtful).probabilities.values())
        == model.predict_proba(pd.DataFrame([doubtful]))[0].tolist()
    )


def test_a_threshold_of_something_else_is_not_used() -> None:
    report, _ = read({"model": LinearRegression().fit(FRAME, Y), "threshold": 0.25})
    assert report.notes[-1] == "Not used: “threshold”."


def test_an_encoder_of_the_classes_says_what_numbers_mean() -> None:
    report, model = read({"model": MODEL, "scaler": SCALER, "encoder": LabelEncoder().fit(["good", "bad"])})
    assert model is not None
    assert "Its answers are numbers: 0 is bad, 1 is good (“encoder”)." in report.notes


@pytest.mark.parametrize("key", ["classes", "target_names", "labels"])
def test_the_names_of_classes_are_not_those_of_inputs(key: str) -> None:
    assert names(served({"model": MODEL, key: ["bad", "good"]})) == ["x0", "x1"]


ENCODER = OneHotEncoder().fit([["a"], ["b"], ["c"]])
REFUSED: dict[str, tuple[Any, str]] = {
    "no model": (
        {"scaler": SCALER, "names": NAMES},
        "a dict with no models: “scaler” (StandardScaler), “names” (list)",
    ),
    "nothing": ({}, "It holds a dict, which has no predict method."),
    "two models": ((MODEL, LinearRegression().fit(X, Y)), "a tuple with 2 models"),
    "two transformers": ([MODEL, SCALER, MinMaxScaler().fit(X)], "their order is not known"),
    "other widths": ({"model": MODEL, "encoder": ENCODER}, "one returns 3 columns, the other expects 2"),
    "a transformer twice": (
        {"model": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), "scaler": SCALER},
        "the model has a step of this kind itself",
    ),
    "a model that may know the inputs as they are": (
        {"model": RandomForestClassifier(3).fit(FRAME, Y), "scaler": StandardScaler().fit(FRAME)},
        "it is not known whether the model was fitted on what that returns",
    ),
    "a scaler that was not fitted": ({"model": MODEL, "scaler": StandardScaler()}, "it is not known whether"),
    "a model that was not fitted": ({"model": LogisticRegression(), "features": NAMES}, "It is not fitted yet."),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_certain_is_refused_with_what_was_found(kind: str) -> None:
    value, words = REFUSED[kind]
    report, model = read(value)
    assert model is None
    assert words in str(report.reason)


def test_a_container_whose_methods_are_its_items_is_no_model() -> None:
    hostile = Bunch(predict=np.ones(3), fit=MODEL)
    report, model = read({"model": hostile})
    assert model is None
    assert report.reason == "It holds a dict, which has no predict method."


def test_a_file_of_a_model_alone_has_no_notes() -> None:
    report, _ = read(MODEL)
    assert report.notes == ()


def test_names_may_be_pandas_own() -> None:
    model = served({"model": MODEL, "scaler": SCALER, "features": FRAME.columns})
    assert names(model) == NAMES


@pytest.mark.parametrize("values", [NAMES, ["age", "income", "rooms"]])
def test_names_may_be_those_of_an_older_pandas(values: list[str]) -> None:
    index = pd.Index(np.array(values, dtype=object), dtype=object)
    expected = NAMES if values == NAMES else ["x0", "x1"]
    assert names(served({"model": MODEL, "scaler": SCALER, "features": index})) == expected


class Reduced:
    """Pickles as this call, with this state."""

    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


NEW_INDEX, ARRAY = FRAME.columns.__reduce__()[0], FRAME.columns.array
UNPICKLE, (KIND, CHECKSUM, _), (DTYPE, TEXTS, *_) = ARRAY.__reduce__()
HOSTILE: dict[str, Any] = {
    "an index of estimators": Reduced(NEW_INDEX, (pd.Index, {"data": np.array([MODEL, SCALER]), "name": None})),
    "an index that is given more": Reduced(NEW_INDEX, (pd.Index, {"data": TEXTS, "name": None, "dtype": "category"})),
    "another class as an index": Reduced(NEW_INDEX, (pd.arrays.StringArray, {"data": TEXTS, "name": None})),
    "texts of another class": Reduced(UNPICKLE, (pd.Index, CHECKSUM, None), (DTYPE, TEXTS)),
    "texts that are numbers": Reduced(UNPICKLE, (KIND, CHECKSUM, None), (DTYPE, np.array([1.5, 2.5]))),
    "texts with attributes": Reduced(UNPICKLE, (KIND, CHECKSUM, None), (DTYPE, TEXTS, {"tolist": MODEL})),
    "texts of pyarrow": Reduced(pd.StringDtype, ("pyarrow", np.nan)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_list_of_names_is_refused(kind: str) -> None:
    report, model = read({"model": MODEL, "features": HOSTILE[kind]})
    assert model is None
    assert any(words in str(report.reason) for words in ("not allowed", "malicious", "not on the list"))
