"""webapp.cell.signature.other_libraries, with steps that keep what the libraries' own do: these are not installed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer, OneHotEncoder, StandardScaler

from webapp.cell.estimator.nested import nested_estimators
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.signature import read_signature
from webapp.errors import NotServable
from webapp.types import Signature

FRAME = pd.DataFrame({"age": [20.0, 30.0], "city": ["Bonn", "Ulm"], "day": ["2024-01-01", "2024-02-01"]})


class Step(TransformerMixin, BaseEstimator):
    """Any step, which is given its state."""

    def fit(self, X: Any, y: Any = None) -> Step:
        return self


class CatBoostModel:
    """What CatBoost's classifiers do: they start threads unless a call says otherwise."""

    __module__, __qualname__ = "catboost.core", "CatBoost"
    classes_ = np.array([0, 1])
    _estimator_type = "classifier"

    def fit(self, X: Any, y: Any = None) -> CatBoostModel:
        return self

    def predict(self, rows: Any, thread_count: int = -1) -> Any:
        if thread_count != 1:
            raise RuntimeError("can't start new thread")
        return np.zeros(len(rows), dtype=int)


def step_of(module: str, name: str, **state: Any) -> Any:
    """Return a step of a class with this module and name."""
    step = type(name, (Step,), {"__module__": module, "__qualname__": name})()
    vars(step).update(state)
    return step


def kinds(signature: Signature) -> dict[str, tuple[str, tuple[Any, ...]]]:
    return {feature.name: (feature.kind, feature.choices) for feature in signature.features}


def model(step: Any, width: int) -> Pipeline:
    return Pipeline([("step", step), ("model", LogisticRegression().fit(np.eye(width), np.arange(width) % 2))])


def test_catboost_predicts_in_one_thread() -> None:
    assert prepare_for_serving(CatBoostModel()).predict(np.eye(2)).tolist() == [0, 0]


def test_catboost_is_found_in_a_pipeline() -> None:
    served = CatBoostModel()
    assert served in list(nested_estimators(Pipeline([("scaler", StandardScaler()), ("model", served)])))


def test_skrubs_table_vectorizer_says_the_kind_of_each_column() -> None:
    known = OneHotEncoder().fit(FRAME[["city"]])
    step = step_of(
        "skrub._table_vectorizer",
        "TableVectorizer",
        feature_names_in_=["age", "city", "note", "day"],
        n_features_in_=4,
        column_to_kind_={"age": "numeric", "city": "low_cardinality", "note": "high_cardinality", "day": "datetime"},
        transformers_={"city": known, "note": SimpleNamespace(), "day": SimpleNamespace()},
    )
    signature = read_signature(model(step, 5))
    assert kinds(signature) == {
        "age": ("number", ()),
        "city": ("category", ("Bonn", "Ulm")),
        "note": ("text", ()),
        "day": ("number", ()),
    }
    assert [feature.name for feature in signature.features if feature.guessed] == ["day"]


def mapper(**state: Any) -> Any:
    steps = [
        (["age"], StandardScaler().fit(FRAME[["age"]].to_numpy()), {}),
        ("city", LabelBinarizer().fit(FRAME["city"]), {}),
    ]
    return step_of(
        "sklearn_pandas.dataframe_mapper", "DataFrameMapper", **{"default": False, "built_features": steps} | state
    )


def test_a_data_frame_mapper_names_the_columns_that_it_reads() -> None:
    signature = read_signature(model(mapper(), 2))
    assert kinds(signature) == {"age": ("number", ()), "city": ("category", ("Bonn", "Ulm"))}
    assert signature.layout == "frame"


def test_a_data_frame_mapper_that_passes_on_others_is_refused() -> None:
    with pytest.raises(NotServable, match="Fit it with default=False"):
        read_signature(model(mapper(default=None), 2))
