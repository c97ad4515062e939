"""Every error has one shape: JSON under the JSON paths, a page elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.controllers.access.permissions import PERMISSIONS, PREDICT

WAYS_TO_FAIL = [
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/api/", 404),
    ("GET", "/api/v1/models/dragons", 404),
    ("DELETE", "/api/v1/models", 405),
    ("POST", "/api/v1/models/penguins/predict", 415),
    ("GET", "/api/v1/predictions?cursor=x", 422),
    ("GET", "/predictions/x.json", 404),
    ("GET", "/predictions.json?cursor=x", 422),
]
PAGES_THAT_FAIL = [
    ("GET", "/nothing", 404),
    ("GET", "/models/dragons", 404),
    ("DELETE", "/models/penguins", 405),
    ("GET", "/predictions?cursor=x", 422),
    ("GET", "/predictions/x", 404),
]


def assert_canonical(answer: TestResponse, status: int) -> None:
    assert answer.status_code == status
    assert set(answer.json) == {"error", "errors", "status", "request_id"}
    assert answer.json["status"] == status
    assert answer.json["error"].endswith(".")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    for error in answer.json["errors"]:
        assert set(error) == {"loc", "msg"}


@pytest.mark.parametrize(("method", "path", "status"), WAYS_TO_FAIL)
def test_it_answers_in_one_json_shape(client: FlaskClient, method: str, path: str, status: int) -> None:
    assert_canonical(client.open(path, method=method), status)


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@pytest.mark.parametrize(("method", "path", "status"), WAYS_TO_FAIL + PAGES_THAT_FAIL)
def test_a_browser_gets_a_page_about_each_error(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, headers=BROWSER)
    page = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert page.h1.text.endswith(".")


def test_a_script_that_accepts_html_by_default_still_gets_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept": "text/html, image/gif, */*; q=.2"})
    assert_canonical(answer, 404)


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/predictions?cursor=x", 422)])
def test_whoever_asks_for_json_gets_json_about_a_page_too(client: FlaskClient, path: str, status: int) -> None:
    assert_canonical(client.get(path, headers={"Accept": "application/json"}), status)


def test_a_page_about_a_wrong_address_says_what_is_wrong_and_leads_on(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/predictions.csv?status=x", headers=BROWSER).text, "html.parser")
    assert "status: This must be answered, failed, rejected or all." in page.text
    assert "/predictions" in [link["href"] for link in page.select("main a")]


@pytest.mark.parametrize(("method", "path", "status"), PAGES_THAT_FAIL)
def test_it_answers_with_a_page(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == status
    assert page.h1.text.endswith(".")
    assert answer.headers["X-Request-ID"] in page.text


def test_a_wrong_method_tells_the_right_ones(client: FlaskClient) -> None:
    assert "GET" in client.delete("/api/v1/models").headers["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/broken", "/broken"])
def test_it_hides_what_went_wrong_inside(
    app: Flask, path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERMISSIONS, path, PREDICT)

    def broken() -> Any:
        raise RuntimeError("the secret value 4711")

    app.add_url_rule(path, view_func=broken, endpoint=path)
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    assert "4711" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("sent", ["abc-1.2_3", "A" * 64])
def test_it_repeats_a_well_formed_request_id(client: FlaskClient, sent: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "A" * 65, "<script>", "é"])
def test_it_makes_its_own_request_id_otherwise(client: FlaskClient, sent: str) -> None:
    assert len(client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]) == 32


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css", "/api/v1/models", "/healthz"])
def test_every_answer_tells_the_browser_what_pages_may_do(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))


def test_it_answers_to_no_other_host(make_app: MakeApp) -> None:
    client = make_app(trusted_hosts=("scoredesk.example",)).test_client()
    hosts = ["scoredesk.example", "127.0.0.1:8000", "evil.example"]
    assert [client.get("/healthz", headers={"Host": host}).status_code for host in hosts] == [200, 200, 400]
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "[::1]", "[::1]:8000", "127.0.0.1:9"])
def test_without_authentication_it_answers_to_each_name_of_its_own_address(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_host_is_compared_without_regard_to_its_letters(make_app: MakeApp) -> None:
    client = make_app(trusted_hosts=("Scores.Example", ".example.org", "[2001:db8::1]")).test_client()
    hosts = ["scores.EXAMPLE", "a.EXAMPLE.org:8000", "[2001:DB8::1]:80", "[::1]", "[2001:db8::2]", "evilexample.org"]
    statuses = [client.get("/healthz", headers={"Host": host}).status_code for host in hosts]
    assert statuses == [200, 200, 200, 200, 400, 400]


@pytest.mark.parametrize("path", ["/static//style.css", "/models//penguins?a=1", "/predictions//x"])
def test_a_redirect_never_leads_to_the_host_that_was_sent(make_app: MakeApp, path: str) -> None:
    # Without TRUSTED_HOSTS it answers to all.
    client = make_app(auth="login").test_client()
    answer = client.get(path, headers={"Host": "evil.example"})
    assert "evil" not in answer.text + str(answer.headers)
    assert answer.headers["Location"] == path.replace("//", "/")


def test_a_redirect_stays_under_the_path_that_the_proxy_names(make_app: MakeApp) -> None:
    client = make_app(auth="login", proxy_hops=1).test_client()
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/scores"}
    assert client.get("/static//style.css", headers=headers).headers["Location"] == "/scores/static/style.css"


@pytest.mark.parametrize("path", ["/login", "/nothing", "/static/style.css", "/healthz", "/api/v1/models"])
def test_a_browser_that_came_by_https_is_told_to_come_so_again(make_app: MakeApp, path: str) -> None:
    client = make_app(auth="login", proxy_hops=1).test_client()
    by_https, by_http = ({"X-Forwarded-Proto": scheme} for scheme in ("https", "http"))
    told = []
    for headers in (by_https, by_http):
        with client.get(path, headers=headers) as answer:
            told.append(answer.headers.get("Strict-Transport-Security"))
    assert told == ["max-age=2592000", None]


def test_a_client_cannot_say_itself_that_it_came_by_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/", headers={"X-Forwarded-Proto": "https"}).headers
