"""webapp.services.cells.own_code: the digest of the operator's own code"""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.services.cells import own_code
from webapp.services.cells.own_code import OwnCode


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package, a module that it imports, and one that it does not."""
    monkeypatch.setattr(own_code, "LOOK_SECONDS", 0.0)
    monkeypatch.syspath_prepend(str(tmp_path))
    package = tmp_path / "shelf_of_one"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "features.py").write_text("import numpy, shelf_of_two as two\nclass Recency: pass\n")
    (package / "training.py").write_text("from shelf_of_one.features import Recency\n")
    (tmp_path / "shelf_of_two.py").write_text("from shelf_of_three import four\n")
    (tmp_path / "shelf_of_three.py").write_text("four = 4\n")
    (tmp_path / "shelf_of_five.py").write_text("class Five: pass\n")
    return tmp_path


RECENCY, FIVE = "shelf_of_one.features.Recency", "shelf_of_five.Five"


@pytest.mark.parametrize(
    "place", ["shelf_of_one/features.py", "shelf_of_one/training.py", "shelf_of_two.py", "shelf_of_three.py"]
)
def test_a_change_of_the_package_or_of_what_it_imports_is_other_code(folder: Path, place: str) -> None:
    code = OwnCode([RECENCY])
    before = code.digest()
    with (folder / place).open("a") as file:
        file.write("\n")
    assert code.digest() != before


def test_the_same_code_has_the_same_digest_wherever_it_lies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = OwnCode([RECENCY]).digest()
    moved = folder / "moved"
    moved.mkdir()
    for path in list(folder.glob("shelf_of_*")):
        path.rename(moved / path.name)
    monkeypatch.syspath_prepend(str(moved))
    assert OwnCode([RECENCY]).digest() == before


def test_a_file_counts_only_the_code_that_it_uses(folder: Path) -> None:
    code = OwnCode([RECENCY, FIVE])
    before = code.digest(), code.digest_of([RECENCY]), code.digest_of([FIVE])
    (folder / "shelf_of_five.py").write_text("class Five: changed = True\n")
    after = code.digest(), code.digest_of([RECENCY]), code.digest_of([FIVE])
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, False]


def test_without_trusted_types_there_is_no_code_of_ones_own(folder: Path) -> None:
    assert OwnCode().digest() == ""
    assert OwnCode([RECENCY]).digest_of([FIVE, "sklearn.pipeline.Pipeline"]) == ""
    # Their versions are part of what is known of a file already.
    assert OwnCode(["pandas.Series", "datetime.date"]).digest() == ""


def test_data_and_compiled_copies_beside_the_code_do_not_count(folder: Path) -> None:
    code = OwnCode([RECENCY])
    before = code.digest()
    for place in ("cities.csv", "model.joblib", "__pycache__/features.cpython-311.pyc"):
        path = folder / "shelf_of_one" / place
        path.parent.mkdir(exist_ok=True)
        path.write_text("1")
    assert code.digest() == before


def test_a_module_that_comes_or_goes_is_noticed(folder: Path) -> None:
    code = OwnCode([FIVE])
    before = code.digest()
    (folder / "shelf_of_five.py").rename(folder / "gone.py")
    gone = code.digest()
    assert gone not in ("", before)
    (folder / "gone.py").rename(folder / "shelf_of_five.py")
    assert code.digest() == before


def test_of_a_library_that_it_imports_the_version_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "shelf_of_five.py").write_text("import pydantic\n")
    before = OwnCode([FIVE]).digest()
    monkeypatch.setattr(own_code, "_version", lambda name: f"{name} of tomorrow")
    assert OwnCode([FIVE]).digest() != before


def test_a_look_is_believed_for_a_moment_unless_a_fresh_one_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_code, "LOOK_SECONDS", 60.0)
    code = OwnCode([FIVE])
    before = code.digest()
    (folder / "shelf_of_five.py").write_text("class Five: changed = True\n")
    assert code.digest() == before
    assert code.digest(is_fresh=True) != before
