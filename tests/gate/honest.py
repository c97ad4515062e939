"""Every estimator of scikit-learn, fitted on a little data."""

from __future__ import annotations

import io
import warnings
from tempfile import NamedTemporaryFile
from typing import Any
from unittest import SkipTest

import joblib
import numpy as np
from sklearn.datasets import make_classification
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  (so that all_estimators lists it)
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances
from threadpoolctl import threadpool_limits

X, CLASSES = make_classification(60, 6, n_informative=4, random_state=0)
NUMBERS = X @ np.arange(6.0)
DATASETS = (
    (X, CLASSES),
    (X, NUMBERS),
    (np.abs(X), CLASSES),
    (X, np.c_[CLASSES, CLASSES]),
    (X, np.c_[NUMBERS, NUMBERS]),
    (["a b", "b c"] * 30, CLASSES),
    ([{"a": 1}] * 30, CLASSES[:30]),
    (X[:, 0], NUMBERS),
    (CLASSES, None),
    ([[1, 2], [2]], None),
)
METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")


def everything() -> dict[str, tuple[Any, Any]]:
    """Return each estimator with the inputs that it was fitted on."""
    found: dict[str, tuple[Any, Any]] = {}
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        for name, kind in all_estimators():
            for number, estimator in enumerate(instances(kind)):
                inputs = _fitted(estimator)
                if inputs is not None:
                    found[f"{name} {number}"] = estimator, inputs
    return found


def instances(kind: type) -> list[Any]:
    try:
        return list(_construct_instances(kind))
    except SkipTest:
        return []


def _fitted(estimator: Any) -> Any:
    for inputs, outputs in DATASETS:
        try:
            estimator.fit(inputs, outputs) if outputs is not None else estimator.fit(inputs)
        except Exception:  # noqa: S112  (the next data may suit it)
            continue
        return inputs
    return None


def dumped(held: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(held, buffer, **options)
    return buffer.getvalue()


def mapped(data: bytes) -> Any:
    """Load a file as joblib does when it maps it; such arrays can't be written to."""
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return joblib.load(file.name, mmap_mode="r")


def answers(model: Any, inputs: Any) -> dict[str, Any]:
    """Return what each method of a model answers for the first inputs."""
    found = {}
    for method in METHODS:
        if hasattr(model, method):
            # Some models draw from the random generator that all share.
            np.random.seed(0)
            try:
                found[method] = _dense(getattr(model, method)(inputs[:5]))
            except (ValueError, TypeError, AttributeError) as error:
                found[method] = type(error).__name__
    return found


def _dense(answer: Any) -> Any:
    return answer.toarray() if hasattr(answer, "toarray") else answer


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return ours.keys() == theirs.keys() and all(_equal(ours[method], theirs[method]) for method in ours)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and (
        np.allclose(one, other, equal_nan=True) if one.dtype.kind in "fc" else bool((one == other).all())
    )
