"""Fit the models that side_by_side.py serves, and write its requests: python benchmarks/fit_cases.py FOLDER

side_by_side.py runs this in a separate process, so that the measuring process maps none of the libraries that
the servers share, which would make their memory look smaller.
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

#: How many requests there are with one instance each, and how many with a list.
SINGLE_REQUESTS, LIST_REQUESTS = 16, 4
LIST_LENGTH = 1000


def main(folder: Path) -> None:
    """Dump each model into its own folder, and write the requests with their answers next to these folders."""
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
    """Draw the instances of each request at random, and predict them with the estimator itself."""
    estimator = joblib.load(folder / model / f"{model}.joblib")
    count = SINGLE_REQUESTS if length == 1 else LIST_REQUESTS
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
