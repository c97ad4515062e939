"""An environment of pinned libraries alone: its files pass the same gate as those of the service's own libraries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from tests.cells import NOWHERE, ZYGOTE
from tests.environments import add_environment
from tests.gate import chains, hostile_names
from tests.gate.assembly import call, file, name, value
from tests.gate.hostile_names import dumped
from webapp.errors import NotServable
from webapp.services.cells.environment_builder import Wanted
from webapp.services.cells.environments import Environments
from webapp.services.cells.known_files import KnownFiles
from webapp.services.model_store.artifact_loader import ArtifactLoader

NAMES = {
    "os.system": call(name("os", "system"), value("true")),
    "sklearn.utils._testing.ignore_warnings": call(name("sklearn.utils._testing", "ignore_warnings")),
    "sklearn.datasets.load_svmlight_file": call(name("sklearn.datasets", "load_svmlight_file"), value("x")),
    "sklearn.utils.deprecation.deprecated": call(name("sklearn.utils.deprecation", "deprecated")),
    "joblib.load": call(name("joblib", "load"), value("x")),
}
CHAIN = "stacking that calls tofile of an array"


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    """One environment of pinned libraries, and one with a package that the operator chose."""
    folder = tmp_path_factory.mktemp("environments")
    add_environment(folder, "pinned", {}, is_pinned=True)
    yield add_environment(folder, "chosen", {"shop": ""})
    ZYGOTE.close_others()


def verdict(environments: Environments, path: Path, data: bytes, environment: str) -> str | None:
    """Return why a file is refused in an environment; None if it is served."""
    path.write_bytes(data)
    loader = ArtifactLoader(ZYGOTE, KnownFiles(NOWHERE), environments, max_cells=1, processes=1, call_seconds=30)
    return loader.check(path, model="m", environment=environment).reason


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.joblib"


def test_it_serves_what_scikit_learn_makes(environments: Environments, path: Path) -> None:
    model = make_pipeline(SimpleImputer(), LinearRegression()).fit([[0.0], [1.0]], [0.0, 1.0])
    path.write_bytes(dumped(model))
    loader = ArtifactLoader(ZYGOTE, KnownFiles(NOWHERE), environments, max_cells=1, processes=1, call_seconds=30)
    artifact = loader.load(path, model="m", environment="pinned")
    assert round(artifact.try_out([{"x0": 3.0}])[0].prediction, 6) == 3


@pytest.mark.parametrize("used", NAMES)
def test_its_gate_refuses_a_function_by_name(used: str, environments: Environments, path: Path) -> None:
    reason = verdict(environments, path, file(NAMES[used]), "pinned")
    assert reason == f"It needs {used}, which is not on the list of allowed types."


def test_its_gate_refuses_a_chain_of_allowed_classes(environments: Environments, path: Path) -> None:
    data = dumped(chains.CHAINS[CHAIN](str(path.parent / "written")))
    assert str(verdict(environments, path, data, "pinned")).endswith("that no model needs.")


def test_an_environment_with_other_packages_leaves_that_to_the_lock(environments: Environments, path: Path) -> None:
    data = dumped(chains.CHAINS[CHAIN](str(path.parent / "written")))
    assert "that no model needs" not in str(verdict(environments, path, data, "chosen"))
    assert not (path.parent / "written").exists()


@pytest.mark.parametrize("kind", ["PREFIXES", "DOTTED", "SHADOWS", "ARGUMENTS"])
def test_its_gate_refuses_each_hostile_file(kind: str, environments: Environments, path: Path) -> None:
    for what, make in getattr(hostile_names, kind).items():
        reason = verdict(environments, path, make(str(path.parent / "it-ran")), "pinned")
        # A process that has ended would mean that the lock alone has held it.
        assert reason, what
        assert "process" not in reason, what


def test_only_the_pinned_libraries_make_an_environment_strict(tmp_path: Path) -> None:
    assert Wanted(scikit_learn="1.2").is_pinned
    others = (
        Wanted(scikit_learn="1.2", packages=["catboost"]),
        Wanted(scikit_learn="1.2", requirements=tmp_path),
        Wanted(scikit_learn="1.2", code=[tmp_path]),
        Wanted(packages=["catboost"]),
    )
    assert not any(each.is_pinned for each in others)


def test_it_refuses_what_is_in_it_and_not_on_the_list(environments: Environments, path: Path) -> None:
    path.write_bytes(dumped(np.random.default_rng))
    loader = ArtifactLoader(ZYGOTE, KnownFiles(NOWHERE), environments, max_cells=1, processes=1, call_seconds=30)
    with pytest.raises(NotServable, match="default_rng"):
        loader.load(path, model="m", environment="pinned")
