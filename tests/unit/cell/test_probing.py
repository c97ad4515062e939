"""Probing: the kinds of inputs of which an estimator says nothing, found by trial."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from webapp.cell.probing import MAX_TRIES, probe
from webapp.cell.signature import read_signature
from webapp.models.card.sentences import values_met, values_source
from webapp.models.signature.example import example
from webapp.types import InputType

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
    """Return the kind of each input, with its dtype if that is special, and a question mark if it is a guess."""
    found = probe(estimator, read_signature(estimator))
    return {
        name: f"{told.kind}{f' as {told.dtype}' if told.dtype else ''}{'?' if told.guessed else ''}"
        for name, told in found.items()
    }


def months(X: pd.DataFrame) -> Any:
    """Take dates, texts of dates and, without an error, any number."""
    return X.apply(lambda column: pd.to_datetime(column).dt.month)


def hours(X: pd.DataFrame) -> Any:
    return np.column_stack([X[name].dt.hour for name in X.columns])


def squares(X: pd.DataFrame) -> Any:
    return X**2


def texts(X: pd.DataFrame) -> Any:
    return X.astype(str)


@pytest.mark.parametrize(
    ("function", "name", "kind"),
    [
        (days, "day", "date"),
        (lengths, "note", "text"),
        (squares, "size", "number"),
        # The opposite of 1 is -2.
        (opposites, "member", "boolean?"),
    ],
)
def test_it_finds_out_what_a_function_accepts(function: Any, name: str, kind: str) -> None:
    assert probed(behind(function, name)) == {name: kind}


def test_it_changes_only_inputs_that_do_not_accept_a_number() -> None:
    assert probed(behind(everything, "day", "note", "size")) == {"day": "date", "note": "text", "size": "number"}


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


@pytest.mark.parametrize(("function", "kind"), [(months, "datetime as datetime64"), (hours, "datetime as datetime64")])
def test_a_number_that_changes_no_answer_is_no_proof(function: Any, kind: str) -> None:
    X = pd.DataFrame({"pickup": pd.date_range("2024-01-01", periods=40, freq="317h")})
    steps = make_column_transformer((FunctionTransformer(function), ["pickup"]))
    assert probed(make_pipeline(steps, LinearRegression()).fit(X, range(40))) == {"pickup": kind}


@pytest.mark.parametrize("handle_unknown", ["ignore", "error"])
@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 2, 3, 4], "integer as int64"), ([1.0, 2.0, 3.0, 4.0], "number"), (["a", "b", "c", "d"], "text")],
)
def test_an_encoder_behind_a_function_shows_what_it_knows(handle_unknown: Any, values: Any, kind: str) -> None:
    X = pd.DataFrame({"grade": values, "zip": [10115, 20095, 80331, 10115]})
    encoder = OneHotEncoder(handle_unknown=handle_unknown)
    estimator = make_pipeline(FunctionTransformer(texts), encoder, LinearRegression()).fit(X, range(4))
    assert probed(estimator) == {"grade": kind, "zip": "integer as int64"}


class Means(TransformerMixin, BaseEstimator):
    """Replace values by means, and what it has not met by the mean of all, as encoders for targets do."""

    def fit(self, X: pd.DataFrame, y: Any) -> Means:
        self.n_features_in_, self.feature_names_in_ = X.shape[1], X.columns.to_numpy(dtype=object)
        self.means_ = pd.Series(y).groupby(X.iloc[:, 0].to_numpy()).mean().to_dict()
        return self

    def transform(self, X: pd.DataFrame) -> Any:
        return X.iloc[:, [0]].apply(lambda column: column.map(self.means_).fillna(1.5)).to_numpy(dtype=float)


@pytest.mark.parametrize(("name", "kind"), [("note", "text"), ("size", "number")])
def test_values_in_the_state_of_an_encoder_show_what_it_takes(name: str, kind: str) -> None:
    estimator = make_pipeline(make_column_transformer((Means(), [name])), LinearRegression())
    assert probed(estimator.fit(DATA[[name]], range(4))) == {name: kind}


class Rare(TransformerMixin, BaseEstimator):
    """Encode texts by the lists that it keeps of each column, anything else by its length, and leave numbers."""

    def __init__(self, keep: Any, found_in: Any) -> None:
        self.keep, self.found_in = keep, found_in

    def fit(self, X: pd.DataFrame, y: Any = None) -> Rare:
        self.n_features_in_, self.feature_names_in_ = X.shape[1], X.columns.to_numpy(dtype=object)
        self.outputs_ = {name: [f"{name}_coded"] for name in X.columns}
        texts = [name for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])]
        self.known_ = self.keep({name: sorted(set(X[name])) for name in texts})
        return self

    def transform(self, X: pd.DataFrame) -> Any:
        coded = X.copy()
        for name, known in self.found_in(self.known_).items():
            coded[name] = [known.index(each) if each in known else len(repr(each)) + 9 for each in X[name]]
        return coded.to_numpy(dtype=float)


def entries(lists: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [{"col": name, "mapping": pd.Series(range(len(known)), index=known)} for name, known in lists.items()]


def encoders(lists: dict[str, list[str]]) -> dict[str, Any]:
    return {name: OneHotEncoder().fit(pd.DataFrame({name: known})) for name, known in lists.items()}


@pytest.mark.parametrize(
    ("keep", "found_in"),
    [
        (dict, dict),
        (entries, lambda kept: {entry["col"]: entry["mapping"].index.tolist() for entry in kept}),
        (encoders, lambda kept: {name: encoder.categories_[0].tolist() for name, encoder in kept.items()}),
    ],
)
def test_texts_that_are_kept_under_the_name_of_an_input_show_that_it_is_a_text(keep: Any, found_in: Any) -> None:
    X = pd.DataFrame(
        {"class": [1, 2, 3, 1] * 5, "sex": ["f", "m"] * 10, "town": list("abcd") * 5, "age": np.arange(20.0) ** 2}
    )
    found = probed(make_pipeline(Rare(keep, found_in), LinearRegression()).fit(X, np.arange(20.0)))
    assert {name: kind for name, kind in found.items() if kind.startswith("text")} == {"sex": "text", "town": "text"}
    assert found["age"].rstrip("?") == "number"


def coerced(X: pd.DataFrame) -> Any:
    """Take anything, and read days only."""
    days = pd.to_datetime(X["day"].astype(str), format="%Y-%m-%d", errors="coerce")
    return days.dt.day_of_year.fillna(0.0).to_frame()


def test_a_date_is_a_guess_where_any_text_brings_an_answer() -> None:
    assert probed(behind(coerced, "day")) == {"day": "date?"}


def test_it_is_a_guess_where_nothing_changes_the_answer() -> None:
    estimator = make_column_transformer((FunctionTransformer(constant), ["size"]))
    assert probed(make_pipeline(estimator, LinearRegression()).fit(DATA[["size"]], range(4))) == {"size": "number?"}


def test_it_is_a_guess_where_texts_and_numbers_change_it() -> None:
    assert probed(behind(hashes, "size")) == {"size": "number?"}


def constant(X: pd.DataFrame) -> Any:
    return np.ones((len(X), 1))


def hashes(X: pd.DataFrame) -> Any:
    return X.map(lambda value: float(len(repr(value))))


def test_an_estimator_of_scikit_learn_that_accepts_numbers_is_not_probed() -> None:
    estimator = LinearRegression().fit(DATA[["size"]], range(4))
    assert not read_signature(estimator).features[0].guessed
    assert probed(estimator) == {}


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
    kinds = {"day": InputType(kind="date"), "size": InputType(kind="text"), "nobody": InputType(kind="boolean")}
    found = read_signature(estimator, kinds)
    assert [(each.name, each.kind, each.source) for each in found.features] == [
        ("day", "date", "testing"),
        ("size", "number", None),
    ]


def test_the_page_says_that_it_was_found_by_trying() -> None:
    signature = read_signature(behind(days, "day"), {"day": InputType(kind="date")})
    (day,) = signature.features
    assert (values_met(day), values_source(day)) == ("a date, such as 2024-01-15", "found by testing the model")
    assert example(signature) == {"day": "2024-01-15"}
