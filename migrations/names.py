"""Which names in the database are the migrations' business."""

from __future__ import annotations

import re
from collections.abc import Mapping

PARTITION = re.compile(r"predictions_\d{6}")


def include_name(name: str | None, type_: str, _parents: Mapping[str, object]) -> bool:
    """Leave the monthly partitions out: the service makes them, not a migration."""
    return not (type_ == "table" and name and PARTITION.fullmatch(name))
