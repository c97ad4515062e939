"""webapp.cell.evaluation"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error

from webapp.cell.evaluation import hanley_mcneil, measure
from webapp.models.card.fields import Metric
from webapp.types import Answer, Output, Signature

YES_NO = Signature(
    task="classification", features=(), outputs=(Output(name="y", classes=("no", "yes")),), probabilities=True
)
NUMBER = Signature(task="regression", features=(), outputs=(Output(name="y"),))


def classified(scores: Any, targets: list[Any]) -> dict[str, Metric]:
    answers = [Answer(prediction="yes" if s > 0.5 else "no", probabilities={"no": 1 - s, "yes": s}) for s in scores]
    return {metric.name: metric for metric in measure([targets], answers, YES_NO)}


def regressed(y: Any, predicted: Any) -> dict[str, Metric]:
    found = measure([list(map(float, y))], [Answer(prediction=float(each)) for each in predicted], NUMBER)
    return {metric.name: metric for metric in found}


@pytest.mark.parametrize(
    ("successes", "count", "interval"),
    [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (81, 263, (0.2553, 0.3662)), (1, 2, (0.0945, 0.9055))],
)
def test_the_interval_of_an_accuracy_is_the_one_that_the_literature_gives(
    successes: int, count: int, interval: tuple[float, float]
) -> None:
    accuracy = classified([0.9] * successes + [0.1] * (count - successes), ["yes"] * count)["accuracy"]
    assert accuracy.value == successes / count
    assert (accuracy.low, accuracy.high) == pytest.approx(interval, abs=1e-4)


def test_accuracy_and_auc_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    right = random.random(200) < 0.4
    scores = np.round(random.random(200) * 0.7 + right * 0.3, 2)
    found = classified(scores, ["yes" if each else "no" for each in right])
    assert found["AUC"].value == pytest.approx(roc_auc_score(right, scores))
    assert found["accuracy"].value == np.mean((scores > 0.5) == right)
    assert all(metric.low < metric.value < metric.high for metric in found.values())


def test_a_perfect_sample_leaves_a_doubt() -> None:
    auc = classified([0.1, 0.2, 0.8, 0.9], ["no", "no", "yes", "yes"])["AUC"]
    assert (auc.value, auc.high) == (1, 1)
    assert auc.low < 0.8


def test_a_sample_that_is_wrong_throughout_leaves_the_same_doubt() -> None:
    perfect = classified([0.1, 0.2, 0.8, 0.9], ["no", "no", "yes", "yes"])["AUC"]
    wrong = classified([0.8, 0.9, 0.1, 0.2], ["no", "no", "yes", "yes"])["AUC"]
    assert (wrong.value, wrong.low) == (0, 0)
    assert wrong.high == pytest.approx(1 - perfect.low)


def test_the_interval_of_an_area_holds_it_in_most_samples() -> None:
    # Normal scores one apart have an area of 0.7602.
    random = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        zeros, ones = random.normal(0, 1, 60), random.normal(1, 1, 40)
        area = roc_auc_score([0] * 60 + [1] * 40, [*zeros, *ones])
        low, high = hanley_mcneil(area, 40, 60)
        held += low <= 0.7602 <= high
    assert held >= 182


THREE = Signature(
    task="classification", features=(), outputs=(Output(name="y", classes=("a", "b", "c")),), probabilities=True
)


def of_three(proba: Any, right: Any) -> dict[str, Metric]:
    rows = [dict(zip("abc", row, strict=True)) for row in proba.tolist()]
    answers = [Answer(prediction=max(row, key=lambda one: row[one]), probabilities=row) for row in rows]
    return {metric.name: metric for metric in measure([["abc"[each] for each in right]], answers, THREE)}


def drawn(random: np.random.Generator, count: int) -> tuple[Any, Any]:
    """Probabilities of three classes, and the classes that they hint at."""
    right = random.permutation(np.arange(count) % 3)
    scores = np.exp(random.normal(size=(count, 3)) + np.eye(3)[right])
    return scores / scores.sum(axis=1, keepdims=True), right


def test_each_of_several_classes_is_told_from_the_rest_as_scikit_learn_does() -> None:
    proba, right = drawn(np.random.default_rng(4), 200)
    auc = of_three(proba, right)["macro AUC"]
    assert auc.value == pytest.approx(roc_auc_score(right, proba, multi_class="ovr"))
    assert auc.low < auc.value < auc.high


def test_the_interval_of_several_classes_holds_their_area_in_most_samples() -> None:
    random = np.random.default_rng(5)
    proba, right = drawn(random, 60_000)
    truth = roc_auc_score(right, proba, multi_class="ovr")
    held = [of_three(*drawn(random, 60))["macro AUC"] for _ in range(200)]
    assert sum(auc.low <= truth <= auc.high for auc in held) >= 190


def test_a_class_that_the_sample_lacks_leaves_no_area() -> None:
    proba, right = drawn(np.random.default_rng(6), 30)
    assert list(of_three(proba[right < 2], right[right < 2])) == ["accuracy"]


def test_each_of_several_outputs_is_measured_by_itself() -> None:
    number, kind = NUMBER.outputs[0], YES_NO.outputs[0]
    both = replace(YES_NO, outputs=(replace(kind, name="y0"), replace(kind, name="y1")))
    one, other = [0.1, 0.6, 0.4, 0.9], [0.2, 0.9, 0.3, 0.2]
    answers = [
        Answer(
            prediction=["yes" if each > 0.5 else "no" for each in pair],
            probabilities=[{"no": 1 - each, "yes": each} for each in pair],
        )
        for pair in zip(one, other, strict=True)
    ]
    targets = [["no", "yes", "yes", "yes"], ["no", "yes", None, "no"]]
    found = measure(targets, answers, both)
    assert [(each.output, each.name) for each in found] == [
        (output, name) for output in ("y0", "y1") for name in ("accuracy", "AUC")
    ]
    alone = [*classified(one, targets[0]).values(), *classified(other, targets[1]).values()]
    assert [each.model_copy(update={"output": None}) for each in found] == alone
    numbers = replace(NUMBER, outputs=(replace(number, name="y0"), replace(number, name="y1")))
    errors = measure([[1.0, 2.0], [1.0, 2.0]], [Answer(prediction=[1, 2]), Answer(prediction=[2, 4])], numbers)
    assert [(each.output, each.value) for each in errors if each.name == "MAE"] == [("y0", 0), ("y1", 1.5)]


def test_one_class_alone_has_no_area() -> None:
    assert list(classified([0.1, 0.9], ["no", "no"])) == ["accuracy"]


def test_a_regressor_is_measured_in_its_own_unit() -> None:
    random = np.random.default_rng(3)
    y = random.normal(0, 10, 100)
    predicted = y + random.normal(0, 1, 100)
    found = regressed(y, predicted)
    assert found["MAE"].value == pytest.approx(mean_absolute_error(y, predicted))
    assert found["RMSE"].value == pytest.approx(root_mean_squared_error(y, predicted))
    assert found["R²"].value == pytest.approx(r2_score(y, predicted))
    assert all(metric.low < metric.value < metric.high for metric in found.values())


def test_the_same_sample_is_measured_the_same() -> None:
    assert regressed([1, 2, 4], [1, 3, 3]) == regressed([1, 2, 4], [1, 3, 3])


def test_a_target_that_never_changes_has_nothing_to_explain() -> None:
    assert "R²" not in regressed([1, 1, 1], [1, 2, 3])


def test_rows_without_a_target_dont_count() -> None:
    assert classified([0.9, 0.9, 0.1], ["yes", "yes", None])["accuracy"].value == 1
    assert classified([0.9, 0.9], ["yes", None]) == {}
