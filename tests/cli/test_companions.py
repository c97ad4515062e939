"""flask models publish --before --names --row: files that belong together become one Pipeline with one digest."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from flask import Flask
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.conftest import MakeApp
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.served import ServedModel

RNG = np.random.default_rng(0)
X = RNG.normal([40, 1000, 3], [10, 300, 1], size=(60, 3))
NAMES = ["age", "income", "rooms"]
Y = np.where(X[:, 0] > 40, "old", "young")
SCALER = StandardScaler().fit(X)
REDUCED = PCA(2).fit(SCALER.transform(X))
MODEL = LogisticRegression().fit(REDUCED.transform(SCALER.transform(X)), Y)
ROW = dict(zip(NAMES, X[0].tolist(), strict=True))
ANSWER = str(MODEL.predict(REDUCED.transform(SCALER.transform(X[:1])))[0])
EVIL = b"\x80\x02cposix\nsystem\nX\x09\x00\x00\x00touch ran\x85R."


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "to publish"
    folder.mkdir()
    parts: dict[str, Any] = {"model": MODEL, "scaler": SCALER, "pca": REDUCED, "features": NAMES}
    for name, part in parts.items():
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(part))
    (folder / "evil.pkl").write_bytes(EVIL)
    return folder


def publish(app: Flask, source: Path, *options: str, model: str = "model.pkl") -> Result:
    files = [
        str(source / option) if option.endswith((".pkl", ".txt", ".json", ".csv")) else option for option in options
    ]
    command = ["models", "publish", str(source / model), "--name", "people", *files]
    return app.test_cli_runner().invoke(args=command)


def served(app: Flask) -> ServedModel:
    store = app.extensions["scoredesk"].store
    store.refresh()
    return store.get("people")  # type: ignore[no-any-return]


WHOLE = ("--before", "scaler.pkl", "--before", "pca.pkl", "--names", "features.pkl")


def test_all_become_one_pipeline_that_says_what_it_is(app: Flask, source: Path) -> None:
    result = publish(app, source, *WHOLE, "--row", json.dumps(ROW), "--answer", ANSWER)
    assert result.exit_code == 0, result.output
    assert "In front of the model (a LogisticRegression) stands: StandardScaler, then PCA." in result.output
    assert "The names of the inputs are those in features.pkl." in result.output
    assert f"It gives the known answer, {ANSWER}." in result.output
    model = served(app)
    assert [feature.name for feature in model.signature.features] == NAMES
    (path,) = (source.parent / "people").glob("*.joblib")
    written = joblib.load(path)
    assert isinstance(written["model"], Pipeline)
    assert written["features"] == NAMES
    expected = MODEL.predict_proba(REDUCED.transform(SCALER.transform(X)))
    assert np.array_equal(written["model"].predict_proba(X), expected)


def test_a_scaler_that_knows_the_names_needs_no_list(app: Flask, source: Path) -> None:
    (source / "scaler.pkl").write_bytes(pickle.dumps(StandardScaler().fit(pd.DataFrame(X, columns=NAMES))))
    assert publish(app, source, "--before", "scaler.pkl", "--before", "pca.pkl").exit_code == 0
    assert [feature.name for feature in served(app).signature.features] == NAMES
    (path,) = (source.parent / "people").glob("*.joblib")
    assert isinstance(joblib.load(path), Pipeline)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n.txt", "age\nincome\nrooms\n"),
        ("n.csv", 'age,"income",rooms\n1,2,3\n'),
        ("n.json", '["age", "income", "rooms"]'),
    ],
)
def test_names_can_be_text(app: Flask, source: Path, name: str, text: str) -> None:
    (source / name).write_text(text)
    assert publish(app, source, *WHOLE[:4], "--names", name).exit_code == 0
    assert [feature.name for feature in served(app).signature.features] == NAMES


def test_a_function_whose_columns_have_no_names_is_tried_out(app: Flask, source: Path) -> None:
    (source / "log.pkl").write_bytes(pickle.dumps(FunctionTransformer(np.log1p).fit(X)))
    (source / "line.pkl").write_bytes(pickle.dumps(LinearRegression().fit(np.log1p(np.abs(X)), X[:, 0])))
    assert publish(app, source, "--before", "log.pkl", model="line.pkl").exit_code == 0


REFUSED = {
    "another order": (("--before", "pca.pkl", "--before", "scaler.pkl"), "one returns 2 columns, the other expects 3"),
    "a part that is missing": (("--before", "scaler.pkl"), "one returns 3 columns, the other expects 2"),
    "no transformer": (("--before", "features.pkl"), "features.pkl holds a list, which is no transformer."),
    "no names": (("--names", "scaler.pkl"), "scaler.pkl holds no list of distinct names."),
    "names of others": (("--names", "features.pkl"), "features.pkl names 3 inputs, but the first step has 2."),
    "a hostile transformer": (("--before", "evil.pkl"), "evil.pkl: It needs posix.system"),
    "another answer": ((*WHOLE, "--row", json.dumps(ROW), "--answer", "ancient"), "and not ancient"),
    "a row that does not fit": ((*WHOLE, "--row", '{"age": 3}', "--answer", "old"), "does not fit the inputs"),
    "a row that is no JSON": ((*WHOLE, "--row", "age=3", "--answer", "old"), "must be JSON"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_does_not_fit_is_refused_and_leaves_nothing(app: Flask, source: Path, kind: str) -> None:
    options, words = REFUSED[kind]
    result = publish(app, source, *options)
    assert result.exit_code == 1
    assert words in result.output
    assert not (source.parent / "people").exists()
    assert not Path("ran").exists()


def test_columns_in_another_order_are_refused(app: Flask, source: Path) -> None:
    frame = pd.DataFrame(X, columns=NAMES)
    (source / "scaler.pkl").write_bytes(pickle.dumps(StandardScaler().fit(frame)))
    (source / "line.pkl").write_bytes(pickle.dumps(LinearRegression().fit(frame[NAMES[::-1]], X[:, 0])))
    result = publish(app, source, "--before", "scaler.pkl", model="line.pkl")
    assert "expects the columns of StandardScaler in another order" in result.output


def test_what_the_process_writes_passes_the_gate_again(
    app: Flask, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Artifact, "dump", lambda _: EVIL)
    result = publish(app, source, *WHOLE)
    assert result.exit_code == 1
    assert "It needs posix.system" in result.output
    assert not (source.parent / "people").exists()


@pytest.mark.parametrize(("answer", "fits"), [("41.3", True), ("41", True), ("41.4", False), ("x", False)])
def test_a_known_number_counts_with_the_digits_that_were_given(
    app: Flask, source: Path, answer: str, fits: bool
) -> None:
    (source / "line.pkl").write_bytes(pickle.dumps(LinearRegression().fit([[0.0], [1.0]], [0.0, 41.28])))
    result = publish(app, source, "--row", '{"x0": 1}', "--answer", answer, model="line.pkl")
    assert (result.exit_code == 0) == fits


def test_a_row_without_its_answer_is_a_mistake(app: Flask, source: Path) -> None:
    assert "belong together" in publish(app, source, "--row", "{}").output
