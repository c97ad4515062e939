"""webapp.models.signature: what it reads from estimators of many kinds, and that this leads to their own answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, RobustScaler

from tests.fitted import CASES, DATA, VALUE, Bare, Case, fit
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature
from webapp.errors import NotServable
from webapp.helpers.feature_words import filled_words
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.models.guardrails.checks import Checks
from webapp.types import Answer, Feature, Instance, Range, Signature

# scikit-learn warns of this at every prediction if a column was blank throughout in training.
pytestmark = pytest.mark.filterwarnings("ignore:Skipping features without any observed values")


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


@pytest.fixture
def signature(case: Case) -> Signature:
    return read_signature(case.estimator)


def test_it_reads_the_kinds(case: Case, signature: Signature) -> None:
    assert {feature.name: feature.kind for feature in signature.features} == case.kinds


def test_it_reads_the_choices_with_their_types(case: Case, signature: Signature) -> None:
    found = {feature.name: feature.choices for feature in signature.features if feature.choices}
    assert found == case.choices
    types = {name: [type(choice) for choice in choices] for name, choices in found.items()}
    assert types == {name: [type(choice) for choice in choices] for name, choices in case.choices.items()}


def test_it_reads_what_may_be_left_blank(case: Case, signature: Signature) -> None:
    assert {feature.name for feature in signature.features if feature.optional} == set(case.optional.split())


def test_it_reads_what_stands_for_a_blank(case: Case, signature: Signature) -> None:
    found = {feature.name: feature.default for feature in signature.features if feature.default is not None}
    assert found == {name: pytest.approx(default) for name, default in case.defaults.items()}


def test_a_range_that_it_calls_exact_is_that_of_the_training_data(case: Case, signature: Signature) -> None:
    exact = {feature.name: feature.range for feature in signature.features if feature.range and feature.range.exact}
    for name, span in exact.items():
        values = column(case.X, name).astype(float)
        assert (span.low, span.high) == (np.nanmin(values), np.nanmax(values))
    assert set(exact) == case.exact_features


def test_training_values_are_not_outside_an_exact_range(case: Case, signature: Signature) -> None:
    for instance in training_instances(case, signature):
        warned = {notice.loc[0] for notice in Checks(signature).warnings(instance) if "outside" in notice.msg}
        assert not warned & case.exact_features


def test_it_warns_of_a_blank_where_an_imputer_fills_it(case: Case, signature: Signature) -> None:
    named = set(case.defaults) & set(case.optional.split())
    filled = ", ".join(filled_words(feature) for feature in signature.features if feature.name in named)
    warned = [notice.msg for notice in Checks(signature).warnings(dict.fromkeys(case.kinds))]
    assert [msg.split(": ", 1)[1] for msg in warned if "left blank" in msg] == [f"{filled}."] * bool(named)


def test_training_rows_get_the_estimators_own_answers(case: Case, signature: Signature) -> None:
    schema = InstanceSchema(signature, 100)
    instances = schema.validate({"inputs": list(training_instances(case, signature))})
    answers = predict_answers(case.estimator, as_matrix(instances, signature), signature)
    assert_same(answers, case.estimator, case.X, signature)


@pytest.mark.parametrize("blank", [False, True], ids=["filled in", "blank"])
def test_what_the_form_offers_gets_the_estimators_own_answer(case: Case, signature: Signature, blank: bool) -> None:
    sent = {f.name: offered(f) for f in signature.features if not (blank and f.optional)}
    instances = InstanceSchema(signature, 100).validate({"inputs": sent})
    answers = predict_answers(case.estimator, as_matrix(instances, signature), signature)
    assert_same(answers, case.estimator, by_hand(case.X, instances[0]), signature)


def test_each_optional_feature_may_be_left_out_alone(case: Case, signature: Signature) -> None:
    for left_out in (feature for feature in signature.features if feature.optional):
        sent = {f.name: offered(f) for f in signature.features if f is not left_out}
        instances = InstanceSchema(signature, 100).validate({"inputs": sent})
        answers = predict_answers(case.estimator, as_matrix(instances, signature), signature)
        assert_same(answers, case.estimator, by_hand(case.X, instances[0]), signature)


def test_no_range_is_narrower_than_the_training_data(case: Case, signature: Signature) -> None:
    for feature in signature.features:
        if feature.range:
            values = column(case.X, feature.name).astype(float)
            slack = 1e-6 * max(abs(feature.range.low), abs(feature.range.high))
            assert feature.range.low - slack <= np.nanmin(values)
            assert np.nanmax(values) <= feature.range.high + slack


def test_no_training_value_is_far_from_what_is_usual(case: Case, signature: Signature) -> None:
    for instance in training_instances(case, signature):
        assert not [notice for notice in Checks(signature).warnings(instance) if "far from" in notice.msg]


def test_it_finds_nearly_all_that_can_be_found_and_asserts_nothing_that_is_wrong() -> None:
    found = [fact for make in CASES.values() for fact in facts(make())]
    assert len(found) > 500
    assert sum(found) / len(found) >= 0.95
    assert all(is_right(make()) for make in CASES.values())


def facts(case: Case) -> Iterator[bool]:
    """Yield, for each fact that the estimator shows about its features, whether it was read correctly."""
    features = {feature.name: feature for feature in read_signature(case.estimator).features}
    yield list(features) == list(case.kinds)
    for name, kind in case.kinds.items():
        yield features[name].kind == kind
        yield features[name].optional == (name in case.optional.split())
    for name, choices in case.choices.items():
        yield features[name].choices == choices
    for name, default in case.defaults.items():
        yield features[name].default == pytest.approx(default)
    for name in case.exact_features:
        yield features[name].range == training_range(case, features[name])


def is_right(case: Case) -> bool:
    """Return whether what is called certain is true: exact ranges, and choices that alone are accepted."""
    features = read_signature(case.estimator).features
    ranges = [each for each in features if each.range and each.range.exact]
    return all(each.range == training_range(case, each) for each in ranges) and all(
        set(column(case.X, each.name)[~pd.isna(column(case.X, each.name))]) <= set(each.choices)
        for each in features
        if each.choices
    )


def training_range(case: Case, feature: Feature) -> Range | None:
    """Return the range of the training data, with the source of the one that was read."""
    values = column(case.X, feature.name).astype(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return feature.range and replace(feature.range, low=low, high=high, exact=True)


@pytest.mark.parametrize("name", ["splines_with_knots_of_their_own", "principal_components", "k_means"])
def test_an_estimator_that_stores_no_range_gives_none(name: str) -> None:
    features = read_signature(CASES[name]().estimator).features
    assert not any(feature.range and feature.range.exact for feature in features)


@pytest.mark.parametrize("name", ["linear_discriminants_with_their_spread", "quadratic_discriminants", "naive_bayes"])
def test_the_means_of_classes_give_the_mean_and_the_spread_of_all_values(name: str) -> None:
    for feature in read_signature(CASES[name]().estimator).features:
        values = DATA[feature.name]
        assert feature.range is None
        assert feature.usual
        assert (feature.usual.mean, feature.usual.sd) == pytest.approx((values.mean(), values.std()), rel=0.1)


def test_rare_categories_are_choices_that_make_no_difference() -> None:
    (city,) = read_signature(CASES["rare_categories"]().estimator).features
    counts = DATA["city"].value_counts()
    assert set(city.alike) == set(counts[counts < 22].index)


def test_rare_categories_make_a_difference_if_another_part_distinguishes_them() -> None:
    once = OneHotEncoder(min_frequency=22)
    for both in (make_union(once, OneHotEncoder()), make_union(OneHotEncoder(), once)):
        (city,) = read_signature(fit(make_pipeline(both, Ridge()), DATA[["city"]], VALUE)).features
        assert city.alike == ()


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("calibrated", "classification"),
        ("stacking", "regression"),
        ("isolation_forest", "outlier detection"),
        ("k_means", "clustering"),
        ("text_in_a_grid_search", "classification"),
        ("several_numbers_at_once", "regression"),
    ],
)
def test_it_names_the_task(name: str, task: str) -> None:
    assert read_signature(CASES[name]().estimator).task == task


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("voting", [("y", ("high", "low"))]),
        ("forest", [("y", ())]),
        ("k_means", [("y", ())]),
        ("several_classes_at_once", [("y0", ("high", "low")), ("y1", ("Bonn", "Kiel", "Ulm"))]),
        ("several_numbers_at_once", [("y0", ()), ("y1", ())]),
        ("labels_by_neighbours", [("y0", (0, 1)), ("y1", (0, 1)), ("y2", (0, 1))]),
        ("labels_by_network", [("y0", (0, 1)), ("y1", (0, 1)), ("y2", (0, 1))]),
        ("labels_one_by_one", [("y0", (0, 1)), ("y1", (0, 1)), ("y2", (0, 1))]),
        ("labels_in_a_chain", [("y0", (0, 1)), ("y1", (0, 1)), ("y2", (0, 1))]),
        ("xgboost_with_labels", [("y0", (0, 1)), ("y1", (0, 1)), ("y2", (0, 1))]),
        ("one_label_in_a_table", [("y", (0, 1))]),
    ],
)
def test_it_reads_the_outputs(name: str, outputs: list[tuple[str, tuple[Any, ...]]]) -> None:
    found = read_signature(CASES[name]().estimator).outputs
    assert [(output.name, output.classes) for output in found] == outputs


def test_it_knows_that_an_svc_gives_no_probabilities() -> None:
    assert not read_signature(CASES["svc_without_probability"]().estimator).probabilities


@pytest.mark.parametrize(
    ("name", "layout"), [("forest", "frame"), ("boosting_by_mask", "array"), ("text_first", "texts")]
)
def test_it_reads_the_layout_that_the_estimator_expects(name: str, layout: str) -> None:
    assert read_signature(CASES[name]().estimator).layout == layout


def test_a_regressor_with_two_targets_has_two_outputs() -> None:
    regressor = fit(LinearRegression(), DATA[["size"]], np.column_stack([VALUE, VALUE]))
    assert len(read_signature(regressor).outputs) == 2


def test_it_refuses_an_estimator_that_does_not_say_how_many_inputs_it_has() -> None:
    with pytest.raises(NotServable, match="how many inputs it has"):
        read_signature(Bare())


@pytest.mark.parametrize("names", [["size", ""], ["size", "size"]])
def test_it_refuses_inputs_that_share_a_name_or_have_none(names: list[str]) -> None:
    estimator = fit(Ridge(), DATA[["size", "age"]], VALUE)
    # Older versions of scikit-learn allowed such names.
    estimator.feature_names_in_ = np.array(names, dtype=object)
    with pytest.raises(NotServable, match="can't be told apart"):
        read_signature(estimator)


def test_it_refuses_categories_that_cannot_be_typed() -> None:
    days = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=3).astype(object)})
    encoder = OneHotEncoder(handle_unknown="ignore")
    with pytest.raises(NotServable, match="Timestamp"):
        read_signature(fit(make_pipeline(encoder, Ridge()), days, [1, 2, 3]))


def test_equal_quartiles_give_no_range() -> None:
    X = pd.DataFrame({"gain": [0.0] * 9 + [5000.0]})
    (feature,) = read_signature(fit(make_pipeline(RobustScaler(), Ridge()), X, np.arange(10))).features
    assert feature.range is None


def column(X: Any, name: str) -> Any:
    if isinstance(X, list):
        return np.array([row[name] for row in X], dtype=object)
    return X[name] if isinstance(X, pd.DataFrame) else X[:, int(name[1:])]


def training_instances(case: Case, signature: Signature) -> Iterator[Instance]:
    """Yield the rows of the training data as a client would send them."""
    for index in range(len(case.X)):
        if signature.layout == "texts":
            yield {"text": case.X[index]}
        else:
            cells = {f.name: np.asarray(column(case.X, f.name), dtype=object)[index] for f in signature.features}
            yield {name: None if pd.isna(cell) else cell for name, cell in cells.items()}


def offered(feature: Feature) -> Any:
    """Return a value that somebody who knows only the form might fill in."""
    if feature.kind == "text":
        return "a rainy day"
    if feature.choices:
        return feature.choices[-1]
    return (feature.range.low + feature.range.high) / 2 if feature.range else 3.5


def by_hand(X: Any, instance: Instance) -> Any:
    """Build the same instance by hand from the training data, with its types."""
    if isinstance(X, list) and isinstance(X[0], str):
        return [instance["text"]]
    if isinstance(X, list):
        return [{name: value for name, value in instance.items() if value is not None}]
    if isinstance(X, np.ndarray):
        row = [np.nan if value is None else value for value in instance.values()]
        return np.array([row], dtype=X.dtype)
    row = X.iloc[[0]].copy()
    for name, value in instance.items():
        known = X[name]
        blank = known[known.isna()].iloc[0] if known.isna().any() else np.nan
        cell = pd.Series([blank if value is None else value], index=row.index, dtype=object)
        row[name] = cell.astype(float if known.dtype.kind == "i" and value not in set(known) else known.dtype)
    return row


def assert_same(answers: list[Answer], estimator: Any, X: Any, signature: Signature) -> None:
    expected = estimator.predict(X)
    expected = expected[:, 0] if expected.ndim == 2 and expected.shape[1] == 1 else expected
    if expected.dtype.kind == "f":
        np.testing.assert_allclose([answer.prediction for answer in answers], expected)
    else:
        assert [answer.prediction for answer in answers] == expected.tolist()
    if signature.probabilities and not signature.multi_output:
        proba = estimator.predict_proba(X)
        proba = proba[0] if isinstance(proba, list) else proba
        classes = [str(each) for each in signature.outputs[0].classes]
        for answer, row in zip(answers, proba.tolist(), strict=True):
            assert answer.probabilities == pytest.approx(dict(zip(classes, row, strict=True)))
