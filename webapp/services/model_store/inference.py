"""What answers for a version: its estimator, or a plan that was seen to give the same, sooner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import PredictionFailed
from webapp.models.compiled import NotCompilable, Plan, compile_estimator, prove
from webapp.models.estimator.answers import predict_answers, read_answers
from webapp.models.estimator.matrix import as_matrix
from webapp.types import Answer, Instance, Signature


@dataclass(frozen=True)
class Inference:
    """Answers instances."""

    estimator: Any
    signature: Signature
    #: None where the estimator answers itself.
    plan: Plan | None
    #: Which of both it is, and why, in words.
    form: str

    def answer(self, instances: Sequence[Instance]) -> list[Answer]:
        """Give an answer to each instance.

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
                # Whatever a plan stumbles over, the estimator has the last word.
                pass
        answers = predict_answers(self.estimator, as_matrix(instances, self.signature), self.signature)
        if len(answers) != len(instances):
            raise PredictionFailed
        return answers


def inference_of(estimator: Any, signature: Signature, sample: Sequence[Instance] = ()) -> Inference:
    """Make a plan for an estimator, and trust it only if both agree; else let the estimator answer itself."""
    try:
        plan = compile_estimator(estimator, signature)
        count = prove(plan, estimator, signature, sample)
    except NotCompilable as error:
        return Inference(estimator, signature, None, f"the estimator itself: {error}")
    except Exception as error:
        # Something in it is not as its class has it; the estimator may answer nevertheless.
        return Inference(estimator, signature, None, f"the estimator itself: compiling it met {type(error).__name__}")
    return Inference(estimator, signature, plan, f"its compiled form, which agreed with the estimator {count} times")
