"""Whether an explanation tells the truth about models whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder
from sklearn.svm import LinearSVC

from tests.fitted import CASES
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature
from webapp.models.card import Card, read_card
from webapp.models.card.from_signature import card_signature
from webapp.models.explanation import Background, Explanation, background_of, build_questions, explain
from webapp.models.sample.distributions import references
from webapp.types import Instance, Signature, Value

RANDOM = np.random.default_rng(7)
X = pd.DataFrame(RANDOM.normal(size=(300, 3)) * [1, 10, 100], columns=["a", "b", "c"])
KIND = pd.DataFrame({"a": X["a"], "kind": RANDOM.choice(["red", "green", "blue"], 300)})
RAISED = KIND["a"] * 2 + KIND["kind"].map({"red": 5.0, "green": 0.0, "blue": -3.0})

Explained = Callable[..., Explanation]


def explained(
    estimator: Any, instance: Instance, background: Background | None = None, signature: Signature | None = None
) -> Explanation:
    signature = signature or read_signature(estimator)
    background = background or background_of(signature, None)
    questions = build_questions(instance, background, signature)
    answers = predict_answers(estimator, as_matrix(questions.instances, signature), signature)
    return explain(questions, answers, background, signature)[0]


def contributions(explanation: Explanation) -> dict[str, float]:
    return {each.feature: each.value for each in explanation.contributions}


def card_of(signature: Signature, instances: list[Instance]) -> Card:
    kept = card_signature(signature, references(instances, signature))
    return read_card(Card(signature=kept).to_bytes())


@given(st.tuples(st.floats(-3, 3), st.floats(-30, 30), st.floats(-300, 300)))
def test_contributions_add_up(values: tuple[float, float, float]) -> None:
    instance = dict(zip("abc", values, strict=True))
    found = explained(FOREST, instance)
    assert sum(contributions(found).values()) == pytest.approx(found.score - found.baseline, abs=1e-9)


FOREST = RandomForestClassifier(10, random_state=0).fit(X, X["a"] * X["b"] > 0)


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("name", CASES)
def test_they_add_up_for_estimators_of_all_shapes(name: str) -> None:
    estimator = CASES[name]().estimator
    signature = read_signature(estimator)
    background = background_of(signature, None)
    questions = build_questions(otherwise(background.instances[0], signature), background, signature)
    answers = predict_answers(estimator, as_matrix(questions.instances, signature), signature)
    for found in explain(questions, answers, background, signature):
        total = sum(contributions(found).values())
        assert total == pytest.approx(found.score - found.baseline, rel=1e-9, abs=1e-9)


def otherwise(instance: Instance, signature: Signature) -> Instance:
    """Give an instance that differs from another in each input, and has a blank where it may."""
    changed = {
        feature.name: feature.choices[-1] if feature.choices else _more(instance[feature.name])
        for feature in signature.features
    }
    return {**changed, **{feature.name: None for feature in signature.features[:1] if feature.optional}}


def _more(value: Value) -> Value:
    return value + 1.0 if isinstance(value, float) else value


def test_those_of_a_linear_model_are_the_exact_ones() -> None:
    model = make_pipeline(MinMaxScaler(), Ridge()).fit(X, X["a"] * 3 - X["b"] + X["c"] / 50)
    signature = read_signature(model)
    (typical,) = background_of(signature, None).instances
    instance = {"a": 1.25, "b": -7.0, "c": 180.0}
    slopes = model[-1].coef_ * model[0].scale_
    exact = {name: slope * (instance[name] - typical[name]) for name, slope in zip("abc", slopes, strict=True)}
    found = explained(model, instance)
    assert contributions(found) == pytest.approx(exact, abs=1e-9)
    assert all(each.spread == pytest.approx(0, abs=1e-9) for each in found.contributions)


def test_the_parts_of_a_category_are_joined_again() -> None:
    encoder = ColumnTransformer([("kind", OneHotEncoder(), ["kind"])], remainder="passthrough")
    model = make_pipeline(encoder, LinearRegression()).fit(KIND, RAISED)
    background = Background(({"a": 0.0, "kind": "green"},), typical=True)
    found = explained(model, {"a": 1.0, "kind": "red"}, background)
    assert contributions(found) == pytest.approx({"kind": 5.0, "a": 2.0})


def test_those_of_a_sum_of_functions_of_single_inputs_are_the_differences_of_each() -> None:
    model = GradientBoostingRegressor(max_depth=1, random_state=0).fit(X, np.sin(X["a"]) + (X["b"] > 0))
    background = Background(tuple(dict(zip("abc", row, strict=True)) for row in X.to_numpy()[:4].tolist()), False)
    instance = {"a": 1.0, "b": 5.0, "c": 20.0}

    def alone(name: str) -> float:
        """What the model says more, on average, if only this input is the instance's."""
        before = pd.DataFrame(background.instances)
        after = before.assign(**{name: instance[name]})
        return float(np.mean(model.predict(after) - model.predict(before)))

    found = explained(model, instance, background)
    assert contributions(found) == pytest.approx({name: alone(name) for name in "abc"}, abs=1e-9)


