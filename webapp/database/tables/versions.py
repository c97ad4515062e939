"""The table of publications and promotions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class VersionEvent(Base):
    """One row for each publication and for each change of the champion; rows are added, never changed.

    The champion of a model is named by its newest row whose action is not ‘published’.
    """

    __tablename__ = "version_events"
    __table_args__ = (
        CheckConstraint(
            "action IN ('published', 'promoted', 'rolled back', 'unloaded', 'loaded')", name="version_events_action"
        ),
        Index("version_events_model_id", "model", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    model: Mapped[str]
    version: Mapped[str]
    digest: Mapped[str]
    action: Mapped[str]
    actor: Mapped[str | None]
