"""The table of audit events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class AuditEventRecord(Base):
    """One row for each action on the service or its records; rows are added, never changed."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    action: Mapped[str]
    actor: Mapped[str | None]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
