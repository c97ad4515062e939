"""Checks in PostgreSQL's catalogs that only the service's own triggers and functions act on its tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from webapp.database.privileges import TABLES

#: The SHA-256 of the body of each function, as the migrations create it.
FUNCTIONS = {
    "make_predictions_partition(date)": "83ec6509e70b73fb38e40fd507bd93df3d41acc69bfb031cfd453dd5bbbbef7f",
    "refuse_change()": "21656e85279c71a0142225e71a777c87c00fa5e7a70b868e681827a712c77e47",
    "tell_version_event()": "2108bb5bd30ff4dd1578de2b40f5346a3f4696c6f963ca580b07c2e615b8510b",
}
#: The defaults that the migrations set. Other defaults could number or date a row wrongly.
DEFAULTS = ("now()", "nextval('predictions_number'::regclass)", "uuid_send(gen_random_uuid())")

ALTERED = """
    SELECT 'The function ' || name || ' was altered: it may no longer do what the service needs.'
    FROM unnest(CAST(:functions AS text[]), CAST(:digests AS text[])) AS expected (name, digest)
    LEFT JOIN pg_proc ON oid = to_regprocedure(name)
    WHERE encode(sha256(convert_to(prosrc, 'UTF8')), 'hex') IS DISTINCT FROM digest ORDER BY 1"""

# 2 stands for BEFORE; 8, 16 and 32 stand for DELETE, UPDATE and TRUNCATE (pg_trigger.h). A trigger
# counts only if it is enabled, on all columns and without a condition.
UNGUARDED = """
    SELECT 'A trigger that refuses changes is missing or disabled on ' || c.oid::regclass || '.'
    FROM pg_class c
    LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A') AND t.tgtype & 2 = 2
        AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgfoid = to_regprocedure('refuse_change()')
    WHERE c.oid IN ('predictions'::regclass, 'seals'::regclass, 'audit_events'::regclass, 'version_events'::regclass)
       OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'predictions'::regclass)
    GROUP BY c.oid
    HAVING coalesce(bit_or(t.tgtype), 0) & 56 <> 56
    ORDER BY 1"""

#: The tables and all that inherits from them, partitions too.
OURS = """
    WITH RECURSIVE tables AS (
        SELECT to_regclass(quote_ident(name))::oid AS id FROM unnest(CAST(:tables AS text[])) AS name
        UNION SELECT inhrelid FROM pg_inherits JOIN tables ON inhparent = id
    )
    """
# 4 stands for INSERT. PostgreSQL's own triggers check foreign keys.
FOREIGN_TRIGGERS = """
    SELECT format('A trigger that is not the service''s own is on %s: %I.', tgrelid::regclass, tgname)
    FROM pg_trigger JOIN tables ON tgrelid = id
    WHERE NOT tgisinternal
      AND NOT (tgfoid = to_regprocedure('refuse_change()') AND tgtype & 4 = 0)
      AND NOT (tgfoid = to_regprocedure('tell_version_event()') AND tgrelid = to_regclass('version_events'))
    ORDER BY 1"""
FOREIGN_RULES = """
    SELECT format('A rule that is not the service''s own is on %s: %I.', ev_class::regclass, rulename)
    FROM pg_rewrite JOIN tables ON ev_class = id ORDER BY 1"""
FOREIGN_POLICIES = """
    SELECT format('Row-level security can hide or refuse rows of %s.', oid::regclass)
    FROM pg_class JOIN tables ON oid = id
    WHERE relrowsecurity OR relforcerowsecurity OR oid IN (SELECT polrelid FROM pg_policy) ORDER BY 1"""
SILENT_TRIGGER = """
    SELECT 'The trigger that tells workers of a new champion is missing or disabled on version_events.'
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = to_regclass('version_events') AND tgenabled IN ('O', 'A')
            AND tgfoid = to_regprocedure('tell_version_event()') AND tgtype = 4 AND tgqual IS NULL)"""
OTHER_KINDS = """
    SELECT name || ' is missing, or is no ordinary table: its rows may not last.'
    FROM unnest(CAST(:tables AS text[])) AS name LEFT JOIN pg_class ON oid = to_regclass(quote_ident(name))
    WHERE (relkind = CASE name WHEN 'predictions' THEN 'p' ELSE 'r' END AND relpersistence = 'p') IS NOT TRUE
    ORDER BY 1"""
OTHER_HEIRS = """
    SELECT format('%s was attached to %s by another role, or its rows may not last.',
                  inhrelid::regclass, inhparent::regclass)
    FROM pg_inherits JOIN pg_class ON oid = inhrelid
    WHERE (inhparent IN (SELECT id FROM tables) OR inhrelid IN (SELECT id FROM tables))
      AND NOT (inhparent = to_regclass('predictions') AND relname ~ '^predictions_[0-9]{6}$'
               AND relkind = 'r' AND relpersistence = 'p')
    ORDER BY 1"""
# Rows go through the table, so the defaults of a partition are never used.
OTHER_DEFAULTS = """
    SELECT format('The default of %s.%I was altered.', adrelid::regclass, attname)
    FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE adrelid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:tables AS text[])) AS name)
      AND pg_get_expr(adbin, adrelid) <> ALL (CAST(:defaults AS text[]))
    ORDER BY 1"""
QUERIES = (
    ALTERED,
    UNGUARDED,
    SILENT_TRIGGER,
    OTHER_KINDS,
    *(OURS + query for query in (FOREIGN_TRIGGERS, FOREIGN_RULES, FOREIGN_POLICIES, OTHER_HEIRS)),
    OTHER_DEFAULTS,
)


def problems(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each thing that could change, discard or hide rows, or let them be changed."""
    values = {
        "tables": list(TABLES),
        "functions": list(FUNCTIONS),
        "digests": list(FUNCTIONS.values()),
        "defaults": list(DEFAULTS),
    }
    for query in QUERIES:
        named = {name: value for name, value in values.items() if f":{name} " in query}
        yield from connection.execute(text(query), named).scalars()
