"""The list of what the web processes may do"""

from __future__ import annotations

from webapp.database import accounts, db, tables
from webapp.database.privileges import ADD, TABLES

#: What is a record of something, and so only ever added to.
RECORDS = {tables.PredictionRecord, tables.VersionEvent, tables.AuditEventRecord, tables.SealRecord}


def test_it_names_each_table() -> None:
    assert accounts.UserRecord.__tablename__ in TABLES
    assert set(TABLES) == set(db.metadata.tables) | {"alembic_version"}


def test_records_can_be_added_and_never_changed() -> None:
    assert {TABLES[each.__tablename__] for each in RECORDS} == {ADD}
