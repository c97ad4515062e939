"""Asks the same through each door, by the client that is at home there, and prints the ids of the records.

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


def form(url: str, penguin: dict[str, Any]) -> str:
    written = {name: "" if value is None else str(value) for name, value in penguin.items()}
    answer = requests.post(f"{url}/models/penguins", data=written, timeout=20, allow_redirects=False)
    return answer.headers["Location"].rpartition("/")[2]


def native(url: str, penguin: dict[str, Any]) -> str:
    return requests.post(f"{url}/api/v1/models/penguins/predict", json={"inputs": penguin}, timeout=20).json()["id"]


def v2(url: str, penguin: dict[str, Any], *, binary: bool) -> str:
    tensors = []
    for name, value in penguin.items():
        tensors.append(triton.InferInput(name, [1, 1], "BYTES" if isinstance(value, str) else "FP64"))
        # This client has no other blank than NaN.
        data = np.array([[value]], object if isinstance(value, str) else float)
        tensors[-1].set_data_from_numpy(data, binary_data=binary)
    with triton.InferenceServerClient(urlsplit(url).netloc, network_timeout=20) as client:
        return client.infer("penguins", tensors).as_numpy("prediction_id")[0].decode()


async def v1(url: str, penguin: dict[str, Any]) -> str:
    async with InferenceRESTClient(RESTConfig(protocol="v1", timeout=20)) as client:
        answer = await client.infer(url, {"instances": [penguin]}, "penguins")
    return answer["prediction_ids"][0]


def mlflow(url: str, penguin: dict[str, Any]) -> str:
    client = ScoringServerClient(urlsplit(url).hostname, urlsplit(url).port)
    return client.invoke(pd.DataFrame([penguin]))["prediction_ids"][0]


def each_door(url: str, penguin: dict[str, Any]) -> dict[str, str]:
    return {
        "form": form(url, penguin),
        "native": native(url, penguin),
        "v2": v2(url, penguin, binary=False),
        "v2 in binary": v2(url, penguin, binary=True),
        "v1": asyncio.run(v1(url, penguin)),
        "mlflow": mlflow(url, penguin),
    }


json.dump([each_door(sys.argv[1], penguin) for penguin in json.loads(sys.argv[2])], sys.stdout)
