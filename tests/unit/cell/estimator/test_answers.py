"""Answers from the arrays that an estimator predicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from tests.fitted import CASES, DATA, LABELS, NUMBERS, fit
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.signature import read_signature
from webapp.errors import PredictionFailed
from webapp.types import Answer


def answers(estimator: Any, X: Any) -> list[Answer]:
    return predict_answers(estimator, X, read_signature(estimator))


def answers_of(name: str) -> list[Answer]:
    case = CASES[name]()
    return answers(case.estimator, case.X)


@pytest.mark.parametrize("classes", [[True, False], [1, 2], ["a", "b"], [1.0, 2.0], [0.5, 1.5]])
def test_a_class_comes_with_its_own_type(classes: list[Any]) -> None:
    (answer,) = answers(DummyClassifier().fit([[0], [0], [0]], [*classes, classes[0]]), [[0]])
    assert answer.prediction == classes[0]
    assert not isinstance(answer.prediction, np.generic)
    assert list(answer.probabilities) == [
        f"{each:g}" if isinstance(each, float) else str(each) for each in sorted(classes)
    ]


def test_probabilities_are_named_after_their_classes() -> None:
    (answer,) = answers(DummyClassifier().fit([[0]] * 4, ["b", "a", "a", "a"]), [[0]])
    assert answer == Answer(prediction="a", probabilities={"a": 0.75, "b": 0.25})


def test_a_regressor_gives_a_float_and_no_probabilities() -> None:
    (answer,) = answers(DummyRegressor().fit([[0], [0]], [1, 2]), [[0]])
    assert answer == Answer(prediction=1.5)


def test_a_whole_number_of_a_regressor_stays_a_float() -> None:
    (answer,) = answers(DummyRegressor().fit([[0], [0]], [2.0, 2.0]), [[0]])
    assert isinstance(answer.prediction, float)


def test_an_outlier_detector_gives_one_or_minus_one() -> None:
    assert {answer.prediction for answer in answers_of("isolation_forest")} == {1, -1}


def test_several_classes_come_in_the_order_of_the_outputs() -> None:
    answer = answers_of("several_classes_at_once")[0]
    assert len(answer.prediction) == 2
    assert [list(shares) for shares in answer.probabilities] == [["high", "low"], ["Bonn", "Kiel", "Ulm"]]


def test_several_numbers_come_in_the_order_of_the_outputs() -> None:
    case = CASES["several_numbers_at_once"]()
    assert [a.prediction for a in answers_of("several_numbers_at_once")] == case.estimator.predict(case.X).tolist()


@pytest.mark.parametrize(
    "name", ["labels_by_neighbours", "labels_by_network", "labels_one_by_one", "labels_in_a_chain"]
)
def test_each_label_is_given_or_not_with_its_own_probability(name: str) -> None:
    for answer in answers_of(name):
        assert len(answer.prediction) == len(answer.probabilities) == 3
        for given, shares in zip(answer.prediction, answer.probabilities, strict=True):
            assert list(shares) == ["0", "1"]
            assert sum(shares.values()) == pytest.approx(1)
            assert shares[str(given)] >= 0.5


def test_one_label_in_a_table_is_one_answer() -> None:
    answer = answers_of("one_label_in_a_table")[0]
    assert answer.prediction in (0, 1)
    assert set(answer.probabilities) == {"0", "1"}


def test_labels_fitted_on_a_sparse_table_are_read_like_others() -> None:
    X = DATA[NUMBERS]
    dense, sparse = (OneVsRestClassifier(GaussianNB()).fit(X, y) for y in (LABELS, csr_matrix(LABELS)))
    assert [a.prediction for a in answers(sparse, X)] == [a.prediction for a in answers(dense, X)]


def test_a_stack_of_several_outputs_gives_no_probabilities() -> None:
    parts = [("near", KNeighborsClassifier(3))]
    stack = fit(StackingClassifier(parts, KNeighborsClassifier(3), cv=2), DATA[NUMBERS], LABELS)
    (answer,) = answers(stack, DATA[NUMBERS].iloc[[0]])
    assert (len(answer.prediction), answer.probabilities) == (3, None)


class Overflowing(BaseEstimator):
    """A regressor whose answers are not finite."""

    n_features_in_ = 1

    def __init__(self, answer: float = 0.0) -> None:
        self.answer = answer

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.answer)


class Unsure(LogisticRegression):
    """A classifier whose probabilities are NaN."""

    def predict_proba(self, X: Any) -> Any:
        return np.full((len(X), 2), np.nan)


@pytest.mark.parametrize("answer", [np.nan, np.inf, -np.inf])
def test_it_refuses_an_answer_that_is_not_finite(answer: float) -> None:
    with pytest.raises(PredictionFailed, match="not a finite number"):
        answers(Overflowing(answer), [[0]])


def test_it_refuses_a_probability_that_is_not_finite() -> None:
    with pytest.raises(PredictionFailed, match="not a finite number"):
        answers(Unsure().fit([[0], [1]], [0, 1]), [[0]])
