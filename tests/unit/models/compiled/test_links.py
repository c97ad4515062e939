"""The link functions of plans: scikit-learn's bits, without scikit-learn."""

from __future__ import annotations

import numpy as np
from scipy.special import expit as scipy_expit
from sklearn._loss.link import HalfLogitLink
from sklearn.utils.extmath import softmax as sklearn_softmax

from webapp.models.compiled.links import CLASS_LINKS, expit, half_logistic, logistic, softmax

random = np.random.default_rng(5)
EDGES = [0.0, -0.0, 709.7, -709.7, 710, -710, 745.2, -745.2, 1e308, -1e308, np.inf, -np.inf]
SCORES = np.concatenate([*(random.normal(0, scale, 20_000) for scale in (0.1, 1, 5, 50, 500)), EDGES])


def test_the_logistic_function_has_the_bits_of_scipy() -> None:
    expected = scipy_expit(SCORES)
    assert np.array(list(map(expit, SCORES.tolist()))).tobytes() == expected.tobytes()
    assert logistic(SCORES[:, np.newaxis])[:, 1].tobytes() == expected.tobytes()
    assert logistic(SCORES[:, np.newaxis])[:, 0].tobytes() == (1 - expected).tobytes()


def test_the_logistic_function_of_half_a_score_has_the_bits_of_scikit_learn() -> None:
    scores = random.normal(0, 3, (20_000, 1))
    assert half_logistic(scores)[:, 1].tobytes() == HalfLogitLink().inverse(scores[:, 0]).tobytes()


def test_softmax_has_the_bits_of_scikit_learn() -> None:
    for classes in (2, 3, 7, 8, 30):
        scores = random.normal(0, 4, (3000, classes))
        assert softmax(scores).tobytes() == sklearn_softmax(scores).tobytes()


def test_each_link_gives_probabilities() -> None:
    for link, is_single in CLASS_LINKS.values():
        shares = link(random.normal(0, 3, (50, 1 if is_single else 4)))
        assert shares.shape == (50, 2 if is_single else 4)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
