"""Asks by MLflow's ScoringServerClient, and prints what came back: ask_mlflow.py URL PENGUIN"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient


def refused(client: ScoringServerClient, data: Any) -> str:
    try:
        client.invoke(data)
    except Exception as error:
        return str(error)
    raise AssertionError("It was not refused")


def pings(client: ScoringServerClient) -> bool:
    """Whether the client's own check of health is content."""
    try:
        client.ping()
    except Exception:
        return False
    return True


def main(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    client = ScoringServerClient(host, port)
    client.wait_server_ready(timeout=20)
    frame = pd.DataFrame([penguin])
    # The client builds its address from host and port alone.
    flowers, nobody = (ScoringServerClient(host, f"{port}/mlflow/{name}") for name in ("flowers", "nobody"))
    return {
        "pings": [pings(client), pings(flowers), pings(nobody)],
        "version": [client.get_version(), flowers.get_version()],
        "frame": client.invoke(frame),
        "as a frame": client.invoke(frame).get_predictions().to_dict(orient="split"),
        "probabilities": client.invoke(frame, params={"predict_method": "predict_proba"}),
        "other params": client.invoke(frame, params={"temperature": 1}),
        "blanks": client.invoke(frame.assign(bill_depth_mm=np.nan, sex=None)),
        "array": flowers.invoke(np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])),
        "refusals": {
            "category": refused(client, frame.assign(island="Atlantis")),
            "more columns": refused(client, frame.assign(name="Pingu")),
            "width": refused(flowers, np.array([[1.0, 2.0]])),
            "model": refused(nobody, frame),
        },
    }


json.dump(main(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
