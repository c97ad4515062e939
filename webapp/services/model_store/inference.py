"""What computes the answers of a version: its cells, or a faster plan that was shown to give the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from webapp.errors import ModelProcessFailed, PredictionFailed
from webapp.helpers.inputs.messages import printable
from webapp.models.answers import read_answers
from webapp.models.compiled import NotCompilable, Plan, PlanInvalid, prove, read_plan
from webapp.models.file_limits import max_seconds
from webapp.services.cells.known_files import KnownFiles
from webapp.services.cells.model_cells import ModelCells
from webapp.services.model_store.artifact import Artifact
from webapp.types import Answer, Instance, Signature

#: Bytes of the largest plan: a forest of a million nodes and a hundred classes.
MAX_PLAN_BYTES = 1024**3
MAX_REASON_BYTES, MAX_REASON_LENGTH = 4096, 200


@dataclass(frozen=True, kw_only=True)
class Inference:
    """Computes answers to instances."""

    cells: ModelCells
    #: The signature as the cells have read it.
    signature: Signature
    #: None if the estimator answers itself.
    plan: Plan | None
    #: Which of the two answers, and why, in words.
    form: str

    @property
    def max_calls(self) -> int:
        """How many calls of this process may be under way at the same time."""
        return 1 if self.plan else self.cells.max_calls

    def answer(self, instances: Sequence[Instance], seconds: float | None = None) -> list[Answer]:
        """Return an answer to each instance.

        Parameters
        ----------
        seconds : float, optional
            How long the estimator may take, if that is less than usual.

        Raises
        ------
        PredictionFailed
        """
        if self.plan:
            try:
                return read_answers(*self.plan.predict(instances), self.signature)
            except Exception:  # noqa: S110  # nosec B110
                # Whatever a plan fails on, the estimator decides.
                pass
        return self.cells.predict(instances, self.signature, seconds)

    def find_culprits(self, instances: Sequence[Instance], seconds: float | None = None) -> list[tuple[int, str]]:
        """Return the positions of instances that the estimator can't answer, each with an input that is the reason.

        Raises
        ------
        PredictionFailed
        """
        return self.cells.find_culprits(instances, self.signature, seconds)


def known_inference(artifact: Artifact, known: KnownFiles, card: str) -> Inference | None:
    """Return what is known to answer for a file with this card.

    Parameters
    ----------
    card : str
        The digest of the card.
    """
    if (found := known.inference(artifact.key, card)) is None:
        return None
    form, data = found
    with suppress(PlanInvalid):
        plan = read_plan(data) if data is not None else None
        return Inference(cells=artifact.cells, signature=artifact.signature, plan=plan, form=form)
    return None


def new_inference(artifact: Artifact, sample: Sequence[Instance]) -> tuple[Inference, bytes | None]:
    """Have an estimator compiled into a plan, and use the plan only if both give the same answers; return it as data.

    Raises
    ------
    ModelProcessFailed
    """
    data = plan = None
    if artifact.report.depends_on_company:
        form = "the estimator itself: its answer depends on the rows that are asked together"
        return Inference(cells=artifact.cells, signature=artifact.signature, plan=None, form=form), None
    try:
        data = _export(artifact)
        plan = read_plan(data)
        count = prove(plan, artifact.try_out, artifact.signature, artifact.report.splits, sample)
        form = f"its compiled form, which agreed with the estimator {count} times"
    except ModelProcessFailed:
        raise
    except NotCompilable as error:
        data, plan, form = None, None, f"the estimator itself: {error}"
    except Exception as error:
        # The estimator differs from what its class usually holds, or its plan is none; it may still answer.
        kind = error.kind if isinstance(error, PredictionFailed) else type(error).__name__
        data, plan, form = None, None, f"the estimator itself: compiling it failed with {kind}"
    return Inference(cells=artifact.cells, signature=artifact.signature, plan=plan, form=form), data


def _export(artifact: Artifact) -> bytes:
    """Return the plan of an estimator.

    Raises
    ------
    NotCompilable
    PredictionFailed
    """
    limits = MAX_REASON_BYTES, MAX_PLAN_BYTES
    header, data = artifact.cells.ask("plan", {}, b"", limits, max_seconds(artifact.size))
    if "not_compilable" in header:
        raise NotCompilable(printable(str(header["not_compilable"]), MAX_REASON_LENGTH))
    return data
