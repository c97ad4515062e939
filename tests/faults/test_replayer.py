"""webapp.services.spool.replayer: each row comes to PostgreSQL, once, whatever happens"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text

from tests.faults import child
from tests.faults.rows import a_row, an_id, ids, read, set_aside, spooled
from tests.logs import a_log
from webapp.database.engines import with_driver
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable
from webapp.services.prediction_log import PredictionLog
from webapp.services.spool import Replayer, Spool

NOWHERE = "postgresql://x@127.0.0.1:9/x"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(with_driver(database_url), connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture
def log(database_url: str) -> Iterator[PredictionLog]:
    log = a_log(database_url)
    yield log
    log.close()


def kept(engine: Engine) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(connection.execute(text("SELECT id::text FROM predictions")).scalars())


def once(rows: Sequence[bytes]) -> Counter[str]:
    """Each of these rows exactly once."""
    return Counter(dict.fromkeys(ids(list(rows)), 1))


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_moves_all_rows_once(folder: Path, log: PredictionLog, engine: Engine) -> None:
    rows = [a_row() for _ in range(1200)]
    spool = spooled(folder, rows[:1100])
    spool.append(rows[1100:])
    assert Replayer(spool, log.store).replay() == 1200
    assert kept(engine) == once(rows)
    assert spool.is_empty()
    assert set_aside(folder) == []
    assert Replayer(spool, log.store).replay() == 0


def test_a_row_that_is_there_already_stays_as_it_is(folder: Path, log: PredictionLog, engine: Engine) -> None:
    # As if the answer to COMMIT had been lost.
    id = an_id()
    log.store([a_row(id)])
    other = a_row()
    Replayer(spooled(folder, [a_row(id, model="changed"), other]), log.store).replay()
    assert kept(engine) == once([a_row(id), other])
    assert log.get(id).model == "penguins"


def test_a_row_is_what_it_was(folder: Path, log: PredictionLog) -> None:
    id = an_id()
    Replayer(spooled(folder, [a_row(id)]), log.store).replay()
    found = log.get(id)
    assert found.inputs == {"a": 0.1, "b": None, "c": "ü🐧", "d": True}
    assert found.answer is not None
    assert list(found.answer.probabilities) == ["z", "y"]


def test_a_torn_last_line_costs_nothing_else(folder: Path, log: PredictionLog, engine: Engine) -> None:
    rows = [a_row() for _ in range(3)]
    spool = spooled(folder, rows)
    (path,) = folder.glob("*.journal")
    path.write_bytes(path.read_bytes()[:-5])
    assert Replayer(spool, log.store).replay() == 2
    assert kept(engine) == once(rows[:2])
    (aside,) = set_aside(folder)
    assert aside["reason"] == "torn"
    assert aside["line"].encode()[9:] == rows[2][:-4]
    assert spool.is_empty()


ROWS = [a_row() for _ in range(3)]
PLACES = st.integers(0, 3 * (len(ROWS[0]) + 10) - 1)


@given(PLACES, st.integers(1, 255))
def test_a_changed_byte_costs_one_row_at_most(place: int, change: int) -> None:
    with TemporaryDirectory() as name:
        folder, moved = Path(name), list[bytes]()
        spool = spooled(folder, ROWS)
        (path,) = folder.glob("*.journal")
        content = bytearray(path.read_bytes())
        content[place] ^= change
        path.write_bytes(content)
        assert Replayer(spool, moved.extend).replay() == 2
        hit = place // (len(ROWS[0]) + 10)
        assert moved == [row for number, row in enumerate(ROWS) if number != hit]
        assert {each["reason"] for each in set_aside(folder)} <= {"checksum", "torn"}
        assert spool.status().set_aside >= 1
        assert spool.is_empty()


@pytest.mark.parametrize(
    "poison",
    [a_row(model="a\0b"), a_row(inputs={"a": "\0"}), a_row(status="unheard of"), a_row(duration="long"), b"[]", b"{}"],
)
def test_a_row_that_postgresql_refuses_is_set_aside(
    folder: Path, log: PredictionLog, engine: Engine, poison: bytes
) -> None:
    rows = [a_row() for _ in range(9)]
    spool = spooled(folder, [*rows[:4], poison, *rows[4:]])
    assert Replayer(spool, log.store).replay() == 9
    assert kept(engine) == once(rows)
    (aside,) = set_aside(folder)
    # A kind, and nothing of what the row held.
    assert aside["reason"] == "form" or (len(aside["reason"]), aside["reason"][:2]) in [(5, "22"), (5, "23")]
    assert spool.status().set_aside == 1


def test_what_was_set_aside_can_be_brought_back(folder: Path, log: PredictionLog, engine: Engine) -> None:
    row = a_row(status="not yet known")
    Replayer(spooled(folder, [row]), log.store).replay()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE predictions DROP CONSTRAINT predictions_status"))
    (aside,) = set_aside(folder)
    (folder / "brought-back.journal").write_text(aside["line"])
    assert Replayer(Spool(folder), log.store).replay() == 1
    assert kept(engine) == once([row])


def test_all_stays_while_postgresql_is_out_of_reach(folder: Path, log: PredictionLog, engine: Engine) -> None:
    rows = [a_row() for _ in range(3)]
    spool = spooled(folder, rows)
    with pytest.raises(PredictionLogUnavailable):
        Replayer(spool, a_log(NOWHERE).store).replay()
    assert read(folder) == (rows, [])
    assert Replayer(spool, log.store).replay() == 3
    assert kept(engine) == once(rows)


def test_a_long_outage_does_not_cut_the_spool_into_small_pieces(folder: Path) -> None:
    spool = Spool(folder)
    nowhere = Replayer(spool, a_log(NOWHERE).store)
    for _ in range(5):
        spool.append([a_row()])
        with pytest.raises(PredictionLogUnavailable):
            nowhere.replay()
    assert len(list(folder.glob("*.journal"))) == 2


def test_what_can_not_be_set_aside_stays_and_holds_up_nothing_else(folder: Path) -> None:
    moved: list[bytes] = []
    first, second, torn = a_row(), a_row(), b"half a li"
    spool = spooled(folder, [first])
    (path,) = folder.glob("*.journal")
    path.write_bytes(path.read_bytes() + torn)
    spooled(folder, [second])
    (folder / "set-aside.jsonl").mkdir()
    assert Replayer(spool, moved.extend).replay() is not None
    assert second in moved
    assert read(folder) == ([first], [torn])


def test_one_replays_at_a_time(folder: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    moved: list[bytes] = []

    def store(rows: Sequence[bytes]) -> None:
        begun.set()
        go_on.wait(timeout=30)
        moved.extend(rows)

    spool = spooled(folder, ROWS)
    first = threading.Thread(target=Replayer(spool, store).replay)
    first.start()
    assert begun.wait(timeout=30)
    second = Replayer(Spool(folder), store)
    assert second.replay() is None
    go_on.set()
    assert second.replay(patience=30) == 0
    first.join(timeout=30)
    assert moved == ROWS


def test_processes_that_replay_at_once_move_each_row_once(folder: Path, database_url: str, engine: Engine) -> None:
    rows = [a_row() for _ in range(3000)]
    for start in range(0, 3000, 100):
        spooled(folder, rows[start : start + 100])
    processes = [child.start("replay", folder, database_url) for _ in range(3)]
    said = [int(line) for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum(said) == 3000
    assert kept(engine) == once(rows)
    assert Spool(folder).is_empty()


def test_what_a_killed_process_appended_is_moved(folder: Path, log: PredictionLog, engine: Engine) -> None:
    said = child.kill_after(100, child.start("append", folder))
    Replayer(Spool(folder), log.store).replay()
    assert set(said) <= set(kept(engine))
    assert set(kept(engine).values()) == {1}
    assert Spool(folder).is_empty()


def test_a_replay_that_is_killed_is_done_again(
    folder: Path, log: PredictionLog, engine: Engine, database_url: str
) -> None:
    rows = [a_row() for _ in range(300)]
    for start in range(0, 300, 100):
        spooled(folder, rows[start : start + 100])
    # After the second commit, before its segment is removed.
    process = child.start("replay", folder, database_url, 2)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(kept(engine)) == 200
    assert Replayer(Spool(folder), log.store).replay() == 200
    assert kept(engine) == once(rows)
    assert Spool(folder).is_empty()


def test_the_thread_moves_what_comes_and_outlives_what_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.spool.replayer.RETRY_SECONDS", 0.01)
    failures = [RuntimeError(), PredictionLogUnavailable(), SpoolUnavailable()]
    moved: list[bytes] = []

    def store(rows: Sequence[bytes]) -> None:
        if failures:
            raise failures.pop()
        moved.extend(rows)

    spool = Spool(folder)
    replayer = Replayer(spool, store)
    replayer.start()
    try:
        spool.append(ROWS)
        eventually(lambda: moved == ROWS)
    finally:
        replayer.stop()
    assert failures == []
    assert "replayer" not in [thread.name for thread in threading.enumerate()]


def test_a_process_that_stops_leaves_its_segment_to_the_others(folder: Path) -> None:
    spool, moved = Spool(folder), list[bytes]()
    spool.append(ROWS)
    Replayer(spool, moved.extend).stop()
    assert Replayer(Spool(folder), moved.extend).replay() == 3
    assert moved == ROWS


def test_nothing_is_made_when_nothing_waits(folder: Path) -> None:
    assert Replayer(Spool(folder), list[bytes]().extend).replay() == 0
    assert not folder.exists()
