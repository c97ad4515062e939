"""webapp.services.idempotency, on a real PostgreSQL"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import SECRET
from tests.faults.postgres import wait_until
from webapp.database.engines import with_driver
from webapp.errors import IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyUnavailable
from webapp.services import idempotency
from webapp.services.idempotency import Claim, IdempotencyKeys, StoredAnswer

LEASE = timedelta(seconds=60)
ANSWER = StoredAnswer(status=200, content_type="text/plain", body=b"\x00one\xff")
OTHER = StoredAnswer(status=201, content_type="text/html", body=b"")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(
        with_driver(database_url), pool_size=20, connect_args={"options": "-c statement_timeout=10s"}
    )
    yield engine
    engine.dispose()


@pytest.fixture
def keys(engine: Engine) -> IdempotencyKeys:
    return IdempotencyKeys(engine, LEASE, SECRET)


def claimed(keys: IdempotencyKeys, key: str = "key") -> Claim:
    claim = keys.claim("", key, b"same")
    assert isinstance(claim, Claim)
    return claim


def run(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.begin() as connection:
        return connection.execute(text(statement), values)


def age(engine: Engine, by: timedelta) -> None:
    run(engine, "UPDATE idempotency_keys SET claimed_at = claimed_at - :by", by=by)


def count(engine: Engine) -> int:
    return int(run(engine, "SELECT count(*) FROM idempotency_keys").scalar_one())


def test_it_gives_back_the_answer_that_it_keeps(keys: IdempotencyKeys) -> None:
    assert keys.finish(claimed(keys), ANSWER)
    assert keys.claim("", "key", b"same") == ANSWER


def test_a_key_that_runs_is_in_use(keys: IdempotencyKeys) -> None:
    claimed(keys)
    with pytest.raises(IdempotencyKeyInUse):
        keys.claim("", "key", b"same")


def test_another_request_can_not_have_the_key(keys: IdempotencyKeys) -> None:
    claim = claimed(keys)
    with pytest.raises(IdempotencyKeyReused):
        keys.claim("", "key", b"other")
    keys.finish(claim, ANSWER)
    with pytest.raises(IdempotencyKeyReused):
        keys.claim("", "key", b"other")


def test_an_actor_has_keys_of_their_own(keys: IdempotencyKeys) -> None:
    claimed(keys)
    assert isinstance(keys.claim("Ada", "key", b"other"), Claim)


def test_an_abandoned_key_can_be_claimed_with_any_request(keys: IdempotencyKeys) -> None:
    keys.abandon(claimed(keys))
    assert isinstance(keys.claim("", "key", b"other"), Claim)


def test_a_claim_that_was_left_is_taken_over_after_its_lease(keys: IdempotencyKeys, engine: Engine) -> None:
    dead = claimed(keys)
    age(engine, LEASE - timedelta(seconds=5))
    with pytest.raises(IdempotencyKeyInUse):
        keys.claim("", "key", b"same")
    age(engine, timedelta(seconds=6))
    alive = claimed(keys)
    # One that was not dead after all changes nothing any more.
    assert not keys.finish(dead, OTHER)
    keys.abandon(dead)
    with pytest.raises(IdempotencyKeyInUse):
        keys.claim("", "key", b"same")
    assert keys.finish(alive, ANSWER)
    assert keys.claim("", "key", b"same") == ANSWER


def test_an_answer_is_kept_for_a_day(keys: IdempotencyKeys, engine: Engine) -> None:
    keys.finish(claimed(keys), ANSWER)
    age(engine, timedelta(hours=24) - timedelta(seconds=5))
    assert keys.claim("", "key", b"same") == ANSWER
    age(engine, timedelta(seconds=6))
    again = keys.claim("", "key", b"other")
    assert isinstance(again, Claim)
    # Nothing of the old answer is left.
    with pytest.raises(IdempotencyKeyInUse):
        keys.claim("", "key", b"other")
    assert keys.finish(again, OTHER)
    assert keys.claim("", "key", b"other") == OTHER


def test_only_one_of_many_has_the_claim(engine: Engine) -> None:
    several = [IdempotencyKeys(engine, LEASE, SECRET) for _ in range(20)]
    start = threading.Barrier(len(several))
    found: list[Claim | StoredAnswer | str] = []

    def claim(keys: IdempotencyKeys) -> None:
        start.wait(timeout=20)
        try:
            found.append(keys.claim("", "key", b"same"))
        except IdempotencyKeyInUse:
            found.append("in use")

    threads = [threading.Thread(target=claim, args=(keys,)) for keys in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert found.count("in use") == len(several) - 1
    assert len([each for each in found if isinstance(each, Claim)]) == 1


def test_the_key_is_not_kept_in_clear(keys: IdempotencyKeys, engine: Engine) -> None:
    claimed(keys, "visit of Jane Doe")
    row = run(engine, "SELECT * FROM idempotency_keys").one()
    assert len(row.key) == 32
    assert "Jane" not in str(row)


def test_a_row_has_a_whole_answer_or_none(keys: IdempotencyKeys, engine: Engine) -> None:
    claimed(keys)
    with pytest.raises(DBAPIError, match="idempotency_keys_answer"):
        run(engine, "UPDATE idempotency_keys SET status = 200")


def test_it_removes_old_rows_a_chunk_at_a_time(
    keys: IdempotencyKeys, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "PRUNE_BATCH_ROWS", 2)
    for number in range(5):
        claimed(keys, str(number))
    age(engine, timedelta(hours=25))
    keys.finish(claimed(keys, "new"), ANSWER)
    assert count(engine) == 6
    assert [keys.prune() for _ in range(4)] == [2, 2, 1, 0]
    assert keys.claim("", "new", b"same") == ANSWER


def test_old_rows_go_without_anybody_who_claims(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "PRUNE_BATCH_ROWS", 2)
    monkeypatch.setattr(idempotency, "PRUNE_INTERVAL_SECONDS", 0.05)
    keys = IdempotencyKeys(engine, LEASE, SECRET)
    for number in range(5):
        claimed(keys, str(number))
    age(engine, timedelta(hours=25))
    keys.start()
    try:
        wait_until(lambda: count(engine) == 0)
    finally:
        keys.stop()


def test_it_leaves_alone_what_others_are_removing(keys: IdempotencyKeys, engine: Engine) -> None:
    for number in range(3):
        claimed(keys, str(number))
    age(engine, timedelta(hours=25))
    with engine.begin() as connection:
        connection.execute(text("SELECT * FROM idempotency_keys LIMIT 1 FOR UPDATE"))
        assert keys.prune() == 2


def test_it_says_when_it_cant_be_reached(keys: IdempotencyKeys) -> None:
    nowhere = IdempotencyKeys(create_engine("postgresql+psycopg://x@127.0.0.1:9/x"), LEASE, SECRET)
    with pytest.raises(IdempotencyUnavailable):
        nowhere.claim("", "key", b"same")
    with pytest.raises(IdempotencyUnavailable):
        nowhere.prune()
    claim = claimed(keys)
    assert not nowhere.finish(claim, ANSWER)
    nowhere.abandon(claim)
