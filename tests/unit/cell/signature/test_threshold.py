"""The threshold of a classifier that was chosen after it was fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from webapp.cell.signature import read_signature
from webapp.models.card.sentences import threshold_words
from webapp.types import Output, Signature, Threshold

X = np.random.default_rng(0).normal(size=(60, 2))
Y = np.where(X[:, 0] + X[:, 1] > 1, "yes", "no")


def fixed(classifier: Any, threshold: Any, **options: Any) -> FixedThresholdClassifier:
    return FixedThresholdClassifier(classifier, threshold=threshold, pos_label="yes", **options).fit(X, Y)


@pytest.mark.parametrize(
    ("estimator", "threshold"),
    [
        (fixed(LogisticRegression(), 0.2), Threshold(label="yes", value=0.2, of="probability")),
        (fixed(LogisticRegression(), "auto"), Threshold(label="yes", value=0.5, of="probability")),
        (fixed(LinearSVC(), "auto"), Threshold(label="yes", value=0.0, of="score")),
        (
            fixed(LogisticRegression(), -0.5, response_method="decision_function"),
            Threshold(label="yes", value=-0.5, of="score"),
        ),
        (
            make_pipeline(StandardScaler(), fixed(LogisticRegression(), 0.3)).fit(X, Y),
            Threshold(label="yes", value=0.3, of="probability"),
        ),
        (LogisticRegression().fit(X, Y), None),
    ],
)
def test_it_is_read_off_the_estimator(estimator: Any, threshold: Threshold | None) -> None:
    assert read_signature(estimator).threshold == threshold


def test_a_tuned_one_is_where_the_answer_changes() -> None:
    search = GridSearchCV(
        TunedThresholdClassifierCV(LogisticRegression(), cv=3, scoring="balanced_accuracy"),
        {"estimator__C": [1, 5]},
        cv=2,
    ).fit(X, Y == "yes")
    threshold = read_signature(search).threshold
    assert threshold is not None
    assert threshold.value == search.best_estimator_.best_threshold_
    shares = search.predict_proba(X)[:, list(search.classes_).index(threshold.label)]
    assert ((shares >= threshold.value) == (search.predict(X) == threshold.label)).all()


def test_it_is_said_in_a_sentence() -> None:
    output = Output(name="y", classes=("no", "yes"))
    words = {
        of: threshold_words(
            Signature(
                task="classification",
                features=(),
                outputs=(output,),
                threshold=Threshold(label="yes", value=0.308, of=of),
            )
        )
        for of in ("probability", "score")
    }
    assert words["probability"] == "The model answers yes when its probability of yes is 30.8 % or more."
    assert words["score"] == "The model answers yes when its score of yes is 0.308 or more."
