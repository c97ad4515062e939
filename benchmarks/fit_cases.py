"""Fits what side_by_side.py serves, and writes what is asked of it: python benchmarks/fit_cases.py FOLDER

This runs apart from what measures, so that it maps none of the libraries that the servers' memory is made of.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
import demo

ONES, LISTS, LIST_LENGTH = 16, 4, 1000


def main(folder: Path) -> None:
    """Dump each model into a folder of its own, and write the requests with their answers beside them."""
    data = load_penguins()
    penguins = data.dropna()[demo.MEASURES + demo.CATEGORIES]
    X, y = load_breast_cancer(return_X_y=True)
    _dump(folder, "penguins", demo.penguins(data))
    _dump(folder, "forest", RandomForestClassifier(300, random_state=0).fit(X, y))
    _dump(folder, "boosting", HistGradientBoostingClassifier(random_state=0).fit(X, y))
    cases = [
        _case(folder, "penguins", "the penguin pipeline, one instance in each request", penguins),
        _case(folder, "penguins", "the penguin pipeline, a list of 1,000 in each request", penguins, LIST_LENGTH),
        _case(folder, "forest", "a forest of 300 trees on 30 numbers", X),
        _case(folder, "boosting", "HistGradientBoosting on 30 numbers", X),
    ]
    (folder / "cases.json").write_text(json.dumps(cases))


def _dump(folder: Path, name: str, estimator: Any) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    joblib.dump(estimator, folder / name / f"{name}.joblib")


def _case(folder: Path, model: str, title: str, data: Any, length: int = 1) -> dict[str, Any]:
    """Draw the instances of each request, and have the estimator itself answer them."""
    estimator = joblib.load(folder / model / f"{model}.joblib")
    count = ONES if length == 1 else LISTS
    drawn = np.random.default_rng(0).integers(len(data), size=(count, length))
    parts = [data.iloc[rows] if isinstance(data, pd.DataFrame) else data[rows] for rows in drawn]
    return {
        "model": model,
        "title": title,
        "columns": list(data.columns) if isinstance(data, pd.DataFrame) else None,
        "classes": [str(each) for each in estimator.classes_],
        "requests": [np.asarray(part).tolist() for part in parts],
        "answers": [estimator.predict_proba(part).tolist() for part in parts],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
