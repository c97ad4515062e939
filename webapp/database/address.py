"""Where a database is, in words for people: its hosts and its name, never a user, a password or an option."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

#: A URL whose parts can be told apart for certain. An “@”, “/” or “?” that a password holds must be percent-encoded.
URL = re.compile(r"[a-z+]+://(?:[^@/?#]*@)?(?P<hosts>[^@/?#]*)(?:/(?P<name>[^@/?#]*))?(?:\?(?P<options>[^@#]*))?")
#: A name, an IPv4 or bracketed IPv6 address or the folder of a socket; then perhaps a port.
HOST = re.compile(r"(?P<host>[\w.~/-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?")
NAME = re.compile(r"[\w. -]+")


def describe(url: str) -> str:
    """Return the place of a database such as ``PostgreSQL at db.example/scoredesk``.

    Whatever can't be told apart for certain is left out, because it may be a part of a password.
    """
    if not (parts := URL.fullmatch(url)):
        return "PostgreSQL"
    options = parse_qs(parts["options"] or "")
    hosts = parts["hosts"].split(",") if parts["hosts"] else ",".join(options.get("host", [])).split(",")
    matches = [HOST.fullmatch(unquote(host)) for host in hosts]
    place = ", ".join(match["host"] for match in matches if match) if all(matches) else ""
    name = unquote(parts["name"] or "") or options.get("dbname", [""])[0]
    name = name if NAME.fullmatch(name) else ""
    if place:
        return f"PostgreSQL at {place}/{name}" if name else f"PostgreSQL at {place}"
    return f"PostgreSQL, database {name}" if name else "PostgreSQL"
