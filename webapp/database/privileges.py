"""What the role of the web processes may do, table by table; all else is the owner's alone."""

from __future__ import annotations

READ = ("SELECT",)
ADD = ("SELECT", "INSERT")
CHANGE = ("SELECT", "INSERT", "UPDATE", "DELETE")
#: All that there is to give of a table.
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

#: A new table takes a line here. What must never be changed takes ADD.
TABLES = {
    "alembic_version": READ,
    "api_keys": ("SELECT", "INSERT", "UPDATE"),
    "attempts": CHANGE,
    "audit_events": ADD,
    # Users are made, and given roles, by the owner's commands.
    "grants": READ,
    "idempotency_keys": CHANGE,
    "predictions": ADD,
    "seals": ADD,
    "sessions": CHANGE,
    "users": ("SELECT", "UPDATE (password_hash)"),
    "version_events": ADD,
}
#: What it may call; these run as the owner.
FUNCTIONS = ("make_predictions_partition(date)",)
