"""Encoding of a prediction as one row of JSON, for the log and the spool, and decoding."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from webapp.helpers import shapes
from webapp.helpers.records.as_json import notices_json
from webapp.helpers.records.record_columns import EVIDENCE, METADATA
from webapp.helpers.sealing import SALT_SIZE, MacKey, canonical, leaf_of, payload_digest
from webapp.helpers.storable import LARGEST
from webapp.types import Answer, Instance, Notice, Prediction, Status


def encode(prediction: Prediction, key: MacKey) -> bytes:
    """Return a prediction as one line of JSON, whose keys are the columns of its table.

    Parameters
    ----------
    key : MacKey
        The secret key for the row's authentication code.
    """
    answer = prediction.answer
    output = (
        {"prediction": answer.prediction, "probabilities": answer.probabilities}
        if answer
        else {"errors": notices_json(prediction.errors)}
    )
    if prediction.read_as:
        output |= {"read_as": prediction.read_as}
    if prediction.code:
        output |= {"code": prediction.code}
    metadata = {name: getattr(prediction, name) for name in METADATA}
    warnings = notices_json(prediction.warnings)
    return _line(metadata, orjson.dumps(output), prediction.inputs, warnings, key)


def _line(
    metadata: dict[str, Any],
    output: bytes,
    inputs: Mapping[str, Any] | None,
    warnings: list[shapes.Notice],
    key: MacKey,
) -> bytes:
    salt = os.urandom(SALT_SIZE)
    digest = payload_digest(salt, canonical.payload(inputs, warnings))
    leaf = leaf_of(canonical.metadata(list(metadata.values()), output), digest)
    return orjson.dumps(
        metadata
        | {
            "inputs": inputs,
            "output": orjson.Fragment(output),
            "warnings": warnings,
            "salt": "\\x" + salt.hex(),
            "mac": "\\x" + key.mac_of(leaf).hex(),
        }
    )


def decode(row: bytes) -> Prediction:
    """Read a row that ``encode`` returned."""
    columns = orjson.loads(row)
    return from_columns(
        columns | {"id": UUID(columns["id"]), "created_at": datetime.fromisoformat(columns["created_at"])}
    )


def from_columns(columns: Mapping[str, Any]) -> Prediction:
    """Build a prediction from its row in the table."""
    fields = {name: value for name, value in columns.items() if name not in EVIDENCE}
    output = dict(fields.pop("output"))
    read_as, code = output.pop("read_as", None), output.pop("code", None)
    status = Status(fields["status"])
    return Prediction(
        **fields
        | {
            "status": status,
            "inputs": _inputs(fields["inputs"]),
            "answer": Answer(**output) if status == Status.ANSWERED else None,
            "errors": _notices(output.get("errors", ())),
            "warnings": _notices(fields["warnings"]),
            "read_as": read_as,
            "code": code,
        }
    )


def _inputs(inputs: Instance | None) -> Instance | None:
    """Turn large integers back into floats: JSONB writes a large float with all of its zeros, like an integer."""
    if inputs is None:
        return None
    return {
        name: float(value) if isinstance(value, int) and abs(value) > LARGEST else value
        for name, value in inputs.items()
    }


def _notices(notices: Iterable[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(loc=tuple(notice["loc"]), msg=notice["msg"]) for notice in notices)
