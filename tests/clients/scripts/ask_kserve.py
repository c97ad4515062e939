"""Asks by KServe's InferenceRESTClient, and prints what came back: ask_kserve.py URL PENGUIN"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, InferResponse, RESTConfig

FLOWERS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])


async def refused(call: Awaitable[Any]) -> str:
    try:
        await call
    except httpx.HTTPStatusError as error:
        return str(error)
    raise AssertionError("It was not refused")


async def v1(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    async with InferenceRESTClient(RESTConfig(protocol="v1", timeout=20)) as client:
        return {
            "live": await client.is_server_live(url),
            "ready": await client.is_model_ready(url, "penguins"),
            "objects": await client.infer(url, {"instances": [penguin, penguin]}, "penguins"),
            "lists": await client.infer(url, {"instances": FLOWERS.tolist()}, "flowers"),
            "explained": await client.explain(url, "penguins", {"instances": [penguin]}),
            "refusals": {
                "category": await refused(
                    client.infer(url, {"instances": [penguin | {"island": "Atlantis"}]}, "penguins")
                ),
                "model": await refused(client.is_model_ready(url, "nobody")),
            },
        }


def request(penguin: dict[str, Any], *, binary: bool) -> InferRequest:
    """The penguin as a tensor for each column."""
    tensors = []
    for name, value in penguin.items():
        tensors.append(InferInput(name, [1, 1], "BYTES" if isinstance(value, str) else "FP64"))
        data = np.array([[value]], object if isinstance(value, str) else float)
        tensors[-1].set_data_from_numpy(data, binary_data=binary)
    return InferRequest(
        model_name="penguins", infer_inputs=tensors, request_id="visit-9", parameters={"binary_data_output": binary}
    )


def outputs(response: InferResponse) -> dict[str, Any]:
    """The tensors of an answer, as the client reads them."""
    tensors = {tensor.name: tensor.as_numpy().tolist() for tensor in response.outputs}
    tensors["predict"] = [each.decode() if isinstance(each, bytes) else each for each in tensors["predict"]]
    return {"predict": tensors["predict"], "predict_proba": tensors["predict_proba"], "id": response.id}


async def v2(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    async with InferenceRESTClient(RESTConfig(protocol="v2", timeout=20)) as client:
        return {
            "live": await client.is_server_live(url),
            "ready": await client.is_server_ready(url),
            "model ready": await client.is_model_ready(url, "penguins"),
            "nobody ready": await client.is_model_ready(url, "nobody"),
            "JSON": outputs(await client.infer(url, request(penguin, binary=False), "penguins")),
            "binary": outputs(await client.infer(url, request(penguin, binary=True), "penguins")),
            "refusal": await refused(client.infer(url, request({"colour": "grey"}, binary=True), "penguins")),
        }


async def main(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    return {"v1": await v1(url, penguin), "v2": await v2(url, penguin)}


json.dump(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]))), sys.stdout)
