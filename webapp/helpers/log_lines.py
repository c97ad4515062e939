"""The lines of the service's own log: sentences for people, or one JSON object each."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

#: How many places in the code a line names for an error, counted from the innermost.
MAX_FRAMES = 4


class TextLines(logging.Formatter):
    """Writes ``[time] [process] [LEVEL] message (request id)``, as gunicorn does."""

    def __init__(self) -> None:
        super().__init__("[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S %z")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        line = super().formatMessage(record)
        request_id = _request_id(record)
        return line if request_id in line else f"{line} (request {request_id})"

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        return error_words(ei[0], ei[2])


class JsonLines(logging.Formatter):
    """Writes one JSON object on each line, whatever the message contains."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage().encode(errors="backslashreplace").decode(),
        }
        if request_id := _request_id(record):
            line["request_id"] = request_id
        if record.exc_info and record.exc_info[0]:
            line["error"] = error_words(record.exc_info[0], record.exc_info[2])
        return orjson.dumps(line | getattr(record, "fields", {}), default=str).decode()


def formatter(kind: str) -> logging.Formatter:
    """Return the formatter that ``LOG_FORMAT`` names."""
    return JsonLines() if kind == "json" else TextLines()


def as_line(sentence: str, kind: str, level: str = "INFO") -> str:
    """Format a sentence that the service prints without a logger: as JSON, or unchanged for people."""
    if kind != "json":
        return sentence
    return JsonLines().format(logging.makeLogRecord({"name": "scoredesk", "levelname": level, "msg": sentence}))


def error_words(kind: type[BaseException] | None, trace: TracebackType | None) -> str:
    """Return an error's type and where it was raised, without its message, which might repeat a request."""
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    name = kind.__name__ if kind else "Error"
    return f"{name} at {' > '.join(frames[-MAX_FRAMES:])}"


def _request_id(record: logging.LogRecord) -> str:
    return str(getattr(record, "request_id", ""))
