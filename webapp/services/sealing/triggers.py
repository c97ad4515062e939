"""Looks whether the triggers that refuse changes are all there and do what they should."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

#: What the triggers run, as the first migration made it.
REFUSAL = """
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END """
TOLD = text("SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('refuse_change()')")

# 2 stands for BEFORE; 8, 16 and 32 stand for DELETE, UPDATE and TRUNCATE (pg_trigger.h). A trigger
# counts only if it is enabled, on all columns and without a condition.
UNGUARDED = text("""
    SELECT c.oid::regclass::text
    FROM pg_class c
    LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A') AND t.tgtype & 2 = 2
        AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgfoid = to_regprocedure('refuse_change()')
    WHERE c.oid IN ('predictions'::regclass, 'seals'::regclass, 'audit_events'::regclass, 'version_events'::regclass)
       OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'predictions'::regclass)
    GROUP BY c.oid
    HAVING coalesce(bit_or(t.tgtype), 0) & 56 <> 56
    ORDER BY 1""")


def problems(connection: Connection) -> Iterator[str]:
    """Tell what no longer keeps the tables from being changed."""
    if connection.execute(TOLD).scalar() != REFUSAL:
        yield "The function refuse_change() does not refuse changes as it did."
    for table in connection.execute(UNGUARDED).scalars():
        yield f"A trigger that refuses changes is missing or disabled on {table}."
