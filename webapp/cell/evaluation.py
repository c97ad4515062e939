"""How well a model does on a sample: each measure with its 95 % confidence interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binomtest, norm, sem
from sklearn import config_context, get_config
from sklearn.metrics import mean_absolute_error, r2_score, roc_auc_score

from webapp.models.card.fields import Metric
from webapp.types import Answer, Output, Signature, Value

#: The normal distribution's bounds of 95 %.
Z = float(norm.ppf(0.975))
RESAMPLES = 1000
Numbers = np.ndarray[Any, Any]
Pairs = Sequence[tuple[Value, Answer]]


def measure(targets: Sequence[Sequence[Value]], answers: Sequence[Answer], signature: Signature) -> list[Metric]:
    """Compare the answers with the targets, for each output; rows whose target is blank don't count."""
    if not signature.multi_output:
        return _metrics(targets[0], answers, signature.outputs[0])
    return [
        metric.model_copy(update={"output": output.name})
        for place, (output, column) in enumerate(zip(signature.outputs, targets, strict=True))
        for metric in _metrics(column, [_answer_for(answer, place) for answer in answers], output)
    ]


def _answer_for(answer: Answer, place: int) -> Answer:
    """Return what an answer says about one of several outputs."""
    shares = answer.probabilities
    return Answer(prediction=answer.prediction[place], probabilities=shares[place] if shares else None)


def _metrics(targets: Sequence[Value], answers: Sequence[Answer], output: Output) -> list[Metric]:
    pairs = [(target, answer) for target, answer in zip(targets, answers, strict=True) if target is not None]
    if len(pairs) < 2:
        return []
    if not output.classes:
        return _regression(pairs)
    test = binomtest(sum(answer.prediction == target for target, answer in pairs), len(pairs))
    low, high = test.proportion_ci(method="wilson")
    accuracy = Metric(name="accuracy", value=test.statistic, low=low, high=high, method="Wilson")
    return [accuracy, *_auc(pairs, output.classes)]


def _auc(pairs: Pairs, classes: Sequence[Value]) -> list[Metric]:
    """Measure the second of two classes, or each of several against the rest."""
    present = {target for target, _ in pairs}
    if len(present) < 2 or not present.issuperset(classes) or pairs[0][1].probabilities is None:
        return []
    method = "Hanley and McNeil, by inversion"
    if len(classes) == 2:
        area, low, high = _against_the_rest(pairs, classes[1])
        return [Metric(name="AUC", value=area, low=low, high=high, method=method)]
    # However the errors of the classes are correlated, the error of their mean is at most the mean of them.
    area, low, high = np.mean([_against_the_rest(pairs, label) for label in classes], axis=0).tolist()
    return [Metric(name="macro AUC", value=area, low=low, high=high, method=f"{method}, averaged")]


def _against_the_rest(pairs: Pairs, label: Value) -> tuple[float, float, float]:
    """Return the area of one class and its bounds."""
    positive = np.array([target == label for target, _ in pairs])
    scores = [answer.probabilities[str(label)] for _, answer in pairs]
    area = float(roc_auc_score(positive, scores))
    return area, *hanley_mcneil(area, int(positive.sum()), int((~positive).sum()))


def hanley_mcneil(area: float, ones: int, zeros: int) -> tuple[float, float]:
    """Return the areas from which Hanley and McNeil's error reaches just to this one, as Wilson does for shares.

    Taken at the area itself, the error of a perfect sample would be zero.
    """

    def error(a: float) -> float:
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        variance = a * (1 - a) + (ones - 1) * (q1 - a * a) + (zeros - 1) * (q2 - a * a)
        return math.sqrt(max(variance, 0.0) / (ones * zeros))

    def bound(end: float) -> float:
        if area == end:
            return end
        # A perfect area would itself count as the root, so the search begins just beside it.
        beside = area + (end - area) * 1e-12
        return float(brentq(lambda a: abs(area - a) - Z * error(a), end, beside))

    return bound(0.0), bound(1.0)


def _regression(pairs: Pairs) -> list[Metric]:
    y = np.array([target for target, _ in pairs], dtype=float)
    predicted = np.array([answer.prediction for _, answer in pairs], dtype=float)
    mae, reach = float(mean_absolute_error(y, predicted)), float(Z * sem(np.abs(predicted - y)))
    metrics = [
        Metric(name="MAE", value=mae, low=max(mae - reach, 0.0), high=mae + reach, method="normal"),
        _bootstrapped("RMSE", _rmse, y, predicted),
    ]
    return [*metrics, _bootstrapped("R²", _r2, y, predicted)] if np.ptp(y) > 0 else metrics


def _rmse(y: Numbers, predicted: Numbers) -> float:
    return float(np.sqrt(np.mean((y - predicted) ** 2)))


def _r2(y: Numbers, predicted: Numbers) -> float:
    """Return R², or NaN for a resample that is one row many times: scikit-learn says 0 or 1 of it."""
    return float(r2_score(y, predicted)) if np.ptp(y) > 0 else math.nan


def _bootstrapped(name: Any, figure: Callable[[Numbers, Numbers], float], y: Numbers, predicted: Numbers) -> Metric:
    """Return a figure with its bootstrap interval; the seed is fixed, so that the same sample gives the same."""
    random = np.random.default_rng(0)
    resamples = (random.integers(0, len(y), len(y)) for _ in range(RESAMPLES))
    # Checking the same finite numbers a thousand times would take most of the time.
    unchecked = {"assume_finite", "skip_parameter_validation"} & get_config().keys()
    with config_context(**dict.fromkeys(unchecked, True)):
        figures = [figure(y[rows], predicted[rows]) for rows in resamples]
    low, high = np.nanquantile(figures, [0.025, 0.975])
    value = float(figure(y, predicted))
    return Metric(name=name, value=value, low=min(float(low), value), high=max(float(high), value), method="bootstrap")
