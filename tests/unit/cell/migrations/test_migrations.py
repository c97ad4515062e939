"""webapp.cell.migrations: files of other versions answer as at home, or are refused with a sentence."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import LabelBinarizer, StandardScaler

from tests.cells import LOADER
from tests.effort import EFFORT
from tests.other_versions.fixtures import Fixture, archive, quiet, versions
from tests.other_versions.inputs import FRAME
from webapp.cell.migrations import NotMigratable, Origin, compared, require_known
from webapp.cell.migrations.rules import RULES
from webapp.cell.migrations.spellings import current_name
from webapp.errors import NotServable

#: One of so many models is asked here; `make soak` asks all.
ONE_OF = 1 if EFFORT > 1 else 15
#: How many models of each version are served at least.
MIN_SERVED = {"1.4.2": 810, "1.5.2": 820, "1.6.1": 840, "1.7.2": 850, "1.8.0": 850}
WRONG = {
    "1.4.2": {"AdaBoostClassifier 0 binary", "GaussianProcessRegressor 0 other", "KNNImputer 0 other"},
    "1.5.2": {"AdaBoostClassifier 0 binary", "AdaBoostClassifier 2 multiclass", "ordinary adaptive boosting"},
    "1.6.1": {"particular liblinear, numbers, three classes"},
    "1.7.2": {"particular liblinear, numbers, three classes"},
    "1.8.0": set(),
}


def read(fixture: Fixture) -> Any:
    """Load a model as a cell does."""
    origin = Origin()
    model = fixture.load(origin)
    origin.require_compared()
    return model


def asked(version: str) -> list[Fixture]:
    """Return all that is known to be wrong, and some of the others."""
    numbered = enumerate(archive(version).fixtures)
    return [fixture for number, fixture in numbered if fixture.name in WRONG[version] or not number % ONE_OF]


@pytest.mark.parametrize("version", versions())
def test_what_is_served_answers_as_at_home_and_the_rest_is_refused_with_a_reason(version: str) -> None:
    served, refused = [], []
    with quiet():
        for fixture in asked(version):
            try:
                model = read(fixture)
            except NotServable as error:
                assert error.message.startswith(("It was made with scikit-learn", "It needs", "Its ")), error.message
                refused.append(fixture.name)
            else:
                assert fixture.difference(model) is None, fixture.name
                served.append(fixture.name)
    assert WRONG[version] <= set(refused)
    assert len(served) >= MIN_SERVED[version] // ONE_OF - 5


def test_the_table_is_for_the_installed_version() -> None:
    assert compared.read_table()["made_with"] == versions()
    assert {compared.minor_of(version) for version in versions()} == set(compared.compared_minors())


@pytest.mark.parametrize(
    ("version", "name", "words"),
    [
        ("1.5.2", "AdaBoostClassifier 0 binary", "AdaBoostClassifier with algorithm='SAMME.R' would answer otherwise"),
        ("1.4.2", "GaussianProcessRegressor 0 other", "GaussianProcessRegressor would answer otherwise"),
        ("1.7.2", "particular liblinear, numbers, three classes", "solver='liblinear' and more than two classes"),
        ("1.4.2", "KNNImputer 0 other", "has not shown that its KNNImputer would answer the same"),
    ],
)
def test_it_names_what_would_answer_otherwise(version: str, name: str, words: str) -> None:
    fixture = next(each for each in archive(version).fixtures if each.name == name)
    with pytest.raises(NotServable) as refusal:
        read(fixture)
    assert words in refusal.value.message
    assert refusal.value.message.endswith(
        f"Train it again with {sklearn.__version__} and dump it again, or use an environment (docs/your-own-model.md)."
    )


def known_wrong_files(setting: str) -> list[tuple[str, Fixture]]:
    """Return the logistic regressions that were fitted with a word among their settings."""
    return [
        (version, fixture)
        for version in versions()
        if version < "1.8"
        for fixture in archive(version).fixtures
        if fixture.name.startswith("LogisticRegression ") and setting.encode() in fixture.file
    ]


def test_it_refuses_one_versus_rest_of_three_classes_and_takes_it_of_two() -> None:
    found = {"binary": set(), "multiclass": set()}
    for _, fixture in known_wrong_files("ovr"):
        try:
            read(fixture)
            found[fixture.name.split()[-1]].add("served")
        except NotServable as error:
            assert "multi_class='ovr' and more than two classes" in error.message
            found[fixture.name.split()[-1]].add("refused")
    assert found == {"binary": {"served"}, "multiclass": {"refused"}}


def test_it_refuses_multinomial_of_two_classes() -> None:
    for _, fixture in known_wrong_files("multinomial"):
        if fixture.name.endswith("binary"):
            with pytest.raises(NotServable, match="multi_class='multinomial' and two classes"):
                read(fixture)


def test_cells_answer_as_the_version_that_made_the_file(tmp_path: Path) -> None:
    names = {"ordinary logistic, three words", "ordinary histogram boosting", "ordinary remainder scaled"}
    rows = FRAME[:8].astype(object).where(FRAME[:8].notna(), None).to_dict("records")
    for version in ("1.4.2", "1.6.1", "1.8.0"):
        for fixture in archive(version).fixtures:
            if fixture.name in names:
                path = tmp_path / f"{fixture.name} {version}.joblib"
                path.write_bytes(fixture.file)
                artifact = LOADER.load(path, model="old")
                assert artifact.report.read_as == f"scikit-learn {version}, read as {sklearn.__version__}"
                answers = [answer.prediction for answer in artifact.try_out(rows)]
                home = np.ravel(fixture.answers["predict 0"]).tolist()
                assert answers == (pytest.approx(home, rel=1e-9) if type(home[0]) is float else home), fixture.name


def test_it_refuses_a_version_that_was_never_compared() -> None:
    with pytest.raises(NotServable, match=r"reads files of 1\.4 to 1\.8 too\. Train it again"):
        require_known(["1.3.2"])
    with pytest.raises(NotServable, match=r"made with scikit-learn 2\.0\.0"):
        require_known(["2.0.0"])
    with pytest.raises(NotServable, match="made with scikit-learn nonsense"):
        require_known(["nonsense"])


def test_it_refuses_parts_of_two_versions() -> None:
    with pytest.raises(NotServable, match=r"Its parts were made with scikit-learn 1\.6\.1 and 1\.7\.2"):
        require_known(["1.6.1", "1.7.2"])


def test_another_scikit_learn_than_the_table_is_for_reads_only_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sklearn, "__version__", "1.10.0")
    assert compared.compared_minors() == []
    with pytest.raises(NotServable, match="made with scikit-learn 1_6"):
        require_known(["1_6"])


def test_it_refuses_a_class_or_a_setting_that_was_not_compared() -> None:
    origin = Origin()
    origin.migrated(StandardScaler, {"_sklearn_version": "1.6.1", "with_mean": True, "scale_": 1})
    origin.require_compared()
    origin.migrated(PCA, {"_sklearn_version": "1.6.1", "svd_solver": "divine", "components_": 1})
    with pytest.raises(NotServable, match="PCA with svd_solver='divine'"):
        origin.require_compared()
    own = Origin()
    own.migrated(StandardScaler, {"_sklearn_version": "1.6.1", "scale_": 1})
    own.migrated(Fixture, {})
    with pytest.raises(NotServable, match="its Fixture would answer the same"):
        own.require_compared()


def test_it_refuses_a_file_that_names_no_version() -> None:
    origin = Origin()
    origin.migrated(StandardScaler, {"scale_": 1})
    with pytest.raises(NotServable, match="does not say which version"):
        origin.require_compared()


def test_it_notes_nothing_of_a_file_of_its_own_version() -> None:
    origin, state = Origin(), {"_sklearn_version": sklearn.__version__, "multi_class": "ovr"}
    assert origin.migrated(LogisticRegression, state) is state
    origin.require_compared()
    assert not origin.parts


def test_new_parameters_get_their_defaults() -> None:
    state = Origin().migrated(RandomForestClassifier, {"_sklearn_version": "1.6.1", "n_estimators": 3})
    assert state["n_estimators"] == 3
    assert state["criterion"] == "gini"
    assert state["_sklearn_version"] == sklearn.__version__


LIES: dict[str, list[dict[str, Any]]] = {
    "SimpleImputer": [{"_fit_dtype": "float64"}, {"_fit_dtype": None}],
    "RidgeClassifier": [{"_label_binarizer": 1}, {"_label_binarizer": LabelBinarizer()}],
    "RidgeClassifierCV": [{"_label_binarizer": type}],
    "PLSRegression": [
        {"coef_": np.ones((1, 2))},
        {"coef_": np.ones((1, 2)), "_x_std": np.ones(3)},
        {"coef_": np.ones((1, 2)), "_x_std": np.array([print, print])},
        {"coef_": [[1.0]], "_x_std": np.ones(1)},
    ],
    "TfidfTransformer": [{"_idf_diag": np.eye(2)}, {"_idf_diag": csr_matrix.__new__(csr_matrix)}],
}


@pytest.mark.parametrize(("name", "states"), LIES.items())
def test_a_state_that_lies_is_refused(name: str, states: list[dict[str, Any]]) -> None:
    module = next(key[0] for key in RULES if key[1] == name)
    kind = getattr(importlib.import_module(module), name)
    for state in states:
        with pytest.raises(NotMigratable):
            Origin().migrated(kind, state | {"_sklearn_version": "1.4.2"})


def test_old_names_are_spelled_as_today() -> None:
    assert current_name("_loss", "CyHuberLoss") == ("sklearn._loss._loss", "CyHuberLoss")
    assert current_name("numpy.ma.core", "MaskedArray") == ("numpy.ma", "MaskedArray")
    assert current_name("numpy.core._multiarray_umath", "log1p") == ("numpy", "log1p")
    assert current_name("os", "system") == ("os", "system")
