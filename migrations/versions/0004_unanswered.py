"""An index of the predictions that were not answered, which are few."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "predictions_unanswered",
        "predictions",
        ["status", "created_at", "id"],
        postgresql_where=sa.text("status <> 'answered'"),
    )


def downgrade() -> None:
    op.drop_index("predictions_unanswered", "predictions")
