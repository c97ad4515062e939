"""flask models publish FOLDER: a model that MLflow saved, with the names in its signature and its input example."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from flask import Flask
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp

X = np.random.default_rng(0).normal(size=(20, 2))
NAMES = ["sepal length (cm)", "owner's share"]
FIXTURES = Path(__file__).parents[1] / "gate" / "other_versions"
#: As MLflow 2.16 writes it; it folds long lines.
MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
mlflow_version: 2.16.0
model_uuid: 2c4e
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "sepal length (cm)", "required": true}, {"type":
    "double", "name": "owner''s share", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
utc_time_created: '2024-09-01 10:00:00'
"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "saved" / "model"
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text(MLMODEL)
    (folder / "model.pkl").write_bytes(cloudpickle.dumps(LinearRegression().fit(X, X[:, 0])))
    (folder / "input_example.json").write_text(json.dumps({"columns": NAMES, "data": [[5.1, 3]]}))
    return folder


def publish(app: Flask, path: Path) -> Result:
    return app.test_cli_runner().invoke(args=["models", "publish", str(path), "--name", "iris"])


def names(app: Flask) -> list[str]:
    store = app.extensions["scoredesk"].store
    store.refresh()
    return [feature.name for feature in store.get("iris").signature.features]


def test_a_model_without_names_gets_those_of_its_signature(app: Flask, folder: Path) -> None:
    result = publish(app, folder)
    assert result.exit_code == 0, result.output
    assert "The names of the inputs are those in its signature." in result.output
    assert names(app) == NAMES


def test_a_model_with_names_stays_as_it_is(app: Flask, folder: Path, tmp_path: Path) -> None:
    model = LinearRegression().fit(pd.DataFrame(X, columns=NAMES), X[:, 0])
    (folder / "model.pkl").write_bytes(cloudpickle.dumps(model))
    assert publish(app, folder).exit_code == 0
    assert names(app) == NAMES
    (published,) = (tmp_path / "iris").glob("*.joblib")
    assert published.read_bytes() == (folder / "model.pkl").read_bytes()


def test_xgboosts_file_in_such_a_folder_is_published_as_that(app: Flask, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("xgboost")
    (folder / "model.xgb").write_bytes((FIXTURES / "xgboost-2.1.4-two.ubj").read_bytes())
    (folder / "MLmodel").write_text("flavors:\n  xgboost:\n    data: model.xgb\n    model_format: xgb\n")
    assert publish(app, folder).exit_code == 0
    assert names(app) == ["size", "age", "dose"]
    assert (tmp_path / "iris" / "1.ubj").exists()


REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no MLmodel": (lambda folder: (folder / "MLmodel").unlink(), "a folder without MLflow's file MLmodel"),
    "no model": (lambda folder: (folder / "model.pkl").unlink(), "names no file in this folder"),
    "a model outside": (
        lambda folder: (folder / "MLmodel").write_text("flavors:\n  sklearn:\n    pickled_model: ../../other.pkl\n"),
        "names no file in this folder",
    ),
    "an example of other inputs": (
        lambda folder: (folder / "input_example.json").write_text('{"columns": ["a", "b"], "data": [[1, 2]]}'),
        "does not fit the inputs",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_folder_that_is_not_whole_is_refused(app: Flask, folder: Path, tmp_path: Path, kind: str) -> None:
    change, words = REFUSED[kind]
    (tmp_path / "other.pkl").write_bytes((folder / "model.pkl").read_bytes())
    change(folder)
    result = publish(app, folder)
    assert result.exit_code == 1
    assert words in result.output
