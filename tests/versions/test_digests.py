"""A version is the file that was published or promoted under its number, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.cells import loader
from tests.versions.estimators import LOADER, promote, put, times
from webapp.database.engines import with_driver
from webapp.errors import ModelNotReady, VersionHistoryUnavailable
from webapp.services.model_store import ModelStore
from webapp.services.model_store.history import VersionHistory
from webapp.services.model_store.served import ServedModel

REASON = "Its file is not the one that was published or promoted as version 2."


@pytest.fixture
def history(database_url: str) -> Iterator[VersionHistory]:
    engine = create_engine(with_driver(database_url))
    yield VersionHistory(engine)
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path, history: VersionHistory) -> Path:
    """A models folder with the versions 1 and 2, both promoted, and 3, of which the history knows nothing."""
    for version in (1, 2, 3):
        put(times(version), tmp_path / "line" / f"{version}.joblib")
    for version in ("1", "2"):
        promote(history, tmp_path, version)
    return tmp_path


def answer(model: ServedModel) -> object:
    (answer,) = model.inference.answer([{"x0": 1.0}])
    return answer.prediction


def replace(folder: Path, version: int) -> None:
    put(times(9), folder / "line" / f"{version}.joblib")


def test_another_file_under_its_number_is_refused(folder: Path, history: VersionHistory) -> None:
    replace(folder, 2)
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    assert store.get("line").version == "1"
    assert [(each.version, each.reason) for each in store.refused()] == [("2", REASON)]
    with pytest.raises(ModelNotReady, match=REASON):
        store.get("line", "2")
    assert REASON in [getattr(entry, "reason", "") for _, entry in store.versions("line")]


def test_it_is_not_even_loaded_before_the_fork(folder: Path, history: VersionHistory) -> None:
    replace(folder, 2)
    known = loader(known=folder / "known")
    ModelStore(directory=folder, loader=known, max_instances=16, history=history).share()
    assert not list((folder / "known").glob("*"))


def test_what_the_file_held_before_goes_on_answering(folder: Path, history: VersionHistory) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    before = store.get("line")
    replace(folder, 2)
    store.refresh()
    assert store.get("line") is before
    assert [each.reason for each in store.refused()] == [REASON]


def test_one_that_answered_before_the_history_was_known_stops(folder: Path, history: VersionHistory) -> None:
    replace(folder, 2)
    (folder / "line" / "3.joblib").unlink()
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    store.refresh(files_only=True)
    assert store.get("line").version == "2"
    store.refresh()
    assert store.get("line").version == "1"


def test_a_file_that_the_history_does_not_know_may_be_replaced(folder: Path, history: VersionHistory) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    assert answer(store.get("line", "3")) == pytest.approx(3)
    replace(folder, 3)
    store.refresh()
    assert answer(store.get("line", "3")) == pytest.approx(9)


def test_a_file_that_cant_be_read_is_refused_for_that(folder: Path, history: VersionHistory) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    file, _ = store.versions("line")[1]
    file.path.unlink()
    file.path.symlink_to("/proc/self/mem")
    store.refresh()
    assert "It can't be" in store.refused()[0].reason


def test_nothing_is_compared_while_the_database_is_out_of_reach(folder: Path) -> None:
    replace(folder, 2)
    history = VersionHistory(create_engine(with_driver("postgresql://x@127.0.0.1:9/x")))
    with pytest.raises(VersionHistoryUnavailable):
        history.read()
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    assert answer(store.get("line", "2")) == pytest.approx(9)
