"""What makes records provable: a salt, a MAC and a consecutive number for each record, and the seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Existing rows can't have a MAC, so they get numbers below zero: a row without a MAC is suspicious only from number 1
# on. They do get a salt, so that inputs that were deleted later can't be guessed from their digest. PostgreSQL
# rewrites the whole table once for this; new rows wait in the spool meanwhile.
NUMBER_OLD_ROWS = """
CREATE SEQUENCE predictions_number MINVALUE -1000000000000000 START -1000000000000000;
ALTER TABLE predictions
    ADD COLUMN salt bytea DEFAULT uuid_send(gen_random_uuid()),
    ADD COLUMN mac bytea,
    ADD COLUMN number bigint NOT NULL DEFAULT nextval('predictions_number');
ALTER TABLE predictions ALTER COLUMN salt DROP DEFAULT;
ALTER SEQUENCE predictions_number OWNED BY predictions.number;
SELECT setval('predictions_number', 1, false);
CREATE INDEX predictions_by_number ON predictions USING brin (number) WITH (autosummarize = on);
"""


def upgrade() -> None:
    op.execute(NUMBER_OLD_ROWS)
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


def downgrade() -> None:
    op.drop_table("seals")
    op.execute("DROP INDEX predictions_by_number")
    op.execute("ALTER TABLE predictions DROP COLUMN number, DROP COLUMN mac, DROP COLUMN salt")
