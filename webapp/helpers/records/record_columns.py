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
#: What PostgreSQL fills in.
GENERATED = frozenset({"number"})
#: What a row has besides the prediction.
EVIDENCE = frozenset({"salt", "mac"}) | GENERATED
#: What a seal covers for good, besides the output. It is hashed in this order: seals that were made before hold.
METADATA = ("id", "created_at", "model", "version", "digest", "channel", "actor", "request_id", "status", "duration")
