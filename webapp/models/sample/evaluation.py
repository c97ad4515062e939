"""How well a model did on a sample, each figure with the interval that its true value probably lies in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from webapp.models.card.fields import Metric
from webapp.types import Answer, Output, Signature, Value

#: The normal distribution's bounds of 95 %.
Z = 1.959963984540054
RESAMPLES = 1000
Numbers = np.ndarray[Any, Any]
Pairs = Sequence[tuple[Value, Answer]]


def measure(targets: Sequence[Sequence[Value]], answers: Sequence[Answer], signature: Signature) -> list[Metric]:
    """Measure the answers against what was right, for each output; rows whose target is blank don't count."""
    if not signature.multi_output:
        return _measured(targets[0], answers, signature.outputs[0])
    return [
        metric.model_copy(update={"output": output.name})
        for place, (output, right) in enumerate(zip(signature.outputs, targets, strict=True))
        for metric in _measured(right, [_part(answer, place) for answer in answers], output)
    ]


def _part(answer: Answer, place: int) -> Answer:
    """Give what an answer says of one output of several."""
    shares = answer.probabilities
    return Answer(prediction=answer.prediction[place], probabilities=shares[place] if shares else None)


def _measured(targets: Sequence[Value], answers: Sequence[Answer], output: Output) -> list[Metric]:
    pairs = [(target, answer) for target, answer in zip(targets, answers, strict=True) if target is not None]
    if len(pairs) < 2:
        return []
    if not output.classes:
        return _regression(pairs)
    right = sum(answer.prediction == target for target, answer in pairs)
    low, high = wilson(right, len(pairs))
    accuracy = Metric(name="accuracy", value=right / len(pairs), low=low, high=high, method="Wilson")
    return [accuracy, *_auc(pairs, output.classes)]


def wilson(successes: int, count: int) -> tuple[float, float]:
    """Give Wilson's score interval of a share."""
    share, z2 = successes / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = Z / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    # The ends touch 0 and 1 but for rounding.
    return (0.0 if successes == 0 else middle - reach), (1.0 if successes == count else middle + reach)


def _auc(pairs: Pairs, classes: Sequence[Value]) -> list[Metric]:
    """Measure the second of two classes, or each of several against the rest."""
    met = {target for target, _ in pairs}
    if len(met) < 2 or not met.issuperset(classes) or pairs[0][1].probabilities is None:
        return []
    method = "Hanley and McNeil, by inversion"
    if len(classes) == 2:
        area, low, high = _against_the_rest(pairs, classes[1])
        return [Metric(name="AUC", value=area, low=low, high=high, method=method)]
    # However the errors of the classes hang together, that of their mean is at most the mean of them.
    area, low, high = np.mean([_against_the_rest(pairs, each) for each in classes], axis=0).tolist()
    return [Metric(name="macro AUC", value=area, low=low, high=high, method=f"{method}, averaged")]


def _against_the_rest(pairs: Pairs, one: Value) -> tuple[float, float, float]:
    """Give the area of one class and its bounds."""
    positive = np.array([target == one for target, _ in pairs])
    scores = np.array([answer.probabilities[str(one)] for _, answer in pairs])
    area = _area(scores[positive], np.sort(scores[~positive]))
    return area, *hanley_mcneil(area, int(positive.sum()), int((~positive).sum()))


def _area(of_ones: Numbers, of_zeros: Numbers) -> float:
    """How often a one scores higher than a zero, where a tie is half."""
    below, not_above = np.searchsorted(of_zeros, of_ones, "left"), np.searchsorted(of_zeros, of_ones, "right")
    return float((below + not_above).mean() / 2 / len(of_zeros))


def hanley_mcneil(area: float, ones: int, zeros: int) -> tuple[float, float]:
    """Give the areas that Hanley and McNeil's error puts just 95 % away, as Wilson does for shares.

    Taken at the area itself, the error of a perfect sample would be none.
    """

    def error(a: float) -> float:
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        variance = a * (1 - a) + (ones - 1) * (q1 - a * a) + (zeros - 1) * (q2 - a * a)
        return math.sqrt(max(variance, 0.0) / (ones * zeros))

    low = _root(lambda a: area - a - Z * error(a), 0.0, area)
    high = _root(lambda a: a - area - Z * error(a), 1.0, area)
    return min(low, area), max(high, area)


def _root(far: Callable[[float], float], outside: float, inside: float) -> float:
    """Find where ``far`` turns from positive, towards the outside, to negative."""
    if far(outside) <= 0:
        return outside
    for _ in range(60):
        middle = (outside + inside) / 2
        if far(middle) > 0:
            outside = middle
        else:
            inside = middle
    return outside


def _regression(pairs: Pairs) -> list[Metric]:
    y = np.array([target for target, _ in pairs], dtype=float)
    errors = np.array([answer.prediction for _, answer in pairs], dtype=float) - y
    absolute = np.abs(errors)
    mae, reach = float(absolute.mean()), float(Z * absolute.std(ddof=1) / math.sqrt(len(y)))
    found = [
        Metric(name="MAE", value=mae, low=max(mae - reach, 0.0), high=mae + reach, method="normal"),
        _bootstrapped("RMSE", lambda rows: math.sqrt(np.mean(errors[rows] ** 2)), len(y)),
    ]
    if np.ptp(y) > 0:
        found.append(_bootstrapped("R²", lambda rows: _r2(y[rows], errors[rows]), len(y)))
    return found


def _r2(y: Numbers, errors: Numbers) -> float:
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum(errors**2)) / spread if spread else math.nan


def _bootstrapped(name: Any, figure: Callable[[Numbers], float], count: int) -> Metric:
    """Give a figure with its bootstrap interval; the seed is fixed, so that the same sample gives the same."""
    random = np.random.default_rng(0)
    drawn = np.array([figure(random.integers(0, count, count)) for _ in range(RESAMPLES)])
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    value = figure(np.arange(count))
    return Metric(name=name, value=value, low=min(float(low), value), high=max(float(high), value), method="bootstrap")
