"""Computes an explanation from the answers to its questions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from webapp.models.explanation.background import Background
from webapp.models.explanation.questions import Path, Questions
from webapp.models.explanation.results import Change, Contribution, Curve, Explanation, Point
from webapp.models.explanation.target import Target, targets
from webapp.types import Answer, Feature, Signature, Value

#: Share by which a predicted number must change to count as changed.
MIN_RELATIVE_CHANGE = 0.1
MAX_CHANGES = 3
#: Distance to another category, where the whole range of a number is 1.
CATEGORY_DISTANCE = 0.5


def explain(
    questions: Questions, answers: Sequence[Answer], background: Background, signature: Signature
) -> tuple[Explanation, ...]:
    """Explain each output of the first answer; the others answer the questions about it."""
    return tuple(_explain(target, questions, answers, background) for target in targets(answers[0], signature))


def _explain(target: Target, questions: Questions, answers: Sequence[Answer], background: Background) -> Explanation:
    scores = [target.score(answer) for answer in answers]
    curves = [
        Curve(
            feature=grid.feature.name,
            own=questions.instances[0][grid.feature.name],
            points=tuple(
                Point(value=value, score=scores[place], prediction=target.prediction(answers[place]))
                for value, place in zip(grid.values, grid.places, strict=True)
            ),
        )
        for grid in questions.grids
    ]
    features = {grid.feature.name: grid.feature for grid in questions.grids}
    return Explanation(
        output=target.output,
        label=target.label,
        is_share=target.is_share,
        score=scores[0],
        baseline=float(np.mean([scores[path.places[0]] for path in questions.paths])),
        typical=background.typical,
        contributions=_contributions(questions.paths, scores),
        changes=_changes(curves, features, _is_changed(target, answers[0])),
        curves=tuple(curves),
    )


def _contributions(paths: Sequence[Path], scores: Sequence[float]) -> tuple[Contribution, ...]:
    """Return the Shapley values of the inputs, estimated over orders and their reverses.

    An input's part in one order is the change of the score when the input gets the explained value. On each path
    the parts add up to the whole difference, and so do their means. (Mitchell, Cooper, Frank and Holmes 2022, "Sampling
    permutations for Shapley value estimation", section 4.1.)
    """
    parts: dict[str, list[float]] = {name: [] for name in paths[0].order}
    for path in paths:
        for name, before, after in zip(path.order, path.places, path.places[1:], strict=False):
            parts[name].append(scores[after] - scores[before])
    contributions = [
        Contribution(feature=name, value=float(np.mean(values)), spread=_standard_error(values))
        for name, values in parts.items()
    ]
    return tuple(sorted(contributions, key=lambda contribution: -abs(contribution.value)))


def _standard_error(parts: Sequence[float]) -> float:
    pairs = np.asarray(parts).reshape(-1, 2).mean(axis=1)
    return float(pairs.std(ddof=1) / math.sqrt(len(pairs)))


def _changes(
    curves: Sequence[Curve], features: dict[str, Feature], is_changed: Callable[[Point], bool]
) -> tuple[Change, ...]:
    """Find the nearest value of each input that changes the answer, and return the nearest of all."""
    changes: list[tuple[float, Change]] = []
    for curve in curves:
        feature = features[curve.feature]
        changed = [point for point in curve.points if is_changed(point)]
        if changed and not feature.immutable and curve.own is not None:
            nearest = min(changed, key=lambda point: _distance(feature, curve.own, point.value))
            change = Change(
                feature=curve.feature, value=nearest.value, score=nearest.score, prediction=nearest.prediction
            )
            changes.append((_distance(feature, curve.own, nearest.value), change))
    changes.sort(key=lambda pair: pair[0])
    return tuple(change for _, change in changes[:MAX_CHANGES])


def _is_changed(target: Target, answer: Answer) -> Callable[[Point], bool]:
    """Return what counts as another answer: the other side of the card's threshold, another number or class."""
    prediction, score, threshold = target.prediction(answer), target.score(answer), target.threshold
    if threshold is not None:
        return lambda point: (point.score >= threshold) != (score >= threshold)
    if isinstance(prediction, float):
        return lambda point: score != 0 and abs(point.score - score) >= MIN_RELATIVE_CHANGE * abs(score)
    return lambda point: point.prediction != prediction


def _distance(feature: Feature, own: Value, other: Value) -> float:
    if feature.span is None or not isinstance(own, int | float) or not isinstance(other, int | float):
        return CATEGORY_DISTANCE
    low, high = feature.span
    return abs(other - own) / ((high - low) or 1.0)
