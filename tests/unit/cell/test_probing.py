"""Probing: the kinds of inputs of which an estimator says nothing, found by trial."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from webapp.cell.probing import MAX_TRIES, probe
from webapp.cell.signature import read_signature
from webapp.models.card.sentences import values_met, values_source
from webapp.models.signature.example import example

DATA = pd.DataFrame(
    {
        "day": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"],
        "note": ["a", "bb", "ccc", "dddd"],
        "member": [True, False, True, False],
        "size": [1.0, 2.0, 4.0, 8.0],
    }
)


def days(X: pd.DataFrame) -> Any:
    return X.map(lambda day: date.fromisoformat(day).toordinal())


def lengths(X: pd.DataFrame) -> Any:
    return X.map(len)


def opposites(X: pd.DataFrame) -> Any:
    return ~X


def everything(X: pd.DataFrame) -> Any:
    """Read a date, a text and a number in one go."""
    return np.column_stack([days(X[["day"]]), lengths(X[["note"]]), X["size"] * 2])


def behind(function: Any, *names: str) -> Pipeline:
    return make_pipeline(FunctionTransformer(function), LinearRegression()).fit(DATA[list(names)], range(4))


def probed(estimator: Any) -> dict[str, str]:
    return dict(probe(estimator, read_signature(estimator)))


@pytest.mark.parametrize(
    ("function", "name", "kind"), [(days, "day", "date"), (lengths, "note", "text"), (opposites, "member", "boolean")]
)
def test_it_finds_out_what_a_function_accepts(function: Any, name: str, kind: str) -> None:
    assert probed(behind(function, name)) == {name: kind}


def test_it_changes_only_inputs_that_do_not_accept_a_number() -> None:
    assert probed(behind(everything, "day", "note", "size")) == {"day": "date", "note": "text"}


class Counting(RegressorMixin, BaseEstimator):
    """Accepts what its function accepts, and counts its predictions."""

    def __init__(self, function: Any, n_features_in_: int = 2) -> None:
        self.function, self.n_features_in_, self.n_predictions = function, n_features_in_, 0

    def fit(self, X: Any, y: Any = None) -> Counting:
        self.n_features_in_ = X.shape[1]
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        self.n_predictions += 1
        return self.function(X)


def refusing(X: Any) -> Any:
    raise RuntimeError("no")


def slow(X: Any) -> Any:
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    raise RuntimeError("no")


def waiting(X: Any) -> Any:
    """Get no processor for a while, as on a machine that has other work to do."""
    time.sleep(0.6)
    return days(X)


def test_an_estimator_that_accepts_numbers_predicts_once() -> None:
    estimator = Counting(lambda X: np.log(X[:, 0]))
    assert probed(estimator) == {}
    assert estimator.n_predictions == 1


def test_it_gives_up_after_the_maximum_of_tries() -> None:
    estimator = Counting(refusing, 20)
    assert probed(estimator) == {}
    assert estimator.n_predictions == MAX_TRIES


def test_it_begins_no_try_after_a_second_of_processor_time() -> None:
    estimator = Counting(slow)
    assert probed(estimator) == {}
    assert estimator.n_predictions <= 5


def test_it_finds_the_same_on_a_busy_machine() -> None:
    busy = make_pipeline(FunctionTransformer(waiting), LinearRegression()).fit(DATA[["day"]], range(4))
    assert probed(busy) == {"day": "date"}


def test_what_is_known_is_not_probed() -> None:
    scaled = make_pipeline(StandardScaler(), Counting(refusing)).fit(DATA[["size"]])
    assert probed(scaled) == {}
    assert scaled[-1].n_predictions == 0


def test_what_is_known_is_never_overruled() -> None:
    steps = make_column_transformer((FunctionTransformer(days), ["day"]), (StandardScaler(), ["size"]))
    estimator = make_pipeline(steps, LinearRegression()).fit(DATA[["day", "size"]], range(4))
    found = read_signature(estimator, {"day": "date", "size": "text", "nobody": "boolean"})
    assert [(each.name, each.kind, each.probed) for each in found.features] == [
        ("day", "text", "date"),
        ("size", "number", None),
    ]


def test_the_page_says_that_it_was_found_by_trying() -> None:
    signature = read_signature(behind(days, "day"), {"day": "date"})
    (day,) = signature.features
    assert (values_met(day), values_source(day)) == ("text, such as 2024-01-15", "found by testing the model")
    assert example(signature) == {"day": "2024-01-15"}
