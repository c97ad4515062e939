"""Which outputs a client requests, and in which form."""

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
class RequestedOutputs:
    """The names of the outputs, each with whether it is sent as binary data; and the client's id."""

    id: str | None
    outputs: Mapping[str, bool]


def read_requested_outputs(sent: dict[str, Any], signature: Signature) -> RequestedOutputs:
    """Read which outputs a request names; if it names none, it gets all.

    Raises
    ------
    InvalidInput
    """
    id, outputs = sent.get("id"), [] if sent.get("outputs") is None else sent["outputs"]
    # The answer repeats it, so JSON must be able to hold it.
    if not isinstance(id, str | None) or not is_storable(id):
        raise InvalidInput("id must be a text.")
    binary = parameters_of(sent).get("binary_data_output") is True
    known = output_names(signature)
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise InvalidInput("outputs must be a list of objects.")
    if any(output.get("name") not in known for output in outputs):
        raise InvalidInput(f"The outputs of this model are {', '.join(known)}.")
    chosen = {output["name"]: parameters_of(output).get("binary_data", binary) is True for output in outputs}
    return RequestedOutputs(id=id, outputs=chosen or dict.fromkeys(known, binary))
