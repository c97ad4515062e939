"""Curves as coordinates of a small chart, and as a list of values for people who can't see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.helpers.feature_words import options, value_words
from webapp.helpers.formatting import feature_label
from webapp.models.explanation.results import Curve, Explanation, Point
from webapp.models.explanation.sentences import label_words, output_of_explanation, score_words
from webapp.types import Feature, Output, Signature, Value

WIDTH, HEIGHT, EDGE = 200, 90, 6


@dataclass(frozen=True, kw_only=True)
class Row:
    """One value of an input and the answer for it."""

    value: Value
    text: str
    score: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The curve of one input, ready to be drawn."""

    feature: str
    label: str
    description: str
    #: The points of the line in the notation of SVG; empty for categories, which have bars only.
    line: str
    dots: tuple[tuple[float, float], ...]
    own: tuple[float, float] | None
    #: Strips outside the known range: left edge and width.
    outside: tuple[tuple[float, float], ...]
    low: str
    high: str
    rows: tuple[Row, ...]


def charts(explanation: Explanation, signature: Signature) -> tuple[Chart, ...]:
    """Return a chart of each curve on a common scale, the input with the largest effect first."""
    features = {feature.name: feature for feature in signature.features}
    ranks = {each.feature: rank for rank, each in enumerate(explanation.contributions)}
    curves = sorted(explanation.curves, key=lambda curve: ranks[curve.feature])
    ends, output = scale(explanation), output_of_explanation(explanation, signature)
    return tuple(_chart(curve, features[curve.feature], ends, explanation, output) for curve in curves)


def scale(explanation: Explanation) -> tuple[float, float]:
    """Return the scores at the bottom and at the top of all charts."""
    if explanation.label is not None:
        return 0.0, 1.0
    scores = [point.score for curve in explanation.curves for point in curve.points]
    return min(scores, default=0.0), max(scores, default=0.0)


def scale_words(explanation: Explanation, signature: Signature) -> tuple[str, str] | None:
    """Write the scores at the bottom and at the top of all charts; None for a label without probabilities."""
    if explanation.is_share:
        return "0 %", "100 %"
    if explanation.label is not None:
        return None
    low, high = scale(explanation)
    output = output_of_explanation(explanation, signature)
    return score_words(explanation, low, output), score_words(explanation, high, output)


def _chart(
    curve: Curve, feature: Feature, ends: tuple[float, float], explanation: Explanation, output: Output
) -> Chart:
    is_number = feature.is_number and not options(feature)
    across = _numbers(curve.points) if is_number else [float(place) for place in range(len(curve.points))]
    xs = _scaled(across, (min(across), max(across)), EDGE, WIDTH - EDGE)
    ys = _scaled([point.score for point in curve.points], ends, HEIGHT - EDGE, EDGE)
    coordinates = tuple(zip(xs, ys, strict=True))
    rows = tuple(_row(point, curve, feature, explanation, output) for point in curve.points)
    return Chart(
        feature=feature.name,
        label=feature_label(feature),
        description=_description(feature, rows),
        line=" ".join(f"{x},{y}" for x, y in coordinates) if is_number else "",
        dots=() if is_number else coordinates,
        own=next((point for point, row in zip(coordinates, rows, strict=True) if row.is_own), None),
        outside=_outside(feature, across) if is_number else (),
        low=rows[0].text,
        high=rows[-1].text,
        rows=rows,
    )


def _numbers(points: Sequence[Point]) -> list[float]:
    return [float(point.value or 0) for point in points]


def _scaled(values: Sequence[float], ends: tuple[float, float], first: float, last: float) -> list[float]:
    low, high = ends
    width = (high - low) or 1.0
    return [round(first + (last - first) * (value - low) / width, 1) for value in values]


def _outside(feature: Feature, across: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return the strips outside the known range."""
    if feature.range is None:
        return ()
    low, high = _scaled([feature.range.low, feature.range.high], (min(across), max(across)), EDGE, WIDTH - EDGE)
    strips = ((0.0, low), (high, WIDTH - high))
    return tuple((round(start, 1), round(width, 1)) for start, width in strips if width > EDGE)


def _row(point: Point, curve: Curve, feature: Feature, explanation: Explanation, output: Output) -> Row:
    is_own = point.value == curve.own and type(point.value) is type(curve.own)
    text, score = value_words(feature, point.value), score_words(explanation, point.score, output)
    if explanation.label is not None and not explanation.is_share:
        score = label_words(explanation, output, point.prediction)
    return Row(value=point.value, text=text, score=score, is_own=is_own)


def _description(feature: Feature, rows: Sequence[Row]) -> str:
    return f"{feature_label(feature)}: {'; '.join(f'{row.text}, {row.score}' for row in rows)}"
