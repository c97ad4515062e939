"""webapp.services.cells.environments: models that need other libraries, or the operator's own code"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from types import ModuleType

import pytest
from sklearn.linear_model import LinearRegression

from tests.cells import NOWHERE, ZYGOTE
from tests.environments import add_environment
from webapp.errors import NotServable, NotServableYet
from webapp.models.card import Card
from webapp.services.cells.environment_builder import Wanted, _named, not_named
from webapp.services.cells.environments import CONTENTS, Environments
from webapp.services.cells.known_files import KnownFiles
from webapp.services.model_store import ModelStore
from webapp.services.model_store.artifact_loader import ArtifactLoader

SHOP = """
from sklearn.linear_model import LinearRegression
class Doubled(LinearRegression):
    def predict(self, X):
        return FACTOR * super().predict(X)
"""


def shop(factor: int) -> str:
    """Return the code of a module with a model of one's own."""
    return f"FACTOR = {factor}\n{SHOP}"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A file that needs a module which the service has not."""
    module = ModuleType("shop")
    sys.modules["shop"] = module
    exec(shop(2), vars(module))  # noqa: S102
    path = tmp_path / "models" / "line.joblib"
    path.parent.mkdir()
    path.write_bytes(pickle.dumps(module.Doubled().fit([[0.0], [1.0]], [0.0, 1.0])))
    del sys.modules["shop"]
    yield path
    ZYGOTE.close_others()


def loader(environments: Environments) -> ArtifactLoader:
    known = KnownFiles(NOWHERE)
    return ArtifactLoader(ZYGOTE, known, environments, max_cells=1, processes=1, call_seconds=30)


def answer(environments: Environments, file: Path, environment: str | None = None) -> object:
    artifact = loader(environments).load(file, model="line", environment=environment)
    return round(artifact.try_out([{"x0": 3.0}])[0].prediction, 6)


def test_a_model_with_own_code_runs_in_the_environment_that_has_it(file: Path, tmp_path: Path) -> None:
    environments = Environments(tmp_path / "environments")
    with pytest.raises(NotServable, match=r"shop\.Doubled"):
        answer(environments, file)
    add_environment(environments.folder, "shop", {"shop": shop(2)})
    assert answer(environments, file) == 6


def test_changed_code_is_another_version_of_what_is_known(file: Path, tmp_path: Path) -> None:
    keys = set()
    for factor in (2, 3):
        environments = add_environment(tmp_path / str(factor), "shop", {"shop": shop(factor)}, code=str(factor))
        keys.add(loader(environments).load(file, model="line").key)
        assert answer(environments, file) == 3 * factor
    assert len(keys) == 2


def test_a_card_may_name_the_environment_where_several_would_do(file: Path, tmp_path: Path) -> None:
    for factor in (2, 3):
        environments = add_environment(
            tmp_path / "environments", f"shop{factor}", {"shop": shop(factor)}, code=str(factor)
        )
    with pytest.raises(NotServable):
        answer(environments, file)
    assert answer(environments, file, "shop3") == 9


def test_of_environments_that_only_add_to_one_it_uses_that_one(file: Path, tmp_path: Path) -> None:
    environments = add_environment(tmp_path / "environments", "shop", {"shop": shop(2)}, code="2")
    add_environment(environments.folder, "larger", {"shop": shop(2)}, code="2", libraries={"six": "1.17.0"})
    artifact = loader(environments).load(file, model="line")
    assert artifact.environment is not None
    assert artifact.environment.name == "shop"


def test_environments_of_which_none_adds_to_the_others_are_named_to_choose_from(file: Path, tmp_path: Path) -> None:
    environments = add_environment(tmp_path / "environments", "shop", {"shop": shop(2)}, libraries={"joblib": "1.4"})
    add_environment(environments.folder, "other", {"shop": shop(2)}, libraries={"joblib": "1.5"})
    with pytest.raises(NotServable, match=r"Several environments have what it needs: other, shop\. Name the one"):
        loader(environments).load(file, model="line")


def test_an_environment_that_was_made_for_its_library_comes_before_one_that_only_has_it(
    file: Path, tmp_path: Path
) -> None:
    environments = add_environment(tmp_path / "environments", "encoders", {"shop": shop(2)}, preloaded=["encoders"])
    add_environment(environments.folder, "shop", {"shop": shop(3)}, code="3")
    assert answer(environments, file) == 9


def test_an_environment_that_is_not_there_is_named_with_what_to_do(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotServable, match="environments add other"):
        answer(Environments(tmp_path), file, "other")


def test_a_file_of_another_scikit_learn_uses_the_environment_that_has_it(tmp_path: Path) -> None:
    environments = add_environment(tmp_path / "environments", "old", {}, scikit_learn="1.2.2")
    path = tmp_path / "line.joblib"
    path.write_bytes(pickle.dumps(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])))
    report = loader(environments).check(path, model="line").report
    (old,) = environments.all()
    assert not old.suits(report.made_with, {"sklearn"})
    assert old.suits("1.2.0", {"sklearn", "numpy", "builtins"})
    assert not old.suits("1.2.0", {"sklearn", "catboost"})
    assert environments.suiting(report) == []


def test_nothing_outside_the_environment_is_called(tmp_path: Path, file: Path) -> None:
    environments = add_environment(tmp_path / "environments", "shop", {"shop": shop(2)})

    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return eval, ("1/0",)

    file.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(NotServable, match=r"builtins\.eval"):
        answer(environments, file, "shop")


def test_no_environment_is_chosen_for_code_that_lies_in_a_file(tmp_path: Path, file: Path) -> None:
    environments = add_environment(tmp_path / "environments", "by_value", {"cloudpickle": "def subimport(name): ..."})
    file.write_bytes(b"\x80\x02ccloudpickle\nsubimport\nX\x02\x00\x00\x00os\x85R.")
    with pytest.raises(NotServable, match="Scoredesk runs no code from a file"):
        answer(environments, file)


def test_a_running_service_notices_a_new_environment(file: Path, tmp_path: Path) -> None:
    environments = Environments(tmp_path / "environments")
    store = ModelStore(directory=file.parent, loader=loader(environments), max_instances=1)
    store.refresh()
    assert [model.name for model in store.served()] == []
    add_environment(environments.folder, "shop", {"shop": shop(2)})
    store.refresh()
    assert [model.environment.name for model in store.served() if model.environment] == ["shop"]


def test_a_half_built_environment_is_none(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    environments = add_environment(tmp_path, "whole", {})
    (tmp_path / "whole" / CONTENTS).write_text("{}")
    assert environments.all() == []


def test_what_the_operator_named_is_imported_before_a_cell_is_locked(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# Ours\nfeature-engine>=1.8\n--no-binary :none:\nnumpy==2.3 \\\n    --hash=sha256:00\n")
    wanted = Wanted(requirements=requirements, packages=["category_encoders==2.8.1"])
    assert _named(wanted) == ["category_encoders", "feature-engine", "numpy"]


def test_a_package_that_the_operator_names_replaces_the_pinned_one() -> None:
    lines = ["# Python 3.11", "scikit-learn==1.8.0", "pandas<2.4", "numpy<2.4"]
    assert not_named(lines, Wanted(packages=["Pandas==3.1.1", "six"])) == ["scikit-learn==1.8.0", "numpy<2.4"]


def test_its_code_and_its_libraries_are_the_code_behind_its_models(tmp_path: Path) -> None:
    (found,) = add_environment(tmp_path, "shop", {}).all()

    def code(**changes: object) -> str:
        return replace(found, contents=replace(found.contents, **changes)).code  # type: ignore[arg-type]

    libraries = found.contents.libraries
    assert code() == found.code
    assert code(code="other") != found.code
    assert code(libraries={**libraries, "catboost": "1.2"}) != found.code
    # What only our own code needs, and the Python, may be other ones after an upgrade.
    assert code(libraries={**libraries, "pydantic": "3"}, python="3.11.99") == found.code


def test_a_running_service_notices_an_environment_that_was_built_again(file: Path, tmp_path: Path) -> None:
    environments = add_environment(tmp_path / "environments", "shop", {"shop": shop(2)}, code="2")
    store = ModelStore(directory=file.parent, loader=loader(environments), max_instances=1)
    (before,) = store.served()
    rmtree(environments.folder / "shop")
    add_environment(environments.folder, "shop", {"shop": shop(3)}, code="3")
    with pytest.raises(NotServableYet, match="is being changed"):
        before.inference.cells.start()
    store.refresh()
    (after,) = store.served()
    answers = after.inference.answer([{"x0": 3.0}])
    assert round(answers[0].prediction, 6) == 9
    assert before.code != after.code
    rmtree(environments.folder / "shop")
    store.refresh()
    assert store.served() == []


def test_a_published_version_is_refused_in_an_environment_with_other_code(file: Path, tmp_path: Path) -> None:
    environments = add_environment(tmp_path / "environments", "shop", {"shop": shop(2)}, code="2")
    code = loader(environments).load(file, model="line").code
    file.with_suffix(".json").write_text(Card(environment="shop", code=code).to_bytes().decode())
    store = ModelStore(directory=file.parent, loader=loader(environments), max_instances=1)
    assert [model.code for model in store.served()] == [code]
    rmtree(environments.folder / "shop")
    add_environment(environments.folder, "shop", {"shop": shop(3)}, code="3")
    store.refresh()
    (refused,) = store.unserved()
    assert "the code or the libraries of the environment shop changed" in refused.reason
