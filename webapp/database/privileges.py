"""What the role of the web processes may do, table by table; only the owner may do anything else."""

from __future__ import annotations

READ = ("SELECT",)
ADD = ("SELECT", "INSERT")
CHANGE = ("SELECT", "INSERT", "UPDATE", "DELETE")
#: Every privilege that a table has.
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

#: Each new table needs a line here. A table whose rows must never change gets ADD.
TABLES = {
    "alembic_version": READ,
    "api_keys": ("SELECT", "INSERT", "UPDATE"),
    "attempts": CHANGE,
    "audit_events": ADD,
    "grants": ("SELECT", "INSERT", "DELETE"),
    "idempotency_keys": CHANGE,
    # A host may register its keys if it is the first, but only the owner accepts others.
    "key_fingerprints": ADD,
    "password_links": CHANGE,
    "predictions": ADD,
    "seals": ADD,
    "sessions": CHANGE,
    "users": ("SELECT", "INSERT", "UPDATE (password_hash, disabled_at)"),
    "version_events": ADD,
}
#: The functions that it may call; they run as the owner.
FUNCTIONS = ("make_predictions_partition(date)",)
