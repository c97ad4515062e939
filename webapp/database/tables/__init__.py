"""All tables; importing this package fills the metadata that migrations are compared with."""

from __future__ import annotations

from webapp.database.tables import accounts, audit, idempotency, keys, predictions, seals, versions

__all__ = ["accounts", "audit", "idempotency", "keys", "predictions", "seals", "versions"]
