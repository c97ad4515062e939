"""Compiling estimators in this process: what is exported is read, and proved by asking the estimator itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from webapp.cell.compiled import export_plan, sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.errors import EstimatorFailed
from webapp.models.compiled import NotCompilable, Plan, prove, read_plan
from webapp.models.file_report import FileReport
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.inference import Inference, new_inference
from webapp.types import Answer, Instance, Signature

random = np.random.default_rng(3)
X = random.normal(size=(60, 3))
SIDE = np.where(X[:, 0] > 0, "right", "left")


def compile_estimator(estimator: Any, signature: Signature) -> Plan:
    return read_plan(export_plan(estimator, signature).to_bytes())


class ThisProcess:
    """Answers as the cells of an estimator do, without a process of its own."""

    max_calls = 1

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def predict(self, instances: Sequence[Instance], signature: Signature, _seconds: Any = None) -> list[Answer]:
        try:
            return predict_answers(self._estimator, as_matrix(instances, signature), signature)
        except Exception as error:
            raise EstimatorFailed(type(error).__name__) from error


def prove_plan(plan: Plan, estimator: Any, signature: Signature) -> int:
    predict = partial(ThisProcess(estimator).predict, signature=signature)
    return prove(plan, predict, signature, sample_splits(estimator))


def inference_of(estimator: Any, signature: Signature) -> Inference:
    """Compile an estimator as the service does, except that the plan does not cross to another process."""

    class Cells(ThisProcess):
        def ask(self, _operation: str, *_: Any) -> tuple[dict[str, Any], bytes]:
            try:
                return {}, export_plan(estimator, signature).to_bytes()
            except NotCompilable as error:
                return {"not_compilable": str(error)}, b""

    report = FileReport(splits={name: tuple(each) for name, each in sample_splits(estimator).items()})
    cells: Any = Cells(estimator)
    artifact = Artifact(key="", digest="", size=0, report=report, signature=signature, cells=cells)
    return new_inference(artifact, [])[0]
