"""Why a model answered as it did, what would change that, and how its answer moves with each input.

All of it is asked in one call: ``ask_about`` makes the instances, ``explain`` reads the answers to them.
"""

from __future__ import annotations

from webapp.models.explanation.background import Background, background_of
from webapp.models.explanation.questions import Questions, ask_about
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
    "ask_about",
    "background_of",
    "explain",
]
