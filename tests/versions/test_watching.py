"""webapp.services.model_store and webapp.services.model_store.watcher: what they notice, and what they stand"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.versions.estimators import LOADER, promote, put, times
from webapp.database.engines import with_driver
from webapp.errors import ModelNotFound
from webapp.services.model_store import ModelStore
from webapp.services.model_store.cache import MAX_IDLE_VERSIONS
from webapp.services.model_store.history import VersionHistory
from webapp.services.model_store.watcher import Watcher

NOWHERE = "postgresql://x@127.0.0.1:9/x"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for version in (1, 2):
        put(times(version), tmp_path / "line" / f"{version}.joblib")
    return tmp_path


@pytest.fixture
def history(database_url: str) -> Iterator[VersionHistory]:
    engine = create_engine(with_driver(database_url))
    yield VersionHistory(engine)
    engine.dispose()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    watchers: list[Watcher] = []

    def start(store: ModelStore, url: str) -> Watcher:
        watchers.append(Watcher(store, url))
        watchers[-1].start()
        return watchers[-1]

    yield start
    for watcher in watchers:
        watcher.stop()
    assert "watcher" not in [thread.name for thread in threading.enumerate()]


def eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def line(store: ModelStore) -> str:
    return store.get("line").version


def test_it_hears_of_a_promotion_before_it_looks(
    folder: Path, history: VersionHistory, database_url: str, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.model_store.watcher.POLL_SECONDS", 30)
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    # Trying a file takes seconds, which are not what is measured here.
    assert [store.get("line", version).version for version in ("1", "2")] == ["1", "2"]
    watcher = watch(store, database_url)
    eventually(lambda: watcher._connection is not None)
    promote(history, folder, "1")
    eventually(lambda: line(store) == "1", 2)
    # Wake it, so that it ends at once.
    watcher._thread._stopping.set()
    promote(history, folder, "2")


def test_it_looks_even_if_it_hears_nothing(
    folder: Path, history: VersionHistory, database_url: str, watch: Any
) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    watch(store, database_url)
    engine = history._engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE version_events DISABLE TRIGGER tell_version_event"))
    promote(history, folder, "1")
    eventually(lambda: line(store) == "1")


def test_it_watches_files_while_postgres_is_out_of_reach(folder: Path, watch: Any) -> None:
    store = ModelStore(
        directory=folder, loader=LOADER, max_instances=16, history=VersionHistory(create_engine(with_driver(NOWHERE)))
    )
    watch(store, NOWHERE)
    put(times(3), folder / "line" / "3.joblib")
    eventually(lambda: line(store) == "3")


def test_the_last_known_champion_stays_while_postgres_is_out_of_reach(
    folder: Path, history: VersionHistory, database_url: str, watch: Any
) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    promote(history, folder, "1")
    watcher = watch(store, database_url)
    eventually(lambda: watcher._connection is not None and line(store) == "1")
    watcher._url = NOWHERE
    with history._engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )
    put(times(3), folder / "line" / "3.joblib")
    put(times(5), folder / "new.joblib")
    eventually(lambda: "new" in [model.name for model in store.served()])
    assert line(store) == "1"
    # And it comes back by itself.
    watcher._url = database_url
    promote(history, folder, "3")
    eventually(lambda: line(store) == "3")


def test_it_outlives_whatever_happens(folder: Path, watch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    store.load()
    put(times(3), folder / "line" / "3.joblib")
    refresh = store.refresh
    failures = iter([MemoryError(), OSError(), ValueError()])

    def failing(**options: bool) -> None:
        if failure := next(failures, None):
            raise failure
        refresh(**options)

    monkeypatch.setattr(store, "refresh", failing)
    watch(store, NOWHERE)
    eventually(lambda: line(store) == "3")


def test_a_file_that_is_touched_is_not_loaded_again(folder: Path) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    before = store.get("line")
    os.utime(folder / "line" / "2.joblib")
    store.refresh()
    assert store.get("line") is before


def test_a_file_that_keeps_its_time_and_size_is_noticed(tmp_path: Path) -> None:
    put(times(1), tmp_path / "bare.joblib")
    store = ModelStore(directory=tmp_path, loader=LOADER, max_instances=16)
    before, stat = store.get("bare"), (tmp_path / "bare.joblib").stat()
    put(times(2), tmp_path / "bare.joblib")
    os.utime(tmp_path / "bare.joblib", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (tmp_path / "bare.joblib").stat().st_size == stat.st_size
    store.refresh()
    assert store.get("bare").digest != before.digest


def test_a_model_whose_file_goes_away_goes_away(folder: Path) -> None:
    put(times(1), folder / "bare.joblib")
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    assert store.get("bare")
    (folder / "bare.joblib").unlink()
    store.refresh()
    with pytest.raises(ModelNotFound):
        store.get("bare")


def test_the_version_before_stands_in_for_one_whose_file_is_gone(folder: Path, history: VersionHistory) -> None:
    promote(history, folder, "1")
    promote(history, folder, "2")
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16, history=history)
    assert line(store) == "2"
    (folder / "line" / "2.joblib").unlink()
    store.refresh()
    assert line(store) == "1"
    assert [(each.version, each.reason) for each in store.refused()] == [
        ("2", "It is the champion, but its file is not here.")
    ]


def test_a_request_goes_on_with_the_version_it_began_with(folder: Path) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    model = store.get("line")
    put(times(3), folder / "line" / "3.joblib")
    store.refresh()
    (answer,) = model.inference.answer([{"x0": 1.0}])
    assert (model.version, answer.prediction) == ("2", pytest.approx(2))
    assert line(store) == "3"


def test_only_so_many_versions_stay_loaded(folder: Path) -> None:
    for version in range(3, 16):
        put(times(version), folder / "line" / f"{version}.joblib")
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    for version in range(1, 16):
        store.get("line", str(version))
    store.refresh()
    loaded = [file.version for file, entry in store.versions("line") if entry]
    assert loaded == ["15", "14", "13", "12", "11", "10", "9", "8", "7"]
    assert len(loaded) == MAX_IDLE_VERSIONS + 1


def test_other_files_are_no_versions(folder: Path) -> None:
    for name in ("0.joblib", "01.joblib", "latest.joblib", ".3.joblib", "4.joblib.new"):
        put(times(9), folder / "line" / name)
    (folder / "line" / "5.joblib").mkdir()
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    assert [file.version for file, _ in store.versions("line")] == ["2", "1"]


def test_many_may_ask_first_at_once(folder: Path) -> None:
    store = ModelStore(directory=folder, loader=LOADER, max_instances=16)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(store.get("line"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1
