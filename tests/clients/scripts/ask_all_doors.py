"""Asks the same through each door, by the client that is at home there, and prints what it is told.

ask_all_doors.py URL PENGUINS, with null for a blank
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import requests
import tritonclient.http as triton
from kserve import InferenceRESTClient, RESTConfig
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

#: The id of the record, and the probabilities as they came to the client.
Told = tuple[str, list[float]]


def form(url: str, penguin: dict[str, Any]) -> Told:
    """The page that it leads to is the record; beside it lies the same as JSON."""
    written = {name: "" if value is None else str(value) for name, value in penguin.items()}
    page = requests.post(f"{url}/models/penguins", data=written, timeout=20).url
    record = requests.get(f"{page}.json", timeout=20).json()
    return page.rpartition("/")[2], list(record["probabilities"].values())


def native(url: str, penguin: dict[str, Any]) -> Told:
    answer = requests.post(f"{url}/api/v1/models/penguins/predict", json={"inputs": penguin}, timeout=20).json()
    return answer["id"], list(answer["probabilities"].values())


def v2(url: str, penguin: dict[str, Any], *, binary: bool) -> Told:
    tensors = []
    for name, value in penguin.items():
        tensors.append(triton.InferInput(name, [1, 1], "BYTES" if isinstance(value, str) else "FP64"))
        # This client has no other blank than NaN.
        data = np.array([[value]], object if isinstance(value, str) else float)
        tensors[-1].set_data_from_numpy(data, binary_data=binary)
    wanted = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("prediction_id", "predict_proba")]
    with triton.InferenceServerClient(urlsplit(url).netloc, network_timeout=20) as client:
        answer = client.infer("penguins", tensors, outputs=wanted)
    return texts(answer.as_numpy("prediction_id"))[0], answer.as_numpy("predict_proba")[0].tolist()


def texts(names: np.ndarray) -> list[str]:
    """Binary texts come as bytes, those in JSON as texts."""
    return [name.decode() if isinstance(name, bytes) else name for name in names]


async def v1(url: str, penguin: dict[str, Any]) -> Told:
    async with InferenceRESTClient(RESTConfig(protocol="v1", timeout=20)) as client:
        answer = await client.infer(url, {"instances": [penguin]}, "penguins")
    return answer["prediction_ids"][0], list(answer["probabilities"][0].values())


def mlflow(url: str, penguin: dict[str, Any]) -> Told:
    client = ScoringServerClient(urlsplit(url).hostname, urlsplit(url).port)
    answer = client.invoke(pd.DataFrame([penguin]), params={"predict_method": "predict_proba"})
    return answer["prediction_ids"][0], answer["predictions"][0]


def each_door(url: str, penguin: dict[str, Any]) -> dict[str, Told]:
    return {
        "form": form(url, penguin),
        "native": native(url, penguin),
        "v2": v2(url, penguin, binary=False),
        "v2 in binary": v2(url, penguin, binary=True),
        "v1": asyncio.run(v1(url, penguin)),
        "mlflow": mlflow(url, penguin),
    }


json.dump([each_door(sys.argv[1], penguin) for penguin in json.loads(sys.argv[2])], sys.stdout)
