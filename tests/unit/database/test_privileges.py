"""The list of what the web processes may do"""

from __future__ import annotations

from webapp.database.base import Base
from webapp.database.privileges import ADD, TABLES
from webapp.database.tables import accounts
from webapp.database.tables.audit import AuditEventRecord
from webapp.database.tables.predictions import PredictionRecord
from webapp.database.tables.seals import SealRecord
from webapp.database.tables.versions import VersionEvent

#: What is a record of something, and so only ever added to.
RECORDS = {PredictionRecord, VersionEvent, AuditEventRecord, SealRecord}


def test_it_names_each_table() -> None:
    assert accounts.UserRecord.__tablename__ in TABLES
    assert set(TABLES) == set(Base.metadata.tables) | {"alembic_version"}


def test_records_can_be_added_and_never_changed() -> None:
    assert {TABLES[each.__tablename__] for each in RECORDS} == {ADD}
