"""How attempts are counted"""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from webapp.errors import TooManyAttempts
from webapp.services.accounts import Attempts

#: So long that no new window begins while a test runs, unless it is midnight.
DAY = timedelta(days=1)


@pytest.fixture
def attempts(app: Flask) -> Attempts:
    return app.extensions["scoredesk"].attempts  # type: ignore[no-any-return]


def count(attempts: Attempts, **limits: int) -> bool:
    """Tell whether one more may be."""
    try:
        attempts.count(limits, DAY)
    except TooManyAttempts:
        return False
    return True


def test_there_may_be_so_many_and_no_more(attempts: Attempts) -> None:
    assert [count(attempts, ada=2) for _ in range(4)] == [True, True, False, False]


def test_one_that_is_refused_for_one_subject_is_counted_for_none(attempts: Attempts) -> None:
    assert [count(attempts, address=3, ada=1) for _ in range(5)] == [True] + [False] * 4
    assert [count(attempts, address=3, bob=9) for _ in range(3)] == [True, True, False]


def test_one_that_is_taken_back_was_never_there(attempts: Attempts) -> None:
    assert count(attempts, ada=1)
    for _ in range(2):
        attempts.take_back("ada", DAY)
    assert [count(attempts, ada=1) for _ in range(2)] == [True, False]


def test_after_a_success_it_begins_anew(attempts: Attempts) -> None:
    assert [count(attempts, ada=1) for _ in range(2)] == [True, False]
    attempts.forget("ada", DAY)
    assert count(attempts, ada=1)


def test_one_that_is_remembered_is_known_for_its_days_and_then_forgotten(attempts: Attempts, database_url: str) -> None:
    assert not attempts.remembers("ada")
    for _ in range(2):
        attempts.remember("ada", 30)
    assert (attempts.remembers("ada"), attempts.remembers("bob")) == (True, False)
    # It outlives the removal of old counts, which the first attempt of a subject does.
    assert count(attempts, bob=1)
    assert attempts.remembers("ada")
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE attempts SET window_start = window_start - interval '32 days'")
    assert not attempts.remembers("ada")
    assert count(attempts, carol=1)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone() == (1,)


@pytest.mark.parametrize(
    ("seconds", "when"), [(1, "a minute"), (60, "a minute"), (61, "2 minutes"), (180, "3 minutes"), (900, "15 minutes")]
)
def test_it_says_when_to_try_again(seconds: int, when: str) -> None:
    error = TooManyAttempts(seconds)
    assert (error.retry_after, error.message) == (seconds, f"Too many attempts. Please try again in {when}.")
