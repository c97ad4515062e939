"""Checks that the triggers that refuse changes are all present and work."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

#: The body of the triggers' function, as the first migration created it.
REFUSAL = """
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END """
FUNCTION_BODY = text("SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('refuse_change()')")

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
    """Yield a sentence for each trigger that no longer protects its table."""
    if connection.execute(FUNCTION_BODY).scalar() != REFUSAL:
        yield "The function refuse_change() was altered: it may no longer refuse changes."
    for table in connection.execute(UNGUARDED).scalars():
        yield f"A trigger that refuses changes is missing or disabled on {table}."
