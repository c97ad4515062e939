"""The files of nginx/, as docker-compose.yml mounts them, before a real gunicorn and before an echo."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from bs4 import BeautifulSoup

from tests.conftest import SECRET, DatabaseServer
from tests.serving import ROOT, free_port, serving

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PUBLIC = "scores.example.org:8080"
LIMIT = 2 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"
PENGUIN = {"bill_length_mm": "39.1", "bill_depth_mm": "18.7", "island": "Torgersen", "sex": "male"}
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
CONFIG = """
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include default.conf;
    server {{
        listen 127.0.0.1:{subpath_port};
        include scoredesk/subpath.conf;
    }}
}}
"""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Site:
    """Scoredesk as nginx serves it on one port, at the root or under a path."""

    port: int
    prefix: str

    @property
    def url(self) -> str:
        return f"http://{PUBLIC}{self.prefix}"

    def ask(self, url: str, body: Any = None, **headers: str) -> Answer:
        """GET a public address, or POST a body to it."""
        assert url.startswith(f"http://{PUBLIC}/")
        path = url.removeprefix(f"http://{PUBLIC}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET" if body is None else "POST", path, body, {"Host": PUBLIC} | headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def submit(self, **headers: str) -> str:
        """Fill in the form of a model and give the address it leads to."""
        answer = self.ask(f"{self.url}/models/penguins", urlencode(PENGUIN), **{"Content-Type": FORM} | headers)
        assert answer.status == 303
        return urljoin(f"{self.url}/models/penguins", answer.headers["Location"])


@dataclass
class Nginx:
    """An nginx with the project's files in front of one port."""

    folder: Path
    root: Site
    subpath: Site

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def nginx_before(port: int, folder: Path) -> Iterator[Nginx]:
    """Start nginx with the real files; only the two addresses in them are this machine's."""
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is missing")
        pytest.skip("nginx is not installed")
    root, subpath = Site(free_port(), ""), Site(free_port(), "/scoredesk")
    (folder / "scoredesk").symlink_to(ROOT / "nginx")
    default = (ROOT / "nginx" / "default.conf").read_text()
    default = default.replace("server web:8000 resolve;", f"server 127.0.0.1:{port};")
    default = default.replace("listen 80;", f"listen 127.0.0.1:{root.port};")
    (folder / "default.conf").write_text(default)
    # As root, nginx would hand bodies to a user who can't enter the tests' folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONFIG.format(user=user, subpath_port=subpath.port))
    with (folder / "log").open("w") as log:
        command = [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    nginx = Nginx(folder, root, subpath)
    try:
        wait_for(process, nginx)
        yield nginx
    finally:
        process.terminate()
        process.wait(10)


def wait_for(process: subprocess.Popen[bytes], nginx: Nginx) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, nginx.log
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", nginx.subpath.port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(nginx.log)


@pytest.fixture(scope="module")
def nginx(
    database_server: DatabaseServer, demo_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    """nginx in front of Scoredesk."""
    database_url, port = database_server.create(), free_port()
    settings = {"database_url": database_url, "secret_key": SECRET, "models_dir": demo_models, "proxy_hops": 1}
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
    (line,) = [line for line in nginx.log.splitlines() if line.endswith("request log-1")]
    assert "GET /models/penguins 200 " in line
    assert "47.11" not in nginx.log


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
    answers = [echo.root.ask(f"{echo.root.url}/{number}", f"{number}") for number in range(5)]
    assert len({json.loads(answer.text)["connection"] for answer in answers}) == 1


def test_it_says_when_scoredesk_is_away(alone: Nginx) -> None:
    answer = alone.root.ask(f"{alone.root.url}/api/v1/models")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.text)["status"] == 503
    page = alone.root.ask(f"{alone.root.url}/", Accept="text/html")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html")
