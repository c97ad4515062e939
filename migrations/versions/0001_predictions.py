"""The log of predictions: append-only, with a partition for each month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REFUSE_CHANGES = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$
"""

# The function creates the table first and then attaches it. CREATE TABLE ... PARTITION OF would wait for all readers
# and writers of the other partitions; this does not. Partitions don't inherit statement triggers, so each partition
# gets its own trigger against TRUNCATE.
MAKE_PARTITION = """
CREATE FUNCTION make_predictions_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'predictions_' || to_char(month, 'YYYYMM');
    low timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
    high timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_predictions_partition'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE predictions INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE predictions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
END $$
"""


def upgrade() -> None:
    op.create_table(
        "predictions",
        sa.Column("created_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("actor", sa.String()),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("inputs", JSONB()),
        sa.Column("output", sa.JSON(), nullable=False),
        sa.Column("warnings", JSONB(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.CheckConstraint("status IN ('answered', 'failed', 'rejected')", name="predictions_status"),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index("predictions_model_created_at_id", "predictions", ["model", "created_at", "id"])
    op.execute(REFUSE_CHANGES)
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON predictions "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON predictions EXECUTE FUNCTION refuse_change()")
    op.execute(MAKE_PARTITION)


def downgrade() -> None:
    op.execute("DROP FUNCTION make_predictions_partition(date)")
    op.drop_table("predictions")
    op.execute("DROP FUNCTION refuse_change()")
