"""A models folder that holds other things than files, or does not answer, stops neither the start nor the watcher."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import joblib
import pytest
from sqlalchemy import create_engine

from tests.versions.estimators import LOADER, promote, put, times
from webapp.database.engines import with_driver
from webapp.errors import VersionsLoading
from webapp.regular_file import MAX_FILE_BYTES
from webapp.services.model_store import ModelStore, cache, files, time_limit
from webapp.services.model_store import store as model_store
from webapp.services.model_store.history import VersionHistory
from webapp.services.model_store.watcher import Watcher

NOWHERE = "postgresql://x@127.0.0.1:9/x"


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bind(path: Path) -> None:
    # The path of a socket may not be long.
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def link_to_fifo(path: Path) -> None:
    os.mkfifo(path.with_suffix(".fifo"))
    path.symlink_to(path.with_suffix(".fifo"))


def loop(path: Path) -> None:
    path.symlink_to(path)


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, MAX_FILE_BYTES + 1)


ODD: dict[str, Callable[[Path], object]] = {
    "a FIFO": fifo,
    "a socket": bind,
    "a folder": Path.mkdir,
    "a link to a FIFO": link_to_fifo,
    "a link to zeros without end": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": loop,
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a file that can't be read": lambda path: path.symlink_to("/proc/self/mem"),
    "a file that grows": lambda path: path.symlink_to("/proc/self/status"),
    "a file larger than the memory": huge,
}


def in_time(task: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what a task returns, or fail if it takes too long, as it would for ever."""
    outcome: Future[Any] = Future()

    def run() -> None:
        try:
            outcome.set_result(task())
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(seconds)


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def store_of(folder: Path, history: VersionHistory | None = None) -> ModelStore:
    return ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)


