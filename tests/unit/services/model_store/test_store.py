"""webapp.services.model_store and webapp.services.model_store.artifact_loader"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, NoReturn

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.cells import LOADER, loader
from tests.unit.cell.misbehaving import TRUSTED, Computing, Crashing, WithoutInputs
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.gate import Grants, load
from webapp.errors import ModelNotFound, ModelNotReady
from webapp.services.cells.zygote import ZygoteClient
from webapp.services.model_store import ModelStore
from webapp.services.model_store.artifact_loader import ArtifactLoader

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def store(folder: Path, loader: ArtifactLoader = LOADER) -> ModelStore:
    return ModelStore(directory=folder, loader=loader, max_instances=16)


def reason(folder: Path, loader: ArtifactLoader = LOADER) -> str:
    (model,) = store(folder, loader).unserved()
    return model.reason


def answer(store: ModelStore, name: str, value: float) -> object:
    (answer,) = store.get(name).inference.answer([{"x0": value}])
    return answer.prediction


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)])
@pytest.mark.parametrize("protocol", [2, 5])
def test_it_loads_a_file_however_it_was_dumped(tmp_path: Path, compress: Any, protocol: int) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib", compress=compress, protocol=protocol)
    assert answer(store(tmp_path), "line", 2.0) == pytest.approx(2)


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


def test_it_finds_what_it_serves_and_nothing_else(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    (tmp_path / "broken.joblib").write_bytes(b"nothing")
    models = store(tmp_path)
    assert models.find("line") is models.find_default() is models.get("line")
    assert (models.find("broken"), models.find("other")) == (None, None)


def test_it_finds_no_default_among_many(tmp_path: Path) -> None:
    assert store(tmp_path).find_default() is None


def test_it_keeps_estimators_from_starting_jobs_of_their_own(tmp_path: Path) -> None:
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(2, n_jobs=-1))
    search = GridSearchCV(forest, {"standardscaler__with_mean": [True]}, cv=2, n_jobs=2).fit(np.eye(4), [0, 1, 0, 1])
    joblib.dump(search, tmp_path / "forest.joblib")
    loaded = prepare_for_serving(load((tmp_path / "forest.joblib").read_bytes(), Grants.of()))
    assert (loaded.n_jobs, loaded.best_estimator_[-1].n_jobs) == (1, 1)
    model = store(tmp_path).get("forest")
    assert model.inference.cells.predict([dict.fromkeys(("x0", "x1", "x2", "x3"), 0.0)], model.signature)


def test_what_was_read_before_a_fork_is_not_read_again(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    (tmp_path / "broken.joblib").write_bytes(b"no pickle")
    store(tmp_path, loader(known=tmp_path / "known")).share()
    asks_nobody = loader(known=tmp_path / "known")
    asks_nobody._zygote = NoZygote(max_cells=1)
    after = store(tmp_path, asks_nobody)
    assert answer(after, "line", 2.0) == pytest.approx(2)
    assert [model.name for model in after.unserved()] == ["broken"]


class NoZygote(ZygoteClient):
    """Is asked for nothing."""

    def request(self, *_: Any, **__: Any) -> NoReturn:
        pytest.fail("A cell was asked.")


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
    with pytest.raises(ModelNotReady, match="This model can't be served"):
        models.get("broken")


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x04.", b"\x1f\x8b\x08", b"PK\x03\x04", b"\0" * 100, b"ZF0x0"])
def test_it_tells_what_is_no_joblib_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.joblib").write_bytes(data)
    assert reason(tmp_path)


def test_it_tells_what_cant_predict(tmp_path: Path) -> None:
    joblib.dump({"line": "model"}, tmp_path / "dict.joblib")
    assert reason(tmp_path) == "It holds a dict, which has no predict method."


def test_it_tells_what_is_not_fitted(tmp_path: Path) -> None:
    joblib.dump(LinearRegression(), tmp_path / "new.joblib")
    assert reason(tmp_path) == "It is not fitted yet. Call fit before dumping it."


def dump_as_made_with(path: Path, version: str) -> None:
    ours = sklearn.__version__.encode()
    joblib.dump(LINE, path)
    data = path.read_bytes()
    assert ours in data
    path.write_bytes(data.replace(ours, version.encode().ljust(len(ours), b"0")))


def test_it_tells_which_scikit_learn_made_it(tmp_path: Path) -> None:
    dump_as_made_with(tmp_path / "old.joblib", "1.2.2")
    assert reason(tmp_path).startswith("It was made with scikit-learn 1.2.2, and this service runs")


def test_it_takes_another_patch_of_the_same_version(tmp_path: Path) -> None:
    major, minor, _patch = sklearn.__version__.split(".")
    dump_as_made_with(tmp_path / "near.joblib", f"{major}.{minor}.9")
    assert store(tmp_path).get("near")


def test_it_refuses_code_that_is_not_on_the_list(tmp_path: Path) -> None:
    (tmp_path / "evil.joblib").write_bytes(b"\x80\x04cposix\nsystem\n(S'touch ran'\ntR.")
    assert reason(tmp_path) == "It needs posix.system, which is not on the list of allowed types."


def test_it_refuses_a_class_that_only_the_operator_could_trust(tmp_path: Path) -> None:
    joblib.dump(WithoutInputs(), tmp_path / "own.joblib")
    assert "tests.unit.cell.misbehaving.WithoutInputs" in reason(tmp_path)


def test_a_file_that_crashes_takes_nobody_with_it(tmp_path: Path) -> None:
    joblib.dump(Crashing(), tmp_path / "crashing.joblib")
    found = reason(tmp_path, loader(trusted_types=TRUSTED))
    assert found.startswith("Its process crashed. It is tried again at ")


def test_a_file_that_hangs_is_given_up(tmp_path: Path) -> None:
    joblib.dump(Computing(), tmp_path / "computing.joblib")
    found = reason(tmp_path, loader(trusted_types=TRUSTED))
    assert found.startswith("The check took longer than 5 seconds of processor time. It is tried again at ")


def test_it_tells_when_the_inputs_cant_be_told(tmp_path: Path) -> None:
    joblib.dump(WithoutInputs(), tmp_path / "mute.joblib")
    assert "n_features_in_" in reason(tmp_path, loader(trusted_types=TRUSTED))


@pytest.mark.parametrize("category", ["a\0b", "\ud800", 2**63])
def test_it_refuses_a_model_whose_answers_could_not_be_recorded(tmp_path: Path, category: Any) -> None:
    X = np.array([[category], [type(category)(1)]], dtype=object)
    encoder = OneHotEncoder().fit(X)
    joblib.dump(make_pipeline(encoder, LinearRegression()).fit(X, [0, 1]), tmp_path / "odd.joblib")
    assert "can't be stored" in reason(tmp_path)


def test_it_passes_over_a_file_whose_name_could_not_be_recorded(tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / os.fsdecode(b"\xff.joblib"))
    assert store(tmp_path).served() == []


#: Names of files, as the system has them, and as they are shown.
ODD_NAMES = {
    b"two\nlines": r"two\nlines",
    b"red\x1b[31m": r"red\x1b[31m",
    "back\u202ewards".encode(): r"back\u202ewards",
    "in\u200bvisible".encode(): r"in\u200bvisible",
    "line\u2028separator".encode(): r"line\u2028separator",
    b"not-utf-8-\xff": r"not-utf-8-\udcff",
    b" ": " ",
}


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_file_whose_name_cannot_be_shown_is_listed_with_an_escaped_name(
    tmp_path: Path, name: bytes, is_folder: bool
) -> None:
    path = tmp_path / os.fsdecode(name) / "1"
    path = path if is_folder else path.parent
    path.parent.mkdir(exist_ok=True)
    joblib.dump(LINE, f"{path}.joblib")
    (model,) = store(tmp_path).unserved()
    assert model.name == ODD_NAMES[name]
    assert model.reason == "Its name is blank, or has characters that can't be shown in one line. Rename the file."


@pytest.mark.parametrize("name", ["größe 🐧", "a%2Fb", "a b?c#d&e", "-x", "n" * 248, r"two\nlines"])
def test_any_name_that_can_be_shown_in_one_line_is_served(tmp_path: Path, name: str) -> None:
    joblib.dump(LINE, tmp_path / f"{name}.joblib")
    assert store(tmp_path).get(name).name == name
