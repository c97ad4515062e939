"""Explains a prediction: the effect of each input, what would change the answer, and a curve for each input.

One call of the model is enough: ``build_questions`` makes the instances, ``explain`` reads their answers.
"""

from __future__ import annotations

from webapp.models.explanation.background import Background, background_of
from webapp.models.explanation.questions import Questions, build_questions, tried_values
from webapp.models.explanation.results import Change, Contribution, Curve, Explanation, Point
from webapp.models.explanation.shapley import explain

__all__ = [
    "Background",
    "Change",
    "Contribution",
    "Curve",
    "Explanation",
    "Point",
    "Questions",
    "background_of",
    "build_questions",
    "explain",
    "tried_values",
]
