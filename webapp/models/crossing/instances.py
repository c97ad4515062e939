"""Instances as columns: numbers as one array, all other values as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from webapp.types import Feature, Instance, Signature

#: The values of each feature: an array of floats, in which NaN is a blank, or a list, in which None is one.
Columns = Mapping[str, Any]


def pack_instances(instances: Sequence[Instance], signature: Signature) -> tuple[dict[str, Any], bytes]:
    """Return instances as the header and the payload of a frame."""
    columns = columns_of(instances, signature)
    numbers = [columns[feature.name] for feature in signature.features if _is_number(feature)]
    others = [columns[feature.name] for feature in signature.features if not _is_number(feature)]
    return {"rows": len(instances), "others": others}, b"".join(column.tobytes() for column in numbers)


def unpack_instances(header: Mapping[str, Any], payload: bytes, signature: Signature) -> Columns:
    """Return the columns of a frame that ``pack_instances`` made for the same signature."""
    rows, others = int(header["rows"]), iter(header["others"])
    numbers = iter(np.frombuffer(payload, dtype=np.float64).reshape(-1, rows))
    return {feature.name: next(numbers if _is_number(feature) else others) for feature in signature.features}


def instances_of(columns: Columns) -> list[Instance]:
    """Return columns as instances, with None for each blank."""
    values = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    return [
        {name: None if value != value else value for name, value in zip(columns, row, strict=True)}
        for row in zip(*values, strict=True)
    ]


def columns_of(instances: Sequence[Instance], signature: Signature) -> Columns:
    """Return the values of each feature."""
    return {feature.name: _column(instances, feature) for feature in signature.features}


def _column(instances: Sequence[Instance], feature: Feature) -> Any:
    values = [instance[feature.name] for instance in instances]
    # NumPy turns None into NaN in an array of floats.
    return np.array(values, dtype=np.float64) if _is_number(feature) else values


def _is_number(feature: Feature) -> bool:
    return feature.kind in ("number", "integer")
