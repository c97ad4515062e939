"""What computes the answers of a version: its estimator, or a faster plan that was shown to give the same answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.cell.compiled import export_plan, sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.errors import PredictionFailed
from webapp.models.answers import read_answers
from webapp.models.compiled import NotCompilable, Plan, prove, read_plan
from webapp.types import Answer, Instance, Signature


@dataclass(frozen=True, kw_only=True)
class Inference:
    """Computes answers to instances."""

    estimator: Any
    signature: Signature
    #: None if the estimator answers itself.
    plan: Plan | None
    #: Which of the two answers, and why, in words.
    form: str

    def answer(self, instances: Sequence[Instance]) -> list[Answer]:
        """Return an answer to each instance.

        Raises
        ------
        PredictionFailed
        Exception
            Whatever the estimator raises.
        """
        if self.plan:
            try:
                return read_answers(*self.plan.predict(instances), self.signature)
            except Exception:  # noqa: S110  # nosec B110
                # Whatever a plan fails on, the estimator decides.
                pass
        answers = predict_answers(self.estimator, as_matrix(instances, self.signature), self.signature)
        if len(answers) != len(instances):
            raise PredictionFailed
        return answers


def inference_of(estimator: Any, signature: Signature, sample: Sequence[Instance] = ()) -> Inference:
    """Compile an estimator into a plan, and use the plan only if both give the same answers."""
    plan, form = _compile(estimator, signature, sample)
    return Inference(estimator=estimator, signature=signature, plan=plan, form=form)


def _compile(estimator: Any, signature: Signature, sample: Sequence[Instance]) -> tuple[Plan | None, str]:
    try:
        plan = read_plan(export_plan(estimator, signature).to_bytes())
        count = prove(plan, _asking(estimator, signature), signature, sample_splits(estimator), sample)
    except NotCompilable as error:
        return None, f"the estimator itself: {error}"
    except Exception as error:
        # The estimator differs from what its class usually holds; it may still answer.
        return None, f"the estimator itself: compiling it failed with {type(error).__name__}"
    return plan, f"its compiled form, which agreed with the estimator {count} times"


def _asking(estimator: Any, signature: Signature) -> Callable[[Sequence[Instance]], list[Answer]]:
    def predict(instances: Sequence[Instance]) -> list[Answer]:
        try:
            return answering(estimator, signature)(instances)
        except Exception as error:
            raise PredictionFailed from error

    return predict


def answering(estimator: Any, signature: Signature) -> Callable[[Sequence[Instance]], list[Answer]]:
    """Return what answers instances in one call of the estimator."""
    return lambda instances: predict_answers(estimator, as_matrix(instances, signature), signature)
