"""Explanations as JSON shows them."""

from __future__ import annotations

from webapp.helpers import shapes
from webapp.models.explanation.results import Change, Explanation, Point


def explanation_json(explanation: Explanation) -> shapes.Explanation:
    """Why one output is as it is."""
    return {
        "output": explanation.output,
        "explains": {"probability_of": explanation.label} if explanation.is_share else {"answer": explanation.label},
        "compared_with": "a typical case" if explanation.typical else "the sample",
        "baseline": explanation.baseline,
        "score": explanation.score,
        "contributions": [
            {"feature": each.feature, "value": each.value, "spread": each.spread} for each in explanation.contributions
        ],
        "changes": [{"feature": each.feature, **_point(each)} for each in explanation.changes],
        "curves": [
            {"feature": curve.feature, "points": [_point(point) for point in curve.points]}
            for curve in explanation.curves
        ],
    }


def _point(point: Point | Change) -> shapes.Point:
    return {"value": point.value, "score": point.score, "prediction": point.prediction}
