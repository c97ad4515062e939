"""The lines that a real gunicorn writes about itself."""

from __future__ import annotations

import json
import socket
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults.load import PATH
from tests.faults.postgres import wait_until
from tests.serving import Serving, start
from tests.telemetry.conftest import Serve, add, ask

ROUTE = "/api/v1/models/<name>/predict"
SECRET_INPUT = "blood-4711"


def lines(said: str) -> list[dict[str, Any]]:
    """Read what was printed, each line of which must be one JSON object."""
    read = [json.loads(line) for line in said.splitlines()]
    for line in read:
        assert {"time", "level", "logger", "message", "process"} <= line.keys()
        assert datetime.fromisoformat(line["time"]).tzinfo
    return read


def raw(server: Serving, sent: bytes) -> bytes:
    """Send these bytes, whatever they are."""
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        return connection.recv(100)


def test_each_line_is_one_json_object(serve: Serve, tmp_path: Path, sums: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "sum.joblib").write_bytes((sums / "sum.joblib").read_bytes())
    (tmp_path / "models" / "broken.joblib").write_bytes(b"nothing")
    with serve(log_format="json", models_dir=tmp_path / "models") as server:
        assert add(server, 1) == 200
        server.workers[0].kill()
        wait_until(lambda: len(server.workers) == 2)
        said = server.stop()
    told = lines(said)
    assert {line["message"] for line in told} >= {"Serving sum", f"Scoredesk is at {server.url}"}
    assert any(line["logger"].startswith("webapp.") and "broken" in line["message"] for line in told)
    assert any(line["logger"] == "gunicorn.error" and "SIGKILL" in line["message"] for line in told)


def test_a_start_that_fails_says_so_in_json() -> None:
    (line,) = lines(start(log_format="json", threads="none").said())
    assert (line["level"], line["message"][:9]) == ("CRITICAL", "THREADS: ")


def test_a_line_that_is_written_during_a_request_has_its_id(serve: Serve, database_url: str) -> None:
    with serve(log_format="json") as server, psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
        assert add(server, 1, **{"X-Request-ID": "mine-7"}) == 200
        other.rollback()
        wait_until(lambda: server.ready()["recording"] == "database")
        said = server.stop()
    told = [line for line in lines(said) if line["message"].startswith("Recording failed")]
    assert {line.get("request_id") for line in told} >= {"mine-7"}
    # Nor does anything else have one that was not asked about.
    assert "mine-7" not in {line.get("request_id") for line in lines(said) if "moved from the spool" in line["message"]}


def test_the_access_log_has_one_line_for_each_request(serve: Serve) -> None:
    with serve(log_format="json", access_log="true") as server:
        assert add(server, 1, **{"X-Request-ID": "a"}) == 200
        assert ask(f"{server.url}/models/{SECRET_INPUT}?x0=4711", **{"X-Request-ID": "b"})[0] == 404
        assert ask(f"{server.url}/nothing/{SECRET_INPUT}", **{"X-Request-ID": "c"})[0] == 404
        said = server.stop()
    found = {line["request_id"]: line for line in lines(said) if line["logger"] == "webapp.controllers.observing"}
    told = {key: found["a"][key] for key in ("method", "route", "status", "model", "channel")}
    assert told == {"method": "POST", "route": ROUTE, "status": 200, "model": "sum", "channel": "json"}
    assert 0 < found["a"]["duration"] < 10
    assert len(found["a"]["version"]) == 12
    assert (found["b"]["route"], found["b"]["status"], found["b"]["model"]) == ("/models/<name>", 404, "")
    assert (found["c"]["route"], found["c"]["status"]) == ("", 404)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_line_repeats_what_was_sent(serve: Serve, log_format: str) -> None:
    with serve(log_format=log_format, access_log="true") as server:
        assert add(server, SECRET_INPUT) == 422
        assert add(server, 4711.25) == 200
        assert ask(f"{server.url}/models/sum?x0={SECRET_INPUT}")[0] == 200
        assert ask(f"{server.url}{PATH}", b'{"inputs": "blood-4711')[0] == 400
        assert raw(server, f"GET /models/sum?x0={SECRET_INPUT} nonsense\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
        assert raw(server, f"{SECRET_INPUT}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
        assert raw(server, f"GET / HTTP/1.1\r\n{SECRET_INPUT}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
        said = server.stop()
    assert "4711" not in said
    assert ROUTE in said
    assert said.count("Invalid request") == 3


def test_lines_for_people_have_the_request_id_too(serve: Serve) -> None:
    with serve(access_log="true") as server:
        assert add(server, 1, **{"X-Request-ID": "mine-7"}) == 200
        said = server.stop()
    assert "Serving sum\n" in said
    (line,) = [line for line in said.splitlines() if ROUTE in line]
    assert "[INFO]" in line
    assert line.endswith("(request mine-7)")
