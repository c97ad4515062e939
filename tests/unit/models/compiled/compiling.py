"""Compiling estimators in this process: what is exported is read, and proved by asking the estimator itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.cell.compiled import export_plan, sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.errors import PredictionFailed
from webapp.models.compiled import Plan, prove, read_plan
from webapp.types import Answer, Instance, Signature

random = np.random.default_rng(3)
X = random.normal(size=(60, 3))
SIDE = np.where(X[:, 0] > 0, "right", "left")


def compile_estimator(estimator: Any, signature: Signature) -> Plan:
    return read_plan(export_plan(estimator, signature).to_bytes())


def prove_plan(plan: Plan, estimator: Any, signature: Signature) -> int:
    def predict(instances: Sequence[Instance]) -> list[Answer]:
        try:
            return predict_answers(estimator, as_matrix(instances, signature), signature)
        except Exception as error:
            raise PredictionFailed from error

    return prove(plan, predict, signature, sample_splits(estimator))
