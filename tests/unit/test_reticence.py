"""What gunicorn says of requests that it can't read or that fail, shortened"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from gunicorn.http import errors

from webapp.helpers.reticence import Reticence


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger as gunicorn has one, and what it writes."""
    logger, written = logging.getLogger("tests.reticence"), io.StringIO()
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    reticence = Reticence()
    logger.addFilter(reticence)
    yield logger, written
    logger.removeHandler(handler)
    logger.removeFilter(reticence)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.InvalidRequestLine("GET /models/people?note=Zebrafink x"), "Invalid HTTP request line"),
        (errors.InvalidRequestMethod("Zebrafink"), "Invalid HTTP method"),
        (errors.InvalidHTTPVersion((9, 9)), "Invalid HTTP Version"),
        (errors.InvalidHeader("Zebrafink"), "Invalid HTTP Header"),
        (errors.InvalidHeaderName("Zebrafink"), "Invalid HTTP header name"),
        (errors.UnsupportedTransferCoding("Zebrafink"), "Unsupported transfer coding"),
        (errors.InvalidChunkSize(b"Zebrafink"), "Invalid chunk size"),
        (errors.ExpectationFailed("Zebrafink"), "Unable to comply with expectation"),
        (errors.ObsoleteFolding("Zebrafink"), "Obsolete line folding is unacceptable"),
        (errors.InvalidProxyLine("Zebrafink"), "Invalid PROXY line"),
        (errors.LimitRequestLine(5000, 4094), "Request Line is too large"),
        (errors.InvalidSchemeHeaders(), "Contradictory scheme headers"),
    ],
)
def test_it_tells_the_kind_of_mistake(log: tuple[logging.Logger, io.StringIO], error: Exception, said: str) -> None:
    logger, written = log
    logger.warning("Invalid request from ip={ip}: {error}".format(ip="::1", error=str(error)))
    assert written.getvalue() == f"Invalid request from ip=::1: {said}\n"


def test_it_tells_the_kind_and_the_place_of_an_error(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        raise ValueError("Zebra" + "fink")
    except ValueError:
        logger.exception("Error handling request %s", "/predictions?input.note=" + "Zebra" + "fink")
    said = written.getvalue()
    assert said.startswith("Error handling request: ValueError\n")
    assert "test_reticence.py" in said
    assert "Zebrafink" not in said


def test_it_leaves_all_else_as_it_is(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.warning("Worker (pid:%s) exited with code %s.", 7, 1)
    assert written.getvalue() == "Worker (pid:7) exited with code 1.\n"
