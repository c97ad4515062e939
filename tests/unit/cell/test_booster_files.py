"""webapp.cell.booster_files: what is said of models of XGBoost that were trained with early stopping"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.gate.boosters import X, Y, xgb
from webapp.cell.gate import Grants
from webapp.cell.loading import load_file

LABELS = (Y == 1).astype(int)
OPTIONS = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1, "eta": 1.0}


def booster(*, rounds: int = 40, stopping: int | None = 2) -> Any:
    """Train natively; the trees that follow the best round are kept."""
    rows, others = (xgb().DMatrix(X[half::2], LABELS[half::2], nthread=1) for half in (0, 1))
    return xgb().train(
        OPTIONS, rows, rounds, evals=[(others, "others")], early_stopping_rounds=stopping, verbose_eval=False
    )


def notes(data: bytes) -> tuple[str, ...]:
    return load_file(data, Grants.of()).notes


def dumped(value: Any) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["ubj", "json"])
def test_it_says_which_trees_answer_for_a_native_file_with_early_stopping(kind: str) -> None:
    trained = booster()
    best, rounds = trained.best_iteration + 1, trained.num_boosted_rounds()
    assert best < rounds
    (note,) = notes(bytes(trained.save_raw(kind)))
    assert f"the trees of its first {best} rounds" in note
    assert f"Booster.predict uses all {rounds} unless" in note


def test_the_note_is_true() -> None:
    trained = booster()
    estimator = load_file(bytes(trained.save_raw("ubj")), Grants.of()).estimator
    rows = xgb().DMatrix(X, nthread=1)
    answers = estimator.predict_proba(X)[:, 1]
    assert np.array_equal(answers, trained.predict(rows, iteration_range=(0, trained.best_iteration + 1)))
    assert not np.allclose(answers, trained.predict(rows))


def test_a_pickled_booster_has_the_note_too_alone_and_in_a_dict() -> None:
    trained = booster()
    assert "early stopping" in notes(pickle.dumps(trained))[-1]
    assert "early stopping" in notes(dumped({"model": trained, "version": "3"}))[-1]


def test_models_that_answer_as_they_did_have_none(tmp_path: Path) -> None:
    assert notes(bytes(booster(stopping=None).save_raw("ubj"))) == ()
    stopped = xgb().XGBClassifier(early_stopping_rounds=2, n_estimators=40, max_depth=2, learning_rate=1.0, n_jobs=1)
    stopped.fit(X[::2], LABELS[::2], eval_set=[(X[1::2], LABELS[1::2])], verbose=False)
    assert stopped.best_iteration + 1 < stopped.get_booster().num_boosted_rounds()
    assert notes(dumped(stopped)) == ()
    stopped.save_model(tmp_path / "stopped.ubj")
    assert notes((tmp_path / "stopped.ubj").read_bytes()) == ()


def test_the_note_survives_joining_with_a_transformer() -> None:
    estimator = load_file(bytes(booster().save_raw("ubj")), Grants.of()).estimator
    joined = make_pipeline(StandardScaler().fit(X), estimator)
    assert "early stopping" in notes(dumped(joined))[-1]
