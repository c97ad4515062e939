"""nginx with the project's own files, on free ports of this machine."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from tests.serving import ROOT, free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PUBLIC = "scores.example.org:8080"
FORM = "application/x-www-form-urlencoded"
PENGUIN = {"bill_length_mm": "39.1", "bill_depth_mm": "18.7", "island": "Torgersen", "sex": "male"}
CONFIG = """
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 1024; }}
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
