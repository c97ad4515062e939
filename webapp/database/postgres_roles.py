"""Gives a role what the web processes need, and checks that it can't do more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from webapp.database.address import describe
from webapp.database.faults import operator_sentence
from webapp.database.privileges import ALL, FUNCTIONS, TABLES
from webapp.database.sqlstates import INSUFFICIENT_PRIVILEGE, sqlstate
from webapp.database.transactions import transaction
from webapp.errors import NotGrantable
from webapp.helpers.near_names import did_you_mean

#: Writing directly to a partition needs privileges on it, and does not run the triggers of its table.
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
#: A role that may become the owner may do everything that the owner may. No row if there are no tables.
MAY_BE_OWNER = text("""
    SELECT pg_has_role(CAST(coalesce(:role, current_user) AS name), relowner, 'MEMBER')
    FROM pg_class WHERE oid = to_regclass('predictions')
""")
#: Functions that run as the owner could be tricked into using what another role created in the schema.
MAY_CREATE = text("SELECT has_schema_privilege(CAST(:role AS name), current_schema(), 'CREATE')")
ROLES = text("SELECT rolname FROM pg_roles WHERE NOT starts_with(rolname, 'pg_') ORDER BY 1")
ROLE_EXISTS = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
SEQUENCES = text("""
    SELECT DISTINCT objid::regclass::text FROM pg_depend JOIN pg_class ON pg_class.oid = objid
    WHERE relkind = 'S' AND deptype IN ('a', 'i')
        AND refobjid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:tables AS text[])) AS name)
""")

NO_TABLES = "There are no tables in {}. To create them, run as their owner: flask --app wsgi db upgrade"
NOT_OWNER = "Only the owner of the tables can do this. Run the command with the owner's DATABASE_URL."
BY_HAND = "Create the role and its password yourself, and run the command again without ROLE_PASSWORD."


def grant(engine: Engine, role: str, password: str | None = None) -> None:
    """Give a role what the service needs and take away everything else; with a password, create the role if needed.

    Raises
    ------
    NotGrantable
        With the cause and what to do; nothing is changed then. Also when the role could still do more.
    """
    with _stating_the_cause(engine), transaction(engine, NotGrantable) as connection:
        may_be_owner = connection.scalar(MAY_BE_OWNER, {"role": None})
        if may_be_owner is None:
            raise NotGrantable(NO_TABLES.format(describe(engine.url.render_as_string())))
        if not may_be_owner:
            # PostgreSQL would only warn any other role.
            raise NotGrantable(NOT_OWNER)
        name = connection.dialect.identifier_preparer.quote_identifier(role)
        if password:
            _set_password(connection, role, name, password)
        if not connection.scalar(ROLE_EXISTS, {"role": role}):
            hint = did_you_mean(role, list(connection.scalars(ROLES)))
            raise NotGrantable(f"There is no role “{role}”.{hint} To create it, set its password in ROLE_PASSWORD.")
        for statement in _statements(connection, name):
            connection.exec_driver_sql(statement)
        if beyond := excess(connection, role):
            raise NotGrantable(f"“{role}” could do more than it should: {', '.join(beyond[:3])}. Choose another role.")


@contextmanager
def _stating_the_cause(engine: Engine) -> Iterator[None]:
    try:
        yield
    except NotGrantable as error:
        if error.__cause__ is None:
            raise
        is_refusal = sqlstate(error.__cause__) == INSUFFICIENT_PRIVILEGE
        sentence = NOT_OWNER if is_refusal else operator_sentence(error.__cause__, engine.url)
        raise NotGrantable(sentence) from error.__cause__


def may_do_more(engine: Engine) -> bool:
    """Return whether the role of these connections could do more than the service needs; False while out of reach."""
    with suppress(DBAPIError), engine.connect() as connection:
        return bool(excess(connection, str(connection.scalar(text("SELECT current_user")))))
    return False


def excess(connection: Connection, role: str) -> list[str]:
    """Return what a role could do beyond its privileges, for example as an owner, a superuser or a member of a role."""
    refused = [(name, privilege) for name, granted in TABLES.items() for privilege in ALL if privilege not in granted]
    tables, privileges = map(list, zip(*refused, strict=True))
    if connection.scalar(MAY_BE_OWNER, {"role": role}):
        return ["everything that the owner of the tables may do"]
    privileges_beyond = list(connection.scalars(EXCESS, {"role": role, "tables": tables, "privileges": privileges}))
    if connection.scalar(MAY_CREATE, {"role": role}):
        privileges_beyond.append("CREATE in the schema of the tables (REVOKE CREATE ON SCHEMA public FROM PUBLIC)")
    return privileges_beyond


def _set_password(connection: Connection, role: str, name: str, password: str) -> None:
    exists = connection.scalar(ROLE_EXISTS, {"role": role})
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  # nosec B101  # a connection in use has one
    # PostgreSQL may log the statement, so it gets SCRAM's verifier instead of the password.
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "ALTER" if exists else "CREATE"
    try:
        connection.exec_driver_sql(f"{verb} ROLE {name} LOGIN PASSWORD '{verifier}'")
    except DBAPIError as error:
        if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
            raise NotGrantable(f"The role “{driver.info.user}” lacks CREATEROLE. {BY_HAND}") from None
        raise


def _statements(connection: Connection, name: str) -> Iterable[str]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    database, schema = connection.execute(text("SELECT current_database(), current_schema()")).one()
    yield f"GRANT CONNECT ON DATABASE {quote(database)} TO {name}"
    yield f"REVOKE CREATE ON SCHEMA {quote(schema)} FROM {name}"
    yield f"GRANT USAGE ON SCHEMA {quote(schema)} TO {name}"
    for table, privileges in TABLES.items():
        # The role sees partitions, also future ones, only through their table.
        yield f"REVOKE ALL ON {quote(table)} FROM {name}"
        yield f"GRANT {', '.join(privileges)} ON {quote(table)} TO {name}"
    for sequence in connection.scalars(SEQUENCES, {"tables": list(TABLES)}):
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {name}"
    for function in FUNCTIONS:
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {name}"
