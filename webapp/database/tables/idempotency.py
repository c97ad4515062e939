"""The table of idempotency keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class IdempotencyKey(Base):
    """One row for each Idempotency-Key: the claim of a running request, or its answer; removed after a day.

    Neither the key nor the request is stored, only their digests, which depend on SECRET_KEY.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("num_nulls(status, content_type, answer) IN (0, 3)", name="idempotency_keys_answer"),
        Index("idempotency_keys_claimed_at", "claimed_at"),
    )

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    claim: Mapped[UUID]
    #: Null, like the answer, while the request runs.
    status: Mapped[int | None]
    content_type: Mapped[str | None]
    answer: Mapped[bytes | None]
