"""The table of predictions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base


class PredictionRecord(Base):
    """One row for each prediction, answered or not; rows are added, never changed.

    Partitioned by month on ``created_at``. ``id`` is a UUIDv7 that contains the same instant, so a look-up by
    id knows its partition.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        CheckConstraint("status IN ('answered', 'failed', 'rejected')", name="predictions_status"),
        Index("predictions_model_created_at_id", "model", "created_at", "id"),
        # Most rows are answered and never enter this index, so it costs almost nothing.
        Index(
            "predictions_unanswered",
            "status",
            "created_at",
            "id",
            postgresql_where=text("status <> 'answered'"),
        ),
        Index(
            "predictions_by_number",
            "number",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        ),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str]
    version: Mapped[str]
    digest: Mapped[str]
    channel: Mapped[str]
    actor: Mapped[str | None]
    request_id: Mapped[str]
    status: Mapped[str]
    inputs: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: JSON instead of JSONB, because it keeps the order of the classes.
    output: Mapped[dict[str, Any]] = mapped_column(JSON)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    duration: Mapped[float]
    #: Prevents guessing the inputs and warnings from their digest; null once these are forgotten. Services of a version
    #: that knew no salts leave it to PostgreSQL.
    salt: Mapped[bytes | None] = mapped_column(server_default=text("uuid_send(gen_random_uuid())"))
    #: A code that only the service can compute; null in rows of a version that knew none. The numbers of those are
    #: negative that were there before the column was.
    mac: Mapped[bytes | None]
    #: The order in which rows were inserted; rows that waited in the spool come late.
    number: Mapped[int] = mapped_column(BigInteger)
