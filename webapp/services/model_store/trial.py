"""The trial of a version: once, before it is served, its cell does what it will be asked to do again and again."""

from __future__ import annotations

from webapp.errors import ModelProcessFailed, NotServableYet, PredictionFailed
from webapp.models.card import Card
from webapp.models.explanation import Background, build_questions
from webapp.models.sample.golden_rows import check_golden
from webapp.models.signature.example import example
from webapp.services.cells.known_files import KnownFiles
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.inference import Inference, known_inference, new_inference


def try_out(
    artifact: Artifact, known: KnownFiles, *, card: Card | None, card_digest: str, background: Background
) -> Inference:
    """Return what answers for a version, which is known if the same file was tried out with the same card.

    Raises
    ------
    NotServable
        When the golden rows are answered differently.
    NotServableYet
        When its process ended, or took too long.
    """
    if found := known_inference(artifact, known, card_digest):
        return found
    golden = card.golden if card else []
    try:
        check_golden(golden, artifact.try_out)
        inference, plan = new_inference(artifact, [row.inputs for row in golden])
        _ask_as_an_explanation_does(artifact, background)
    except ModelProcessFailed as error:
        reason = error.message.removesuffix("The failure is recorded.").strip()
        raise NotServableYet(f"It was tried out with made-up inputs. {reason}") from None
    known.keep_inference(artifact.key, card_digest, inference.form, plan)
    if inference.plan:
        # Its process is needed seldom from now on.
        artifact.cells.retire()
    # Read back, so that all processes share the memory of its plan.
    return known_inference(artifact, known, card_digest) or inference


def _ask_as_an_explanation_does(artifact: Artifact, background: Background) -> None:
    if artifact.signature.layout == "texts" or artifact.report.depends_on_company:
        return
    questions = build_questions(example(artifact.signature), background, artifact.signature)
    try:
        artifact.try_out(questions.instances)
    except ModelProcessFailed:
        raise
    except PredictionFailed:
        # Then its predictions are not explained.
        return
