"""Keeps what a request held out of gunicorn's log."""

from __future__ import annotations

import logging
import re

#: Behind the kind of mistake gunicorn repeats the line, the header or the bytes that it could not read.
INVALID = re.compile(r"Invalid request from ip=\S+: [A-Za-z0-9/ ]*(?=[^A-Za-z0-9/ ]|$)")
HANDLING = "Error handling request"


class Reticence(logging.Filter):
    """Lets gunicorn say that something went wrong with a request, and nothing of what was in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a line; none is left out."""
        message = str(record.msg)
        if said := INVALID.match(message):
            record.msg, record.args = said[0].strip(), ()
        elif message.startswith(HANDLING):
            # What follows are the address with its query, and the exception's own words.
            kind, _, trace = record.exc_info or (None, None, None)
            record.msg, record.args = HANDLING + (f": {kind.__name__}" if kind else ""), ()
            record.exc_info = (kind, None, trace) if kind else None  # type: ignore[assignment]
        return True
