"""Explanations as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from webapp.models.explanation.results import Explanation


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation of one output as JSON."""
    return {
        "output": explanation.output,
        "explains": {"probability_of": explanation.label} if explanation.is_share else {"answer": explanation.label},
        "compared_with": "a typical case" if explanation.typical else "the sample",
        "baseline": explanation.baseline,
        "score": explanation.score,
        "contributions": [asdict(contribution) for contribution in explanation.contributions],
        "changes": [asdict(change) for change in explanation.changes],
        "curves": [
            {"feature": curve.feature, "points": [asdict(point) for point in curve.points]}
            for curve in explanation.curves
        ],
    }
