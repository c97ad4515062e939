"""The spool: records that wait for PostgreSQL, and the replayer that moves them there."""

from __future__ import annotations

from webapp.services.spool.replayer import Replayer
from webapp.services.spool.spool import Spool, SpoolStatus

__all__ = ["Replayer", "Spool", "SpoolStatus"]
