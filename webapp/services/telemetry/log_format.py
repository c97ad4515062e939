"""The lines that the service writes about itself, each with the id of the request it is about."""

from __future__ import annotations

import logging
import sys

from webapp.helpers.log_lines import formatter
from webapp.services.telemetry.observed_request import current

#: What of gunicorn's own lines repeats what a client sent, with what is left of them.
REPEATING = ("Error handling request", "Invalid request from ip=")


class OfRequest(logging.Filter):
    """Puts on each line the id of the request of its thread, unless it tells another."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            visit = current()
            record.request_id = visit.request_id if visit else ""
        return True


class Discreet(logging.Filter):
    """Takes out of gunicorn's lines what a client sent: an address may hold what was entered."""

    def filter(self, record: logging.LogRecord) -> bool:
        for begin in REPEATING:
            if str(record.msg).startswith(begin):
                kind = sys.exc_info()[0]
                record.msg, record.args = f"{begin.removesuffix(' from ip=')}: {kind.__name__ if kind else '?'}", ()
        return True


def install(kind: str) -> None:
    """Write what all loggers tell to standard error, in the format of ``LOG_FORMAT``."""
    handler = logging.StreamHandler()
    adorn(handler, kind)
    logging.getLogger().handlers[:] = [handler]
    # A line that can't be written is left out, instead of being told of with all that it was made of.
    logging.raiseExceptions = False
    # What Python warns of is a line like any other.
    logging.captureWarnings(True)


def adorn(handler: logging.Handler, kind: str) -> None:
    """Let a handler write lines as all others do."""
    handler.setFormatter(formatter(kind))
    handler.filters[:] = [OfRequest(), Discreet()]
