"""webapp.services.sealing: what is sealed, and when, on a real PostgreSQL"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.logs import KEY
from tests.sealing import SEALING_SECRET, SealedLog, sealed_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.config import Settings
from webapp.database.engines import maintenance_engine
from webapp.errors import SealDamaged, SealingBusy, SettingsError, StillWriting
from webapp.helpers.records.row import encode
from webapp.helpers.sealing import Head, signing_keys
from webapp.services.prediction_log.inserting import INSERT
from webapp.services.sealing import Copies, LastHead, Sealed, Sealer, builder, lock
from webapp.services.sealing.schedule import PeriodicSealer


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(database_url, tmp_path) as log:
        yield log


def heads(log: SealedLog) -> list[Head]:
    return [Head.read(head) for (head,) in log.run("SELECT head FROM seals ORDER BY number")]


def test_a_seal_holds_what_came_since_the_one_before(log: SealedLog) -> None:
    log.record(3)
    log.note("penguins")
    assert log.sealer.seal() == Sealed(seals=1, predictions=3, audit_events=1)
    log.record(2, start=3)
    assert log.sealer.seal() == Sealed(seals=1, predictions=2)
    first, second = heads(log)
    assert (first.number, first.predictions.count, first.audit_events.count) == (1, 3, 1)
    assert (second.number, second.predictions.count, second.audit_events.count) == (2, 2, 0)
    assert second.predictions.after == first.predictions.up_to
    assert log.problems() == []


def test_without_anything_new_there_is_no_new_seal(log: SealedLog) -> None:
    assert log.sealer.seal() == Sealed()
    log.record()
    log.sealer.seal()
    assert log.sealer.seal() == Sealed()
    assert len(heads(log)) == 1


def test_rows_that_come_late_from_the_spool_are_in_the_next_seal(log: SealedLog) -> None:
    log.record(2, start=5)
    log.sealer.seal()
    log.record(1, start=0, time=datetime(2026, 10, 1, tzinfo=UTC))
    assert log.sealer.seal().predictions == 1
    assert log.problems() == []


def test_many_rows_become_several_seals(log: SealedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "MAX_SEAL_ROWS", 4)
    log.record(11)
    for number in range(6):
        log.note(str(number))
    sealed = log.sealer.seal()
    assert (sealed.predictions, sealed.audit_events) == (11, 6)
    assert [head.predictions.count for head in heads(log)] == [4, 4, 3]
    assert sum(head.audit_events.count for head in heads(log)) == 6
    assert log.problems() == []


def test_a_wide_gap_in_the_numbers_is_passed_at_once(log: SealedLog) -> None:
    log.record()
    log.run("SELECT setval('predictions_number', 5000000000)")
    log.record(start=1)
    assert log.sealer.seal() == Sealed(seals=2, predictions=2)
    assert log.problems() == []


def test_rows_of_before_there_were_codes_are_sealed_too(log: SealedLog) -> None:
    log.record(2)
    log.run("UPDATE predictions SET number = number - 1000000000000000, mac = NULL")
    log.record(1, start=2)
    assert log.sealer.seal() == Sealed(seals=2, predictions=3)
    assert log.problems() == []


def test_who_still_writes_is_waited_for(log: SealedLog) -> None:
    log.record()
    with psycopg.connect(log.url) as slow:
        # It has the lower numbers, and commits after those with the higher.
        slow.execute(INSERT, [f"[{encode(a_prediction(sequence=1), KEY).decode()}]"])
        slow.execute("INSERT INTO audit_events (action, subject, details) VALUES ('a', 'b', '{}')")
        log.record(start=2)
        log.note("after")
        sealing = threading.Thread(target=log.sealer.seal)
        sealing.start()
        sealing.join(timeout=0.5)
        assert sealing.is_alive(), "It did not wait"
        slow.commit()
    sealing.join(timeout=10)
    assert [(head.predictions.count, head.audit_events.count) for head in heads(log)] == [(3, 2)]
    assert log.problems() == []


def test_who_never_ends_writing_keeps_it_from_sealing_and_from_nothing_else(log: SealedLog) -> None:
    ids = log.record()
    with psycopg.connect(log.url) as endless, log.engine.connect() as connection:
        endless.execute("INSERT INTO audit_events (action, subject, details) VALUES ('a', 'b', '{}')")
        with pytest.raises(StillWriting):
            lock.committed_up_to(connection, patience=0.2)
        assert log.log.get(ids[0]).id == ids[0]


def test_no_row_of_many_writers_is_passed_by(log: SealedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "MAX_SEAL_ROWS", 20)
    writers = [
        threading.Thread(target=lambda first=first: [log.record(3, start=first + 3 * number) for number in range(30)])
        for first in range(0, 400, 100)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        log.sealer.seal()
    log.sealer.seal()
    verifier = log.sealer.verifier()
    assert list(verifier.problems()) == []
    assert (verifier.counts["sealed"], verifier.counts["unsealed"]) == (360, 0)


def test_only_one_seals_at_a_time(log: SealedLog) -> None:
    log.record()
    with log.sealer.sealing_lock(), pytest.raises(SealingBusy), log.sealer.sealing_lock(patience=0.1):
        pass
    assert log.sealer.seal().predictions == 1


def wait_until_free(log: SealedLog) -> None:
    """Wait for the lock of who sealed last: PostgreSQL ends a session a moment after it was closed."""
    held = """
        SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    deadline = time.monotonic() + 10
    while log.run(held):
        assert time.monotonic() < deadline, "It was not freed"
        time.sleep(0.02)


