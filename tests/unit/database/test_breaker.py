"""webapp.database.breaker"""

from __future__ import annotations

import time

from webapp.database.breaker import Breaker


def test_it_lets_everybody_through_until_something_fails() -> None:
    breaker = Breaker(60)
    assert breaker.lets_through() and breaker.lets_through()
    breaker.failed()
    assert not breaker.lets_through()
    assert breaker.is_open


def test_after_a_rest_it_lets_one_try() -> None:
    breaker = Breaker(0.5)
    breaker.failed()
    time.sleep(0.6)
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_it_tells_when_it_opens_and_when_it_closes() -> None:
    told: list[bool] = []
    breaker = Breaker(60, told.append)
    breaker.succeeded()
    assert told == []
    breaker.failed()
    breaker.succeeded()
    breaker.succeeded()
    assert told == [False, True]


def test_a_success_closes_it() -> None:
    breaker = Breaker(60)
    breaker.failed()
    breaker.succeeded()
    assert breaker.lets_through()
    assert not breaker.is_open
