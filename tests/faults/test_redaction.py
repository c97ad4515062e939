"""Inputs that are not kept stand nowhere afterwards, whatever fails: not in the table, the spool or what is logged"""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.faults.conftest import Serve
from tests.faults.postgres import Postgres, wait_until
from tests.faults.rows import read
from tests.serving import Serving
from tests.unkept import PERSON, TOO_OLD, all_that_is_stored, all_that_lies_in, save_people, told

WRONG = {"note": 83746251, "patient": "Zebrafink", "dose": "47.1193", "ward": "Zebrafink", "age": 61.0}
FAILING = PERSON | {"age": TOO_OLD}
#: The choices of an input are the model's, and tell nothing of anybody.
SENTENCE = "Ward must be East or Falkenried."


@pytest.fixture(scope="module")
def people(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serve(models_dir=save_people(tmp_path_factory.mktemp("people"))) as server:
        yield server


def ask_through_all_doors(server: Serving, inputs: dict[str, Any]) -> list[int]:
    """Ask for a prediction in all ways, and give the statuses."""
    tensors = [
        {"name": name, "shape": [1, 1], "datatype": "BYTES" if isinstance(value, str) else "FP64", "data": [value]}
        for name, value in inputs.items()
    ]
    asked: list[tuple[str, Any]] = [
        ("/api/v1/models/people/predict", {"inputs": inputs}),
        ("/api/v1/models/people/predict?explain=true", {"inputs": inputs}),
        ("/api/v1/models/people/predict", {"inputs": [inputs] * 3}),
        ("/v1/models/people:predict", {"instances": [inputs]}),
        ("/v1/models/people:explain", {"instances": [inputs]}),
        ("/invocations", {"dataframe_records": [inputs]}),
        ("/v2/models/people/infer", {"inputs": tensors}),
        ("/models/people", inputs),
    ]
    return [_status(server.url + path, body, is_form=path == "/models/people") for path, body in asked]


def _status(url: str, body: Any, is_form: bool) -> int:
    data = urlencode(body) if is_form else json.dumps(body)
    headers = {} if is_form else {"Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data.encode(), headers), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


#: What gunicorn itself can't read.
UNREADABLE = [
    b"GET /models/people?note=Zebrafink\x01 x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /models/people HTTP/1.1\r\nHost: a\r\nA Zebrafink: x\r\n\r\n",
    b"Zebrafink / HTTP/1.1\r\n\r\n",
    b"note=Zebrafink&patient=83746251\r\n\r\n",
    b"POST /models/people HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZebrafink\r\n",
]


def send_unreadable(server: Serving) -> None:
    host, port = urlsplit(server.url).netloc.split(":")
    for data in UNREADABLE:
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(data)
            # To its end: of a client that has gone before, the rest is not read and not told of.
            with connection.makefile("rb") as answer:
                assert answer.read().startswith(b"HTTP/1.1 400 ")


def test_nothing_of_them_is_left(people: Serving, postgres: Postgres, spool_dir: Path) -> None:
    assert set(ask_through_all_doors(people, PERSON)) == {200}
    assert set(ask_through_all_doors(people, FAILING)) == {400, 422}
    assert max(ask_through_all_doors(people, WRONG)) < 500
    send_unreadable(people)
    postgres.stop()
    for inputs in (PERSON, FAILING, WRONG):
        ask_through_all_doors(people, inputs)
    rows, damaged = read(spool_dir)
    # What is looked through is there: each door's rows, those of a list one by one.
    assert (len(rows) >= 2 * 10, damaged) == (True, [])
    # What was refused is recorded without its inputs.
    assert sum(b'"redacted:' in row for row in rows) >= 10
    assert told(all_that_lies_in(spool_dir).replace(SENTENCE, "")) == []
    postgres.start()
    wait_until(lambda: not list(spool_dir.glob("*.journal")))
    stored = all_that_is_stored(postgres.url)
    assert stored.count('"redacted"') > 2 * len(rows)
    assert told(stored.replace(SENTENCE, "")) == []
    said = people.stop()
    assert said.count("Invalid request: ") == len(UNREADABLE)
    assert told(said) == []