def test_the_score_of_a_classifier_is_the_probability_of_its_answer() -> None:
    model = LogisticRegression().fit(X, X["a"] > 0)
    found = explained(model, {"a": -2.0, "b": 0.0, "c": 0.0})
    assert found.label is False
    assert found.score == pytest.approx(model.predict_proba(pd.DataFrame([{"a": -2.0, "b": 0.0, "c": 0.0}]))[0, 0])


def test_a_classifier_without_probabilities_is_explained_by_whether_the_label_stays() -> None:
    model = make_pipeline(MinMaxScaler(), LinearSVC()).fit(X, X["a"] > 0)
    found = explained(model, {"a": 2.0, "b": 0.0, "c": 0.0})
    assert (found.label, found.is_share, found.score) == (True, False, 1.0)
    assert sum(contributions(found).values()) == pytest.approx(1 - found.baseline)


def test_without_a_sample_it_compares_with_one_typical_case() -> None:
    model = make_pipeline(MinMaxScaler(), Ridge()).fit(X, X["a"])
    background = background_of(read_signature(model), None)
    assert background.typical
    assert len(background.instances) == 1


def test_with_a_sample_it_compares_with_cases_spread_as_the_sample_was() -> None:
    encoder = ColumnTransformer(
        [("kind", OneHotEncoder(), ["kind"]), ("a", make_pipeline(SimpleImputer(), MinMaxScaler()), ["a"])]
    )
    model = make_pipeline(encoder, Ridge()).fit(KIND, RAISED)
    signature = read_signature(model)
    rows: list[Instance] = [
        {"a": None if i % 4 == 0 else float(a), "kind": "blue" if i % 2 else "red"} for i, a in enumerate(KIND["a"])
    ]
    background = background_of(signature, card_of(signature, rows))
    assert not background.typical
    kinds = [each["kind"] for each in background.instances]
    assert kinds.count("red") == kinds.count("blue") == len(kinds) / 2
    numbers = [each["a"] for each in background.instances]
    assert numbers.count(None) == len(numbers) / 4
    assert np.mean([each for each in numbers if each is not None]) == pytest.approx(KIND["a"].mean(), abs=0.35)


def test_it_finds_the_nearest_single_change_of_each_input() -> None:
    model = make_pipeline(MinMaxScaler(), LogisticRegression(C=1e6)).fit(X, X["a"] > 0)
    instance = {"a": 0.4, "b": 0.0, "c": 0.0}
    (change, *_) = explained(model, instance).changes
    assert change.feature == "a"
    assert change.prediction is False
    tried = next(curve for curve in explained(model, instance).curves if curve.feature == "a")
    below = [point.value for point in tried.points if point.prediction is False]
    assert change.value == max(below)  # type: ignore[type-var]


def test_it_never_suggests_what_the_card_calls_immutable() -> None:
    model = make_pipeline(MinMaxScaler(), LogisticRegression(C=1e6)).fit(X, X["a"] > 0)
    signature = read_signature(model)
    features = tuple(replace(each, immutable=each.name == "a") for each in signature.features)
    found = explained(model, {"a": 0.4, "b": 0.0, "c": 0.0}, signature=replace(signature, features=features))
    assert "a" not in {change.feature for change in found.changes}


def test_it_finds_no_change_where_there_is_none() -> None:
    model = make_pipeline(MinMaxScaler(), LogisticRegression()).fit(X, [True] * 299 + [False])
    assert explained(model, {"a": 0.0, "b": 0.0, "c": 0.0}).changes == ()


def test_a_number_is_changed_by_a_tenth() -> None:
    model = make_pipeline(MinMaxScaler(), LinearRegression()).fit(X, 100 + X["a"] * 30)
    (change, *_) = explained(model, {"a": 0.0, "b": 0.0, "c": 0.0}).changes
    assert change.feature == "a"
    assert abs(change.score - 100) >= 10


def test_a_curve_holds_the_own_value_and_goes_through_the_range_of_training() -> None:
    model = make_pipeline(MinMaxScaler(), Ridge()).fit(X, X["a"])
    (curve, *_) = explained(model, {"a": 9.0, "b": 0.0, "c": 0.0}).curves
    values = [point.value for point in curve.points]
    assert values == sorted(values)  # type: ignore[type-var]
    assert curve.own == values[-1] == 9.0
    assert values[0] == pytest.approx(X["a"].min(), abs=0.01)


def test_a_forest_which_tells_no_range_is_tried_where_its_trees_split() -> None:
    found = explained(FOREST, {"a": 0.5, "b": 5.0, "c": 0.0})
    assert {curve.feature for curve in found.curves} == set("abc")
    assert {change.feature for change in found.changes} & {"a", "b"}


def test_many_inputs_do_not_make_endless_questions() -> None:
    wide = pd.DataFrame(RANDOM.normal(size=(50, 200)), columns=[f"x{each}" for each in range(200)])
    model = make_pipeline(MinMaxScaler(), Ridge()).fit(wide, wide["x0"])
    signature = read_signature(model)
    questions = build_questions(wide.iloc[0].to_dict(), background_of(signature, None), signature)
    assert len(questions.instances) < 2000
