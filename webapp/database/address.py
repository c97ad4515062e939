"""The address of a database: as the driver takes it, and in words for people without a user, a password or an option.

An address has libpq's own form: a URL, perhaps with several hosts, or ``host=… dbname=…``.
"""

from __future__ import annotations

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import URL

#: What SQLAlchemy puts behind the scheme of a URL, and libpq does not know.
DRIVER = re.compile(r"(?<=^postgresql)\+\w+(?=://)")
#: A name, an IPv4 or IPv6 address or the folder of a socket. Anything else may be a part of a password.
HOST = re.compile(r"[\w.~/-]+|(?P<v6>[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)")
NAME = re.compile(r"[\w. -]+")


def with_driver(address: str) -> URL:
    """Return an address as SQLAlchemy's URL with psycopg 3 as its driver; only libpq reads its parts."""
    parts = _parts(address)
    user, password, name = (parts.pop(key, None) for key in ("user", "password", "dbname"))
    return URL.create("postgresql+psycopg", username=user, password=password, database=name, query=parts)


def with_password(address: str, password: str | None) -> str:
    """Return an address with a password that is kept beside it; without one, the address as it is."""
    return make_conninfo(DRIVER.sub("", address), password=password) if password else address


def describe(address: str) -> str:
    """Return the place of a database such as ``PostgreSQL at db.example/scoredesk``.

    Whatever can't be told apart for certain is left out, because it may be a part of a password.
    """
    try:
        parts = _parts(address)
    except psycopg.Error:
        return "PostgreSQL"
    name = parts.get("dbname", "")
    if "@" in name:
        # The password holds a “/” that is not percent-encoded, so the other parts are parts of it.
        return "PostgreSQL"
    hosts = [HOST.fullmatch(host) for host in parts.get("host", "").split(",")]
    place = ", ".join(f"[{host[0]}]" if host["v6"] else host[0] for host in hosts if host) if all(hosts) else ""
    name = name if NAME.fullmatch(name) else ""
    if place:
        return f"PostgreSQL at {place}/{name}" if name else f"PostgreSQL at {place}"
    return f"PostgreSQL, database {name}" if name else "PostgreSQL"


def _parts(address: str) -> dict[str, str]:
    return {name: str(value) for name, value in conninfo_to_dict(DRIVER.sub("", address)).items()}
