"""Asks by the Open Inference project's own client, and prints what came back: ask_open_inference.py URL PENGUIN"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from open_inference.openapi.client import AsyncOpenInferenceClient, OpenInferenceClient
from open_inference.openapi.errors import BadRequestError, NotFoundError
from open_inference.openapi.types import InferenceRequest, InferenceResponse, RequestInput, RequestOutput


def request(row: dict[str, Any], *, id: str = "visit-5", outputs: tuple[str, ...] = ()) -> InferenceRequest:
    """One row as a tensor for each column; this client makes a float of each number and of each truth."""
    kinds = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
    tensors = [
        RequestInput(name=name, shape=[1], datatype=kinds[type(value)], data=[value]) for name, value in row.items()
    ]
    return InferenceRequest(id=id, inputs=tensors, outputs=[RequestOutput(name=name) for name in outputs])


def told(response: InferenceResponse) -> dict[str, Any]:
    return json.loads(response.json())


def refused(kind: type[Exception], call: Any, *arguments: Any, **named: Any) -> Any:
    try:
        call(*arguments, **named)
    except kind as error:
        return error.body
    raise AssertionError("It was not refused")


def main(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    client = OpenInferenceClient(base_url=url, timeout=20)
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness("penguins")
    model = client.read_model_metadata("penguins")
    version = model.versions[0]
    client.check_model_version_readiness("penguins", version)
    asked = request(penguin)
    matrix = RequestInput(
        name="input-0", shape=[2, 4], datatype="FP64", data=[[5.1, 3.5, 1.4, 0.2], [6.7, 3, 5.2, 2.3]]
    )
    return {
        "server": told(client.read_server_metadata()),
        "model": told(model),
        "version": told(client.read_model_version_metadata("penguins", version)),
        "answer": told(client.model_infer("penguins", request=asked)),
        "one version": told(client.model_version_infer("penguins", version, request=asked)),
        "chosen": told(client.model_infer("penguins", request=request(penguin, outputs=("predict_proba",)))),
        "matrix": told(client.model_infer("flowers", request=InferenceRequest(inputs=[matrix]))),
        "whole numbers": told(client.model_infer("stays", request=request({"ward": 2, "smoker": True}))),
        "asyncio": asyncio.run(by_asyncio(url, asked)),
        "refusals": {
            "category": refused(
                BadRequestError, client.model_infer, "penguins", request=request({"island": "Atlantis"})
            ),
            "model": refused(NotFoundError, client.check_model_readiness, "nobody"),
        },
    }


async def by_asyncio(url: str, asked: InferenceRequest) -> dict[str, Any]:
    return told(await AsyncOpenInferenceClient(base_url=url, timeout=20).model_infer("penguins", request=asked))


json.dump(main(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
