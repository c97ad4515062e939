"""A database role that owns no tables can create partitions."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The function runs with its owner's rights, so the caller must not be able to redirect the names in it: PostgreSQL
# looks only in the tables' own schema, and in the temporary schema last.
AS_OWNER = """
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION make_predictions_partition(date) SECURITY DEFINER SET search_path = %I, pg_temp',
        current_schema()
    );
END $$
"""


def upgrade() -> None:
    op.execute(AS_OWNER)
    op.execute("REVOKE EXECUTE ON FUNCTION make_predictions_partition(date) FROM PUBLIC")


def downgrade() -> None:
    op.execute("GRANT EXECUTE ON FUNCTION make_predictions_partition(date) TO PUBLIC")
    op.execute("ALTER FUNCTION make_predictions_partition(date) SECURITY INVOKER RESET search_path")
