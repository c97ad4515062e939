"""The X that is built from instances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from webapp.cell.estimator.matrix import as_matrix
from webapp.types import Feature, Layout, Signature, Value


def matrix(features: list[Feature], rows: list[list[Value]], layout: Layout = "frame") -> Any:
    signature = Signature(task="regression", features=tuple(features), outputs=(), layout=layout)
    names = [feature.name for feature in features]
    return as_matrix([dict(zip(names, row, strict=True)) for row in rows], signature)


def test_a_frame_has_the_features_in_the_estimators_order() -> None:
    X = matrix([Feature(name="b"), Feature(name="a")], [[1, 2], [3, 4]])
    assert X.columns.tolist() == ["b", "a"]
    assert X.to_numpy().tolist() == [[1, 2], [3, 4]]


def test_numbers_are_floats_even_if_all_are_whole() -> None:
    assert matrix([Feature(name="a", kind="integer")], [[1], [2]])["a"].dtype == float


def test_a_blank_number_is_nan() -> None:
    assert math.isnan(matrix([Feature(name="a", optional=True)], [[None]])["a"][0])


def test_texts_with_a_blank_stay_objects() -> None:
    X = matrix([Feature(name="a", kind="category", choices=("x",), optional=True)], [["x"], [None]])
    assert X["a"].dtype == object
    assert X["a"][0] == "x"
    assert math.isnan(X["a"][1])


@pytest.mark.parametrize("choices", [("x",), (1, 2), (True, False)])
def test_a_blank_is_none_where_it_was_none_in_training(choices: tuple[Value, ...]) -> None:
    feature = Feature(name="a", kind="category", choices=choices, optional=True, missing=None)
    assert matrix([feature], [[choices[0]], [None]])["a"].tolist() == [choices[0], None]


def test_booleans_are_booleans_where_no_blank_is_known() -> None:
    assert matrix([Feature(name="a", kind="boolean", choices=(False, True))], [[True]])["a"].dtype == bool


def test_booleans_are_objects_where_a_blank_may_be() -> None:
    X = matrix([Feature(name="a", kind="boolean", choices=(False, True), optional=True)], [[True], [None]])
    assert X["a"].dtype == object
    assert X["a"][0] is True


def test_categories_that_are_numbers_are_floats() -> None:
    X = matrix([Feature(name="a", kind="category", choices=(1, 2), optional=True)], [[1], [None]])
    assert X["a"].dtype == float


def test_categories_that_a_float_would_round_stay_whole() -> None:
    big = 2**53 + 1
    assert matrix([Feature(name="a", kind="category", choices=(big, 1))], [[big]])["a"].tolist() == [big]


def test_an_array_of_numbers_is_an_array_of_floats() -> None:
    X = matrix([Feature(name="x0"), Feature(name="x1")], [[1, 2], [3, 4]], layout="array")
    assert (X.dtype, X.tolist()) == (float, [[1, 2], [3, 4]])


def test_an_array_with_texts_keeps_each_value_as_it_is() -> None:
    features = [Feature(name="x0"), Feature(name="x1", kind="category", choices=("a",))]
    assert matrix(features, [[1.5, "a"]], layout="array").tolist() == [[1.5, "a"]]


def test_whole_numbers_are_whole_where_that_is_known() -> None:
    X = matrix([Feature(name="a", kind="integer", dtype="int64"), Feature(name="b")], [[3, 1], [4, 2]])
    assert (X["a"].dtype, X["a"].astype(str).tolist()) == (np.int64, ["3", "4"])


def test_a_whole_number_is_the_same_alone_and_beside_a_blank() -> None:
    feature = Feature(name="a", kind="integer", dtype="int64", optional=True)
    alone, beside = matrix([feature], [[3]]), matrix([feature], [[3], [None]])
    assert alone["a"].dtype == beside["a"].dtype == float


@pytest.mark.parametrize("layout", ["frame", "array"])
def test_dates_are_pandas_own_or_texts(layout: Layout) -> None:
    features = [Feature(name="a", kind="datetime", dtype="datetime64", optional=True), Feature(name="b", kind="date")]
    X = matrix(features, [["2024-07-05T10:00:00", "2024-07-05"], [None, "2024-07-06"]], layout)
    rows = X.to_numpy(dtype=object).tolist() if layout == "frame" else X.tolist()
    assert rows == [[pd.Timestamp("2024-07-05T10:00"), "2024-07-05"], [pd.NaT, "2024-07-06"]]
    assert layout == "array" or X["a"].dtype.kind == "M"


def test_texts_are_a_list() -> None:
    assert matrix([Feature(name="text", kind="text")], [["a"], ["b"]], layout="texts") == ["a", "b"]


@pytest.mark.parametrize("layout", ["frame", "array"])
def test_many_rows_make_as_many(layout: Layout) -> None:
    X = matrix([Feature(name="a"), Feature(name="b", kind="text")], [[i, "x"] for i in range(100)], layout)
    assert isinstance(X, pd.DataFrame if layout == "frame" else np.ndarray)
    assert X.shape == (100, 2)
