"""webapp.services.model_store and webapp.services.artifact"""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from webapp.errors import ModelNotFound, ModelNotReady
from webapp.services.model_store import ModelStore

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def store(folder: Path) -> ModelStore:
    return ModelStore(folder, max_instances=16)


def reason(folder: Path) -> str:
    (model,) = store(folder).unserved()
    return model.reason


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)])
@pytest.mark.parametrize("protocol", [2, 5])
def test_it_loads_a_file_however_it_was_dumped(tmp_path: Path, compress: Any, protocol: int) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib", compress=compress, protocol=protocol)
    model = store(tmp_path).get("line")
    assert model.estimator.predict([[2.0]]) == pytest.approx(2)


def test_it_names_the_version_after_the_file_itself(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    digest = hashlib.sha256((tmp_path / "line.joblib").read_bytes()).hexdigest()
    model = store(tmp_path).get("line")
    assert (model.digest, model.version) == (digest, digest[:12])


def test_it_serves_a_model_fitted_on_a_frame_and_one_fitted_on_an_array(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    joblib.dump(LogisticRegression().fit(frame, [0, 1]), tmp_path / "frame.joblib")
    joblib.dump(LogisticRegression().fit(frame.to_numpy(), [0, 1]), tmp_path / "array.joblib")
    names = [[feature.name for feature in model.signature.features] for model in store(tmp_path).served()]
    assert names == [["x0", "x1"], ["a", "b"]]


def test_it_keeps_estimators_from_starting_jobs_of_their_own(tmp_path: Path) -> None:
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(5, n_jobs=-1)).fit(np.eye(4), [0, 1, 0, 1])
    joblib.dump(forest, tmp_path / "forest.joblib")
    assert store(tmp_path).get("forest").estimator[-1].n_jobs == 1


def test_it_knows_no_other_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        store(tmp_path).get("nothing")


def test_a_missing_folder_holds_no_models(tmp_path: Path) -> None:
    assert store(tmp_path / "missing").served() == []


def test_one_that_cant_be_served_leaves_the_others_alone(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    (tmp_path / "broken.joblib").write_bytes(b"this is no pickle")
    models = store(tmp_path)
    assert [model.name for model in models.served()] == ["line"]
    with pytest.raises(ModelNotReady, match="can't be read as a Joblib file"):
        models.get("broken")


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x04.", b"\x1f\x8b\x08", b"PK\x03\x04", b"\0" * 100])
def test_it_tells_what_is_no_joblib_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.joblib").write_bytes(data)
    assert "can't be read as a Joblib file" in reason(tmp_path)


def test_it_tells_what_cant_predict(tmp_path: Path) -> None:
    joblib.dump({"model": LINE}, tmp_path / "dict.joblib")
    assert reason(tmp_path) == "It holds a dict, which has no predict."


def test_it_tells_what_is_not_fitted(tmp_path: Path) -> None:
    joblib.dump(LinearRegression(), tmp_path / "new.joblib")
    assert reason(tmp_path) == "It is not fitted yet. Call fit before dumping it."


def test_it_tells_which_scikit_learn_made_it(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "old.joblib")
    import sklearn

    ours = sklearn.__version__.encode()
    other = b"0" + ours[1:]
    data = (tmp_path / "old.joblib").read_bytes()
    assert ours in data
    (tmp_path / "old.joblib").write_bytes(data.replace(ours, other))
    assert reason(tmp_path).startswith(f"It was made with scikit-learn {other.decode()}, and this service runs")


def test_it_tells_which_code_is_missing(tmp_path: Path) -> None:
    (tmp_path / "lost.joblib").write_bytes(b"\x80\x04cno_such_package\nThing\n)\x81.")
    assert "no_such_package" in reason(tmp_path)


def test_it_tells_when_the_inputs_cant_be_told(tmp_path: Path) -> None:
    joblib.dump(pickle.loads(pickle.dumps(WithoutInputs())), tmp_path / "mute.joblib")  # noqa: S301
    assert "n_features_in_" in reason(tmp_path)


class WithoutInputs:
    """Predicts, but tells nothing of what it takes."""

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))
