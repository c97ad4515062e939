"""Files that the gate lets through although compiled code would follow the numbers in them anywhere.

Loading one, or predicting with it, may crash, hang or use all memory. It costs the locked process that does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from tests.gate import hostile_names, natives
from tests.gate.boosters import LIGHTGBM, XGBOOST
from tests.gate.honest import CLASSES, X, dumped

#: How many times each model is damaged.
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
KINDS: dict[str, dict[str, Callable[[], bytes]]] = {
    "dtypes": natives.DTYPES,
    "trees": natives.TREES,
    "arrays": natives.ARRAYS,
    "xgboost": XGBOOST,
    "lightgbm": LIGHTGBM,
    "texts": {what: partial(hostile_names.INCOMPLETE[what], "") for what in hostile_names.INCOMPLETE},
}
#: Those that the gate still refuses, by its own rules.
REFUSED = {
    "dtypes: objects that are said to be none",
    "dtypes: objects inside a record",
    "dtypes: a field outside of its record",
    "dtypes: a field before its record",
    "dtypes: a record that is a number",
    "dtypes: a record larger than its dtype",
    "dtypes: a number of another size",
    "dtypes: a text of negative size",
    "dtypes: a subarray",
    "dtypes: a unit of time that is none",
    "arrays: fill values that are instances",
    "xgboost: a handle that is a number",
    "xgboost: a handle that is none",
    "xgboost: something beside the handle",
    "xgboost: another kind of model",
    "xgboost: a setting that is no number",
    "lightgbm: a handle that is a number",
    "lightgbm: a handle of the old name",
    "lightgbm: a handle that is none",
    "lightgbm: a network",
    "lightgbm: another model to begin with",
    "lightgbm: another kind of model",
    "lightgbm: options that are no values",
}


def crashing() -> Iterator[tuple[str, bytes]]:
    """Yield each file that the gate lets through, by its kind and what is wrong with it."""
    for name, make in _files():
        if name not in REFUSED:
            yield name, make()


def refused() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the same kinds that the gate refuses."""
    for name, make in _files():
        if name in REFUSED:
            yield name, make()


def damaged(name: str) -> Iterator[bytes]:
    """Yield an honest file with a few bytes changed at random, time and again."""
    data = fitted(name)
    for seed in range(FILES):
        chance = random.Random(seed)  # noqa: S311
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice((0, 255, 1, 128, chance.randrange(256)))
        yield bytes(changed)


def fitted(name: str) -> bytes:
    with threadpool_limits(1):
        return dumped(MODELS[name].fit(X, CLASSES))


def _files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for kind, files in KINDS.items():
        for what, make in files.items():
            yield f"{kind}: {what}", make
