"""Whatever the owner of the database does to the log is found, and which rows it was done to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import DatabaseServer
from tests.sealing import SealedLog, sealed_log
from tests.unit.services.prediction_log.test_log import an_id
from webapp.helpers.sealing.order import misplaced

#: A change of each column, and what follows from it besides that the row was changed.
CHANGES = {
    "model": "model = 'other'",
    "version": "version = '2'",
    "digest": "digest = repeat('1', 64)",
    "channel": "channel = 'form'",
    "actor": "actor = 'eve'",
    "request_id": "request_id = 'other'",
    "status": "status = 'failed'",
    "one input": """inputs = jsonb_set(inputs, '{a}', '0.2')""",
    "the type of an input": """inputs = jsonb_set(inputs, '{d}', '1')""",
    "an input more": """inputs = inputs || '{"e": null}'""",
    "no inputs": "inputs = NULL",
    "output": """output = '{"prediction":"y","probabilities":{"z":0.3}}'""",
    "the spelling of output": "output = (output::text || ' ')::json",
    "warnings": "warnings = '[]'",
    "duration": "duration = 0.25",
    "created_at": "created_at = created_at + interval '1 millisecond'",
    "salt": "salt = '\\x00'",
    "no salt": "salt = NULL",
    "all that forgetting removes": "salt = NULL, inputs = NULL, warnings = '[]'",
    "inputs that are none": "inputs = '[0.5]'",
    "inputs that are nested too deeply": "inputs = (repeat('[', 300) || repeat(']', 300))::jsonb",
    "a number beyond all doubles": """inputs = jsonb_set(inputs, '{a}', '1e400')""",
}


@pytest.fixture(scope="module")
def sealed(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[UUID]]:
    """A database with six sealed predictions in two seals, with an audit event in each, which tests get a copy of."""
    with sealed_log(module_database_url, tmp_path_factory.mktemp("sealed")) as log:
        ids = log.record(3)
        log.note("first")
        log.sealer.seal()
        ids += log.record(3, start=3)
        log.note("second")
        log.sealer.seal()
    return module_database_url, ids


@pytest.fixture
def log(request: pytest.FixtureRequest, database_server: DatabaseServer, tmp_path: Path) -> Iterator[SealedLog]:
    """A log that is empty, or holds what ``ids`` names where a test asks for those."""
    template = request.getfixturevalue("sealed")[0] if "ids" in request.fixturenames else None
    url = database_server.create(copy_of=template)
    with sealed_log(url, tmp_path) as log:
        yield log
    database_server.drop(url)


@pytest.fixture
def ids(sealed: tuple[str, list[UUID]]) -> list[UUID]:
    return sealed[1]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_any_column_is_found(log: SealedLog, ids: list[UUID], change: str) -> None:
    log.change(ids[4], change)
    assert log.problems() == [f"Prediction {ids[4]} was changed after it was sealed."]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_any_column_is_found_before_the_row_is_sealed(log: SealedLog, change: str) -> None:
    first, second = log.record(2)
    log.change(second, change)
    found = f"Prediction {second}, which is not sealed yet, was inserted or changed: its code is wrong."
    assert log.problems() == [found]
    log.sealer.seal()
    assert log.problems() == [f"Prediction {second} was inserted or changed before it was sealed: its code is wrong."]
    assert str(first) not in str(log.problems())


def test_another_id_is_a_row_removed_and_one_inserted(log: SealedLog, ids: list[UUID]) -> None:
    new = an_id(datetime(2026, 11, 23, 13, tzinfo=UTC))
    log.change(ids[1], f"id = '{new}'")
    assert log.problems() == [
        f"Prediction {new} was inserted: it stands among rows that were sealed without it.",
        f"Prediction {ids[1]} was removed after it was sealed, or moved away from its place.",
    ]


@pytest.mark.parametrize("place", [0, 2, 3, 5])
def test_a_removed_row_is_found(log: SealedLog, ids: list[UUID], place: int) -> None:
    log.run(f"DELETE FROM predictions WHERE id = '{ids[place]}'")  # noqa: S608
    assert log.problems() == [f"Prediction {ids[place]} was removed after it was sealed, or moved away from its place."]


def test_a_partition_that_is_gone_is_found_row_by_row(log: SealedLog, ids: list[UUID]) -> None:
    log.run("DROP TABLE predictions_202611")
    removed = [f"Prediction {id} was removed after it was sealed, or moved away from its place." for id in ids]
    assert log.problems() == removed


COPY = """
    INSERT INTO predictions (id, created_at, model, version, digest, channel, request_id, status, inputs, output,
                             warnings, duration, salt, mac, number)
    SELECT '{id}', created_at, model, version, digest, channel, request_id, status, inputs, output,
           warnings, duration, salt, mac, {number} FROM predictions WHERE id = '{like}'"""


def test_an_inserted_row_is_found(log: SealedLog, ids: list[UUID]) -> None:
    new = an_id(datetime(2026, 11, 23, 13, tzinfo=UTC))
    log.run(COPY.format(id=new, like=ids[0], number=2))
    assert log.problems() == [f"Prediction {new} was inserted: it stands among rows that were sealed without it."]


def test_an_inserted_row_is_found_before_it_is_sealed(log: SealedLog, ids: list[UUID]) -> None:
    new = an_id(datetime(2026, 11, 23, 13, tzinfo=UTC))
    log.run(COPY.format(id=new, like=ids[0], number="nextval('predictions_number')"))
    found = f"Prediction {new}, which is not sealed yet, was inserted or changed: its code is wrong."
    assert log.problems() == [found]
    log.run("UPDATE predictions SET mac = NULL WHERE number = 7")
    assert log.problems() == [found]


def test_a_row_cannot_pass_for_one_of_before_there_were_codes(log: SealedLog, ids: list[UUID]) -> None:
    log.change(ids[0], "number = -5, mac = NULL, model = 'other'")
    assert log.problems() == [f"Prediction {ids[0]} was changed after it was sealed."]
    new = an_id(datetime(2026, 11, 23, 13, tzinfo=UTC))
    log.run(COPY.format(id=new, like=ids[1], number=-1))
    assert f"Prediction {new} was inserted: it stands among rows that were sealed without it." in log.problems()


def test_numbers_that_keep_a_row_from_being_sealed_are_found(log: SealedLog, ids: list[UUID]) -> None:
    log.record(2, start=6)
    log.note("third")
    log.run("UPDATE predictions SET number = 1000 WHERE number = 8")
    log.run("ALTER TABLE audit_events ALTER COLUMN id SET GENERATED BY DEFAULT")
    log.run("UPDATE audit_events SET id = 1000 WHERE id = 3")
    assert log.problems() == [
        "A prediction has number 1000, which was not given out yet, so it would not be sealed.",
        "Audit event 1000 has a number that was not given out yet, so it would not be sealed.",
    ]


def test_a_number_that_is_there_twice_is_found(log: SealedLog, ids: list[UUID]) -> None:
    rows = log.record(2, start=6)
    log.change(rows[1], "number = 7")
    assert log.problems() == [f"Prediction {rows[1]} was changed or inserted: another one has its number."]


def test_reordered_rows_are_found(log: SealedLog) -> None:
    ids = log.record(8)
    log.sealer.seal()
    log.run("UPDATE predictions SET number = 9 - number WHERE number IN (2, 7)")
    assert log.problems() == [f"Prediction {ids[place]} is not in the order of its seal." for place in (1, 6)]


def test_a_row_in_another_seals_place_is_found(log: SealedLog, ids: list[UUID]) -> None:
    log.change(ids[0], "number = 5")
    assert log.problems() == [
        f"Prediction {ids[0]} was removed after it was sealed, or moved away from its place.",
        f"Prediction {ids[0]} was inserted: it stands among rows that were sealed without it.",
    ]


def test_a_row_without_a_number_is_found(log: SealedLog, ids: list[UUID]) -> None:
    log.run("ALTER TABLE predictions ALTER COLUMN number DROP NOT NULL")
    log.change(ids[0], "number = NULL")
    assert f"Prediction {ids[0]} was changed or inserted: it has no number." in log.problems()


def test_what_changes_no_value_is_not_tampering(log: SealedLog, ids: list[UUID]) -> None:
    log.change(ids[0], "inputs = inputs::text::jsonb, created_at = created_at AT TIME ZONE 'UTC' AT TIME ZONE 'UTC'")
    assert log.problems() == []


TABLES = ["predictions", "predictions_202611", "seals", "audit_events", "version_events"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", ["DISABLE TRIGGER ALL", "ENABLE REPLICA TRIGGER refuse_change"])
def test_a_disabled_trigger_is_found(log: SealedLog, ids: list[UUID], table: str, how: str) -> None:
    log.run(f"ALTER TABLE {table} {how}")
    assert f"A trigger that refuses changes is missing or disabled on {table}." in log.problems()


@pytest.mark.parametrize("table", [table for table in TABLES if table != "predictions_202611"])
def test_a_dropped_trigger_is_found(log: SealedLog, ids: list[UUID], table: str) -> None:
    log.run(f"DROP TRIGGER refuse_change ON {table}")
    assert f"A trigger that refuses changes is missing or disabled on {table}." in log.problems()


@pytest.mark.parametrize("what", ["BEFORE UPDATE OF actor OR DELETE OR TRUNCATE ON audit_events", "WHEN (false)"])
def test_a_trigger_that_refuses_less_is_found(log: SealedLog, what: str) -> None:
    event = "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events WHEN (false)" if "WHEN" in what else what
    log.run(
        "DROP TRIGGER refuse_change ON audit_events",
        f"CREATE TRIGGER refuse_change {event} EXECUTE FUNCTION refuse_change()",
    )
    assert log.problems() == ["A trigger that refuses changes is missing or disabled on audit_events."]


def test_a_function_that_refuses_nothing_is_found(log: SealedLog) -> None:
    log.run(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    )
    assert log.problems() == ["The function refuse_change() was altered: it may no longer do what the service needs."]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("head = replace(head, '\"count\":3', '\"count\":2')", "Seal 1 was changed: its signature is wrong."),
        ("head = 'nothing'", "Seal 1 was changed: it can't be read."),
        ("head = '{}'", "Seal 1 was changed: it can't be read."),
        ('head = replace(head, \'"up_to":3\', \'"up_to":"3"\')', "Seal 1 was changed: it can't be read."),
        ('head = regexp_replace(head, \'"key":("\\w+")\', \'"key":[\\1]\')', "Seal 1 was changed: it can't be read."),
        ("signature = '\\x00'", "Seal 1 was changed: its signature is wrong."),
        ("predictions = substr(predictions, 49)", "The list of predictions in seal 1 was changed."),
        ("predictions = '\\x00'", "The list of predictions in seal 1 was changed."),
        ("predictions = predictions || '\\x00'", "The list of predictions in seal 1 was changed."),
        ("unproven = '\\x00'", "The list of unproven predictions in seal 1 was changed."),
        ("audit_events = ''", "The list of audit events in seal 1 was changed."),
        ("unproven = substr(predictions, 1, 16)", "The list of unproven predictions in seal 1 was changed."),
    ],
)
def test_a_changed_seal_is_found(log: SealedLog, ids: list[UUID], change: str, found: str) -> None:
    log.run(f"UPDATE seals SET {change} WHERE number = 1")  # noqa: S608
    assert found in log.problems()


def test_a_removed_seal_is_found(log: SealedLog, ids: list[UUID]) -> None:
    log.record(1, start=6)
    log.sealer.seal()
    log.run("DELETE FROM seals WHERE number = 2")
    assert log.problems() == ["Seal 2 is missing.", "Seal 3 does not follow the seal before it."]


def test_rows_under_a_removed_seal_still_have_their_codes(log: SealedLog, ids: list[UUID]) -> None:
    log.run("DELETE FROM seals WHERE number = 1")
    log.change(ids[1], "model = 'other'")
    found = f"Prediction {ids[1]}, which is not sealed yet, was inserted or changed: its code is wrong."
    assert {"Seal 1 is missing.", found} <= set(log.problems())


def test_seals_of_another_key_are_found(log: SealedLog, ids: list[UUID]) -> None:
    log.run("DELETE FROM seals", "DELETE FROM audit_events")
    with sealed_log(log.url, log.folder, secret="22" * 32) as other:
        other.sealer.seal()
    (found,) = log.problems()
    assert found.startswith("Seal 1 is signed with the key ")
    assert found.endswith(", which is not among the trusted keys.")


def test_swapped_seals_are_found(log: SealedLog, ids: list[UUID]) -> None:
    log.run("UPDATE seals SET number = 3 - number + 100", "UPDATE seals SET number = number - 100")
    assert {"Seal 1 says that it is seal 2.", "Seal 2 says that it is seal 1."} <= set(log.problems())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE audit_events SET actor = 'eve' WHERE id = 1", "Audit event 1 was changed after it was sealed."),
        ("UPDATE audit_events SET details = '{}' WHERE id = 1", "Audit event 1 was changed after it was sealed."),
        ("UPDATE audit_events SET created_at = now() WHERE id = 1", "Audit event 1 was changed after it was sealed."),
        (
            "UPDATE audit_events SET details = (repeat('[', 300) || repeat(']', 300))::jsonb WHERE id = 1",
            "Audit event 1 was changed after it was sealed.",
        ),
        ("UPDATE audit_events SET details = '1e400' WHERE id = 1", "Audit event 1 was changed after it was sealed."),
        ("DELETE FROM audit_events WHERE id = 2", "Audit event 2 was removed after it was sealed."),
        (
            "INSERT INTO audit_events OVERRIDING SYSTEM VALUE VALUES (0, now(), 'a', 'b', 'c', '{}')",
            "Audit event 0 was inserted: it stands among events that were sealed without it.",
        ),
    ],
)
def test_tampering_with_audit_events_is_found(log: SealedLog, ids: list[UUID], change: str, found: str) -> None:
    log.run(change)
    assert log.problems() == [found]


def test_the_end_of_the_log_cut_off_is_found_by_the_copies_of_the_heads(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    with sealed_log(database_url, tmp_path, to=str(file)) as log:
        log.record(2)
        log.sealer.seal()
        log.record(2, start=2)
        log.sealer.seal()
        log.run("DELETE FROM seals WHERE number = 2", "DELETE FROM predictions WHERE number > 2")
        assert log.problems()[0] == "Seal 2 was removed: SEAL_TO has a copy of its head."
        log.record(1, start=4)
        # No machine that saw the second seal makes another one.
        with sealed_log(database_url, tmp_path / "elsewhere") as elsewhere:
            elsewhere.sealer.seal()
        assert log.problems()[0] == "Seal 2 differs from the copy of its head in SEAL_TO."
        with file.open("a") as torn:
            torn.write('{"number": 3, "he')
        assert len(log.problems()) == 2


NO_COPIES = "No seal could be compared with a copy of its head: the file in SEAL_TO "


@pytest.fixture
def copied(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    """A log with two seals whose heads are in a file."""
    with sealed_log(database_url, tmp_path, to=str(tmp_path / "heads.jsonl")) as log:
        for number in range(2):
            log.record(1, start=number)
            log.sealer.seal()
        assert log.problems() == []
        yield log


def test_copies_of_heads_that_are_gone_are_told(copied: SealedLog) -> None:
    file = copied.folder / "heads.jsonl"
    first, second = file.read_text().splitlines(keepends=True)
    file.write_text(first)
    assert copied.problems() == ["The copy of seal 2 is gone: its head was written to the file in SEAL_TO."]
    file.write_text(second)
    assert copied.problems() == []
    file.unlink()
    assert copied.problems() == [f"{NO_COPIES}can't be read (FileNotFoundError)."]
    copied.run("DELETE FROM seals", "DELETE FROM predictions")
    assert copied.problems()[0] == f"{NO_COPIES}can't be read (FileNotFoundError)."


def test_copies_of_heads_that_may_not_be_read_are_told(copied: SealedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    # Whoever runs the tests may be root, who may read everything.
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert copied.problems()[0] == f"{NO_COPIES}can't be read (PermissionError)."


def test_who_verifies_elsewhere_is_told_that_there_are_no_copies(copied: SealedLog, tmp_path: Path) -> None:
    hint = " If it was set after the last seal, seal the log again."
    for name, why in [("missing", "can't be read (FileNotFoundError)."), ("empty", "has none.")]:
        (tmp_path / "empty").touch()
        with sealed_log(copied.url, tmp_path / "elsewhere", to=str(tmp_path / name)) as elsewhere:
            assert elsewhere.problems() == [NO_COPIES + why + hint]


def test_heads_of_before_there_was_a_file_are_copied_when_it_is_sealed_again(log: SealedLog, ids: list[UUID]) -> None:
    with sealed_log(log.url, log.folder, to=str(log.folder / "heads.jsonl")) as later:
        assert len(later.problems()) == 1
        later.sealer.seal()
        assert later.problems() == []


def test_without_a_seal_no_copy_is_missed(database_url: str, tmp_path: Path) -> None:
    with sealed_log(database_url, tmp_path, to=str(tmp_path / "heads.jsonl")) as log:
        log.record()
        assert log.problems() == []


def test_a_seal_that_is_not_copied_yet_is_not_missed(copied: SealedLog) -> None:
    copied.record(1, start=2)
    with sealed_log(copied.url, copied.folder) as without:
        without.sealer.seal()
    assert copied.problems() == []


def test_a_torn_line_does_not_spoil_the_next(copied: SealedLog) -> None:
    file = copied.folder / "heads.jsonl"
    with file.open("a") as torn:
        torn.write('{"number": 3, "he')
    copied.record(1, start=2)
    copied.sealer.seal()
    assert copied.problems() == []
    assert json.loads(file.read_text().splitlines()[-1])["number"] == 3


def test_a_line_that_holds_no_head_is_passed_over(copied: SealedLog) -> None:
    with (copied.folder / "heads.jsonl").open("a") as file:
        file.write('{"number": 1, "head": 1}\n[]\n\n')
    assert copied.problems() == []


def test_a_made_up_excuse_is_found(log: SealedLog, ids: list[UUID]) -> None:
    digests = log.run("SELECT encode(sha256('x'), 'hex')")[0][0]
    key = next(iter(log.sealer.trusted()))
    details = json.dumps({"evidence": {"rows": {str(ids[0]): digests}, "key": key, "signature": "00" * 64}})
    log.change(ids[0], "salt = NULL, inputs = NULL, warnings = '[]'")
    log.run(
        f"INSERT INTO audit_events (action, subject, details) VALUES ('forgot inputs', 'penguins', '{details}')",  # noqa: S608
        "INSERT INTO audit_events (action, subject, details) VALUES ('pruned predictions', 'predictions_202611', '{}')",
    )
    log.sealer.seal()
    assert log.problems() == [
        "Audit event 3 says that something was forgotten or pruned, but the service did not sign it.",
        "Audit event 4 says that something was forgotten or pruned, but the service did not sign it.",
        f"Prediction {ids[0]} was changed after it was sealed.",
    ]


def test_many_rows_that_are_gone_are_each_told(log: SealedLog) -> None:
    ids = log.record(50)
    log.sealer.seal()
    log.run("DELETE FROM predictions WHERE number % 2 = 0")
    assert [sentence.split()[1] for sentence in log.problems()] == [str(id) for id in ids[1::2]]


def test_other_keys_may_be_given(log: SealedLog, ids: list[UUID]) -> None:
    other = Ed25519PrivateKey.generate().public_key()
    own = log.sealer.key.public_key()
    assert list(log.sealer.verifier([own]).problems()) == []
    assert list(log.sealer.verifier([other, own]).problems()) == []
    assert len(list(log.sealer.verifier([other]).problems())) == 2


@given(st.permutations(range(8)))
def test_without_those_that_are_misplaced_the_rest_is_in_order(places: list[int]) -> None:
    rest = [place for place in places if place not in misplaced(places)]
    assert rest == sorted(rest)


@pytest.mark.parametrize(
    ("places", "found"),
    [([], set()), ([1, 2, 3], set()), ([0, 3, 2, 4, 5], 1), ([0, 6, 2, 3, 4, 5, 1], {6, 1}), ([5, 0, 1, 2], {5})],
)
def test_the_fewest_are_misplaced(places: list[int], found: set[int] | int) -> None:
    assert (len(misplaced(places)) if isinstance(found, int) else misplaced(places)) == found
