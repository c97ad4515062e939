"""Asks by requests, and prints what came back: ask_requests.py URL PENGUIN"""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

import requests


def main(url: str, penguin: dict[str, Any]) -> dict[str, Any]:
    with requests.Session() as session:

        def get(path: str) -> Any:
            answer = session.get(url + path, timeout=20)
            return [answer.status_code, answer.headers["Content-Type"], answer.text]

        def post(path: str, **body: Any) -> Any:
            answer = session.post(url + path, timeout=20, **body)
            return answer.json()

        table = f"{','.join(penguin)}\n{','.join(map(str, penguin.values()))}\n"
        packed = gzip.compress(json.dumps({"inputs": [penguin]}).encode())
        return {
            "alive": get("/"),
            "health": get("/health"),
            "models of V1": get("/v1/models"),
            "models of V2": get("/v2/models"),
            "native": post("/api/v1/models/penguins/predict", json={"inputs": penguin}),
            "V1": post("/v1/models/penguins:predict", json={"instances": [penguin]}),
            "records": post("/invocations", json={"dataframe_records": [penguin]}),
            "CSV": post("/invocations", data=table, headers={"Content-Type": "text/csv"}),
            "packed": post(
                "/invocations", data=packed, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
            ),
            "refusal": post("/invocations", json={"dataframe_records": [penguin | {"island": "Atlantis"}]}),
        }


json.dump(main(sys.argv[1], json.loads(sys.argv[2])), sys.stdout)
