"""The files of nginx/, as docker-compose.yml mounts them, before a real gunicorn and before an echo."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from tests.conftest import SECRET, DatabaseServer
from tests.nginx import FORM, PUBLIC, Https, Nginx, Site, https_before, nginx_before
from tests.serving import free_port, serving

LIMIT = 2 * 1024 * 1024
FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "forged.example.com",
    "X-Forwarded-Prefix": "/forged",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X_Forwarded_Host": "forged.example.com",
    "Forwarded": "for=203.0.113.7;host=forged.example.com;proto=https",
}


@pytest.fixture(scope="module")
def nginx(
    database_server: DatabaseServer, demo_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    """nginx in front of Scoredesk."""
    database_url, port = database_server.create(), free_port()
    settings = {"database_url": database_url, "secret_key": SECRET, "models_dir": demo_models, "proxy_hops": 1}
    settings |= {"trusted_hosts": PUBLIC.split(":")[0]}
    with nginx_before(port, tmp_path_factory.mktemp("nginx")) as started, serving(port=port, **settings):
        yield started
    database_server.drop(database_url)


@pytest.fixture(params=["root", "subpath"])
def site(request: pytest.FixtureRequest, nginx: Nginx) -> Site:
    found: Site = getattr(nginx, request.param)
    return found


class Echo(BaseHTTPRequestHandler):
    """Answers with what reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = {
            "path": self.path,
            "version": self.request_version,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "length": len(body),
            "connection": self.client_address[1],
        }
        answer = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of something that tells what nginx passes on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    with nginx_before(server.server_port, tmp_path_factory.mktemp("echo")) as started:
        yield started
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of nothing."""
    with nginx_before(free_port(), tmp_path_factory.mktemp("alone")) as started:
        yield started


def links(page: str) -> set[str]:
    """All that a page refers to, except its own places."""
    soup = BeautifulSoup(page, "html.parser")
    found = {tag.get(name) for name in ("href", "src", "action") for tag in soup.find_all(attrs={name: True})}
    return {str(link) for link in found if not str(link).startswith("#")}


def test_it_serves_each_page_and_all_it_links_to(site: Site) -> None:
    pages = [f"{site.url}/", f"{site.url}/models/penguins", site.submit(), f"{site.url}/predictions"]
    for page in pages:
        answer = site.ask(page)
        assert answer.status == 200
        assert "style.css" in answer.text
        for link in links(answer.text):
            address = urljoin(page, link)
            assert address.startswith(f"{site.url}/")
            assert site.ask(address).status == 200


def test_it_leads_from_the_form_to_the_record_at_its_public_address(site: Site) -> None:
    record = site.submit()
    assert record.startswith(f"{site.url}/predictions/")
    answer = site.ask(record)
    assert answer.status == 200
    # In full, so that it can be sent to somebody.
    assert record in links(answer.text)
    assert site.ask(f"{record}.json").headers["Content-Type"] == "application/json"


def test_it_leads_to_the_path_it_is_under(nginx: Nginx) -> None:
    answer = nginx.subpath.ask(f"http://{PUBLIC}/scoredesk")
    assert (answer.status, answer.headers["Location"]) == (308, "/scoredesk/")
    assert nginx.subpath.ask(f"http://{PUBLIC}/models/penguins").status == 404


def test_it_believes_nothing_a_client_says_about_where_it_is(site: Site) -> None:
    record = site.submit(**FORGED)
    assert record.startswith(f"{site.url}/predictions/")
    answer = site.ask(record, **FORGED)
    assert record in links(answer.text)
    assert "forged" not in answer.text
    assert "https:" not in answer.text


def test_it_refuses_a_body_over_the_limit_in_json(site: Site) -> None:
    url = f"{site.url}/api/v1/models/penguins/predict"
    answer = site.ask(url, b" " * (LIMIT + 1), **{"Content-Type": "application/json"})
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/json")
    told = json.loads(answer.text)
    assert told == {
        "error": "The request is too large.",
        "errors": [],
        "status": 413,
        "request_id": answer.headers["X-Request-ID"],
    }


def test_it_refuses_a_form_over_the_limit_with_a_page(site: Site) -> None:
    url = f"{site.url}/models/penguins"
    answer = site.ask(url, b"x=" + b" " * LIMIT, **{"Content-Type": FORM, "Accept": "text/html,*/*;q=0.8"})
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html")


def test_it_passes_a_body_that_is_as_large_as_the_limit(site: Site) -> None:
    url = f"{site.url}/api/v1/models/penguins/predict"
    answer = site.ask(url, b" " * LIMIT, **{"Content-Type": "application/json"})
    assert answer.status == 400
    assert "not valid JSON" in json.loads(answer.text)["error"]


def test_it_passes_the_request_id_both_ways(site: Site) -> None:
    answer = site.ask(f"{site.url}/api/v1/models/dragons", **{"X-Request-ID": "mine-7"})
    assert (answer.headers["X-Request-ID"], json.loads(answer.text)["request_id"]) == ("mine-7", "mine-7")
    assert len(site.ask(f"{site.url}/healthz").headers["X-Request-ID"]) == 32


def test_it_logs_an_address_without_what_was_entered(nginx: Nginx) -> None:
    answer = nginx.root.ask(f"{nginx.root.url}/models/penguins?bill_length_mm=47.11", **{"X-Request-ID": "log-1"})
    assert answer.status == 200
    # An answer may arrive before its line is written, but not the next answer too.
    nginx.root.ask(f"{nginx.root.url}/healthz")
    (line,) = [line for line in nginx.log.splitlines() if line.endswith("request log-1")]
    assert "GET /models/penguins 200 " in line
    assert "47.11" not in nginx.log


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/./metrics", "/metrics?a=b", "/x/../metrics"])
def test_it_tells_nobody_the_numbers(site: Site, path: str) -> None:
    answer = site.ask(f"{site.url}{path}")
    assert answer.status == 404
    assert "scoredesk_" not in answer.text


@pytest.mark.parametrize(("where", "prefix"), [("root", []), ("subpath", [["x-forwarded-prefix", "/scoredesk"]])])
def test_it_passes_exactly_one_hop(echo: Nginx, where: str, prefix: list[list[str]]) -> None:
    site: Site = getattr(echo, where)
    answer = site.ask(f"{site.url}/models/a%20b?c=d%2Fe", **FORGED, Connection="keep-alive, X-Forwarded-For")
    seen = json.loads(answer.text)
    assert (seen["path"], seen["version"]) == ("/models/a%20b?c=d%2Fe", "HTTP/1.1")
    assert sorted(header for header in seen["headers"] if header[0] != "accept-encoding") == sorted(
        [
            ["host", PUBLIC],
            ["x-forwarded-for", "127.0.0.1"],
            ["x-forwarded-proto", "http"],
            ["x-forwarded-host", PUBLIC],
            *prefix,
        ]
    )


def test_it_passes_a_body_in_pieces_as_one_of_known_length(echo: Nginx) -> None:
    pieces = (piece for piece in [b"a" * 70_000, b"b" * 70_000])
    seen = json.loads(echo.root.ask(f"{echo.root.url}/x", pieces).text)
    assert seen["length"] == 140_000
    assert ["content-length", "140000"] in seen["headers"]
    assert "transfer-encoding" not in dict(seen["headers"])


def test_it_refuses_a_body_of_two_lengths(echo: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", echo.root.port), timeout=10) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_it_keeps_its_connections(echo: Nginx) -> None:
    # Each process of nginx has its own.
    processes = os.cpu_count() or 1
    answers = [echo.root.ask(f"{echo.root.url}/{number}", f"{number}") for number in range(4 * processes)]
    assert len({json.loads(answer.text)["connection"] for answer in answers}) <= processes


def test_it_says_when_scoredesk_is_away(alone: Nginx) -> None:
    answer = alone.root.ask(f"{alone.root.url}/api/v1/models")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.text)["status"] == 503
    page = alone.root.ask(f"{alone.root.url}/", Accept="text/html")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html")


def test_one_address_can_not_take_all_connections(alone: Nginx) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {PUBLIC}\r\nContent-Length: 1\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(200):
            waiting = stack.enter_context(socket.create_connection(("127.0.0.1", alone.root.port), timeout=20))
            waiting.sendall(head)
        # nginx may read the head of the last one a little later.
        refused = next(answer for _ in range(100) if (answer := alone.root.ask(f"{alone.root.url}/")).status == 429)
    assert refused.headers["Retry-After"] == "1"
    assert json.loads(refused.text)["error"] == "Too many requests from this address. Please try again in a moment."


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    """The files that `docker compose up tls` mounts, in front of nothing."""
    with https_before(free_port(), tmp_path_factory.mktemp("https")) as started:
        yield started


def test_plain_http_leads_to_https(https: Https) -> None:
    answer = https.nginx.root.ask(f"{https.nginx.root.url}/models/penguins?a=1")
    assert (answer.status, answer.headers["Location"]) == (308, "https://scores.example.org/models/penguins?a=1")


def test_over_https_nobody_is_told_the_numbers(https: Https) -> None:
    assert https.status("/metrics") == 404
    assert https.status("/models/penguins?age=4711") == 503


def test_neither_log_of_https_has_a_query(https: Https) -> None:
    https.nginx.root.ask(f"{https.nginx.root.url}/predictions?input.age=4711")
    https.status("/predictions?input.age=4711")
    https.status("/healthz")
    assert "GET /predictions 308 " in https.nginx.log
    assert "GET /predictions 503 " in https.nginx.log
    assert "4711" not in https.nginx.log
