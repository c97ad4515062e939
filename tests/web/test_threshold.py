"""A threshold that was chosen after fitting is shown wherever an answer is."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

from tests.conftest import MakeApp

X = np.random.default_rng(0).normal(size=(60, 2))
SENTENCE = "The model answers yes when its probability of yes is 20.0 % or more."


def test_it_is_on_the_page_of_the_model_in_its_description_and_with_each_answer(make_app: MakeApp) -> None:
    labels = np.where(X[:, 0] > 0, "yes", "no")
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.2, pos_label="yes").fit(X, labels)
    client = make_app({"tuned": model, "plain": LogisticRegression().fit(X, labels)}).test_client()
    for name, is_tuned in (("tuned", True), ("plain", False)):
        described = client.get(f"/api/v1/models/{name}").json["threshold"]
        assert described == ({"class": "yes", "value": 0.2, "of": "probability"} if is_tuned else None)
        assert (SENTENCE in client.get(f"/models/{name}/card").text) is is_tuned
        record = client.post(f"/models/{name}", data={"x0": "1", "x1": "1"}).headers["Location"]
        assert (SENTENCE in client.get(record).text) is is_tuned
