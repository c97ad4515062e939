"""Users, their roles and sessions, API keys, and the counts of attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROLES = "role IN ('predict', 'review', 'admin')"


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        _moment("created_at", now=True),
        _moment("disabled_at", nullable=True),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("model", sa.String()),
        sa.CheckConstraint(ROLES, name="grants_role"),
    )
    op.create_index("grants_name_model", "grants", ["name", "model"], unique=True, postgresql_nulls_not_distinct=True)
    op.create_table(
        "sessions",
        sa.Column("token_digest", sa.LargeBinary(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
    )
    op.create_index("sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("models", sa.ARRAY(sa.String())),
        sa.Column("created_by", sa.String()),
        _moment("created_at", now=True),
        _moment("expires_at", nullable=True),
        _moment("last_used_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.CheckConstraint(ROLES, name="api_keys_role"),
    )
    op.create_table(
        "attempts",
        sa.Column("subject", sa.LargeBinary(), primary_key=True),
        sa.Column("window_start", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for table in ("attempts", "api_keys", "sessions", "grants", "users"):
        op.drop_table(table)


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.func.now() if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)
