"""The tables, in SQLAlchemy's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class PredictionRecord(Base):
    """One row for each prediction that was asked for; rows are added, never changed.

    Partitioned by month on ``created_at``. ``id`` is a UUIDv7 that carries the same instant,
    so that a look-up by id knows its partition.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        CheckConstraint("status IN ('answered', 'failed', 'rejected')", name="predictions_status"),
        Index("predictions_model_created_at_id", "model", "created_at", "id"),
        # Most rows never enter it, so that it costs next to nothing.
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
    #: As JSON, not JSONB, because that keeps the classes in their order.
    output: Mapped[dict[str, Any]] = mapped_column(JSON)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    duration: Mapped[float]
    #: Keeps the inputs and warnings from being guessed from their digest; null once these are forgotten.
    salt: Mapped[bytes | None]
    #: Only the service can make it; null in rows from before there were any, whose numbers are below zero.
    mac: Mapped[bytes | None]
    #: The order in which rows came, as those that waited in the spool come late.
    number: Mapped[int] = mapped_column(BigInteger)


class VersionEvent(Base):
    """One row for each publication and for each change of the champion; rows are added, never changed.

    The newest row of a model that is no mere publication names its champion.
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


class AuditEventRecord(Base):
    """One row for each thing that somebody did to the service or to its records; rows are added, never changed."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    action: Mapped[str]
    actor: Mapped[str | None]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class IdempotencyKey(Base):
    """One row for each Idempotency-Key: who runs its request or what it was answered; it goes after a day.

    Neither the key nor the request is here, only their digests, which need the secret key.
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


class SealRecord(Base):
    """One row for each seal: a signed statement of what the log holds; rows are added, never changed."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: What is signed, as text, so that not a byte of it is lost.
    head: Mapped[str]
    signature: Mapped[bytes]
    #: The id and the digest of each row, in their order: 48 bytes a row.
    predictions: Mapped[bytes]
    audit_events: Mapped[bytes]
    #: The ids of rows whose code was wrong: 16 bytes each.
    unproven: Mapped[bytes]
