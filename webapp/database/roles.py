"""Gives a role what the web processes need, and sees that it can do no more."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from webapp.database.privileges import ALL, FUNCTIONS, TABLES
from webapp.database.transactions import transaction
from webapp.errors import NotGrantable

#: A partition has the privileges of its table, and who may write to it directly passes no trigger of its parent.
EXCESS = text("""
    SELECT privilege || ' on ' || relation::regclass
    FROM unnest(CAST(:tables AS text[]), CAST(:privileges AS text[])) AS refused (name, privilege),
        LATERAL (
            SELECT to_regclass(quote_ident(name))::oid
            UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(quote_ident(name))
        ) AS every (relation)
    WHERE has_table_privilege(CAST(:role AS name), relation, privilege)
    ORDER BY 1
""")
#: Whoever may become the owner may do all that the owner may.
MAY_BE_OWNER = text("""
    SELECT pg_has_role(CAST(coalesce(:role, current_user) AS name), relowner, 'MEMBER')
    FROM pg_class WHERE oid = to_regclass('predictions')
""")
#: Functions that run as the owner would take what somebody else has put there for their own.
MAY_CREATE = text("SELECT has_schema_privilege(CAST(:role AS name), current_schema(), 'CREATE')")
SEQUENCES = text("""
    SELECT DISTINCT objid::regclass::text FROM pg_depend JOIN pg_class ON pg_class.oid = objid
    WHERE relkind = 'S' AND deptype IN ('a', 'i')
        AND refobjid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:tables AS text[])) AS name)
""")


def grant(engine: Engine, role: str, password: str | None = None) -> None:
    """Let a role do what the service does, and take from it all else; with a password it is made if it isn't there.

    Raises
    ------
    NotGrantable
        Also when the role could do more nevertheless; then nothing is changed.
    """
    with transaction(engine, NotGrantable) as connection:
        if not connection.scalar(MAY_BE_OWNER, {"role": None}):
            # To anybody else PostgreSQL would only give a warning.
            raise NotGrantable
        name = connection.dialect.identifier_preparer.quote_identifier(role)
        if password:
            _set_password(connection, role, name, password)
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
            raise NotGrantable(f"There is no role “{role}”. Give a password to make it.")
        for statement in _statements(connection, name):
            connection.exec_driver_sql(statement)
        if found := excess(connection, role):
            raise NotGrantable(f"“{role}” could do more than it may: {', '.join(found[:3])}. Choose another role.")


def may_do_more(engine: Engine) -> bool:
    """Tell whether the role of these connections could do more than the service needs; no while out of reach."""
    with suppress(DBAPIError), engine.connect() as connection:
        return bool(excess(connection, str(connection.scalar(text("SELECT current_user")))))
    return False


def excess(connection: Connection, role: str) -> list[str]:
    """Name what a role could do beyond its privileges, as an owner, a superuser or a member of another role can."""
    refused = [(name, each) for name, given in TABLES.items() for each in ALL if each not in given]
    tables, privileges = map(list, zip(*refused, strict=True))
    if connection.scalar(MAY_BE_OWNER, {"role": role}):
        return ["all that the owner of the tables may do"]
    found = list(connection.scalars(EXCESS, {"role": role, "tables": tables, "privileges": privileges}))
    if connection.scalar(MAY_CREATE, {"role": role}):
        found.append("CREATE in the schema of the tables (REVOKE CREATE ON SCHEMA public FROM PUBLIC)")
    return found


def _set_password(connection: Connection, role: str, name: str, password: str) -> None:
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  # nosec B101  # a connection that is in use has one
    # What is sent, and may be logged, is SCRAM's verifier and not the password.
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "ALTER" if known else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {name} LOGIN PASSWORD '{verifier}'")


def _statements(connection: Connection, name: str) -> Iterable[str]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    database, schema = connection.execute(text("SELECT current_database(), current_schema()")).one()
    yield f"GRANT CONNECT ON DATABASE {quote(database)} TO {name}"
    yield f"REVOKE CREATE ON SCHEMA {quote(schema)} FROM {name}"
    yield f"GRANT USAGE ON SCHEMA {quote(schema)} TO {name}"
    for table, privileges in TABLES.items():
        # It sees partitions, which are made later too, through their table only.
        yield f"REVOKE ALL ON {quote(table)} FROM {name}"
        yield f"GRANT {', '.join(privileges)} ON {quote(table)} TO {name}"
    for sequence in connection.scalars(SEQUENCES, {"tables": list(TABLES)}):
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {name}"
    for function in FUNCTIONS:
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {name}"
