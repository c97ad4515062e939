"""An index of the predictions that were not answered, which are few."""

from __future__ import annotations

from alembic import op

from migrations.partitions import create_index_concurrently

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        create_index_concurrently(
            "predictions_unanswered",
            "status_created_at_id_idx",
            "(status, created_at, id) WHERE status <> 'answered'",
        )


def downgrade() -> None:
    op.drop_index("predictions_unanswered", "predictions")
