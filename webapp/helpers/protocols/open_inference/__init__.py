"""The Open Inference Protocol, V2 over REST: tensors in, tensors out.

https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md,
and its extension for binary tensors as Triton has it:
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

from __future__ import annotations

from webapp.helpers.protocols.open_inference.decoding import decode
from webapp.helpers.protocols.open_inference.encoding import encode, encode_error
from webapp.helpers.protocols.open_inference.metadata import metadata
from webapp.helpers.protocols.open_inference.requested_outputs import RequestedOutputs

__all__ = ["RequestedOutputs", "decode", "encode", "encode_error", "metadata"]
