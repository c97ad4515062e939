"""What a request wants back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.protocols.open_inference.metadata import output_names
from webapp.helpers.protocols.open_inference.tensors import parameters_of
from webapp.helpers.storable import is_storable
from webapp.types import Signature


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which outputs are wanted, and which of them as binary data; and the id that the client gave."""

    id: str | None
    outputs: Mapping[str, bool]


def read_asked(sent: dict[str, Any], signature: Signature) -> Asked:
    """Read what a request says of its answer; without outputs all are wanted.

    Raises
    ------
    InvalidInput
    """
    id, outputs = sent.get("id"), [] if sent.get("outputs") is None else sent["outputs"]
    # It is given back, so it must be one that can be written.
    if not isinstance(id, str | None) or not is_storable(id):
        raise InvalidInput("id must be a text.")
    binary = parameters_of(sent).get("binary_data_output") is True
    known = output_names(signature)
    if not isinstance(outputs, list) or not all(isinstance(each, dict) for each in outputs):
        raise InvalidInput("outputs must be a list of objects.")
    if any(each.get("name") not in known for each in outputs):
        raise InvalidInput(f"The outputs of this model are {', '.join(known)}.")
    wanted = {each["name"]: parameters_of(each).get("binary_data", binary) is True for each in outputs}
    return Asked(id=id, outputs=wanted or dict.fromkeys(known, binary))
