"""A host whose keys are not those of the others on the same database, on a real PostgreSQL"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.conftest import SECRET, MakeApp, note_key
from tests.sealing import SEALING_SECRET, sealed_log
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.config import Settings
from webapp.database.engines import recording_engine
from webapp.errors import KeysUnavailable, OtherKeys, PredictionLogUnavailable
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.sealing import MacKey, signing_keys
from webapp.services.prediction_log import PredictionLog
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.spool import Replayer, Spool

NOWHERE = "postgresql://x@127.0.0.1:9/x"
OTHER_SECRET, OTHER_SEALING_SECRET = "the secret of a stray host", "22" * 32


@dataclass
class Host:
    """What one host needs of its own to record predictions."""

    engine: Engine
    check: KeyCheck
    log: PredictionLog
    spool: Spool

    def move(self) -> int | None:
        self.spool.seal()
        return Replayer(self.spool, self.log.store).replay()


@pytest.fixture
def host(database_url: str, tmp_path: Path) -> Iterator[Any]:
    made: list[Host] = []

    def make(name: str, secret: str = SECRET, sealing_secret: str = SEALING_SECRET, url: str = database_url) -> Host:
        engine = recording_engine(Settings(database_url=url))
        spool, ids = Spool(tmp_path / name), RecordIds(secret)
        public_key = signing_keys.read_private_key(sealing_secret).public_key()
        check = KeyCheck(engine=engine, secret=secret, public_key=lambda: public_key, spool=spool)
        log = PredictionLog(reading=engine, recording=engine, spool=spool, key=MacKey(secret), key_check=check, ids=ids)
        made.append(Host(engine, check, log, spool))
        return made[-1]

    yield make
    for each in made:
        each.log.close()


def kept(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT name, fingerprint FROM key_fingerprints ORDER BY name").fetchall()


def test_the_first_host_registers_its_keys_and_one_with_the_same_may_start(host: Any, database_url: str) -> None:
    host("one").check.check()
    registered = kept(database_url)
    assert [name for name, _ in registered] == ["SEALING_KEY", "SECRET_KEY"]
    host("two").check.check()
    assert kept(database_url) == registered


@pytest.mark.parametrize(
    ("other", "name"),
    [({"secret": OTHER_SECRET}, "SECRET_KEY"), ({"sealing_secret": OTHER_SEALING_SECRET}, "SEALING_KEY")],
)
def test_a_host_with_another_key_is_refused(host: Any, database_url: str, other: dict[str, str], name: str) -> None:
    host("one").check.check()
    registered = kept(database_url)
    with pytest.raises(OtherKeys, match=f"^{name} is not the key that this database is used with") as refused:
        host("two", **other).check.check()
    assert "copy secret_key and sealing_key from the instance folder of the first host" in refused.value.message
    assert kept(database_url) == registered


def test_no_fingerprint_holds_a_key_or_a_part_of_it(host: Any, database_url: str) -> None:
    host("one").check.check()
    text = str(kept(database_url))
    assert not any(key[start : start + 6] in text for key in (SECRET, SEALING_SECRET) for start in range(0, 24, 6))


def test_of_many_that_start_at_once_one_wins_with_both_of_its_keys(host: Any, database_url: str) -> None:
    hosts = [host(str(n), f"the secret key of host {n}", f"{n:02x}" * 32) for n in range(8)]
    refused: list[int] = []

    def start(number: int) -> None:
        try:
            hosts[number].check.check()
        except OtherKeys:
            refused.append(number)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    (winner,) = set(range(8)) - set(refused)
    own = hosts[winner].check._fingerprints()
    assert dict(kept(database_url)) == own


def test_a_host_whose_key_did_not_make_the_records_is_not_the_first(
    host: Any, database_url: str, tmp_path: Path
) -> None:
    with sealed_log(database_url, tmp_path) as log:
        log.record(3)
        log.run("DELETE FROM key_fingerprints")
    with pytest.raises(OtherKeys, match="SECRET_KEY is not the key that the records in this database were made with"):
        host("stray", OTHER_SECRET).check.check()
    assert kept(database_url) == []
    host("one").check.check()


def test_a_host_whose_key_did_not_sign_the_last_seal_is_not_the_first(
    host: Any, database_url: str, tmp_path: Path
) -> None:
    with sealed_log(database_url, tmp_path) as log:
        log.record(3)
        log.sealer.seal()
        log.run("DELETE FROM key_fingerprints")
    with pytest.raises(OtherKeys, match="SEALING_KEY is not the key that the records in this database were made with"):
        host("stray", sealing_secret=OTHER_SEALING_SECRET).check.check()
    host("one").check.check()


def test_records_from_before_there_were_codes_fit_every_key(host: Any, database_url: str, tmp_path: Path) -> None:
    with sealed_log(database_url, tmp_path) as log:
        log.record(3)
        log.run("DELETE FROM key_fingerprints", "UPDATE predictions SET mac = NULL, number = number - 1000")
    host("one", OTHER_SECRET).check.check()


def test_a_stray_host_records_nothing_anywhere_and_says_why_once(host: Any, caplog: pytest.LogCaptureFixture) -> None:
    one, stray = host("one"), host("stray", OTHER_SECRET)
    one.log.record([a_prediction()])
    for sequence in (1, 2, 3):
        with pytest.raises(PredictionLogUnavailable):
            stray.log.record([a_prediction(sequence=sequence)])
    with pytest.raises(PredictionLogUnavailable):
        stray.log.check()
    assert stray.spool.is_empty()
    assert len([each for each in caplog.records if each.levelname == "CRITICAL"]) == 1
    assert one.log.record([a_prediction(sequence=4)]) == "database"


def test_without_postgresql_a_host_whose_key_was_never_compared_records_nothing(host: Any) -> None:
    new = host("new", url=NOWHERE)
    for call in (lambda: new.log.record([a_prediction()]), new.log.check):
        with pytest.raises(PredictionLogUnavailable):
            call()
    assert new.spool.is_empty()


def test_without_postgresql_a_host_whose_key_was_accepted_before_goes_on(host: Any) -> None:
    host("one").log.record([a_prediction()])
    again = host("one", url=NOWHERE)
    assert again.log.record([a_prediction(sequence=1)]) == "spool"
    again.log.check()


def test_without_postgresql_a_host_that_got_another_key_records_nothing(host: Any) -> None:
    host("one").log.record([a_prediction()])
    with pytest.raises(PredictionLogUnavailable):
        host("one", OTHER_SECRET, url=NOWHERE).log.record([a_prediction(sequence=1)])


def test_what_waits_under_another_key_is_not_moved(host: Any, database_url: str, tmp_path: Path) -> None:
    # A note from another database lets the stray host begin.
    note_key(Settings(spool_dir=tmp_path / "stray", secret_key=OTHER_SECRET))
    cut_off = host("stray", OTHER_SECRET, url=NOWHERE)
    assert cut_off.log.record([a_prediction()]) == "spool"
    cut_off.spool.seal()
    host("one").check.check()
    stray = host("stray", OTHER_SECRET)
    with pytest.raises(PredictionLogUnavailable):
        stray.move()
    assert stray.spool.status().rows == 1
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM predictions").fetchone() == (0,)
    # Its key is mended, but what waits has codes of the old one.
    mended = host("stray")
    with pytest.raises(OtherKeys, match="SECRET_KEY was changed while records wait in the spool"):
        mended.check.start()
    with pytest.raises(PredictionLogUnavailable):
        mended.move()
    assert mended.spool.status().rows == 1


def test_after_each_outage_the_keys_are_compared_again(
    host: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = host("one")
    one.log.record([a_prediction()])
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE key_fingerprints SET fingerprint = 'of another key'")
    assert one.log.record([a_prediction(sequence=1)]) == "database"
    with monkeypatch.context() as patch:
        patch.setattr("webapp.services.prediction_log.log.insert", _out_of_reach)
        assert one.log.record([a_prediction(sequence=2)]) == "spool"
    with pytest.raises(PredictionLogUnavailable):
        one.move()
    with psycopg.connect(database_url) as owner:
        owner.execute("DELETE FROM key_fingerprints")
    assert one.move() == 1


def test_a_key_that_another_host_let_the_database_accept_stops_this_one_when_it_seals(
    host: Any, database_url: str
) -> None:
    one = host("one")
    one.log.record([a_prediction()])
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE key_fingerprints SET fingerprint = 'of another key'")
    with pytest.raises(OtherKeys):
        one.check.check(sealing=False)
    with pytest.raises(PredictionLogUnavailable):
        one.log.record([a_prediction(sequence=1)])


def _out_of_reach(*_: object) -> None:
    raise PredictionLogUnavailable


def test_it_says_when_postgresql_can_not_be_asked(host: Any) -> None:
    with pytest.raises(KeysUnavailable):
        host("one", url=NOWHERE).check.check()


@pytest.fixture
def changed(host: Any, make_app: MakeApp) -> Flask:
    """A host on which both keys were changed, after another had registered them."""
    host("one").check.check()
    return make_app(secret_key=OTHER_SECRET, sealing_key=OTHER_SEALING_SECRET)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "words",
    [("seal",), ("verify",), ("prune", "--older-than", "2years"), ("prove", "019ab3c2-0000-7000-8000-000000000000")],
)
def test_commands_say_so_instead_of_reporting_tampering(changed: Flask, words: tuple[str, ...]) -> None:
    code, output = run(changed, "predictions", *words)
    assert (code, output[:17]) == (1, "Error: SECRET_KEY")
    assert "flask --app wsgi database accept-keys" in output


def test_keys_that_were_changed_on_purpose_are_accepted(changed: Flask, host: Any, database_url: str) -> None:
    assert run(changed, "database", "accept-keys") == (0, "Accepted SECRET_KEY and SEALING_KEY.\n")
    assert run(changed, "database", "accept-keys") == (0, "The database has these keys already.\n")
    assert run(changed, "predictions", "verify")[0] == 0
    with pytest.raises(OtherKeys):
        host("one").check.check()
    with psycopg.connect(database_url) as connection:
        events = connection.execute("SELECT action, subject FROM audit_events").fetchall()
    assert events == [("accepted changed keys", "SECRET_KEY, SEALING_KEY")]
