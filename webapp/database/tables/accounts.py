"""The tables of accounts: users, their roles, sessions and password links, API keys, and counts of attempts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.base import Base

Moment = DateTime(timezone=True)


class UserRecord(Base):
    """One row for each person who can log in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: In lower case, so that no two users have names that differ only in case.
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class GrantRecord(Base):
    """One role of a user, or of a name that a trusted proxy sends."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("role IN ('predict', 'review', 'admin')", name="grants_role"),
        Index("grants_name_model", "name", "model", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    #: Null for all models.
    model: Mapped[str | None]


class SessionRecord(Base):
    """One row for each session; of its token only the SHA-256 is stored."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_user_id", "user_id"),)

    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class PasswordLinkRecord(Base):
    """The newest link with which a user may choose a password; of its token only the SHA-256 is stored."""

    __tablename__ = "password_links"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    #: Whether the user has never had a password. The row stays then, even once the link has expired.
    is_first: Mapped[bool]


class KeyRecord(Base):
    """One row for each API key; of its secret only the SHA-256 is stored."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("role IN ('predict', 'review', 'admin')", name="api_keys_role"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret_digest: Mapped[bytes]
    role: Mapped[str]
    #: Null for all models.
    models: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    created_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class AttemptRecord(Base):
    """The number of attempts in one window of time, for all workers together."""

    __tablename__ = "attempts"

    #: A keyed hash of the name or the address, so that neither is stored in plain text.
    subject: Mapped[bytes] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    count: Mapped[int]
