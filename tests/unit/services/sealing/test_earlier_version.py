"""Rows of a version that made no codes are told apart from inserted ones, as far as that is possible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests import earlier_version
from tests.sealing import SealedLog, sealed_log
from tests.unit.services.prediction_log.test_log import an_id
from webapp.errors import NotProvable
from webapp.helpers.sealing import Head
from webapp.services.sealing.earlier_version import ROLLING_UPGRADE

NOW = datetime.now(UTC)
#: A log that was there before there were codes has numbers below zero.
OF_BEFORE = "UPDATE predictions SET number = number - 1000000000000001, mac = NULL"


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    """A log that was begun with codes."""
    with sealed_log(database_url, tmp_path) as log:
        yield log


@pytest.fixture
def upgraded(log: SealedLog) -> SealedLog:
    """A log of an earlier version, which is sealed now for the first time."""
    log.record(3, time=NOW - timedelta(days=2))
    log.run(OF_BEFORE)
    assert log.sealer.seal().predictions == 3
    return log


def come_late(log: SealedLog, time: datetime) -> UUID:
    """Move a row without a code out of the spool of the earlier version."""
    id = an_id(time, 77)
    log.log.store([earlier_version.row(id).encode()])
    return id


def unsealed(id: UUID) -> str:
    return f"Prediction {id}, which is not sealed yet, was inserted or changed: its code is wrong."


def sealed(id: UUID) -> str:
    return f"Prediction {id} was inserted or changed before it was sealed: its code is wrong."


@pytest.mark.parametrize("age", [timedelta(days=1), timedelta(0), timedelta(hours=-23)])
def test_a_row_that_comes_late_is_sealed_as_it_is_found(upgraded: SealedLog, age: timedelta) -> None:
    id = come_late(upgraded, NOW - age)
    assert upgraded.problems() == []
    result = upgraded.sealer.seal()
    assert (result.predictions, result.unproven, result.without_code) == (1, 0, 1)
    verifier = upgraded.sealer.verifier()
    assert list(verifier.problems()) == []
    assert (verifier.counts["older"], verifier.counts["forgotten"]) == (4, 0)
    upgraded.change(id, "model = 'other'")
    assert upgraded.problems() == [f"Prediction {id} was changed after it was sealed."]


def test_it_has_no_proof_because_somebody_may_have_made_it_up(upgraded: SealedLog) -> None:
    id = come_late(upgraded, NOW)
    upgraded.sealer.seal()
    with pytest.raises(NotProvable):
        upgraded.sealer.prove(id)


def test_a_row_of_after_the_upgrade_needs_a_code(upgraded: SealedLog) -> None:
    id = come_late(upgraded, datetime.now(UTC) + ROLLING_UPGRADE + timedelta(minutes=1))
    assert upgraded.problems() == [unsealed(id)]
    assert upgraded.sealer.seal().unproven == 1
    assert upgraded.problems() == [sealed(id)]


def test_a_wrong_code_is_no_missing_one(upgraded: SealedLog) -> None:
    (id,) = upgraded.record(time=NOW, start=5)
    upgraded.change(id, "model = 'other'")
    assert upgraded.problems() == [unsealed(id)]
    upgraded.sealer.seal()
    assert upgraded.problems() == [sealed(id)]


def test_a_log_that_was_begun_with_codes_has_no_row_without_one(log: SealedLog) -> None:
    id = come_late(log, NOW - timedelta(days=1))
    assert log.problems() == [unsealed(id)]
    log.record(start=5)
    assert log.sealer.seal().unproven == 1
    assert log.problems() == [sealed(id)]


def test_a_number_below_zero_does_not_turn_it_into_an_older_one(log: SealedLog) -> None:
    log.record(time=NOW)
    log.sealer.seal()
    inserted = come_late(log, NOW - timedelta(days=1))
    log.change(inserted, "number = -5")
    assert log.problems() == [f"Prediction {inserted} was inserted: it stands among rows that were sealed without it."]
    late = come_late(log, NOW - timedelta(days=2))
    assert unsealed(late) in log.problems()


def test_before_the_first_seal_rows_of_before_speak_for_late_ones(log: SealedLog) -> None:
    log.record(3, time=NOW - timedelta(days=2))
    log.run(OF_BEFORE)
    come_late(log, NOW)
    verifier = log.sealer.verifier()
    assert list(verifier.problems()) == []
    assert verifier.counts["older"] == 4


def test_a_row_without_inputs_that_got_no_salt_is_not_counted_as_forgotten(upgraded: SealedLog) -> None:
    id = come_late(upgraded, NOW)
    upgraded.change(id, "salt = NULL, inputs = NULL, warnings = '[]'")
    upgraded.sealer.seal()
    verifier = upgraded.sealer.verifier()
    assert list(verifier.problems()) == []
    assert verifier.counts["forgotten"] == 0


@pytest.mark.parametrize("created_at", ["2026-11-23T12:00:00", "9999-12-31T23:59:59+00:00", "0001-01-01", "soon"])
def test_a_made_up_first_seal_is_reported_and_stops_nothing(upgraded: SealedLog, created_at: str) -> None:
    head = upgraded.run("SELECT head FROM seals")[0][0]
    made_up = head.replace(Head.read(head).created_at, created_at)
    upgraded.run(f"UPDATE seals SET head = '{made_up}'")  # noqa: S608
    come_late(upgraded, NOW)
    assert "Seal 1 was changed: its signature is wrong." in upgraded.problems()
