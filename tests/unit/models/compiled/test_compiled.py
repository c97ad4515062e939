"""A plan: it gives the same answers as its estimator, or none."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.effort import EFFORT
from tests.fitted import CASES
from tests.unit.models.compiled.compiling import SIDE, X, compile_estimator, inference_of, prove_plan
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature, read_splits
from webapp.errors import EstimatorFailed
from webapp.models.answers import read_answers
from webapp.models.compiled import NotCompilable, Plan, Unsure
from webapp.models.compiled.grove import MAX_GROVE_ROWS
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.types import Answer, Instance, Signature

#: Minimum number of estimators in tests/fitted.py that must have a compiled form.
MIN_COMPILED = 20

N = 80
random = np.random.default_rng(3)
NUMBERS, CATEGORIES = ["size", "weight", "age"], ["city", "grade"]
DATA = pd.DataFrame(
    {
        "size": random.uniform(1, 9, N).round(1),
        "weight": random.normal(70, 12, N),
        "age": random.integers(18, 80, N).astype(float),
        "city": random.choice(["Bonn", "Kiel", "Ulm", "Jena"], N, p=[0.5, 0.3, 0.15, 0.05]),
        "grade": random.choice([1.0, 2.0, 3.0], N),
    }
)
DATA.loc[::7, "size"] = np.nan
DATA.loc[::9, "city"] = np.nan
DATA.loc[::5, "grade"] = np.nan
CLASSES = {2: np.where(DATA["age"] > 50, "old", "young"), 3: pd.cut(DATA["age"], 3, labels=["a", "b", "c"]).astype(str)}
VALUE = (DATA["age"] * 2 + DATA["weight"]).to_numpy()

fillers = st.sampled_from(
    [
        SimpleImputer(),
        SimpleImputer(strategy="median", add_indicator=True),
        SimpleImputer(strategy="constant", fill_value=-1),
    ]
)
scalers = st.sampled_from(
    [
        "passthrough",
        StandardScaler(),
        StandardScaler(with_mean=False),
        MinMaxScaler(feature_range=(-1, 1)),
        MinMaxScaler(clip=True),
        MaxAbsScaler(),
        RobustScaler(quantile_range=(10, 90)),
        make_pipeline(StandardScaler(), VarianceThreshold()),
        make_union(StandardScaler(), MinMaxScaler()),
        FunctionTransformer(np.cbrt),
        FunctionTransformer(),
    ]
)
encoders = st.sampled_from(
    [
        OneHotEncoder(sparse_output=False),
        OneHotEncoder(drop="first"),
        OneHotEncoder(drop="if_binary", handle_unknown="ignore"),
        OneHotEncoder(min_frequency=6, handle_unknown="infrequent_if_exist"),
        OneHotEncoder(max_categories=2),
        make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()),
        make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()),
        OrdinalEncoder(encoded_missing_value=-2),
        make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder(min_frequency=6), StandardScaler()),
    ]
)
classifiers = st.sampled_from(
    [
        LogisticRegression(),
        RidgeClassifier(),
        SGDClassifier(loss="log_loss", random_state=0),
        SGDClassifier(random_state=0),
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(12, random_state=0),
        ExtraTreesClassifier(12, random_state=0),
        GradientBoostingClassifier(n_estimators=8, random_state=0),
        GradientBoostingClassifier(n_estimators=8, init="zero", random_state=0),
        GradientBoostingClassifier(n_estimators=8, learning_rate=0.37, max_depth=2, random_state=0),
        HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=4),
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    ]
)
counts = st.sampled_from([1, 5, 40, 150])
regressors = st.sampled_from(
    [
        LinearRegression(),
        Ridge(),
        ElasticNet(),
        PoissonRegressor(),
        DecisionTreeRegressor(random_state=0),
        RandomForestRegressor(12, random_state=0),
        ExtraTreesRegressor(12, random_state=0),
        GradientBoostingRegressor(n_estimators=8, random_state=0),
        HistGradientBoostingRegressor(max_iter=8, min_samples_leaf=4),
        HistGradientBoostingRegressor(max_iter=8, min_samples_leaf=4, loss="poisson"),
    ]
)


def fitted(predictor: Any, prepare: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(clone(prepare), clone(predictor)).fit(DATA, y)


def rows(count: int, seed: int) -> list[Instance]:
    """Make up instances like the training rows, with blanks, and with values outside their range."""
    generator = np.random.default_rng(seed)
    numbers = {name: generator.normal(DATA[name].mean(), 2 * DATA[name].std(), count) for name in NUMBERS}
    categories = {name: generator.choice(DATA[name].dropna().unique(), count).tolist() for name in CATEGORIES}
    complete = [{name: values[index] for name, values in (numbers | categories).items()} for index in range(count)]
    return [
        {
            name: None if name in ("size", "city", "grade") and generator.random() < 0.2 else value
            for name, value in row.items()
        }
        for row in ({name: _plain(value) for name, value in row.items()} for row in complete)
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def assert_agreement(plan: Plan, estimator: Any, signature: Signature, instances: Sequence[Instance]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = predict_answers(estimator, as_matrix(instances, signature), signature)
    answers = answers_of(plan, instances, signature)
    if plan.exact:
        assert answers == expected
    else:
        np.testing.assert_allclose(numbers_of(answers), numbers_of(expected), rtol=1e-11, atol=1e-10)
        assert list(map(label_of, answers)) == list(map(label_of, expected))


def answers_of(plan: Plan, instances: Sequence[Instance], signature: Signature) -> list[Answer]:
    """Return what the plan answers: all at once if it can, and otherwise as many at once as a forest can."""
    try:
        return read_answers(*plan.predict(instances), signature)
    except Unsure:
        assert plan.exact
        assert len(instances) > MAX_GROVE_ROWS
    starts = range(0, len(instances), MAX_GROVE_ROWS)
    parts = [instances[start : start + MAX_GROVE_ROWS] for start in starts]
    return [answer for part in parts for answer in read_answers(*plan.predict(part), signature)]


def numbers_of(answers: Sequence[Answer]) -> list[list[float]]:
    return [
        [*(answer.probabilities or {}).values(), *[each for each in [answer.prediction] if isinstance(each, float)]]
        for answer in answers
    ]


def label_of(answer: Answer) -> Any:
    return None if isinstance(answer.prediction, float) else answer.prediction


# No shrinking: each attempt fits a pipeline, so finding a smaller failing one would take long.
pipelines = settings(
    max_examples=20 * EFFORT,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def check(predictor: Any, filler: Any, scaler: Any, encoder: Any, y: Any, count: int, seed: int) -> None:
    numbers = make_pipeline(clone(filler), clone(scaler) if scaler != "passthrough" else scaler)
    estimator = fitted(predictor, make_column_transformer((numbers, NUMBERS), (encoder, CATEGORIES)), y)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    prove_plan(plan, estimator, signature)
    assert_agreement(plan, estimator, signature, rows(count, seed))


@pipelines
@given(
    classifiers,
    fillers,
    scalers,
    encoders,
    st.sampled_from([2, 3]),
    st.sampled_from([1, 5, 40, 150]),
    st.integers(0, 99),
)
def test_a_compiled_classifier_answers_as_its_estimator(
    predictor: Any, filler: Any, scaler: Any, encoder: Any, classes: int, count: int, seed: int
) -> None:
    check(predictor, filler, scaler, encoder, CLASSES[classes], count, seed)


@pipelines
@given(regressors, fillers, scalers, encoders, counts, st.integers(0, 99))
def test_a_compiled_regressor_answers_as_its_estimator(
    predictor: Any, filler: Any, scaler: Any, encoder: Any, count: int, seed: int
) -> None:
    check(predictor, filler, scaler, encoder, VALUE, count, seed)


def test_it_compiles_many_kinds_of_estimators_and_gives_their_answers() -> None:
    compiled = 0
    for make in CASES.values():
        case = make()
        signature = read_signature(case.estimator)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inference = inference_of(case.estimator, signature)
            if inference.plan:
                compiled += 1
                instances = make_up_instances(signature, read_splits(case.estimator), within_range=True)
                assert_agreement(inference.plan, case.estimator, signature, instances)
            else:
                assert inference.form.startswith("the estimator itself: ")
    assert compiled >= MIN_COMPILED


def test_an_unknown_estimator_answers_itself() -> None:
    estimator = SVC().fit(X, SIDE)
    inference = inference_of(estimator, read_signature(estimator))
    assert (inference.plan, inference.form) == (None, "the estimator itself: SVC has no compiled form")
    assert inference.answer([{"x0": 2.0, "x1": 0.0, "x2": 0.0}]) == [Answer(prediction="right")]


def spoiled(plan: Plan, change: Any) -> Plan:
    return replace(plan, prediction=replace(plan.prediction, predict=change))


@pytest.mark.parametrize("estimator", [LogisticRegression(), RandomForestClassifier(5, random_state=0)])
def test_a_plan_that_gives_other_numbers_is_not_trusted(estimator: Any) -> None:
    estimator = clone(estimator).fit(X, SIDE)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    assert prove_plan(plan, estimator, signature) >= 512

    def slightly_off(rows: Any) -> Any:
        y, proba = plan.prediction.predict(rows)
        return y, proba * (1 + 1e-10)

    def wrong_alone(rows: Any) -> Any:
        y, proba = plan.prediction.predict(rows)
        return (y, proba) if len(rows) > 1 else (y[::-1], proba[:, ::-1])

    def wrong_for_few(rows: Any) -> Any:
        y, proba = plan.prediction.predict(rows)
        return (y[::-1], proba[::-1]) if 1 < len(rows) < 64 else (y, proba)

    for change in (slightly_off, wrong_alone, wrong_for_few):
        with pytest.raises(NotCompilable, match="different answers"):
            prove_plan(spoiled(plan, change), estimator, signature)


def test_a_plan_that_is_unsure_leaves_the_answer_to_the_estimator() -> None:
    estimator = LogisticRegression().fit(X, SIDE)
    signature = read_signature(estimator)
    inference = inference_of(estimator, signature)
    assert inference.plan

    def refuse(_rows: Any) -> Any:
        raise Unsure

    refusing = replace(inference, plan=spoiled(inference.plan, refuse))
    instance = {"x0": 1.0, "x1": 0.0, "x2": 0.0}
    assert refusing.answer([instance]) == predict_answers(estimator, as_matrix([instance], signature), signature)


def test_values_at_split_thresholds_get_the_same_answer() -> None:
    """Trees compare in 32 bits, so a careless plan would go wrong at their thresholds."""
    estimator = RandomForestClassifier(30, random_state=0).fit(X, SIDE)
    signature, splits = read_signature(estimator), read_splits(estimator)
    instances = make_up_instances(signature, splits)
    assert len({instance["x0"] for instance in instances} & set(splits["x0"])) >= 20
    assert_agreement(compile_estimator(estimator, signature), estimator, signature, instances)


@pytest.mark.parametrize("value", [1e39, -1e300])
def test_numbers_beyond_32_bits_are_left_to_the_estimator(value: float) -> None:
    estimator = RandomForestClassifier(5, random_state=0).fit(X, SIDE)
    plan = compile_estimator(estimator, read_signature(estimator))
    with pytest.raises(Unsure):
        plan.predict([{"x0": value, "x1": 0.0, "x2": 0.0}])


@pytest.mark.parametrize("estimator", [LogisticRegression(), make_pipeline(StandardScaler(), Ridge())])
def test_an_answer_does_not_depend_on_the_other_instances(estimator: Any) -> None:
    y = SIDE if isinstance(estimator, LogisticRegression) else X[:, 0]
    estimator = clone(estimator).fit(X, y)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    instances = [dict(zip(("x0", "x1", "x2"), row, strict=True)) for row in X.tolist()]
    together = read_answers(*plan.predict(instances), signature)
    assert [read_answers(*plan.predict([each]), signature)[0] for each in instances] == together


def test_selectors_and_nested_pipelines_are_compiled() -> None:
    estimator = make_pipeline(make_pipeline(StandardScaler(), SelectKBest(f_classif, k=2)), LogisticRegression())
    estimator.fit(X, SIDE)
    signature = read_signature(estimator)
    assert_agreement(compile_estimator(estimator, signature), estimator, signature, make_up_instances(signature, {}))


def answers_as_the_estimator(estimator: Any, instance: Instance) -> bool:
    """Return whether the service answers as the estimator does, also where that raises an error."""
    signature = read_signature(estimator)
    inference = inference_of(estimator, signature)
    assert inference.plan, inference.form
    with np.errstate(all="ignore"):
        try:
            expected = predict_answers(estimator, as_matrix([instance], signature), signature)
        except ValueError as error:
            with pytest.raises(EstimatorFailed) as failure:
                inference.answer([instance])
            return str(failure.value.__cause__) == str(error)
        return inference.answer([instance]) == expected


@pytest.mark.parametrize("clipping", [MinMaxScaler(clip=True), MaxAbsScaler(clip=True)])
def test_a_number_that_overflows_before_clipping_is_refused_as_by_the_estimator(clipping: Any) -> None:
    estimator = make_pipeline(RobustScaler(), clone(clipping), LogisticRegression()).fit(X * 1e-9, SIDE)
    assert answers_as_the_estimator(estimator, {"x0": 1e308, "x1": 0.0, "x2": 0.0})


def test_a_number_that_overflows_in_a_dropped_column_is_refused_as_by_the_estimator() -> None:
    scaled = X * [1, 1e-9, 1e-9]
    estimator = make_pipeline(StandardScaler(), SelectKBest(f_classif, k=1), LogisticRegression()).fit(scaled, SIDE)
    assert answers_as_the_estimator(estimator, {"x0": 1.0, "x1": 0.0, "x2": 1e308})


def test_a_number_that_a_function_transformer_refuses_is_refused_as_by_the_estimator() -> None:
    steps = [FunctionTransformer(np.sqrt), FunctionTransformer(validate=True)]
    estimator = make_pipeline(MinMaxScaler(), *steps, HistGradientBoostingClassifier(max_iter=3))
    estimator.fit(X, SIDE)
    assert answers_as_the_estimator(estimator, {"x0": -5.0, "x1": 0.0, "x2": 0.0})


@pytest.mark.parametrize("estimator", [LogisticRegression(), RidgeClassifier()])
@pytest.mark.parametrize("y", [SIDE, np.where(X[:, 1] > 1, "up", SIDE)], ids=["two classes", "three classes"])
def test_a_tie_is_left_to_the_estimator(estimator: Any, y: Any) -> None:
    """Between classes with equal scores rounding decides, and the plan may round differently."""
    estimator = clone(estimator).fit(X, y)
    estimator.intercept_[:] = 0
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    with pytest.raises(Unsure):
        plan.predict([{"x0": 0.0, "x1": 1e-12, "x2": 0.0}])
    assert_agreement(plan, estimator, signature, [{"x0": 1.0, "x1": 0.0, "x2": 0.0}])


def test_scores_that_make_every_class_improbable_get_the_same_answer() -> None:
    y = np.where(X[:, 1] > 1, "up", SIDE)
    estimator = SGDClassifier(loss="log_loss", random_state=0).fit(X, y)
    estimator.intercept_[:] = -2000
    assert answers_as_the_estimator(estimator, {"x0": 1.0, "x1": 0.0, "x2": 0.0})


def test_texts_in_an_array_are_compiled() -> None:
    texts = np.array([["Bonn"], ["Kiel"]] * 10)
    estimator = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(texts, ["a", "b"] * 10)
    assert answers_as_the_estimator(estimator, {"x0": "Kiel"})


def boosted_exponentially() -> Any:
    return GradientBoostingClassifier(n_estimators=8, loss="exponential", random_state=0).fit(X, SIDE)


def test_boosting_with_an_exponential_loss_gives_the_same_bits() -> None:
    estimator = boosted_exponentially()
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    assert plan.exact
    assert_agreement(plan, estimator, signature, make_up_instances(signature, read_splits(estimator)))


@pytest.mark.parametrize(
    "predictor", [DecisionTreeClassifier(random_state=0), HistGradientBoostingClassifier(max_iter=1)]
)
def test_a_single_tree_answers_few_rows_and_many_alike(predictor: Any) -> None:
    # Thresholds halfway between whole numbers are the same in 32 bits, so that values can be equal to them.
    estimator = clone(predictor).fit(np.round(X * 3), SIDE)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    instances = make_up_instances(signature, read_splits(estimator))
    together = read_answers(*plan.predict(instances), signature)
    assert [read_answers(*plan.predict([each]), signature)[0] for each in instances] == together
    assert_agreement(plan, estimator, signature, instances)


def test_many_rows_of_a_forest_get_the_bits_that_each_gets_alone() -> None:
    estimator = RandomForestClassifier(5, random_state=0).fit(X, SIDE)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    instances = make_up_instances(signature, {})[: 2 * MAX_GROVE_ROWS + 1]
    together = read_answers(*plan.predict(instances), signature)
    assert [read_answers(*plan.predict([each]), signature)[0] for each in instances] == together
    assert_agreement(plan, estimator, signature, instances)


@pytest.mark.parametrize("most", [0, 1, 31])
def test_a_plan_that_answers_no_small_batch_is_not_trusted(most: int) -> None:
    estimator = RandomForestClassifier(5, random_state=0).fit(X, SIDE)
    signature = read_signature(estimator)
    plan = compile_estimator(estimator, signature)
    with pytest.raises(NotCompilable, match="gave no answer"):
        prove_plan(replace(plan, max_rows=most), estimator, signature)
