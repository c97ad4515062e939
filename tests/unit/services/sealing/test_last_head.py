"""The owner of the database can't replace seals, because each machine keeps the newest head that it saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import DatabaseServer
from tests.sealing import SealedLog, sealed_log
from tests.unit.services.sealing.test_sealer import seal_if_due, wait_until_free
from webapp.errors import SealsMissing
from webapp.services.sealing import PeriodicSealer
from webapp.services.spool import Spool

HOUR = timedelta(hours=1)


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    """A log with three seals of two rows each."""
    with sealed_log(database_url, tmp_path / "spool") as log:
        for number in range(3):
            log.record(2, start=2 * number)
            log.sealer.seal()
        yield log


@pytest.fixture
def other_host(log: SealedLog, tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(log.url, tmp_path / "other") as other_host:
        yield other_host


def kept(log: SealedLog) -> Path:
    (file,) = log.folder.glob("last-seal-*")
    return file


def number(log: SealedLog) -> int:
    return int(json.loads(kept(log).read_text())["number"])


def removed(log: SealedLog, number: int = 3) -> str:
    return f"Seal {number} was removed: {kept(log)} has a copy of its head."


def replaced(log: SealedLog, number: int = 3) -> str:
    return f"Seal {number} differs from the copy of its head in {kept(log)}."


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_row_that_is_removed_with_all_later_seals_is_found_and_not_sealed_over(
    log: SealedLog, first: int, caplog: pytest.LogCaptureFixture
) -> None:
    log.run(f"DELETE FROM predictions WHERE number = {2 * first}")  # noqa: S608
    log.run(f"DELETE FROM seals WHERE number >= {first}")  # noqa: S608
    assert log.problems() == [removed(log)]
    log.record(1, start=9)
    with pytest.raises(SealsMissing, match="Nothing was sealed, because seal 3 was removed or replaced"):
        log.sealer.seal()
    with pytest.raises(SealsMissing):
        log.retention.forget("penguins", [("a", "0.1")], "ada")
    wait_until_free(log)
    PeriodicSealer(log.sealer, every=3600)._look()
    assert "The log could not be sealed: SealsMissing" in caplog.text
    assert log.problems() == [removed(log)]
    assert log.run("SELECT count(*) FROM seals") == [(first - 1,)]


def test_each_host_keeps_what_another_one_sealed(log: SealedLog, other_host: SealedLog) -> None:
    assert seal_if_due(other_host, HOUR) is None
    assert kept(other_host).read_bytes() == kept(log).read_bytes()
    log.record(1, start=6)
    log.sealer.seal()
    assert (number(log), number(other_host)) == (4, 3)
    assert other_host.problems() == []
    assert seal_if_due(other_host, HOUR) is None
    assert number(other_host) == 4


def test_a_host_that_saw_a_seal_does_not_follow_those_that_replace_it(log: SealedLog, other_host: SealedLog) -> None:
    log.run("DELETE FROM predictions WHERE number = 2", "DELETE FROM seals")
    # This host has never seen a seal.
    for start in (7, 8, 9, 10):
        other_host.record(1, start=start)
        other_host.sealer.seal()
    assert other_host.problems() == []
    with pytest.raises(SealsMissing):
        seal_if_due(log, HOUR)
    assert log.problems() == [replaced(log)]


def test_a_log_that_was_restored_is_sealed_again_on_request(database_url: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    with sealed_log(database_url, tmp_path / "spool", to=str(heads)) as log:
        for start in range(3):
            log.record(1, start=start)
            log.sealer.seal()
        log.run("DELETE FROM seals WHERE number > 1", "DELETE FROM predictions WHERE number > 2")
        with pytest.raises(SealsMissing):
            log.sealer.seal(actor="ada")
        heads.rename(tmp_path / "before.jsonl")
        log.sealer.seal(actor="ada", restored=True)
        assert log.problems() == []
        assert [json.loads(line)["number"] for line in heads.read_text().splitlines()] == [1, 2]
        assert log.audit.page()[0].details == {"restored": True}
        log.record(1, start=5)
        log.sealer.seal()
        assert log.problems() == []


def test_an_empty_database_at_the_same_address_is_sealed_on_request(log: SealedLog) -> None:
    log.run("DELETE FROM seals", "DELETE FROM predictions", "DELETE FROM audit_events")
    with pytest.raises(SealsMissing):
        log.sealer.seal()
    log.sealer.seal(restored=True)
    assert not list(log.folder.glob("last-seal-*"))
    log.record(1, start=9)
    log.sealer.seal()
    assert log.problems() == []


def test_another_database_has_a_file_of_its_own(log: SealedLog, database_server: DatabaseServer) -> None:
    url = database_server.create()
    with sealed_log(url, log.folder) as other:
        other.record()
        other.sealer.seal()
        assert (other.problems(), log.problems()) == ([], [])
    assert len(list(log.folder.glob("last-seal-*"))) == 2
    database_server.drop(url)


def test_another_user_of_the_database_has_the_same_file(log: SealedLog) -> None:
    with sealed_log(log.url, log.folder, role="somebody") as other:
        assert other.last_head.path == log.last_head.path


def test_forgetting_and_pruning_keep_it_up_to_date(log: SealedLog) -> None:
    log.record(1, start=0, time=datetime(2025, 1, 5, tzinfo=UTC))
    assert log.retention.forget("penguins", [("a", "0.1")], "ada") == 7
    assert log.problems() == []
    assert sum(month.rows for month in log.retention.prune(datetime(2026, 1, 1, tzinfo=UTC), "ada")) == 1
    assert log.problems() == []
    assert [(number(log),)] == log.run("SELECT max(number) FROM seals")


def test_the_spool_passes_it_over(log: SealedLog) -> None:
    spool = Spool(log.folder)
    assert kept(log).exists()
    assert (spool.is_empty(), spool.status().rows, spool.status().set_aside) == (True, 0, 0)


@pytest.mark.parametrize("content", ["", "{}", '{"number": 3, "he', "[1]"])
def test_a_damaged_file_is_told_and_not_built_on(log: SealedLog, content: str) -> None:
    kept(log).write_text(content)
    told = f"No seal could be compared with the head in {kept(log)}: it can't be read (ValueError)."
    assert log.problems() in ([told], [told.replace("ValueError", "JSONDecodeError")])
    with pytest.raises(SealsMissing, match="can't be read"):
        log.sealer.seal()
    log.sealer.seal(restored=True)
    assert log.problems() == []


def test_a_folder_that_takes_no_file_keeps_nothing_from_being_sealed(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with sealed_log(database_url, Path("/proc/nowhere")) as log:
        log.record()
        assert log.sealer.seal().predictions == 1
        assert "The head of seal 1 could not be kept in SPOOL_DIR (FileNotFoundError)" in caplog.text


def test_it_says_when_there_is_nothing_to_compare_with(log: SealedLog) -> None:
    path = kept(log)
    assert told(log) is None
    path.unlink()
    assert (told(log) or "").startswith(f"Nothing outside the database was compared: {path} doesn't exist. ")
    with sealed_log(log.url, log.folder / "elsewhere", to=str(log.folder / "heads.jsonl")) as copied:
        copied.sealer.seal()
        kept(copied).unlink()
        assert told(copied) is None


def test_without_a_seal_there_is_nothing_to_compare(database_url: str, tmp_path: Path) -> None:
    with sealed_log(database_url, tmp_path) as log:
        log.record()
        assert told(log) is None


def told(log: SealedLog) -> str | None:
    verifier = log.sealer.verifier()
    assert list(verifier.problems()) == []
    return verifier.uncompared
