"""Explains recorded predictions."""

from __future__ import annotations

from webapp.errors import NotExplainable, PredictionFailed
from webapp.helpers.records.redaction import is_placeholder
from webapp.models.explanation import Explanation, build_questions, explain
from webapp.services.model_store import ServedModel
from webapp.services.prediction.predictor import Predictor
from webapp.types import Prediction


class Explainer:
    """Puts all questions that an explanation needs to the model in one call, through its lane."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def explain(self, model: ServedModel, prediction: Prediction) -> tuple[Explanation, ...]:
        """Explain each output of a prediction.

        Raises
        ------
        NotExplainable
            When there is no answer or nothing to compare it with, an input was not kept, the file that gave the answer
            is not in use now, or the model can't answer all the questions.
        TooBusy, DeadlineExceeded
        """
        if model.depends_on_company:
            raise NotExplainable(
                "This prediction can't be explained: the model's answer depends on the cases that it is asked with, "
                "and an explanation asks about many at once."
            )
        if prediction.answer is None or prediction.inputs is None or not model.gave(prediction):
            raise NotExplainable
        if model.signature.layout == "texts" or prediction.inputs.keys() != model.schema.names:
            raise NotExplainable
        if any(map(is_placeholder, prediction.inputs.values())):
            raise NotExplainable
        questions = build_questions(prediction.inputs, model.background, model.signature)
        try:
            answers = self._predictor.ask(model, questions.instances)
        except PredictionFailed as error:
            raise NotExplainable from error
        return explain(questions, answers, model.background, model.signature)
