"""Loads a file of any format that is known, behind the gate, as a model that is ready to predict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from webapp.cell.assembly import assemble, parts_of
from webapp.cell.booster_files import early_stopping_notes, load_booster_file
from webapp.cell.contents import Contents, open_contents
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.gate import Grants, load
from webapp.cell.gate.open_load import open_load
from webapp.cell.migrations import Origin
from webapp.models.file_format import HEAD_BYTES, FileFormat, format_of


def load_file(data: bytes, grants: Grants) -> Contents:
    """Return the model in a file.

    Raises
    ------
    NotServable
    """
    if format_of(data[:HEAD_BYTES]) is FileFormat.PARTS:
        contents = assemble(parts_of(data), lambda part: _value(part, grants))
    else:
        contents = open_contents(_value(data, grants))
    estimator = prepare_for_serving(contents.estimator)
    return replace(contents, estimator=estimator, notes=(*contents.notes, *early_stopping_notes(estimator)))


def _value(data: bytes, grants: Grants) -> Any:
    file_format = format_of(data[:HEAD_BYTES])
    # Parts inside of a part are no pickle, so the gate refuses them.
    is_pickle = file_format in (FileFormat.PICKLE, FileFormat.PARTS)
    if not is_pickle:
        return load_booster_file(data, file_format)
    if grants.modules:
        return open_load(data)
    origin = Origin()
    value = load(data, grants, origin)
    origin.require_compared()
    return value
