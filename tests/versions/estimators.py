"""Tiny estimators whose answers tell which version gave them."""

from __future__ import annotations

import shutil
from pathlib import Path

import joblib
from sklearn.linear_model import LinearRegression

from webapp.services.artifact import ArtifactLoader
from webapp.services.trial import shared_trial

LOADER = ArtifactLoader(shared_trial())


def times(factor: float) -> LinearRegression:
    """Predict the input times a factor."""
    return LinearRegression().fit([[0.0], [1.0]], [0.0, factor])


def put(estimator: object, path: Path) -> None:
    """Replace a file in one step, as a careful person would."""
    path.parent.mkdir(exist_ok=True)
    written = path.with_suffix(".new")
    joblib.dump(estimator, written)
    shutil.move(written, path)
