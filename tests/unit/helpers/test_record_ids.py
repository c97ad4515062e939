"""The ids of records, and how a host tells its installation's own from others."""

from __future__ import annotations

import time
from threading import Thread
from uuid import RFC_4122, UUID, uuid4

import pytest

from webapp.helpers.record_ids import RecordIds
from webapp.helpers.uuid7 import read_uuid7, time_of, uuid7

SECRET = "a secret that only the tests know"


def test_they_have_the_form_of_version_7_and_the_time_of_now() -> None:
    before = time.time_ns() // 1_000_000
    (made,) = RecordIds(SECRET).make(1)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert read_uuid7(str(made)) == made
    assert before <= time_of(made).timestamp() * 1000 <= time.time_ns() // 1_000_000


def test_each_host_with_the_same_key_knows_them() -> None:
    one, other = RecordIds(SECRET), RecordIds(SECRET)
    assert all(map(other.is_issued, one.make(1000)))


def test_a_host_with_another_key_does_not_know_them() -> None:
    # By chance it knows one in 65,536.
    assert sum(map(RecordIds("another secret").is_issued, RecordIds(SECRET).make(1000))) < 5


def test_ids_that_were_made_otherwise_are_not_known() -> None:
    ids = RecordIds(SECRET)
    assert sum(ids.is_issued(uuid7(1_700_000_000_000, 0, chance)) for chance in range(1000)) < 5
    assert sum(ids.is_issued(uuid4()) for _ in range(1000)) < 5


@pytest.mark.parametrize("bit", range(128))
def test_changing_one_bit_makes_an_id_unknown(bit: int) -> None:
    ids = RecordIds(SECRET)
    # Of four different ids, all would have to be unlucky.
    assert not all(ids.is_issued(UUID(int=made.int ^ 1 << bit)) for made in ids.make(4))


@pytest.mark.parametrize("count", [1, 3, 10_000])
def test_they_rise_within_a_process(count: int) -> None:
    ids = RecordIds(SECRET)
    made = [id for _ in range(20_000 // count) for id in ids.make(count)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_they_follow_a_clock_that_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = RecordIds(SECRET)
    ids.make(5000)
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    made = ids.make(3)
    assert {time_of(each).timestamp() for each in made} == {1_700_000_000}
    assert made == sorted(set(made))


def test_threads_get_ids_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    ids, made = RecordIds(SECRET), []
    threads = [Thread(target=lambda: made.extend(ids.make(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    # The place in time alone sets them apart, whatever their random bits are.
    assert len({id.int >> 64 for id in made}) == 4000
