"""LightGBM keeps lists of categories without the names of their inputs: each is found, or the file is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature
from webapp.cell.signature.category_columns import TrainingValues, match_categories
from webapp.errors import NotServable
from webapp.types import Feature

lightgbm = pytest.importorskip("lightgbm")
RANDOM = np.random.default_rng(0)
SIZE = 300
X = pd.DataFrame(
    {
        "store": RANDOM.integers(1, 6, SIZE),
        "age": RANDOM.integers(18, 80, SIZE),
        "city": pd.Categorical(RANDOM.choice(["Oslo", "Paris", "Rome"], SIZE)),
        "plan": pd.Categorical(RANDOM.choice(["free", "pro"], SIZE), ["free", "pro"], ordered=True),
        "zone": pd.Categorical(RANDOM.integers(1, 6, SIZE)),
        "code": RANDOM.integers(0, 3, SIZE),
        "alone": RANDOM.integers(0, 2, SIZE),
        "sex": pd.Categorical(RANDOM.choice(["female", "male"], SIZE)),
    }
)
Y = (X.store.isin([2, 4]) ^ (X.city == "Rome") ^ X.zone.isin([1, 5]) ^ (X.sex == "male")).astype(int)


def fitted(*names: str, categorical_feature: Any = "auto") -> Any:
    model = lightgbm.LGBMClassifier(n_estimators=9, min_child_samples=5, n_jobs=1, verbose=-1)
    return model.fit(X[list(names)], Y, categorical_feature=categorical_feature)


def features(model: Any) -> dict[str, Feature]:
    return {feature.name: feature for feature in read_signature(model).features}


@pytest.mark.parametrize(
    ("names", "categorical_feature"),
    [
        (["store", "age", "city"], ["store", "city"]),
        (["store", "age", "city"], ["store"]),
        (["store", "zone", "age"], ["store", "zone"]),
        (["store", "city", "age", "plan"], "auto"),
        (["plan", "age", "city", "zone"], "auto"),
        (["age", "city", "plan"], ["plan"]),
    ],
)
def test_each_input_has_its_own_choices(names: list[str], categorical_feature: Any) -> None:
    model = fitted(*names, categorical_feature=categorical_feature)
    found = features(model)
    for name in names:
        is_category = isinstance(X[name].dtype, pd.CategoricalDtype)
        assert found[name].choices == (tuple(X[name].cat.categories) if is_category else ())
        assert not found[name].guessed


@pytest.mark.parametrize("categorical_feature", ["auto", ["store", "city", "zone"], ["plan"], ["age"]])
def test_rows_of_the_training_get_the_models_own_answers(categorical_feature: Any) -> None:
    names = ["store", "age", "city", "plan", "zone"]
    model = fitted(*names, categorical_feature=categorical_feature)
    signature = read_signature(model)
    instances = [{name: row[name] for name in names} for row in X[names].astype(object).to_dict("records")]
    answers = predict_answers(model, as_matrix(instances, signature), signature)
    assert [answer.prediction for answer in answers] == model.predict(X[names]).tolist()


def test_it_refuses_lists_that_fit_two_inputs_equally() -> None:
    with pytest.raises(NotServable, match="without the names of their inputs"):
        read_signature(fitted("code", "city", "age", categorical_feature=["code", "city"]))


def test_it_calls_it_a_guess_where_an_unusual_reading_is_possible_too() -> None:
    found = features(fitted("alone", "sex", "age"))
    assert found["sex"].choices == ("female", "male")
    assert (found["sex"].guessed, found["alone"].guessed) == (True, False)


def test_it_refuses_lists_that_fit_no_input() -> None:
    numbers = TrainingValues.of("[0.5:2]", is_split_as_category=False)
    with pytest.raises(NotServable):
        match_categories([numbers], [["a", "b", "c"]])


def test_a_search_among_many_columns_ends_soon() -> None:
    columns = [TrainingValues.of("[0:1]", is_split_as_category=False)] * 1500
    with pytest.raises(NotServable):
        match_categories(columns, [["a", "b"]] * 100)
