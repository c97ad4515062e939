"""webapp.database.address: what is said of a database's URL holds nothing that is secret"""

from __future__ import annotations

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from webapp.config import Settings
from webapp.database.address import describe, with_driver
from webapp.database.embedded import database_url
from webapp.database.engines import session_url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://desk:hush@db.example:5432/scoredesk?sslmode=require", "PostgreSQL at db.example/scoredesk"),
        ("postgres://db.example/scoredesk", "PostgreSQL at db.example/scoredesk"),
        ("postgresql+psycopg://desk@db.example/scoredesk", "PostgreSQL at db.example/scoredesk"),
        ("postgresql://desk:hush@db.example", "PostgreSQL at db.example"),
        ("postgresql://desk:hush@one:5432,two:5433/scoredesk", "PostgreSQL at one, two/scoredesk"),
        ("postgresql://desk:hush@[2001:db8::1]:5432/scoredesk", "PostgreSQL at [2001:db8::1]/scoredesk"),
        ("postgresql://desk:hush@%2Fvar%2Frun/scoredesk", "PostgreSQL at /var/run/scoredesk"),
        ("postgresql:///scoredesk?host=/var/run&password=hush", "PostgreSQL at /var/run/scoredesk"),
        ("postgresql:///scoredesk?host=one,two&port=5432,5433", "PostgreSQL at one, two/scoredesk"),
        (
            "postgresql://desk:hush@one,two/scoredesk?target_session_attrs=read-write",
            "PostgreSQL at one, two/scoredesk",
        ),
        ("host=one,two dbname=scoredesk user=desk password=hush", "PostgreSQL at one, two/scoredesk"),
        ("service=hush", "PostgreSQL"),
        ("postgresql://?dbname=scoredesk&user=desk&password=hush", "PostgreSQL, database scoredesk"),
        ("postgresql:///score%20desk", "PostgreSQL, database score desk"),
        ("postgresql://", "PostgreSQL"),
        ("postgresql://?service=hush", "PostgreSQL"),
    ],
)
def test_it_says_host_and_name(url: str, said: str) -> None:
    assert describe(url) == said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:hush@hush@db.example/scoredesk",
        "postgresql://desk:hush/hush@db.example/scoredesk",
        "postgresql://desk:hush?hush@db.example/scoredesk",
        "postgresql://desk:hush#hush@db.example/scoredesk",
        "postgresql://desk:hush/scoredesk",
        "postgresql://db.example/scoredesk#hush",
        "postgresql://db.example/scoredesk?password=hush@hush",
        "postgresql://desk%3Ahush%40db.example/scoredesk",
        "postgresql://db.example/desk%3Ahush%40scoredesk",
    ],
)
def test_it_leaves_out_what_may_be_a_password(url: str) -> None:
    assert "hush" not in describe(url)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        (
            "postgresql://desk:hu%2Fsh@one:5432,two/scoredesk?target_session_attrs=read-write",
            {"user": "desk", "password": "hu/sh", "host": "one,two", "port": "5432,", "dbname": "scoredesk"}
            | {"target_session_attrs": "read-write"},
        ),
        ("postgres://desk@[2001:db8::1],two/", {"user": "desk", "host": "2001:db8::1,two", "port": ","}),
        ("postgresql+psycopg://desk@one/scoredesk", {"user": "desk", "host": "one", "dbname": "scoredesk"}),
        ("postgresql:///scoredesk?host=/var/run", {"host": "/var/run", "dbname": "scoredesk"}),
        ("postgresql://?service=desk", {"service": "desk"}),
        ("host=one,two dbname='score desk'", {"host": "one,two", "port": ",", "dbname": "score desk"}),
    ],
)
def test_the_driver_gets_what_libpq_reads(address: str, taken: dict[str, str]) -> None:
    assert PGDialect_psycopg().create_connect_args(with_driver(address))[1] == taken


def test_sqlalchemy_tells_nobody_the_password() -> None:
    assert "hush" not in repr(with_driver("postgresql://desk:hush@one,two/scoredesk"))


def test_a_password_beside_an_address_may_hold_any_character() -> None:
    password = "a 'quoted' /@%\\ one"
    settings = Settings(
        database_url="postgresql://desk@one,two/scoredesk?target_session_attrs=read-write",
        maintenance_database_url="postgresql+psycopg://owner@three/scoredesk",
        database_password=password,
    )
    for address, user, hosts in (
        (database_url(settings), "desk", "one,two"),
        (session_url(settings), "owner", "three"),
    ):
        url = with_driver(address)
        assert (url.username, url.password, url.database, url.query["host"]) == (user, password, "scoredesk", hosts)
