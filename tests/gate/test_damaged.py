"""Damaged files are refused, or are models: nothing crashes, hangs or runs."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from tests.gate.child import Died, in_child
from tests.gate.honest import CLASSES, X, dumped
from tests.gate.verdict import GRANTS, both
from webapp.cell.gate import inspect, load
from webapp.errors import NotServable

FILES = 286
MODELS = {
    "scaler": StandardScaler(),
    "regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(3, random_state=0),
    "histogram": HistGradientBoostingClassifier(max_iter=3, random_state=0),
    "neighbours": KNeighborsClassifier(algorithm="kd_tree"),
    "vectors": SVC(),
    "splines": make_pipeline(SplineTransformer(), LogisticRegression()),
}
#: How many files may crash when they predict. Bytes that no rule can tell from honest ones may still crash the
#: model; the sandbox finds that.
MAX_CRASHES = 0


def fitted(name: str) -> bytes:
    with threadpool_limits(1):
        return dumped(MODELS[name].fit(X, CLASSES))


def test_it_refuses_every_beginning_of_a_file() -> None:
    data = fitted("scaler")
    reasons = in_child(lambda: [both(data[:size]) for size in range(len(data))], seconds=20)
    assert "loaded" not in reasons


def damaged(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.choice((0, 255, 1, 128, chance.randrange(256)))
    return bytes(changed)


def outcome(data: bytes) -> str:
    inspect(data)
    try:
        model = load(data, GRANTS)
    except NotServable:
        return "refused"
    return prediction_outcome(model)


def prediction_outcome(model: Any) -> str:
    try:
        with np.errstate(all="ignore"):
            (getattr(model, "predict", None) or model.transform)(X[:1])
    except Exception:
        return "failed"
    return "answered"


@pytest.mark.parametrize("name", MODELS)
def test_it_survives_damage(name: str) -> None:
    data = fitted(name)
    counts: Counter[str] = Counter()
    files = [damaged(data, seed) for seed in range(FILES)]
    try:
        counts.update(in_child(lambda: [outcome(each) for each in files], seconds=60))
    except Died:
        counts.update(map(outcome_alone, files))
    print(name, dict(counts))  # noqa: T201
    assert counts["died"] <= MAX_CRASHES


def outcome_alone(data: bytes) -> str:
    """Load in a process that must not die, then predict in one that may."""
    in_child(lambda: both(data), seconds=20)
    try:
        return str(in_child(lambda: outcome(data), seconds=20))
    except Died:
        return "died"