def names(store: ModelStore) -> list[str]:
    return [model.name for model in store.served()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(times(1), tmp_path / "line.joblib")
    return tmp_path


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_file_is_no_model_and_keeps_no_other_from_service(
    folder: Path, make: Callable[[Path], object]
) -> None:
    make(folder / "odd.joblib")
    (folder / "versions").mkdir()
    make(folder / "versions" / "1.joblib")
    assert in_time(lambda: names(store_of(folder))) == ["line"]


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_a_model_is_not_served_without_a_card_that_is_there(folder: Path, make: Callable[[Path], object]) -> None:
    put(times(2), folder / "other.joblib")
    make(folder / "line.json")
    store = store_of(folder)
    assert in_time(lambda: names(store)) == ["other"]
    (unserved,) = store.unserved()
    assert unserved.reason.startswith("Its card can't be read (")


def test_a_fifo_as_card_stops_neither_its_model_nor_the_watcher(folder: Path) -> None:
    store = store_of(folder)
    in_time(store.load)
    watcher = Watcher(store, NOWHERE)
    watcher.start()
    fifo(folder / "line.json")
    eventually(lambda: bool(store.refused()))
    put(times(2), folder / "other.joblib")
    eventually(lambda: names(store) == ["line", "other"])
    # A card that can be read is used at once.
    (folder / "line.json").unlink()
    (folder / "line.json").write_text('{"title": "A line"}')
    eventually(lambda: store.get("line").title == "A line")
    watcher.stop()


def test_a_card_that_changes_while_it_is_read_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "line.json").write_text('{"title": "Before"}')
    store = store_of(folder)
    read = LOADER.read

    def change(path: Path, *rest: Any) -> bytes:
        if path.suffix == ".json":
            path.write_text('{"title": "Afterwards"}')
        return read(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(LOADER, "read", change)
        assert store.served() == []
    store.refresh()
    assert store.get("line").title == "Afterwards"


class Network:
    """The way to a folder, which can be cut: who lists the folder then waits."""

    def __init__(self) -> None:
        self.is_there = threading.Event()
        self.is_there.set()
        self.silent: set[Path] = set()
        self.waiting = 0
        self._scandir = os.scandir

    def cut(self, *folders: Path) -> None:
        self.silent = set(folders)
        self.is_there.clear()

    def mend(self) -> None:
        self.silent = set()
        self.is_there.set()

    def scandir(self, path: Any = ".") -> Any:
        if not isinstance(path, int) and Path(path) in self.silent:
            self.waiting += 1
            assert self.is_there.wait(120)
            self.waiting -= 1
        return self._scandir(path)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    network = Network()
    monkeypatch.setattr(os, "scandir", network.scandir)
    monkeypatch.setattr(time_limit, "SILENCE_SECONDS", 0.5)
    yield network
    network.mend()


def test_the_start_does_not_wait_for_a_silent_folder(folder: Path, network: Network) -> None:
    network.cut(folder)
    store = store_of(folder)
    assert in_time(lambda: (store.share(), store.load(), names(store), store.was_found)) == (None, None, [], False)
    assert store.folder_problem == "The models folder does not answer."
    network.mend()
    eventually(lambda: (store.refresh(), names(store), store.was_found)[1:] == (["line"], True))
    assert store.folder_problem is None


def test_a_folder_that_falls_silent_changes_nothing_and_the_log_says_so_once(
    folder: Path, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_of(folder)
    in_time(store.load)
    model = store.get("line")
    watcher = Watcher(store, NOWHERE)
    watcher.start()
    with caplog.at_level(logging.WARNING, files.__name__):
        network.cut(folder)
        eventually(lambda: store.folder_problem is not None)
        # Several more looks find it silent, and none of them waits beside the first.
        time.sleep(2)
        assert network.waiting == 1
        assert store.get("line") is model
        put(times(2), folder / "other.joblib")
        network.mend()
        eventually(lambda: names(store) == ["line", "other"])
    watcher.stop()
    assert [record.message for record in caplog.records if record.name == files.__name__] == [
        "The models folder does not answer. What is loaded stays in service.",
        "The models folder answers again.",
    ]


def test_a_part_of_the_folder_that_is_silent_keeps_no_other_from_service(folder: Path, network: Network) -> None:
    for name in ("far", "near"):
        put(times(1), folder / name / "1.joblib")
    store = store_of(folder)
    in_time(store.load)
    network.cut(folder / "far")
    put(times(2), folder / "near" / "2.joblib")
    in_time(store.refresh)
    assert (store.get("near").version, store.get("far").version) == ("2", "1")
    assert store.folder_problem == "There is no answer from 'far' in the models folder."
    put(times(2), folder / "far" / "2.joblib")
    network.mend()
    eventually(lambda: (store.refresh(), store.get("far").version)[1] == "2")


def test_a_request_does_not_wait_for_ever_for_versions_that_others_load(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        put(times(version), folder / "line" / f"{version}.joblib")
    store, is_loaded, load = store_of(folder), threading.Event(), cache.load
    in_time(store.load)

    def wait(*args: Any) -> Any:
        assert is_loaded.wait(60)
        return load(*args)

    monkeypatch.setattr(cache, "load", wait)
    monkeypatch.setattr(model_store, "LOADING_PATIENCE_SECONDS", 0.2)
    other = threading.Thread(target=lambda: store.get("line", store.versions("line")[-1][0].version), daemon=True)
    other.start()
    eventually(store._cache._lock.locked)
    with pytest.raises(VersionsLoading):
        in_time(lambda: store.get("line", "1"))
    is_loaded.set()
    other.join(60)
    assert store.get("line", "1").version == "1"


def test_a_promotion_counts_while_the_folder_is_silent(folder: Path, network: Network, database_url: str) -> None:
    engine = create_engine(with_driver(database_url))
    history = VersionHistory(engine)
    for version in (1, 2):
        put(times(version), folder / "line" / f"{version}.joblib")
    store = store_of(folder, history)
    assert [store.get("line", version).version for version in ("1", "2")] == ["1", "2"]
    network.cut(folder)
    promote(history, folder, "1")
    in_time(store.refresh)
    assert store.get("line").version == "1"
    engine.dispose()


@pytest.mark.parametrize(
    "ending", [".pkl", ".pickle", ".sav", ".pkl.gz", ".joblib.z", ".pkl.bz2", ".sav.xz", ".pickle.lzma", ".joblib.lz4"]
)
def test_a_model_is_found_under_each_ending(folder: Path, ending: str) -> None:
    # joblib compresses as the ending says.
    joblib.dump(times(2), folder / f"doubled{ending}")
    (folder / "line").mkdir(exist_ok=True)
    joblib.dump(times(7), folder / "line" / f"7{ending}")
    store = store_of(folder)
    assert store.get("doubled").digest
    assert store.get("line").version == "7"


def test_files_that_differ_in_their_endings_only_are_refused_by_name(folder: Path) -> None:
    for ending in (".pkl", ".joblib"):
        (folder / f"twin{ending}").write_bytes(pickle.dumps(times(2)))
    (folder / "alone.pkl").write_bytes(pickle.dumps(times(2)))
    store = store_of(folder)
    assert "alone" in names(store)
    (twin,) = [model for model in store.unserved() if model.name == "twin"]
    assert twin.reason == (
        "twin.joblib and twin.pkl differ in their endings only. Keep one of them, or rename the others."
    )


def test_a_model_in_service_stays_when_another_ending_appears(folder: Path) -> None:
    (folder / "twin.pkl").write_bytes(pickle.dumps(times(2)))
    store = store_of(folder)
    digest = store.get("twin").digest
    (folder / "twin.joblib").write_bytes(pickle.dumps(times(3)))
    store.refresh()
    assert store.get("twin").digest == digest
    assert [version.name for version in store.refused()] == ["twin"]


def test_xgboosts_and_lightgbms_own_files_are_models_with_a_card(folder: Path) -> None:
    pytest.importorskip("xgboost")
    pytest.importorskip("lightgbm")
    fixtures = Path(__file__).parents[1] / "gate" / "booster_versions"
    for name, source in {
        "first.ubj": "xgboost-2.0.3-two.ubj",
        "second.xgb.json": "xgboost-2.0.3-two.xgb.json",
        "third.lgb.txt": "lightgbm-4.1.0-two.lgb.txt",
    }.items():
        (folder / name).write_bytes((fixtures / source).read_bytes())
    (folder / "second.json").write_text('{"title": "The second"}')
    (folder / "notes.txt").write_text("no model")
    store = store_of(folder)
    assert {"first", "second", "third"} <= set(names(store))
    assert store.get("second").title == "The second"
    assert not store.knows("notes")
