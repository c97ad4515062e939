"""The lines that a real gunicorn writes about itself."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.load import PATH
from tests.faults.postgres import wait_until
from tests.serving import Serving, start
from tests.telemetry.conftest import Serve, add, ask, locked

ROUTE = "/api/v1/models/<name>/predict"
SENT = "blood-4711"


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Serving]:
    with serve(log_format="json", access_log="true") as server:
        yield server


def lines(said: list[str]) -> list[dict[str, Any]]:
    """Read what was printed, each line of which must be one JSON object."""
    read = [json.loads(line) for line in said]
    for line in read:
        assert {"time", "level", "logger", "message", "process"} <= line.keys()
        assert datetime.fromisoformat(line["time"]).tzinfo
    return read


def lines_of(server: Serving, request_id: str) -> list[dict[str, Any]]:
    """Give all lines of a request, once that for the access log is among them."""

    def found() -> list[dict[str, Any]]:
        return [line for line in lines(server.so_far()) if line.get("request_id") == request_id]

    wait_until(lambda: any("route" in line for line in found()))
    return found()


def raw(server: Serving, sent: str) -> bytes:
    """Send this, whatever it is."""
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent.encode())
        return connection.recv(100)


def send_secrets(server: Serving) -> None:
    """Send what must not stand in any line, in every place that a request has."""
    assert add(server, SENT) == 422
    assert add(server, 4711.25) == 200
    assert ask(f"{server.url}/models/sum?x0={SENT}")[0] == 200
    assert ask(f"{server.url}/models/{SENT}?x0={SENT}")[0] == 404
    assert ask(f"{server.url}{PATH}", b'{"inputs": "blood-4711')[0] == 400
    refused = [f"GET /models/sum?x0={SENT} nonsense", SENT, f"GET / HTTP/1.1\r\n{SENT}", f"GET /{SENT} HTTP/7.1"]
    for request in refused:
        assert raw(server, f"{request}\r\n\r\n").startswith(b"HTTP/1.1 400")
    wait_until(lambda: sum("Invalid request" in line for line in server.so_far()) == len(refused))


def test_each_line_is_one_json_object(server: Serving) -> None:
    server.workers[0].kill()
    wait_until(lambda: any("SIGKILL" in line for line in server.so_far()))
    told = lines(server.so_far())
    assert {line["message"] for line in told} >= {"Serving sum", f"Scoredesk is at {server.url}"}
    assert any(line["logger"].startswith("webapp.") for line in told), told
    assert any(line["logger"] == "gunicorn.error" and "SIGKILL" in line["message"] for line in told)


def test_a_start_that_fails_says_so_in_json() -> None:
    (line,) = lines(start(log_format="json", threads="none").said().splitlines())
    assert (line["level"], line["message"][:9]) == ("CRITICAL", "THREADS: ")


def test_a_line_that_is_written_during_a_request_has_its_id(server: Serving, database: str) -> None:
    with locked(database):
        assert add(server, 1, **{"X-Request-ID": "held"}) == 200
    told = lines_of(server, "held")
    assert [line["message"].split(" with ")[0] for line in told if "route" not in line] == ["Recording failed"]
    wait_until(lambda: any("moved from the spool" in line for line in server.so_far()))
    (moved,) = [line for line in lines(server.so_far()) if "moved from the spool" in line["message"]]
    assert "request_id" not in moved


def test_the_access_log_has_one_line_for_each_request(server: Serving) -> None:
    assert add(server, 1, **{"X-Request-ID": "a"}) == 200
    (line,) = lines_of(server, "a")
    told = {key: line[key] for key in ("method", "route", "status", "model", "channel")}
    assert told == {"method": "POST", "route": ROUTE, "status": 200, "model": "sum", "channel": "json"}
    assert 0 < line["duration"] < 10
    assert len(line["version"]) == 12
    assert ask(f"{server.url}/models/dragon", **{"X-Request-ID": "b"})[0] == 404
    (line,) = lines_of(server, "b")
    assert (line["route"], line["status"], line["model"]) == ("/models/<name>", 404, "")
    assert ask(f"{server.url}/nothing", **{"X-Request-ID": "c"})[0] == 404
    (line,) = lines_of(server, "c")
    assert (line["route"], line["status"]) == ("", 404)


def test_no_line_repeats_what_was_sent(server: Serving) -> None:
    send_secrets(server)
    lines(server.so_far())
    assert "4711" not in "".join(server.so_far())


def test_lines_for_people_have_the_request_id_too_and_repeat_nothing_either(serve: Serve) -> None:
    with serve(access_log="true", web_concurrency=1) as server:
        send_secrets(server)
        assert add(server, 1, **{"X-Request-ID": "mine-7"}) == 200
        said = server.stop()
    assert "4711" not in said
    assert "\nServing sum\n" in said
    (line,) = [line for line in said.splitlines() if "mine-7" in line]
    assert f"[INFO] POST {ROUTE} 200 " in line
    assert line.endswith(" (request mine-7)")
