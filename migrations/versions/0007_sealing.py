"""What makes a record provable: a salt, a MAC and the order in which it came; and the seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Rows that are there already get numbers below zero, because they can't have a MAC: only from 1 on
# is a row without one suspicious. They do get a salt, so that what is forgotten can't be guessed
# from its digest. All this writes the table anew, once; rows that come meanwhile wait in the spool.
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
    # Digests can't be compressed, so nobody should try.
    op.execute("ALTER TABLE seals ALTER COLUMN predictions SET STORAGE EXTERNAL")
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON seals EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("seals")
    op.execute("DROP INDEX predictions_by_number")
    op.execute("ALTER TABLE predictions DROP COLUMN number, DROP COLUMN mac, DROP COLUMN salt")
