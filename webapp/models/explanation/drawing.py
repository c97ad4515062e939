"""Curves as coordinates for a small picture, and as rows of a table for who can't see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.helpers.formatting import feature_label, words
from webapp.models.explanation.results import Curve, Explanation, Point
from webapp.models.explanation.sentences import score_words
from webapp.types import Feature, Signature, Value

WIDTH, HEIGHT, EDGE = 200, 90, 6


@dataclass(frozen=True, kw_only=True)
class Row:
    """One value of an input and what the model says then."""

    value: Value
    text: str
    score: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The curve of one input, ready to be drawn."""

    feature: str
    label: str
    description: str
    #: The points of the line, as SVG writes them; empty for categories, which have dots alone.
    line: str
    dots: tuple[tuple[float, float], ...]
    own: tuple[float, float] | None
    #: Where the values lie that were not met in training: left edge and width.
    outside: tuple[tuple[float, float], ...]
    low: str
    high: str
    rows: tuple[Row, ...]


def pictures(explanation: Explanation, signature: Signature) -> tuple[Picture, ...]:
    """Draw all curves on one scale, those first whose inputs contributed most."""
    features = {feature.name: feature for feature in signature.features}
    ranks = {each.feature: rank for rank, each in enumerate(explanation.contributions)}
    curves = sorted(explanation.curves, key=lambda curve: ranks[curve.feature])
    ends = scale(explanation)
    return tuple(_picture(curve, features[curve.feature], ends, explanation) for curve in curves)


def scale(explanation: Explanation) -> tuple[float, float]:
    """Give the scores at the bottom and at the top of all pictures."""
    if explanation.label is not None:
        return 0.0, 1.0
    scores = [point.score for curve in explanation.curves for point in curve.points]
    return min(scores, default=0.0), max(scores, default=0.0)


def scale_words(explanation: Explanation) -> tuple[str, str] | None:
    """Say what is at the bottom and at the top of all pictures; None where that is a label or another."""
    if explanation.is_share:
        return "0 %", "100 %"
    if explanation.label is not None:
        return None
    low, high = scale(explanation)
    return score_words(explanation, low), score_words(explanation, high)


def _picture(curve: Curve, feature: Feature, ends: tuple[float, float], explanation: Explanation) -> Picture:
    is_number = feature.kind in ("number", "integer")
    across = _numbers(curve.points) if is_number else [float(place) for place in range(len(curve.points))]
    xs = _placed(across, (min(across), max(across)), EDGE, WIDTH - EDGE)
    ys = _placed([point.score for point in curve.points], ends, HEIGHT - EDGE, EDGE)
    spots = tuple(zip(xs, ys, strict=True))
    rows = tuple(_row(point, curve, explanation) for point in curve.points)
    return Picture(
        feature=feature.name,
        label=feature_label(feature),
        description=_description(feature, rows),
        line=" ".join(f"{x},{y}" for x, y in spots) if is_number else "",
        dots=() if is_number else spots,
        own=next((spot for spot, row in zip(spots, rows, strict=True) if row.is_own), None),
        outside=_outside(feature, across) if is_number else (),
        low=rows[0].text,
        high=rows[-1].text,
        rows=rows,
    )


def _numbers(points: Sequence[Point]) -> list[float]:
    return [float(point.value or 0) for point in points]


def _placed(values: Sequence[float], ends: tuple[float, float], first: float, last: float) -> list[float]:
    low, high = ends
    width = (high - low) or 1.0
    return [round(first + (last - first) * (value - low) / width, 1) for value in values]


def _outside(feature: Feature, across: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Give the strips beyond the training range."""
    if feature.range is None:
        return ()
    low, high = _placed([feature.range.low, feature.range.high], (min(across), max(across)), EDGE, WIDTH - EDGE)
    strips = ((0.0, low), (high, WIDTH - high))
    return tuple((round(start, 1), round(width, 1)) for start, width in strips if width > EDGE)


def _row(point: Point, curve: Curve, explanation: Explanation) -> Row:
    is_own = point.value == curve.own and type(point.value) is type(curve.own)
    text, score = words(point.value), score_words(explanation, point.score)
    if explanation.label is not None and not explanation.is_share:
        score = words(point.prediction)
    return Row(value=point.value, text=text, score=score, is_own=is_own)


def _description(feature: Feature, rows: Sequence[Row]) -> str:
    return f"{feature_label(feature)}: {'; '.join(f'{row.text}, {row.score}' for row in rows)}"
