"""webapp.services.retention: what is taken out of the log is gone, and the rest still holds up"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.conftest import SECRET
from tests.sealing import SealedLog, sealed_log
from webapp.cli import age
from webapp.database import postgres_roles
from webapp.errors import NotTableOwner, PredictionNotFound, TablesBusy
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.redaction import Redaction
from webapp.services.retention import Dropped, table_owner
from webapp.types import Notice

OCTOBER, NOVEMBER = datetime(2026, 10, 9, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)
WARNING = Notice(loc=("age",), msg="99 is more than was met.")


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(database_url, tmp_path) as log:
        yield log


def patient(number: object) -> dict[str, object]:
    return {"patient_id": number, "age": 99}


def test_it_forgets_what_one_person_was_asked_about(log: SealedLog) -> None:
    (one,) = log.record(inputs=patient(17), warnings=(WARNING,))
    (other,) = log.record(start=1, inputs=patient(18), warnings=(WARNING,))
    (earlier,) = log.record(start=2, time=OCTOBER, inputs=patient(17))
    assert log.retention.forget("penguins", [("patient_id", "17")], "ada") == 2
    for id in (one, earlier):
        kept = log.log.get(id)
        assert (kept.inputs, kept.warnings) == (None, ())
        assert kept.answer is not None
    assert log.log.get(other).inputs == patient(18)
    assert log.problems() == []


def test_nothing_of_it_is_left_in_the_tables(log: SealedLog) -> None:
    log.record(inputs={"patient_id": "NEEDLE"}, warnings=(Notice(loc=("patient_id",), msg="NEEDLE"),))
    log.retention.forget("penguins", [("patient_id", "NEEDLE")], "ada")
    for table in ("predictions", "audit_events", "seals"):
        assert not log.run(f"SELECT 1 FROM {table} AS found WHERE found::text LIKE '%NEEDLE%'")  # noqa: S608
    assert log.run("SELECT salt FROM predictions") == [(None,)]


def test_what_was_forgotten_stays_provable_after_more_seals(log: SealedLog) -> None:
    log.record(inputs=patient(17))
    log.sealer.seal()
    log.retention.forget("penguins", [("patient_id", "17")], "ada")
    log.record(3, start=1)
    log.sealer.seal()
    verifier = log.sealer.verifier()
    assert list(verifier.problems()) == []
    assert (verifier.counts["sealed"], verifier.counts["forgotten"]) == (4, 1)


def test_a_forgotten_row_can_not_be_filled_again(log: SealedLog) -> None:
    (id,) = log.record(inputs=patient(17))
    log.retention.forget("penguins", [("patient_id", "17")], "ada")
    for change in (
        """inputs = '{"patient_id": 17}'""",
        "warnings = '[1]', inputs = NULL",
        "model = 'x', warnings = '[]'",
    ):
        log.change(id, change)
        assert log.problems() == [f"Prediction {id} was changed after it was sealed."]


def test_without_its_event_what_was_forgotten_is_tampering(log: SealedLog) -> None:
    (id,) = log.record(inputs=patient(17))
    log.retention.forget("penguins", [("patient_id", "17")], "ada")
    log.run("DELETE FROM audit_events")
    assert f"Prediction {id} was changed after it was sealed." in log.problems()


def test_the_event_tells_the_input_by_its_name_alone(log: SealedLog) -> None:
    (id,) = log.record(inputs=patient(17))
    log.retention.forget("penguins", [("patient_id", "17"), ("age", "99")], "ada")
    (event,) = log.audit.page()
    assert (event.action, event.subject, event.actor) == ("forgot inputs", "penguins", "ada")
    assert (event.details["inputs"], event.details["predictions"]) == ("age, patient_id", 1)
    assert list(event.details["evidence"]["rows"]) == [str(id)]  # type: ignore[index]


def test_what_is_kept_as_a_pseudonym_is_found_by_its_value(log: SealedLog) -> None:
    ((_, pseudonym),) = Redaction(SECRET).with_pseudonyms(Filter(inputs=(("patient_id", "NEEDLE"),))).pseudonyms
    log.record(inputs={"patient_id": pseudonym})
    assert log.retention.forget("penguins", [("patient_id", "NEEDLE")], "ada") == 1


def test_both_inputs_must_be_so(log: SealedLog) -> None:
    log.record(inputs=patient(17))
    assert log.retention.forget("penguins", [("patient_id", "17"), ("age", "98")], "ada") == 0
    assert log.retention.forget("other", [("patient_id", "17")], "ada") == 0
    assert log.audit.page() == []


def test_it_forgets_only_once(log: SealedLog) -> None:
    log.record(inputs=patient(17))
    assert log.retention.forget("penguins", [("patient_id", "17")], "ada") == 1
    assert log.retention.forget("penguins", [("patient_id", "17")], "ada") == 0


def test_the_table_refuses_changes_before_and_after(log: SealedLog) -> None:
    log.record(inputs=patient(17))
    log.retention.forget("penguins", [("patient_id", "17")], "ada")
    with log.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.exec_driver_sql("UPDATE predictions SET actor = 'x'")
    assert log.problems() == []


def test_no_other_session_ever_sees_the_triggers_off(log: SealedLog) -> None:
    log.record()
    with (
        log.engine.connect() as connection,
        table_owner.as_table_owner(connection),
        table_owner.triggers_disabled(connection, "predictions_202611"),
        psycopg.connect(log.url) as other,
    ):
        other.execute("SET lock_timeout = '100ms'")
        enabled = other.execute("SELECT bool_and(tgenabled = 'O') FROM pg_trigger WHERE NOT tgisinternal")
        assert enabled.fetchone() == (True,)
        with pytest.raises((psycopg.errors.LockNotAvailable, psycopg.errors.RestrictViolation)):
            other.execute("UPDATE predictions SET actor = 'x'")


def test_the_role_of_the_service_can_seal_and_verify_and_no_more(log: SealedLog) -> None:
    (id,) = log.record(inputs=patient(17))
    role = f"role_{uuid4().hex}"
    log.run(f"CREATE ROLE {role} LOGIN")
    postgres_roles.grant(log.engine, role)
    try:
        with sealed_log(log.url, log.folder, role=role) as other:
            assert other.sealer.seal().predictions == 1
            assert other.problems() == []
            with pytest.raises(NotTableOwner):
                other.retention.forget("penguins", [("patient_id", "17")], "ada")
            with pytest.raises(NotTableOwner):
                other.retention.prune(datetime(2027, 1, 1, tzinfo=UTC), "ada")
        assert log.log.get(id).inputs == patient(17)
    finally:
        log.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_it_drops_whole_months_that_are_older(log: SealedLog) -> None:
    (old,) = log.record(time=OCTOBER)
    (new,) = log.record(time=NOVEMBER)
    dropped = log.retention.prune(datetime(2026, 11, 10, tzinfo=UTC), "ada")
    assert dropped == [Dropped(partition="predictions_202610", rows=1)]
    with pytest.raises(PredictionNotFound):
        log.log.get(old)
    assert log.log.get(new).id == new
    verifier = log.sealer.verifier()
    assert list(verifier.problems()) == []
    assert (verifier.counts["sealed"], verifier.counts["pruned"]) == (1, 1)


def test_a_month_that_is_not_over_stays(log: SealedLog) -> None:
    log.record(time=OCTOBER)
    assert log.retention.prune(datetime(2026, 10, 31, 23, tzinfo=UTC), "ada") == []
    assert log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")[0].rows == 1


def test_its_event_tells_what_was_dropped(log: SealedLog) -> None:
    log.record(2, time=OCTOBER)
    log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")
    event = log.audit.page()[-1]
    assert (event.action, event.subject, event.details["predictions"]) == (
        "pruned predictions",
        "predictions_202610",
        2,
    )


def test_pruning_excuses_no_other_month_and_nothing_that_came_later(log: SealedLog) -> None:
    (new,) = log.record(time=NOVEMBER)
    log.record(time=OCTOBER)
    log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")
    (late,) = log.record(start=1, time=OCTOBER)
    log.sealer.seal()
    assert log.problems() == []
    log.run("DELETE FROM predictions")
    assert log.problems() == [
        f"Prediction {id} was removed after it was sealed, or moved away from its place." for id in (new, late)
    ]


def test_an_event_that_was_made_to_excuse_more_is_found(log: SealedLog) -> None:
    (new,) = log.record(time=NOVEMBER)
    log.record(time=OCTOBER)
    log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")
    log.run(
        "UPDATE audit_events SET details = jsonb_set(details, '{evidence,to}', '\"2027-01-01T00:00:00+00:00\"')",
        "DELETE FROM predictions",
    )
    found = log.problems()
    assert "Audit event 1 says that something was forgotten or pruned, but the service did not sign it." in found
    assert "Audit event 1 was changed after it was sealed." in found
    assert f"Prediction {new} was removed after it was sealed, or moved away from its place." in found


def test_rows_not_sealed_yet_are_sealed_before_they_are_dropped(log: SealedLog) -> None:
    ids = log.record(2, time=OCTOBER)
    log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")
    sealed = b"".join(row for (row,) in log.run("SELECT predictions FROM seals ORDER BY number"))
    assert all(id.bytes in sealed for id in ids)


def test_who_uses_the_table_without_end_is_not_waited_for_without_end(
    log: SealedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_owner, "LOCK_TIMEOUT", "SET LOCAL lock_timeout = '100ms'")
    log.record(time=OCTOBER)
    with psycopg.connect(log.url) as reader:
        reader.execute("SELECT * FROM predictions")
        with pytest.raises(TablesBusy):
            log.retention.prune(datetime(2026, 11, 1, tzinfo=UTC), "ada")
    assert log.problems() == []
    assert log.run("SELECT count(*) FROM predictions") == [(1,)]


def test_predictions_go_on_meanwhile(log: SealedLog) -> None:
    log.record(50, inputs=patient(17))
    failed: list[Exception] = []

    def record() -> None:
        try:
            for number in range(100, 150):
                log.record(start=number)
        except Exception as error:
            failed.append(error)

    recording = threading.Thread(target=record)
    recording.start()
    assert log.retention.forget("penguins", [("patient_id", "17")], "ada") == 50
    recording.join()
    assert failed == []
    assert log.problems() == []


NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("24months", datetime(2024, 11, 25, 9, tzinfo=UTC)),
        ("1 month", datetime(2026, 10, 25, 9, tzinfo=UTC)),
        ("11months", datetime(2025, 12, 25, 9, tzinfo=UTC)),
        ("2years", datetime(2024, 11, 25, 9, tzinfo=UTC)),
        ("90days", datetime(2026, 8, 27, 9, tzinfo=UTC)),
        ("2025-01-01", datetime(2025, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_age_is_read_as_people_write_it(text: str, instant: datetime) -> None:
    assert age.instant(text, NOW) == instant


@pytest.mark.parametrize("text", ["", "months", "-1months", "24 weeks", "2025-13-01", "9999years"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        age.instant(text, NOW)


def test_a_day_that_a_month_lacks_keeps_rather_too_much() -> None:
    assert age.instant("1month", datetime(2026, 3, 31, tzinfo=UTC)) == datetime(2026, 2, 1, tzinfo=UTC)
