"""What makes records provable: a salt, a MAC and a consecutive number for each record, and the seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.locks import retried
from migrations.partitions import create_index_concurrently, driver, partitions
from migrations.progress import RowCount

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HAS_NUMBERS = """
SELECT 1 FROM pg_attribute
WHERE attrelid = 'predictions'::regclass AND attname = 'number' AND NOT attisdropped"""
# Columns without a default are added without touching a row; the defaults count from then on, for rows of services of
# an earlier version too, which know neither column.
ADD_COLUMNS = """
CREATE SEQUENCE predictions_number MINVALUE -1000000000000000 START -1000000000000000;
SELECT setval('predictions_number', 1, false);
CREATE SEQUENCE predictions_older_number MINVALUE -1000000000000000 START -1000000000000000;
ALTER TABLE predictions ADD COLUMN salt bytea, ADD COLUMN mac bytea, ADD COLUMN number bigint;
ALTER TABLE predictions
    ALTER COLUMN salt SET DEFAULT uuid_send(gen_random_uuid()),
    ALTER COLUMN number SET DEFAULT nextval('predictions_number');
ALTER SEQUENCE predictions_number OWNED BY predictions.number;
"""

# Existing rows can't have a MAC, so they get numbers below zero: a row without a MAC is suspicious only from number 1
# on. They do get a salt, so that inputs that were deleted later can't be guessed from their digest.
NUMBER_OLD_ROWS = """
ALTER TABLE {partition} DISABLE TRIGGER refuse_change;
UPDATE {partition}
    SET salt = uuid_send(gen_random_uuid()), number = nextval('predictions_older_number')
    WHERE ctid >= '({first},0)' AND ctid < '({end},0)' AND number IS NULL;
ALTER TABLE {partition} ENABLE TRIGGER refuse_change;
"""
#: Pages in one transaction, some 5,000 rows; a statement that writes to the partition meanwhile waits until it ends.
BATCH_PAGES = 256
#: How often the space of old versions of rows is reclaimed in a partition, which then grows by about such a part.
RECLAIMS = 8
PAGES = "SELECT pg_relation_size(to_regclass(%s)) / current_setting('block_size')::int"

# A checked constraint spares SET NOT NULL the scan during which no row could be written.
CHECK_NUMBERS = """
ALTER TABLE predictions DROP CONSTRAINT IF EXISTS predictions_numbered;
ALTER TABLE predictions ADD CONSTRAINT predictions_numbered CHECK (number IS NOT NULL) NOT VALID;
"""
VALIDATE_NUMBERS = "ALTER TABLE predictions VALIDATE CONSTRAINT predictions_numbered"
REQUIRE_NUMBERS = """
ALTER TABLE predictions ALTER COLUMN number SET NOT NULL;
ALTER TABLE predictions DROP CONSTRAINT predictions_numbered;
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        if not driver().execute(HAS_NUMBERS).fetchone():
            retried(lambda: driver().execute(ADD_COLUMNS))
        _number_old_rows()
        for step in (CHECK_NUMBERS, VALIDATE_NUMBERS, REQUIRE_NUMBERS):
            retried(lambda step=step: driver().execute(step))
        create_index_concurrently(
            "predictions_by_number", "number_idx", "USING brin (number) WITH (autosummarize = on)"
        )
    op.execute("DROP SEQUENCE predictions_older_number")
    op.create_table(
        "seals",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("predictions", sa.LargeBinary(), nullable=False),
        sa.Column("audit_events", sa.LargeBinary(), nullable=False),
        sa.Column("unproven", sa.LargeBinary(), nullable=False),
    )
    # Digests can't be compressed, so EXTERNAL saves PostgreSQL the attempt.
    op.execute("ALTER TABLE seals ALTER COLUMN predictions SET STORAGE EXTERNAL")
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON seals EXECUTE FUNCTION refuse_change()"
    )


def _number_old_rows() -> None:
    sizes = {partition: driver().execute(PAGES, (partition,)).fetchone()[0] for partition in partitions()}
    count = RowCount("Numbering old predictions", sum(sizes.values()))
    for partition, pages in sizes.items():
        reclaim_every = max(pages // RECLAIMS // BATCH_PAGES, 1) * BATCH_PAGES
        for first in range(0, pages, BATCH_PAGES):
            batch = NUMBER_OLD_ROWS.format(partition=partition, first=first, end=min(first + BATCH_PAGES, pages))
            count.add(retried(lambda batch=batch: _rows_changed(batch)), BATCH_PAGES)
            if (first + BATCH_PAGES) % reclaim_every == 0:
                driver().execute(f"VACUUM (INDEX_CLEANUP OFF, TRUNCATE OFF, SKIP_LOCKED) {partition}")


def _rows_changed(batch: str) -> int:
    """Run the statements of a batch, which are one transaction, and return how many rows they changed."""
    cursor = driver().execute(batch)
    return sum(cursor.rowcount for _ in cursor.results() if cursor.rowcount > 0)


def downgrade() -> None:
    op.drop_table("seals")
    op.execute("DROP INDEX predictions_by_number")
    op.execute("ALTER TABLE predictions DROP COLUMN number, DROP COLUMN mac, DROP COLUMN salt")
