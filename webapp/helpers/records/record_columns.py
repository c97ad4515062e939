"""The columns of a prediction, defined once.

The statement that inserts rows, the lines of the spool, the seals and the exports read them from here. A test compares
them with the table.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Each column with its type in PostgreSQL, in the order of the table.
COLUMNS: Mapping[str, str] = {
    "created_at": "timestamptz",
    "id": "uuid",
    "model": "text",
    "version": "text",
    "digest": "text",
    "channel": "text",
    "actor": "text",
    "request_id": "text",
    "status": "text",
    "inputs": "jsonb",
    "output": "json",
    "warnings": "jsonb",
    "duration": "float8",
    "salt": "bytea",
    "mac": "bytea",
    "number": "bigint",
}
#: Columns that PostgreSQL fills in.
GENERATED = frozenset({"number"})
#: Columns that are not part of the prediction but prove that it is unchanged.
EVIDENCE = frozenset({"salt", "mac"}) | GENERATED
#: Columns that a seal covers, besides the output, even after inputs and warnings were deleted. They are hashed in this
#: order, which must not change: existing seals depend on it.
METADATA = ("id", "created_at", "model", "version", "digest", "channel", "actor", "request_id", "status", "duration")
