"""The format of the service's own log lines, each with the id of its request."""

from __future__ import annotations

import logging
import sys

from webapp.helpers.log_lines import formatter
from webapp.services.telemetry.observed_request import current

#: Starts of gunicorn's lines that repeat what a client sent.
LINES_WITH_CLIENT_DATA = ("Error handling request", "Invalid request from ip=")


class RequestIdFilter(logging.Filter):
    """Adds the id of the thread's request to each line that has no request id yet."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            request = current()
            record.request_id = request.request_id if request else ""
        return True


class ClientDataFilter(logging.Filter):
    """Removes what a client sent from gunicorn's lines, because a URL may contain inputs."""

    def filter(self, record: logging.LogRecord) -> bool:
        for start in LINES_WITH_CLIENT_DATA:
            if str(record.msg).startswith(start):
                kind = sys.exc_info()[0]
                record.msg, record.args = f"{start.removesuffix(' from ip=')}: {kind.__name__ if kind else '?'}", ()
        return True


def install(kind: str) -> None:
    """Write the lines of all loggers to standard error, in the format of ``LOG_FORMAT``."""
    handler = logging.StreamHandler()
    format_handler(handler, kind)
    logging.getLogger().handlers[:] = [handler]
    # A line that can't be written is dropped; by default, logging would print all its arguments.
    logging.raiseExceptions = False
    # Python's warnings become log lines too.
    logging.captureWarnings(True)


def format_handler(handler: logging.Handler, kind: str) -> None:
    """Set the format and the filters that all handlers share."""
    handler.setFormatter(formatter(kind))
    handler.filters[:] = [RequestIdFilter(), ClientDataFilter()]
