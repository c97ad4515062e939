"""A verdict that the clock, the memory or a signal gave is not kept, and a harmful file is not tried all the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cells import ZYGOTE, loader
from tests.versions.estimators import put, times
from webapp.services.model_store import ModelStore, loading, retries
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.retries import Retries
from webapp.services.model_store.served import Retry, UnservedModel

LOADER = loader()
FILE = VersionFile(name="a", version="1", path=Path("a"), digest="d", card=Path("a.json"), card_digest="")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retries, "time", clock)
    return clock


def test_each_attempt_waits_twice_as_long_as_the_one_before_up_to_an_hour(clock: Clock) -> None:
    retries, waits = Retries(), []
    for _ in range(9):
        retries.note(FILE, UnservedModel(name="a", reason="It was slow.", retry=Retry.LATER))
        began = clock.now
        while not retries.is_due(FILE):
            clock.now += 30
        waits.append(round((clock.now - began) / 60))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_reason_says_when_the_next_attempt_is() -> None:
    entry = Retries().note(FILE, UnservedModel(name="a", reason="It was slow.", retry=Retry.LATER))
    assert isinstance(entry, UnservedModel)
    assert entry.reason.startswith("It was slow. It is tried again at ")
    assert entry.reason.endswith(" UTC.")


def test_a_refusal_by_the_file_itself_stays(clock: Clock) -> None:
    retries, entry = Retries(), UnservedModel(name="a", reason="It is no model.")
    assert retries.note(FILE, entry) is entry
    clock.now += 10**6
    assert not retries.is_due(FILE)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files that cells have read for the first time."""
    checks: list[Any] = []
    request = ZYGOTE.request

    def note(header: Any, *rest: Any, **options: Any) -> Any:
        if header["request"] == "open" and header["probed"] is None:
            checks.append(header)
        return request(header, *rest, **options)

    monkeypatch.setattr(ZYGOTE, "request", note)
    return checks


def store_of(folder: Path) -> ModelStore:
    return ModelStore(directory=folder, loader=LOADER, max_instances=16)


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file; while it is there, the zygote says what it says when a process was killed."""
    (tmp_path / "trouble").touch()
    put(times(1), tmp_path / "honest.joblib")
    request = ZYGOTE.request

    def make_trouble(header: Any, *rest: Any, **options: Any) -> Any:
        if header["request"] == "open" and (tmp_path / "trouble").exists():
            return {"state": "died", "cause": "Its process was killed. The machine may be short of memory."}, b""
        return request(header, *rest, **options)

    monkeypatch.setattr(ZYGOTE, "request", make_trouble)
    return tmp_path / "trouble"


def test_an_honest_file_whose_process_was_killed_is_served_later(
    trouble: Path, clock: Clock, checks: list[Any]
) -> None:
    store = store_of(trouble.parent)
    assert store.find("honest") is None
    assert store.unserved()[0].reason.startswith("Its process was killed. The machine may be short of memory. It is ")
    trouble.unlink()
    for _ in range(5):
        store.refresh()
    assert len(checks) == 1
    clock.now += 61
    store.refresh()
    assert store.find("honest")
    assert len(checks) == 2


@pytest.mark.parametrize("what", ["file", "card"])
def test_it_is_tried_again_at_once_when_its_file_or_card_changes(trouble: Path, checks: list[Any], what: str) -> None:
    store = store_of(trouble.parent)
    assert store.find("honest") is None
    trouble.unlink()
    if what == "file":
        put(times(2), trouble.with_name("honest.joblib"))
    else:
        trouble.with_name("honest.json").write_text("{}")
    store.refresh()
    assert store.find("honest")
    assert len(checks) == 2


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files")])
def test_a_shortage_in_the_service_itself_passes(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    put(times(2), tmp_path / "line.joblib")
    store = store_of(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(loading, "try_out", fail)
        assert store.find("line") is None
    clock.now += 61
    store.refresh()
    assert store.find("line"), store.unserved()
