"""The table of the keys' fingerprints."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, func
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class KeyFingerprint(Base):
    """One row for each key that all hosts of the database share; only the owner of the tables changes one.

    A fingerprint tells whether two keys are the same, and neither of them.
    """

    __tablename__ = "key_fingerprints"

    #: The setting that holds the key.
    name: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
