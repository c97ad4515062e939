"""What scikit-learn itself writes is loaded, and answers as it does without the gate."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from inspect import isfunction, signature
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import special, stats
from sklearn import metrics
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import VALID_METRICS, KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils import all_estimators
from threadpoolctl import threadpool_limits

from tests.gate import honest
from tests.gate.honest import CLASSES, NUMBERS, X, answers, dumped, mapped, same
from tests.gate.verdict import GRANTS, both
from webapp.cell.gate import inspect, load
from webapp.errors import ArtifactRefused

#: What compares predictions with the truth, and still gives no score.
NO_SCORES = {"confusion_matrix_at_thresholds", "metric_at_thresholds", "silhouette_samples"}
FRAME = pd.DataFrame({"size": [1.0, None, 3.0, 4.0] * 15, "kind": ["a", "b", None, "a"] * 15})
NAMES = pd.Series(["no", "yes", "yes", "no"] * 15)
COMPRESSIONS = ("zlib", "gzip", "bz2", "lzma", "xz", "lz4")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def everything() -> dict[str, tuple[Any, Any]]:
    return honest.everything()


def check(model: Any, inputs: Any, **options: Any) -> None:
    data = dumped(model, **options)
    inspection = inspect(data)
    assert (inspection.problem, inspection.refused_uses(GRANTS)) == (None, [])
    expected = answers(joblib.load(io.BytesIO(data)), inputs)
    found = answers(load(data, GRANTS), inputs)
    assert same(found, expected)
    if "compress" not in options:
        assert same(found, answers(mapped(data), inputs))


@pytest.mark.parametrize(
    "options",
    [{"protocol": protocol} for protocol in range(6)] + [{"compress": (packing, 3)} for packing in COMPRESSIONS],
    ids=str,
)
def test_it_loads_every_estimator(options: dict[str, Any], everything: dict[str, tuple[Any, Any]]) -> None:
    failed = {}
    for name, (model, inputs) in everything.items():
        try:
            check(model, inputs, **options)
        except (AssertionError, ArtifactRefused) as error:
            failed[name] = str(error)
    print(f"{len(everything) - len(failed)} of {len(everything)} with {options}")  # noqa: T201
    assert failed == {}
    assert len(everything) > 200


def test_it_loads_every_estimator_inside_a_pipeline(everything: dict[str, tuple[Any, Any]]) -> None:
    for name, (model, inputs) in everything.items():
        data = dumped(Pipeline([("first", "passthrough"), ("last", model)]))
        expected = answers(model, inputs)
        assert same(answers(load(data, GRANTS).steps[-1][1], inputs), expected), name


def test_it_loads_every_classifier_of_three_classes() -> None:
    classes = np.digitize(NUMBERS, np.quantile(NUMBERS, [0.3, 0.6]))
    count = 0
    for _, kind in all_estimators(type_filter="classifier"):
        for model in honest.instances(kind):
            try:
                model.fit(np.abs(X), classes)
            except (ValueError, IndexError):
                # It takes several outputs, or is part of something else.
                continue
            check(model, np.abs(X))
            count += 1
    assert count > 35


def test_it_says_when_lz4_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dumped(GaussianNB().fit(X, CLASSES), compress="lz4")
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    assert inspect(data).problem == "It is packed with lz4, which is not installed here."
    with pytest.raises(ArtifactRefused, match="packed with lz4, which is not installed here"):
        load(data, GRANTS)


def columns() -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    kinds = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("numbers", numbers, ["size"]), ("kinds", kinds, ["kind"])])


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize(
    "last",
    [
        LogisticRegression(),
        HistGradientBoostingClassifier(max_iter=5),
        GridSearchCV(
            LogisticRegression(), {"C": [1, 2]}, scoring=["accuracy", "f1_macro"], refit="accuracy", cv=KFold(2)
        ),
        GridSearchCV(LogisticRegression(), {"C": [1, 2]}, scoring="roc_auc", cv=2),
        CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=2),
        CalibratedClassifierCV(GaussianNB(), method="sigmoid", cv=2),
        RandomForestClassifier(5, random_state=np.random.RandomState(0)),
        GradientBoostingClassifier(n_estimators=3, random_state=np.random.RandomState(0)),
    ],
    ids=lambda each: str(each).split(" at 0x")[0],
)
def test_it_loads_a_model_of_a_frame_and_a_series(last: Any, protocol: int) -> None:
    model = Pipeline([("columns", columns()), ("last", last)]).fit(FRAME, NAMES)
    check(model, FRAME, protocol=protocol)


def test_it_loads_categories_that_come_from_the_frame() -> None:
    frame = FRAME.assign(kind=FRAME["kind"].astype("category"))
    check(HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(frame, NAMES), frame)


def test_it_loads_functions_of_numpy_and_frames_as_outputs() -> None:
    model = make_pipeline(FunctionTransformer(np.log1p, np.expm1), StandardScaler(), Ridge())
    check(model.fit(np.abs(X), NUMBERS), np.abs(X))
    check(
        columns()
        .set_params(sparse_threshold=0, kinds__onehotencoder__sparse_output=False)
        .set_output(transform="pandas")
        .fit(FRAME),
        FRAME,
    )


def test_it_loads_texts() -> None:
    texts = ["one two", "two three", "three four", "four one"] * 15
    check(
        make_pipeline(TfidfVectorizer(ngram_range=(1, 2), stop_words=["one"]), LogisticRegression()).fit(texts, NAMES),
        texts,
    )


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree", "brute"])
def test_it_loads_neighbours_by_every_metric(algorithm: str) -> None:
    options = {"seuclidean": {"V": np.ones(6)}, "mahalanobis": {"VI": np.eye(6)}, "minkowski": {"w": np.ones(6)}}
    metrics = set(VALID_METRICS[algorithm]) - {"precomputed", "haversine", "pyfunc", "wminkowski"}
    for metric in sorted(metrics):
        given = options.get(metric, {}) if algorithm != "kd_tree" else {}
        model = KNeighborsClassifier(algorithm=algorithm, metric=metric, metric_params=given or None)
        try:
            model.fit(X, CLASSES)
        except ValueError:
            continue
        check(model, X)


def test_it_loads_generators() -> None:
    for seed in (np.random.RandomState(0), np.random.RandomState(np.random.PCG64(0))):
        check(RandomForestClassifier(3, random_state=seed).fit(X, CLASSES), X)
    for bits in (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64, np.random.PCG64DXSM):
        model = GaussianNB().fit(X, CLASSES)
        model.generator_ = np.random.Generator(bits(0))
        loaded = load(dumped(model), GRANTS)
        assert loaded.generator_.integers(1000) == model.generator_.integers(1000)


def test_it_refuses_distributions_and_takes_what_was_found_with_them() -> None:
    search = RandomizedSearchCV(LogisticRegression(), {"C": stats.uniform(0.1, 1)}, n_iter=2, cv=2, random_state=0)
    data = dumped(search.fit(X, CLASSES))
    with pytest.raises(ArtifactRefused, match=r"It needs scipy\.stats\..* not on the list"):
        load(data, GRANTS)
    check(search.best_estimator_, X)


def test_it_accepts_a_scorer_of_each_metric() -> None:
    comparing = {"y_true", "labels_true", "y1", "labels"}
    functions = [getattr(metrics, name) for name in metrics.__all__ if isfunction(getattr(metrics, name))]
    # Curves are no scores.
    scores = [
        each for each in functions if comparing & set(signature(each).parameters) and "curve" not in each.__name__
    ]
    scores = [each for each in scores if each.__name__ not in NO_SCORES]
    assert len(scores) > 50
    reasons = {each.__name__: both(dumped(make_scorer(each))) for each in scores}
    assert {name: reason for name, reason in reasons.items() if reason != "loaded"} == {}


def test_it_accepts_each_function_of_one_number() -> None:
    for module in (np, special):
        named = {name: getattr(module, name) for name in dir(module)}
        functions = [each for each in named.values() if isinstance(each, np.ufunc) and (each.nin, each.nout) == (1, 1)]
        reasons = {each.__name__: both(dumped(FunctionTransformer(each))) for each in functions}
        assert {name: reason for name, reason in reasons.items() if reason != "loaded"} == {}
