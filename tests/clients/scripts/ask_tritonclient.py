"""Asks by tritonclient, and prints what came back: ask_tritonclient.py URL PENGUIN"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio

OUTPUTS = ("predict", "predict_proba", "prediction_id")
FLOWERS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])


def column(name: str, value: float | str, *, binary: bool) -> triton.InferInput:
    """One value as a tensor with its column's name."""
    data = np.array([[value]], object if isinstance(value, str) else float)
    tensor = triton.InferInput(name, [1, 1], "BYTES" if isinstance(value, str) else "FP64")
    return tensor.set_data_from_numpy(data, binary_data=binary)


def columns(row: dict[str, Any], *, binary: bool = True) -> list[triton.InferInput]:
    return [column(name, value, binary=binary) for name, value in row.items()]


def matrix(*, binary: bool) -> list[triton.InferInput]:
    tensor = triton.InferInput("input-0", list(FLOWERS.shape), "FP64")
    return [tensor.set_data_from_numpy(FLOWERS, binary_data=binary)]


def requested(*names: str, binary: bool) -> list[triton.InferRequestedOutput]:
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in names]


def outputs(result: triton.InferResult) -> dict[str, Any]:
    """The tensors of an answer, as the client reads them."""
    names = [output["name"] for output in result.get_response()["outputs"]]
    return {name: texts(result.as_numpy(name).tolist()) for name in names}


def texts(value: Any) -> Any:
    if isinstance(value, list):
        return [texts(each) for each in value]
    return value.decode() if isinstance(value, bytes) else value


def refused(call: Any, *arguments: Any, **named: Any) -> list[str]:
    """The status and the message of the client's own exception."""
    try:
        call(*arguments, **named)
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]
    raise AssertionError("It was not refused")


def told(client: triton.InferenceServerClient) -> dict[str, Any]:
    """What the server tells of itself and of its models."""
    model = client.get_model_metadata("penguins")
    version = model["versions"][0]
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "server": client.get_server_metadata(),
        "model": model,
        "version": client.get_model_metadata("penguins", version),
        "array": client.get_model_metadata("flowers"),
        "model ready": client.is_model_ready("penguins"),
        "version ready": client.is_model_ready("penguins", version),
        "nobody ready": client.is_model_ready("nobody"),
        "index": client.get_model_repository_index(),
    }


def inferred(client: triton.InferenceServerClient, penguin: dict[str, Any]) -> dict[str, Any]:
    """What the models answer, asked in each way."""
    binary, plain = columns(penguin), columns(penguin, binary=False)
    version = client.get_model_metadata("penguins")["versions"][0]
    return {
        "binary both ways": outputs(client.infer("penguins", binary)),
        "JSON both ways": outputs(client.infer("penguins", plain, outputs=requested(*OUTPUTS, binary=False))),
        "binary in": outputs(client.infer("penguins", binary, outputs=requested(*OUTPUTS, binary=False))),
        "binary out": outputs(client.infer("penguins", plain, outputs=requested(*OUTPUTS, binary=True))),
        "one version": outputs(client.infer("penguins", binary, model_version=version)),
        "gzip": outputs(client.infer("penguins", binary, request_compression_algorithm="gzip")),
        "deflate": outputs(client.infer("penguins", plain, request_compression_algorithm="deflate")),
        "compressed answer": outputs(client.infer("penguins", binary, response_compression_algorithm="gzip")),
        # It keeps its only connection until its answer is read, so nothing else may be asked before.
        "greenlet": outputs(client.async_infer("penguins", binary).get_result(timeout=20)),
        "matrix": outputs(client.infer("flowers", matrix(binary=True))),
        "matrix in JSON": outputs(client.infer("flowers", matrix(binary=False))),
        "chosen": outputs(client.infer("penguins", binary, outputs=requested("predict_proba", binary=True))),
        "id": client.infer("penguins", binary, request_id="visit-7").get_response()["id"],
    }


def blank(client: triton.InferenceServerClient, penguin: dict[str, Any]) -> dict[str, Any]:
    """What it answers to a number that is not there, in binary and in JSON, where this client writes NaN."""
    row = penguin | {"bill_depth_mm": float("nan")}
    return {str(binary): outputs(client.infer("penguins", columns(row, binary=binary))) for binary in (True, False)}


def refusals(client: triton.InferenceServerClient, penguin: dict[str, Any]) -> dict[str, Any]:
    """What it says to what can't be answered."""
    named = refused(client.infer, "penguins", columns(penguin), outputs=requested("colour", binary=True))
    return {
        "category": refused(client.infer, "penguins", columns(penguin | {"island": "Atlantis"})),
        "column": refused(client.infer, "penguins", columns({"colour": "grey"})),
        "output": named,
        "model": refused(client.infer, "nobody", columns(penguin)),
        "metadata": refused(client.get_model_metadata, "nobody"),
        "address": refused(client.get_log_settings),
    }


def put_away(client: triton.InferenceServerClient, name: str) -> dict[str, Any]:
    """What becomes of a model that is unloaded and loaded again."""
    ready = [client.is_model_ready(name)]
    client.unload_model(name)
    ready.append(client.is_model_ready(name))
    refusal = refused(client.infer, name, columns({"species": "Gentoo"}))
    (entry,) = [each for each in client.get_model_repository_index() if each["name"] == name]
    client.load_model(name)
    ready.append(client.is_model_ready(name))
    return {"ready": ready, "refusal": refusal, "index": entry}


async def by_asyncio(address: str, penguin: dict[str, Any]) -> dict[str, Any]:
    """The same through the asyncio client."""
    async with triton_aio.InferenceServerClient(address, conn_timeout=20) as client:
        infer = client.infer("penguins", columns(penguin), request_id="visit-8", request_compression_algorithm="gzip")
        result, ready, index = await asyncio.gather(
            infer, client.is_server_ready(), client.get_model_repository_index()
        )
        try:
            await client.infer("penguins", columns({"colour": "grey"}))
        except triton.InferenceServerException as error:
            said = error.message()
        answer = outputs(result)
        return {"answer": answer, "id": result.get_response()["id"], "ready": ready, "index": index, "refusal": said}


def main(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    address = url.removeprefix("http://")
    with triton.InferenceServerClient(address, connection_timeout=20, network_timeout=20) as client:
        return {
            "told": told(client),
            "inferred": inferred(client, penguin),
            "blank": blank(client, penguin),
            "refusals": refusals(client, penguin),
            "put away": put_away(client, "penguin-mass"),
            "asyncio": asyncio.run(by_asyncio(address, penguin)),
        }


json.dump(main(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
