"""The format of the service's own log lines, each with the id of its request."""

from __future__ import annotations

import logging

from webapp.helpers.log_lines import formatter
from webapp.services.telemetry.observed_request import current


class RequestIdFilter(logging.Filter):
    """Adds the id of the thread's request to each line that has no request id yet."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            request = current()
            record.request_id = request.request_id if request else ""
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
    """Set the format and the filter that all handlers share."""
    handler.setFormatter(formatter(kind))
    handler.filters[:] = [RequestIdFilter()]
