"""Rows of services of an earlier version get a salt too."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE predictions ALTER COLUMN salt SET DEFAULT uuid_send(gen_random_uuid())")


def downgrade() -> None:
    op.execute("ALTER TABLE predictions ALTER COLUMN salt DROP DEFAULT")
