"""Seals the log, so that changes made outside the service are detected."""

from __future__ import annotations

from webapp.services.sealing.copies import Copies
from webapp.services.sealing.last_head import LastHead
from webapp.services.sealing.schedule import PeriodicSealer
from webapp.services.sealing.sealed import Sealed
from webapp.services.sealing.sealer import Sealer

__all__ = ["Copies", "LastHead", "PeriodicSealer", "Sealed", "Sealer"]
