"""The actions of unloading a model and loading it again."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME, TABLE = "version_events_action", "version_events"


def upgrade() -> None:
    op.drop_constraint(NAME, TABLE)
    actions = "'published', 'promoted', 'rolled back', 'unloaded', 'loaded'"
    op.create_check_constraint(NAME, TABLE, f"action IN ({actions})")


def downgrade() -> None:
    op.drop_constraint(NAME, TABLE)
    # NOT VALID: existing rows with the new actions stay, because the history is never changed.
    op.execute(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} "
        "CHECK (action IN ('published', 'promoted', 'rolled back')) NOT VALID"
    )
