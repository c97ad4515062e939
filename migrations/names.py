"""Which tables of the database Alembic compares with the models."""

from __future__ import annotations

import re
from collections.abc import Mapping

PARTITION = re.compile(r"predictions_\d{6}")


def include_name(name: str | None, type_: str, _parents: Mapping[str, object]) -> bool:
    """Return whether Alembic considers this name; it ignores monthly partitions, which the service creates itself."""
    return not (type_ == "table" and name and PARTITION.fullmatch(name))
