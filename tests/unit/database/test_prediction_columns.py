"""The columns of a prediction, where they are defined and in PostgreSQL"""

from __future__ import annotations

from sqlalchemy.dialects import postgresql

from webapp.database.tables.predictions import PredictionRecord
from webapp.helpers.records.record_columns import COLUMNS, EVIDENCE, METADATA

#: What PostgreSQL calls the same types.
ALIASES = {
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "text",
    "DOUBLE PRECISION": "float8",
}


def test_they_are_those_of_the_table() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = {column.name: column.type.compile(dialect) for column in PredictionRecord.__table__.columns}
    assert {name: ALIASES.get(kind, kind.lower()) for name, kind in types.items()} == dict(COLUMNS)
    assert list(types) == list(COLUMNS)


def test_each_is_sealed_or_evidence() -> None:
    assert sorted([*METADATA, *EVIDENCE, "output", "inputs", "warnings"]) == sorted(COLUMNS)
