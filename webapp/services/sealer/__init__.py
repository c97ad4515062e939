"""Seals the log so that whoever changes it behind the service's back is found out."""

from __future__ import annotations

from webapp.services.sealer.copies import Copies
from webapp.services.sealer.rounds import Rounds
from webapp.services.sealer.sealer import Sealed, Sealer

__all__ = ["Copies", "Rounds", "Sealed", "Sealer"]