def seal_if_due(log: SealedLog, every: timedelta) -> Sealed | None:
    wait_until_free(log)
    return log.sealer.seal_if_due(every)


def test_it_is_due_again_after_its_time(log: SealedLog) -> None:
    log.record()
    assert seal_if_due(log, timedelta(hours=1)) == Sealed(seals=1, predictions=1)
    log.record(start=1)
    assert seal_if_due(log, timedelta(hours=1)) is None
    assert seal_if_due(log, timedelta(0)) == Sealed(seals=1, predictions=1)


def put_head(log: SealedLog, place: int, signer: Ed25519PrivateKey, **told: Any) -> None:
    """Put a seal there that says so much else than the first one does."""
    ((first,),) = log.run("SELECT head FROM seals WHERE number = 1")
    head = json.dumps({**json.loads(first), "key": signing_keys.key_id(signer.public_key()), **told})
    signature = signer.sign(head.encode()).hex()
    log.run(
        f"DELETE FROM seals WHERE number = {place}",  # noqa: S608
        f"INSERT INTO seals VALUES ({place}, '{head}', decode('{signature}', 'hex'), '', '', '')",  # noqa: S608
    )


FUTURE = "2999-01-01T00:00:00+00:00"
ALL = {"after": 0, "up_to": 2**62, "count": 0, "root": ""}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("22" * 32, {"number": 2}),
        ("22" * 32, {"number": 2, "key": None}),
        (SEALING_SECRET, {"number": 1}),
    ],
    ids=["signed by another", "signed by another in the service's name", "signed as another"],
)
def test_nothing_is_built_on_a_seal_that_somebody_made_up(
    log: SealedLog, caplog: pytest.LogCaptureFixture, key: str, told: dict[str, Any]
) -> None:
    log.record()
    log.sealer.seal()
    own = next(iter(log.sealer.trusted()))
    told = {name: own if value is None else value for name, value in told.items()}
    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
    put_head(log, 2, signer, created_at=FUTURE, predictions=ALL, audit_events=ALL, **told)
    log.record(start=1)
    for seal in (log.sealer.seal, lambda: seal_if_due(log, timedelta(hours=1))):
        with pytest.raises(SealDamaged):
            seal()
    wait_until_free(log)
    PeriodicSealer(log.sealer, every=3600)._look()
    assert "The log could not be sealed: SealDamaged" in caplog.text
    log.run("DELETE FROM seals WHERE number = 2")
    assert log.sealer.seal() == Sealed(seals=1, predictions=1)
    assert log.problems() == []


def test_a_seal_of_a_time_that_is_still_to_come_does_not_put_off_the_next(log: SealedLog) -> None:
    log.record()
    log.sealer.seal()
    put_head(log, 1, log.sealer.key, created_at=FUTURE)
    # The service itself would have kept the head that it dated so.
    next(log.folder.glob("last-seal-*")).unlink()
    log.record(start=1)
    assert seal_if_due(log, timedelta(hours=1)) == Sealed(seals=1, predictions=1)


def test_the_first_seal_after_a_change_of_the_key_needs_the_one_before(log: SealedLog) -> None:
    log.record()
    log.sealer.seal()
    before = log.sealer.key.public_key()
    with sealed_log(log.url, log.folder, secret="22" * 32) as changed:
        changed.record(start=1)
        with pytest.raises(SealDamaged):
            changed.sealer.seal()
        with pytest.raises(SealDamaged):
            changed.sealer.seal([Ed25519PrivateKey.generate().public_key()])
        assert changed.sealer.seal([before]) == Sealed(seals=1, predictions=1)
        changed.record(start=2)
        assert changed.sealer.seal() == Sealed(seals=1, predictions=1)
        now = changed.sealer.key.public_key()
        assert list(changed.sealer.verifier([before, now]).problems()) == []


