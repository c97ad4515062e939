"""webapp.database.breaker"""

from __future__ import annotations

import time

import pytest
from sqlalchemy import create_engine, text

from webapp.database.address import with_driver
from webapp.database.breaker import Breaker
from webapp.database.transactions import transaction
from webapp.errors import AccountsUnavailable, LoginRefused


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


def test_an_open_one_spares_transactions_the_wait() -> None:
    breaker = Breaker(60)
    engine = create_engine("postgresql+psycopg://x@127.0.0.1:9/x").execution_options(breaker=breaker)
    with pytest.raises(AccountsUnavailable) as first, transaction(engine, AccountsUnavailable):
        pass
    with pytest.raises(AccountsUnavailable) as second, transaction(engine, AccountsUnavailable):
        pass
    # The second did not try.
    assert (first.value.__cause__ is None, second.value.__cause__ is None) == (False, True)


def test_what_a_transaction_refuses_shows_that_postgresql_answers(database_url: str) -> None:
    breaker = Breaker(0)
    engine = create_engine(with_driver(database_url)).execution_options(breaker=breaker)
    breaker.failed()
    with pytest.raises(LoginRefused), transaction(engine, AccountsUnavailable) as connection:
        connection.execute(text("SELECT 1"))
        raise LoginRefused
    assert not breaker.is_open
    engine.dispose()
