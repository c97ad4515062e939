"""Traces, as a collector gets them from a real gunicorn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.conftest import SECRET
from tests.faults.load import PATH
from tests.faults.postgres import wait_until
from tests.serving import ROOT, Serving, free_port
from tests.telemetry.collector import Collector, attributes, collecting
from tests.telemetry.conftest import Serve, add, ask, locked, metrics
from tests.telemetry.numbers import total

ROUTE = "/api/v1/models/<name>/predict"
CALLER = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def server(serve: Serve, collector: Collector) -> Iterator[Serving]:
    settings = {"otel_exporter_otlp_endpoint": collector.url, "otel_bsp_schedule_delay": 50}
    with serve(**settings, web_concurrency=1, log_policy="required") as server:
        yield server


def traced(server: Serving, collector: Collector, *numbers: Any) -> tuple[int, list[Span]]:
    """Ask as part of a new trace, and give the status and the spans of that trace once all are there."""
    trace = uuid4().hex
    headers = {"X-Request-ID": "mine-7", "traceparent": f"00-{trace}-{CALLER}-01"}
    status = add(server, *numbers, **headers)

    def found() -> list[Span]:
        return [span for span in collector.spans if span.trace_id.hex() == trace]

    wait_until(lambda: named(found(), f"POST {ROUTE}"))
    return status, found()


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


def children(spans: list[Span], parent: Span) -> dict[str, Span]:
    return {span.name: span for span in spans if span.parent_span_id == parent.span_id}


def test_a_request_goes_on_with_the_trace_of_its_caller(server: Serving, collector: Collector) -> None:
    status, spans = traced(server, collector, 4711.25, 1.0)
    assert status == 200
    (request,) = named(spans, f"POST {ROUTE}")
    assert request.parent_span_id.hex() == CALLER
    assert request.kind == Span.SPAN_KIND_SERVER
    told = attributes(request)
    assert (told["http.route"], told["http.response.status_code"]) == (ROUTE, 200)
    assert (told["scoredesk.request_id"], told["scoredesk.model"], told["scoredesk.channel"]) == (
        "mine-7",
        "sum",
        "json",
    )
    assert len(told["scoredesk.version"]) == 12
    parts = children(spans, request)
    assert attributes(parts["estimator"])["scoredesk.batch.instances"] == 2
    assert attributes(parts["record"])["scoredesk.recorded_in"] == "database"
    assert collector.services == {"scoredesk"}
    for part in parts.values():
        assert request.start_time_unix_nano <= part.start_time_unix_nano <= part.end_time_unix_nano
        assert part.end_time_unix_nano <= request.end_time_unix_nano


def test_no_span_holds_what_was_sent(server: Serving, collector: Collector) -> None:
    assert add(server, 4711.25) == 200
    assert add(server, "blood-4711") == 422
    assert ask(f"{server.url}/models/sum?x0=4711.25&x1=blood-4711")[0] == 200
    assert ask(f"{server.url}/nothing/blood-4711")[0] == 404
    assert ask(f"{server.url}/api/v1/models/blood-4711/predict", b"{}")[0] == 404
    assert traced(server, collector, 4711.25)[0] == 200
    assert {attributes(span).get("http.response.status_code") for span in collector.spans} >= {200, 404, 422}
    assert b"4711" not in collector.raw


def test_requests_that_are_answered_together_share_their_spans(
    server: Serving, collector: Collector, database: str
) -> None:
    with ThreadPoolExecutor(6) as pool:
        with locked(database):
            asked = [pool.submit(add, server, number) for number in range(6)]
            wait_until(lambda: total(metrics(server), "waiting_instances") == 5)
        assert {each.result() for each in asked} == {200}
    assert traced(server, collector, 1)[0] == 200
    requests = {span.span_id: span for span in named(collector.spans, f"POST {ROUTE}")}
    together = max(named(collector.spans, "estimator"), key=lambda span: len(span.links))
    assert attributes(together)["scoredesk.batch.requests"] == 5
    members = {together.parent_span_id} | {link.span_id for link in together.links}
    assert len(members) == 5
    assert members < requests.keys()
    assert together.trace_id == requests[together.parent_span_id].trace_id


def test_a_failure_is_marked_without_its_words(server: Serving, collector: Collector, database: str) -> None:
    with locked(database):
        status, spans = traced(server, collector, 1)
    assert status == 503
    (request,) = named(spans, f"POST {ROUTE}")
    parts = children(spans, request)
    assert request.status.code == parts["record"].status.code == Status.STATUS_CODE_ERROR
    assert parts["estimator"].status.code == Status.STATUS_CODE_UNSET
    assert not any(span.status.message or span.events for span in spans)


def test_what_was_not_sent_yet_is_sent_when_the_service_ends(serve: Serve) -> None:
    with collecting() as collector:
        with serve(otel_exporter_otlp_endpoint=collector.url, otel_service_name="scores", web_concurrency=1) as server:
            assert add(server, 1) == 200
        assert named(collector.spans, f"POST {ROUTE}")
        assert collector.services == {"scores"}


def test_answers_do_not_wait_for_a_collector_that_is_away(serve: Serve) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    with serve(otel_exporter_otlp_endpoint=away, web_concurrency=1) as server:
        assert {add(server, number) for number in range(20)} == {200}


def test_opentelemetry_is_not_imported_unless_it_is_asked_for(tmp_path: Path) -> None:
    script = (
        "import sys; from webapp import create_app; from webapp.config import Settings;"
        f"app = create_app(Settings(database_url='postgresql://x@127.0.0.1:9/x', secret_key={SECRET!r},"
        f" models_dir={str(tmp_path)!r}, spool_dir={str(tmp_path)!r}));"
        "app.extensions['scoredesk'].traces.start();"
        f"assert app.test_client().post({PATH!r}, json=1).status_code == 404;"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