def test_a_thread_seals_without_being_asked(log: SealedLog) -> None:
    log.record()
    rounds = PeriodicSealer(log.sealer, every=1)
    rounds.start()
    try:
        for _ in range(100):
            if heads(log):
                break
            threading.Event().wait(0.1)
    finally:
        rounds.stop()
    assert [head.predictions.count for head in heads(log)] == [1]


def test_a_thread_that_can_not_seal_goes_on(log: SealedLog, caplog: pytest.LogCaptureFixture) -> None:
    log.record()
    log.secret = "no key"
    PeriodicSealer(log.sealer, every=1)._look()
    assert "The log could not be sealed: SettingsError" in caplog.text


def test_a_thread_goes_on_without_a_database(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sealed_log(database_url, tmp_path) as log:
        gone = Sealer(
            engine=maintenance_engine(Settings(database_url="postgresql://x@127.0.0.1:9/x")),
            mac_key=KEY,
            read_secret=lambda: SEALING_SECRET,
            copies=Copies(None, tmp_path),
            last_head=LastHead(tmp_path, log.engine.url),
        )
        PeriodicSealer(gone, every=1)._look()
        assert "The log could not be sealed: SealsUnavailable" in caplog.text
        assert log.problems() == []


def test_zero_seconds_mean_never(log: SealedLog) -> None:
    rounds = PeriodicSealer(log.sealer, every=0)
    rounds.start()
    assert not rounds._thread.is_running


def test_a_row_with_a_wrong_code_is_sealed_and_told(log: SealedLog) -> None:
    first, _ = log.record(2)
    log.change(first, "output = '{}'")
    assert log.sealer.seal() == Sealed(seals=1, predictions=2, unproven=1)
    assert log.problems() == [f"Prediction {first} was inserted or changed before it was sealed: its code is wrong."]


def pem(key: Any) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def test_a_key_may_be_pem_or_hexadecimal() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEALING_SECRET))
    for text in (SEALING_SECRET, pem(key)):
        assert signing_keys.key_id(signing_keys.read_private_key(text).public_key()) == signing_keys.key_id(
            key.public_key()
        )


@pytest.mark.parametrize("text", ["", "11" * 31, "xyz", "-----BEGIN", pem(generate_private_key(SECP256R1()))])
def test_another_key_is_refused_without_being_repeated(log: SealedLog, text: str) -> None:
    log.secret = text
    with pytest.raises(SettingsError, match=r"^SEALING_KEY: It must be an Ed25519 private key: ") as caught:
        _ = log.sealer.key
    assert not text or text not in caught.value.message


def test_without_a_key_it_says_so(log: SealedLog) -> None:
    keyless = Sealer(engine=log.engine, mac_key=None, read_secret=lambda: None, copies=None, last_head=None)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=r"^SEALING_KEY: Set it"):
        keyless.check_key()


def test_each_head_goes_to_a_file_once(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    with sealed_log(database_url, tmp_path, to=str(file)) as log:
        log.record()
        log.sealer.seal()
        log.record(start=1)
        log.sealer.seal()
        told = [json.loads(line) for line in file.read_text().splitlines()]
        assert [each["number"] for each in told] == [1, 2]
        assert [each["root"] for each in told] == [head.predictions.root for head in heads(log)]
        assert Head.read(told[1]["head"]).previous == told[0]["hash"]
        key = log.sealer.key.public_key()
        assert signing_keys.is_signed(key, bytes.fromhex(told[0]["signature"]), told[0]["head"].encode())


def test_heads_go_to_the_log(database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sealed_log(database_url, tmp_path, to="log") as log:
        log.record()
        log.sealer.seal()
    assert caplog.text.count('Sealed: {"number":1,') == 1


class Receiver(BaseHTTPRequestHandler):
    """Takes heads, unless it is told to refuse."""

    taken: list[dict[str, Any]] = []  # noqa: RUF012
    refuses = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # As soon as the answer is sent, the test goes on and has it take heads.
        refuses = Receiver.refuses
        self.send_response(503 if refuses else 204)
        self.end_headers()
        if not refuses:
            Receiver.taken.append(json.loads(body))

    def log_message(self, *_: object) -> None:
        pass


def test_what_an_address_does_not_take_is_sent_again_with_the_next(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Receiver.taken, Receiver.refuses = [], True
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sealed_log(database_url, tmp_path, to=f"http://127.0.0.1:{server.server_port}/heads") as log:
            log.record()
            assert log.sealer.seal().predictions == 1
            assert "Seals could not be written to SEAL_TO (HTTPError)" in caplog.text
            Receiver.refuses = False
            log.record(start=1)
            log.sealer.seal()
        server.shutdown()
    assert [each["number"] for each in Receiver.taken] == [1, 2]
