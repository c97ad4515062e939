"""nginx with the project's own files, on free ports of this machine."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.serving import ROOT, free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PUBLIC = "scores.example.org:8080"
#: The user and the group that nginx runs as, if tests run as root.
NOBODY = 65534
FORM = "application/x-www-form-urlencoded"
PENGUIN = {"bill_length_mm": "39.1", "bill_depth_mm": "18.7", "island": "Torgersen", "sex": "male"}


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
    text = (
        (ROOT / "nginx" / "default.conf").read_text().replace("server web:8000 resolve;", f"server 127.0.0.1:{port};")
    )
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{root.port};")
    text = f"{text}server {{ listen 127.0.0.1:{subpath.port}; include scoredesk/subpath.conf; }}\n"
    nginx = Nginx(folder, root, subpath)
    with _running(nginx, text):
        yield nginx


@contextmanager
def nginx_before_hosts(one: int, two: int, folder: Path) -> Iterator[str]:
    """Start nginx as docs/deployment.md configures it before two hosts, without HTTPS, and give its address."""
    site = Site(free_port(), "")
    (text,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)
    ports = {"one.example:8000": one, "two.example:8000": two, "listen 443 ssl": site.port, "listen 80": free_port()}
    for name, port in ports.items():
        assert name in text
        text = text.replace(name, f"{'listen ' * ('listen' in name)}127.0.0.1:{port}")
    # The files of nginx/ include it already.
    text = re.sub(r"ssl_certificate.*?;|include scoredesk/limits.conf;", "", text)
    assert "/var/log/nginx/" in text
    text = text.replace("/var/log/nginx/", f"{folder}/")
    with _running(Nginx(folder, site, site), text):
        yield f"http://127.0.0.1:{site.port}"


@dataclass
class Https:
    """An nginx with HTTPS; its root leads there."""

    nginx: Nginx
    port: int
    certificate: Path

    def status(self, path: str) -> int:
        """Ask by HTTPS, and give the status of the answer."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def https_before(port: int, folder: Path) -> Iterator[Https]:
    """Start nginx with tls.conf and a certificate of its own; only addresses and paths are this machine's."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    certificates = folder / "certificates"
    certificates.mkdir()
    certificate = certificates / "fullchain.pem"
    _sign(certificate, certificates / "privkey.pem")
    plain, secure = Site(free_port(), ""), free_port()
    text = (ROOT / "nginx/log.conf").read_text() + f"upstream scoredesk {{ server 127.0.0.1:{port}; }}\n"
    text += (ROOT / "nginx/tls.conf").read_text().replace("listen 8081;", f"listen 127.0.0.1:{plain.port};")
    text = text.replace("listen 8443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
    text = text.replace("/etc/nginx/certificates", str(certificates))
    nginx = Nginx(folder, plain, plain)
    with _running(nginx, text):
        yield Https(nginx, secure, certificate)


def _sign(certificate: Path, key: Path) -> None:
    """Write a certificate for this machine's own address, and its key."""
    private, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@contextmanager
def _running(nginx: Nginx, default: str) -> Iterator[None]:
    folder = nginx.folder
    shutil.copytree(ROOT / "nginx", folder / "scoredesk")
    (folder / "scoredesk" / "default.conf").write_text(default)
    main = (folder / "scoredesk" / "nginx.conf").read_text()
    # Several run at once on one machine, each in a folder of its own.
    (folder / "nginx.conf").write_text(main.replace("/tmp/", f"{folder}/"))  # noqa: S108
    with (folder / "log").open("w") as log:
        command = [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **_without_rights(folder))
    try:
        wait_for(process, nginx)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _without_rights(folder: Path) -> dict[str, Any]:
    """Return the options that let a process run as nobody, as it does in its container, if this one is root."""
    if os.geteuid() != 0:
        return {}
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    # The folders that pytest makes are closed to others.
    for above in folder.parents:
        above.chmod(above.stat().st_mode | 0o011)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def wait_for(process: subprocess.Popen[bytes], nginx: Nginx) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, nginx.log
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", nginx.subpath.port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(nginx.log)
