"""The history of each model's champion: append-only, with a notification to the workers at each new row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A trigger and not the service sends the notification, so that every added row is announced, at its commit.
TELL = """
CREATE FUNCTION tell_version_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('scoredesk_versions', '');
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "version_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String()),
        sa.CheckConstraint("action IN ('published', 'promoted', 'rolled back')", name="version_events_action"),
    )
    op.create_index("version_events_model_id", "version_events", ["model", "id"])
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON version_events "
        "EXECUTE FUNCTION refuse_change()"
    )
    op.execute(TELL)
    op.execute("CREATE TRIGGER tell_version_event AFTER INSERT ON version_events EXECUTE FUNCTION tell_version_event()")


def downgrade() -> None:
    op.drop_table("version_events")
    op.execute("DROP FUNCTION tell_version_event()")
