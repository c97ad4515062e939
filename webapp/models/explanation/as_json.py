"""Explanations as JSON shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from webapp.models.explanation.results import Explanation


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Why one output is as it is."""
    return {
        "output": explanation.output,
        "explains": {"probability_of": explanation.label} if explanation.is_share else {"answer": explanation.label},
        "compared_with": "a typical case" if explanation.typical else "the sample",
        "baseline": explanation.baseline,
        "score": explanation.score,
        "contributions": [asdict(each) for each in explanation.contributions],
        "changes": [asdict(each) for each in explanation.changes],
        "curves": [
            {"feature": curve.feature, "points": [asdict(point) for point in curve.points]}
            for curve in explanation.curves
        ],
    }
