"""The same model, pickled, cloudpickled and packed in each way that people know."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.cells import LOADER
from tests.gate.bombs import MEBIBYTE
from tests.gate.verdict import GRANTS
from webapp.cell.gate import inspect, load

X = np.random.default_rng(0).normal(size=(40, 3))
MODEL = make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=3)).fit(X, X[:, 0] > 0)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "not packed": bytes,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}
WRITERS = {
    **{f"pickle {number}": lambda number=number: pickle.dumps(MODEL, number) for number in range(6)},
    "cloudpickle": lambda: cloudpickle.dumps(MODEL),
}


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("write", WRITERS)
def test_it_loads_a_model_in_each_spelling(write: str, pack: str) -> None:
    data = PACKERS[pack](WRITERS[write]())
    found = inspect(data)
    assert (found.problem, found.refused_uses(GRANTS)) == (None, [])
    assert np.array_equal(load(data, GRANTS).predict_proba(X), MODEL.predict_proba(X))


@pytest.mark.parametrize("ending", [".pkl", ".pickle", ".sav"])
def test_each_ending_is_limited_by_its_size(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"bomb{ending}"
    path.write_bytes(gzip.compress(pickle.dumps(np.zeros(300 * MEBIBYTE // 8)), 1))
    check = LOADER.check(path, model="bomb")
    assert check.size < 2 * MEBIBYTE
    assert check.reason == "The file unpacks to more data than its size allows."


def test_a_function_by_value_is_refused_with_what_to_do(tmp_path: Path) -> None:
    model = make_pipeline(FunctionTransformer(lambda values: values * 2), StandardScaler()).fit(X)
    path = tmp_path / "model.pkl"
    path.write_bytes(cloudpickle.dumps(model))
    reason = str(LOADER.check(path, model="model").reason)
    assert "Move it into an installed module" in reason
    assert "builtins" not in reason


def test_a_class_by_value_is_refused_with_what_to_do(tmp_path: Path) -> None:
    kind = type("Double", (StandardScaler,), {"__module__": "__main__", "transform": lambda self, X: 2 * X})
    path = tmp_path / "model.pkl"
    path.write_bytes(cloudpickle.dumps(kind().fit(X)))
    assert "Move it into an installed module" in str(LOADER.check(path, model="model").reason)


def test_joblib_writes_what_is_loaded_too() -> None:
    file = io.BytesIO()
    joblib.dump(MODEL, file, compress=("gzip", 3))
    assert np.array_equal(load(file.getvalue(), GRANTS).predict_proba(X), MODEL.predict_proba(X))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (b"PK\x03\x04schema.json", "Dump the estimator with joblib"),
        (b"\x89HDF\r\n", "Keras"),
        (b"binf\0\0", "save_model"),
        (b"<!DOCTYPE html>", "Download the file again"),
    ],
)
def test_a_file_that_is_no_pickle_is_refused_with_what_to_do(head: bytes, words: str) -> None:
    assert words in str(inspect(head + bytes(100)).problem)
