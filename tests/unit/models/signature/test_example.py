"""webapp.models.signature.example: typical values with which the form can be filled in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from tests.fitted import CASES, CITY, DATA, GAPS, MEDIAN, fit
from webapp.cell.signature import read_signature
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.models.card import Card
from webapp.models.card.fields import CardInput, CardSignature, CategoryReference, NumberReference
from webapp.models.card.sample_values import with_sample_values
from webapp.models.signature.example import example, typical_case
from webapp.types import Feature, Range, Signature


def typical(name: str) -> Any:
    return typical_case(read_signature(CASES[name]().estimator))


def of(*features: Feature) -> Signature:
    return Signature(task="regression", features=features, outputs=())


def test_what_an_imputer_fills_in_is_typical() -> None:
    case = typical("imputers_and_encoders")
    assert case["size"] == pytest.approx(MEDIAN, abs=0.1)
    assert case["city"] == CITY


@pytest.mark.parametrize("name", ["standard_scaler", "naive_bayes", "linear_discriminants", "principal_components"])
def test_a_mean_is_typical(name: str) -> None:
    assert typical(name)["age"] == pytest.approx(DATA["age"].mean(), abs=1)


@pytest.mark.parametrize(
    "name", ["robust_scaler", "quantile_transformer", "neighbours", "splines_between_quantiles", "gaussian_process"]
)
def test_a_median_is_typical(name: str) -> None:
    assert typical(name)["age"] == pytest.approx(DATA["age"].median(), abs=1)


def test_the_mean_of_clusters_is_typical() -> None:
    clusters = fit(KMeans(4, n_init=1, random_state=0), DATA[["age"]])
    assert typical_case(read_signature(clusters))["age"] == pytest.approx(DATA["age"].mean(), abs=0.1)


def test_the_middle_of_the_range_is_used_where_nothing_else_is_known() -> None:
    assert typical("min_max_scaler")["size"] == pytest.approx((DATA["size"].min() + DATA["size"].max()) / 2, abs=0.1)


def test_a_constant_that_an_imputer_fills_in_is_not_typical() -> None:
    low, high = np.nanmin(GAPS["weight"]), np.nanmax(GAPS["weight"])
    assert low <= typical("constant_beyond_the_range")["weight"] <= high


@pytest.mark.parametrize("name", ["dummy", "text_first", "svc_without_probability"])
def test_where_nothing_is_known_nothing_is_typical(name: str) -> None:
    assert typical(name) == {}


def test_choices_alone_are_not_enough() -> None:
    assert typical_case(of(Feature(name="city", kind="category", choices=("Bonn", "Ulm")))) == {}


def test_a_feature_about_which_nothing_is_known_is_left_out() -> None:
    known = Feature(name="size", typical=3.0)
    assert typical_case(of(known, Feature(name="odd"), Feature(name="note", kind="text"))) == {"size": 3.0}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        (Feature(name="size", typical=14.127291739191565, range=Range(low=6, high=28, exact=True, source="")), 14.1),
        (Feature(name="size", typical=2008.029, range=Range(low=2007, high=2009, exact=True, source="")), 2008.03),
        (Feature(name="size", kind="integer", typical=48.6), 49),
        (Feature(name="size", typical=0.000123456), 0.000123),
        (Feature(name="size", typical=0.0), 0),
        (Feature(name="size", typical=9.996, range=Range(low=0, high=9.996, exact=True, source="")), 9.996),
    ],
)
def test_it_is_rounded_to_significant_digits(feature: Feature, value: float) -> None:
    assert typical_case(of(feature)) == {"size": value}


@pytest.mark.parametrize("name", CASES)
def test_the_schema_accepts_the_example(name: str) -> None:
    signature = read_signature(CASES[name]().estimator)
    inputs = {name: value for name, value in example(signature).items() if value is not None}
    assert InstanceSchema(signature, 1).validate({"inputs": inputs})


def card(**fields: Any) -> Card:
    card_input = CardInput(**{"name": "size", "optional": False, "choices": []} | fields)
    return Card(signature=CardSignature(task="regression", inputs=[card_input], outputs=[], probabilities=False))


COUNTED = card(kind="category", choices=["a", "b"], reference=CategoryReference(shares=[0.3, 0.7], missing=0))
MEASURED = card(kind="number", reference=NumberReference(bounds=[1, 2, 3], shares=[0.25] * 4, missing=0))


def test_the_most_frequent_category_of_the_sample_is_typical() -> None:
    (feature,) = with_sample_values(of(Feature(name="size", kind="category", choices=("a", "b"))), COUNTED).features
    assert feature.typical == "b"


def test_the_samples_median_is_typical_where_the_estimator_shows_nothing() -> None:
    known = [None, 7.0]
    features = [with_sample_values(of(Feature(name="size", typical=each)), MEASURED).features[0] for each in known]
    assert [feature.typical for feature in features] == [2, 7.0]


@pytest.mark.parametrize(
    "uncounted",
    [
        Card(),
        card(kind="number"),
        card(kind="category", choices=["a"], reference={"kind": "category", "shares": [], "missing": 1}),
    ],
)
def test_a_card_without_counts_adds_nothing(uncounted: Card) -> None:
    assert with_sample_values(of(Feature(name="size")), uncounted).features[0].typical is None
