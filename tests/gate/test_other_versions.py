"""Models of other versions of XGBoost and LightGBM, as pickles and as their own files, answer as they did there.

``other_versions/fit.py`` wrote them, and their answers.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.cells import LOADER
from webapp.cell.estimator.answers import predict_arrays
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.reading import Step, read_file
from webapp.models.file_format import model_name

#: A cell ignores warnings too: LightGBM keeps an encoder of the scikit-learn of that time.
pytestmark = pytest.mark.filterwarnings("ignore")

FOLDER = Path(__file__).with_name("other_versions")
FILES = sorted(path for path in FOLDER.iterdir() if model_name(path))
NAMES = ["size", "age", "dose"]
NO_CATEGORIES = [path for path in FILES if path.name.startswith("xgboost") and "kinds" in path.name]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # A library that has started threads can't be used in a process that is forked later.
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _libraries() -> None:
    for name in ("xgboost", "lightgbm"):
        pytest.importorskip(name)


def last_step(data: bytes) -> Step:
    *_, step = read_file(data, ())
    return step


def known(path: Path) -> Any:
    stem, _, kind = str(model_name(path)).rpartition("-")
    return json.loads((FOLDER / f"{stem}.answers.json").read_text())[kind]


@pytest.mark.parametrize("path", [path for path in FILES if path not in NO_CATEGORIES], ids=lambda path: path.name)
def test_a_model_of_another_version_gives_the_answers_it_gave_there(path: Path) -> None:
    report, model = last_step(path.read_bytes())
    assert (report.reason, report.prediction) == (None, None)
    assert model is not None
    names = [feature.name for feature in model.signature.features]
    rows = [dict(zip(names, row, strict=True)) for row in known(path)["rows"]]
    y, proba = predict_arrays(model.estimator, as_matrix(rows, model.signature), model.signature)
    assert np.asarray(y if proba is None else proba).tolist() == known(path)["answers"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_tells_the_version_and_the_names_of_the_inputs(path: Path) -> None:
    report, model = last_step(path.read_bytes())
    library, version, kind = str(model_name(path)).split("-")
    made_with = f"XGBoost {version}" if library == "xgboost" else f"LightGBM {version[0]}"
    assert [each.removesuffix(" or older") for each in report.boosters] == [made_with]
    if model:
        expected = ["x0", "x1", "x2"] if kind == "three" else [*NAMES, *(["kind"] if kind == "kinds" else [])]
        assert [feature.name for feature in model.signature.features] == expected


@pytest.mark.parametrize("path", NO_CATEGORIES, ids=lambda path: path.name)
def test_categories_that_are_only_numbers_are_refused(path: Path) -> None:
    report, _ = last_step(path.read_bytes())
    assert "Fit it again with XGBoost 3.1 or newer" in str(report.reason)


def test_a_version_that_was_not_compared_is_refused() -> None:
    data = (FOLDER / "xgboost-2.0.3-two.xgb.json").read_bytes()
    for version, words in {"1,6,2": "was not compared", "99,0,0": "is newer than"}.items():
        report, model = last_step(data.replace(b'"version":[2,0,3]', f'"version":[{version}]'.encode()))
        assert model is None
        assert words in str(report.reason)


HOSTILE = {
    "it ends too early": lambda data: data[: len(data) // 2],
    "it has no objective": lambda data: data.replace(b"objective", b"objectivf"),
    "it has other numbers": lambda data: data.replace(b"\x00\x01", b"\xff\xfe").replace(b"1", b"7"),
    "it has nothing": lambda data: data[:64],
}


@pytest.mark.parametrize("change", HOSTILE)
@pytest.mark.parametrize("name", ["xgboost-3.0.5-two.ubj", "xgboost-3.0.5-two.xgb.json", "lightgbm-4.5.0-two.lgb.txt"])
def test_a_damaged_file_of_their_own_costs_its_own_process_only(name: str, change: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[change]((FOLDER / name).read_bytes()))
    LOADER.check(path, model="damaged")
    path.write_bytes((FOLDER / name).read_bytes())
    assert LOADER.check(path, model="sound").reason is None


def test_a_file_that_is_nested_a_million_times_costs_its_own_process_only(tmp_path: Path) -> None:
    path = tmp_path / "nested.xgb.json"
    path.write_bytes(b'{"learner":' + b"[" * 1_000_000)
    assert LOADER.check(path, model="nested").reason


def test_an_objective_that_does_not_say_what_it_answers_is_refused() -> None:
    data = (FOLDER / "xgboost-2.0.3-two.xgb.json").read_bytes().replace(b"binary:logistic", b"binary:logitraw")
    report, _ = last_step(data)
    assert "binary:logitraw" in str(report.reason)


@pytest.mark.parametrize("container", [lambda booster: booster, lambda booster: {"model": booster, "auc": 0.9}])
def test_a_bare_booster_answers_as_its_file_does(container: Any) -> None:
    xgboost, lightgbm = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    boosters = {
        "xgboost-2.1.4-two.ubj": xgboost.Booster(model_file=bytearray((FOLDER / "xgboost-2.1.4-two.ubj").read_bytes())),
        "lightgbm-4.5.0-two.lgb.txt": lightgbm.Booster(model_file=str(FOLDER / "lightgbm-4.5.0-two.lgb.txt")),
    }
    for name, booster in boosters.items():
        report, model = last_step(pickle.dumps(container(booster)))
        assert report.reason is None
        assert model is not None
        rows = [dict(zip(NAMES, row, strict=True)) for row in known(FOLDER / name)["rows"]]
        _, proba = predict_arrays(model.estimator, as_matrix(rows, model.signature), model.signature)
        assert proba.tolist() == known(FOLDER / name)["answers"]
