"""Fits every estimator of an older scikit-learn and writes which names their files use, and how.

It runs in an environment that ``flask environments add NAME --scikit-learn 1.0`` has made, at the project's root:
``PYTHONPATH=. environments/NAME/bin/python -m tests.gate.older_names.write``
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.experimental import (  # noqa: F401  (so that they are listed)
    enable_halving_search_cv,
    enable_iterative_imputer,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils import all_estimators

from webapp.cell.gate import inspect

FOLDER = Path(__file__).parent
X = np.random.RandomState(0).normal(size=(30, 4))
NUMBERS = X @ np.arange(4.0)
THREE = np.digitize(NUMBERS, np.quantile(NUMBERS, [0.3, 0.6]))
DATASETS = (
    (X, (NUMBERS > 0).astype(int)),
    (X, THREE),
    (X, NUMBERS),
    (np.abs(X), np.abs(NUMBERS) + 1),
    (np.abs(X), THREE),
    (X, np.c_[THREE, THREE[::-1]]),
    (X, np.c_[NUMBERS, NUMBERS[::-1]]),
    (["a b", "b c"] * 15, THREE),
    ([{"a": 1}] * 30, THREE[:30]),
    (X[:, 0], NUMBERS),
    (THREE, None),
    ([[1, 2], [2]], None),
)
#: What a class can't be made without, by the parameter's name.
NEEDED = {
    "base_estimator": LogisticRegression(),
    "dictionary": np.eye(2, 4),
    "estimator": LogisticRegression(),
    "estimators": [("a", LogisticRegression()), ("b", LogisticRegression(C=2.0))],
    "param_distributions": {"C": [1.0, 2.0]},
    "param_grid": {"C": [1.0, 2.0]},
    "steps": [("a", LogisticRegression())],
    "transformer_list": [("a", LogisticRegression())],
    "transformers": [("a", "passthrough", [0])],
}
#: Options that decide which names a file uses.
OPTIONS = {
    "algorithm": ("ball_tree", "kd_tree"),
    "loss": ("log", "squared_loss", "huber", "absolute_error", "quantile", "exponential", "poisson", "modified_huber"),
    "metric": ("manhattan", "chebyshev", "canberra", "braycurtis", "hamming"),
    "power": (1, 2, 3),
    "solver": ("sgd", "liblinear"),
}


def models() -> Iterator[Any]:
    """Yield each class with its defaults and with each of the options, fitted on all data that suit it."""
    for name, kind in all_estimators():
        parameters = signature(kind).parameters
        needed = {key: value for key, value in NEEDED.items() if key in parameters}
        if "Regressor" in name:
            needed = {key: Ridge() if value is NEEDED["estimator"] else value for key, value in needed.items()}
        chosen = [(key, value) for key, values in OPTIONS.items() if key in parameters for value in values]
        for options in ({}, *({key: value} for key, value in chosen)):
            for inputs, outputs in DATASETS:
                try:
                    model = kind(**needed, **options)
                    yield model.fit(inputs, outputs) if outputs is not None else model.fit(inputs)
                except Exception:  # noqa: S112  (the next data may suit it)
                    continue
                if options:
                    break


def main() -> None:
    warnings.simplefilter("ignore")
    used: dict[str, set[str]] = {}
    classes = set()
    for model in models():
        file = io.BytesIO()
        joblib.dump(model, file)
        classes.add(type(model).__name__)
        for (module, name), uses in inspect(file.getvalue()).names.items():
            used.setdefault(f"{module} {name}", set()).update(map(str, (use.value for use in uses)))
    found = {"classes": len(classes), "names": {name: sorted(uses) for name, uses in sorted(used.items())}}
    (FOLDER / f"{sklearn.__version__}.json").write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    main()
