"""What is said when a database refuses, by a real PostgreSQL where it can be made to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, text

from tests.conftest import DatabaseServer
from webapp.database import faults
from webapp.database.address import describe, with_driver
from webapp.database.sqlstates import RowsDiscarded
from webapp.database.transactions import failing_as, transaction
from webapp.errors import AccountsUnavailable


@contextmanager
def role(database_url: str, options: str) -> Iterator[str]:
    """Give the address of the same database for a role of its own."""
    name = f"scoredesk_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN " + options).format(sql.Identifier(name)))
        yield make_conninfo(database_url, user=name)
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def said(url: str, statement: str = "SELECT * FROM users") -> tuple[str, str]:
    """What people read, and what the operator reads, of what a statement ends in."""
    engine = create_engine(with_driver(url))
    with pytest.raises(AccountsUnavailable) as raised, transaction(engine, AccountsUnavailable) as connection:
        connection.execute(text(statement))
    engine.dispose()
    return raised.value.message, faults.operator_sentence(raised.value.__cause__, engine.url)


def test_a_role_without_privileges_is_not_called_out_of_reach(database_url: str) -> None:
    with role(database_url, "") as url:
        people, operator = said(url)
    assert people == "The service's role in the database may not do this. Please tell the administrator."
    assert operator.startswith("The role “scoredesk_")
    assert "Use the DATABASE_URL of the tables' owner" in operator


def test_a_database_without_tables_is_named_with_the_command_that_makes_them(database_server: DatabaseServer) -> None:
    url = database_server.create(template="template0")
    people, operator = said(url)
    assert people == "The database has no tables yet. Please tell the administrator."
    assert operator == f"There are no tables in {describe(url)}. To create them, run as their owner: {UPGRADE}"
    database_server.drop(url)


UPGRADE = "flask --app wsgi db upgrade"


def test_a_database_that_does_not_exist_is_told_from_a_server_that_does_not_answer(database_url: str) -> None:
    people, operator = said(make_conninfo(database_url, dbname="nowhere"))
    assert people == "The service's database does not exist. Please tell the administrator."
    assert "/nowhere does not exist, but its server answers. Correct the name in DATABASE_URL" in operator


def test_a_role_that_does_not_exist_is_told(database_url: str) -> None:
    people, operator = said(make_conninfo(database_url, user="nobody_at_all"))
    assert people == "The database refused the service's role. Please tell the administrator."
    assert "does not let the role “nobody_at_all” in" in operator


def test_a_server_that_has_no_free_connection_is_told(database_url: str) -> None:
    with role(database_url, "CONNECTION LIMIT 0") as url:
        people, operator = said(url)
    assert people == "The database has no free connection. Please try again in a moment."
    assert "has no free connection. Raise max_connections in PostgreSQL" in operator


def test_a_database_that_takes_no_writes_is_told(database_url: str) -> None:
    url = make_conninfo(database_url, options="-c default_transaction_read_only=on")
    people, operator = said(url, "DELETE FROM sessions")
    assert people == "The database accepts no changes right now. Please tell the administrator."
    assert "it is a standby, or was made read-only" in operator


def test_a_server_that_does_not_answer_is_named(database_url: str) -> None:
    people, operator = said("postgresql://ada:hush@127.0.0.1:9/scores")
    assert people == AccountsUnavailable().message
    assert operator.startswith("PostgreSQL at 127.0.0.1/scores can't be reached. Check DATABASE_URL")
    assert "hush" not in operator


@pytest.mark.parametrize(
    ("state", "words"),
    {
        "53100": "The disk of {} is full. Free space there",
        "53200": "{} has not enough memory.",
        "57P03": "{} is starting or stopping.",
        "42703": "The tables in {} are those of another version.",
        "22003": "{} refused this (SQLSTATE 22003).",
    }.items(),
)
def test_each_refusal_has_a_sentence_of_its_own(database_url: str, state: str, words: str) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'Ada is 36' USING ERRCODE = '{state}'; END $$"
    people, operator = said(database_url, raising)
    assert operator.startswith(words.format(describe(database_url)))
    assert "Ada" not in people + operator


#: The words of libpq and of servers that the tests can't set up.
WORDS = {
    'connection failed: FATAL:  password authentication failed for user "ada"': "refused the password of the role",
    "connection failed: fe_sendauth: no password supplied": "refused the password of the role",
    'connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1"': "pg_hba.conf admits it from this machine",
    "connection failed: FATAL:  sorry, too many clients already": "has no free connection",
    "connection failed: FATAL:  the database system is starting up": "is starting or stopping",
    "failed to resolve host 'db.exmaple': [Errno -2] Name or service not known": "no machine of this name is known",
    "connection failed: server does not support SSL, but SSL was required": "don't agree on TLS",
    "connection failed: Connection refused": "can't be reached",
}


@pytest.mark.parametrize(("words", "sentence"), WORDS.items())
def test_what_a_failed_connection_says_is_understood(words: str, sentence: str) -> None:
    error = psycopg.OperationalError(words)
    assert sentence in faults.operator_sentence(error, with_driver("postgresql://ada@db.example/scores"))


def test_rows_that_were_discarded_are_told_from_an_outage() -> None:
    def fail() -> None:
        raise RowsDiscarded

    assert said_of(fail) == "The database did not keep what it was given. Please tell the administrator."


def said_of(call: Callable[[], None]) -> str:
    with pytest.raises(AccountsUnavailable) as raised, failing_as(AccountsUnavailable):
        call()
    return raised.value.message
