"""The lines of the service's own log: sentences for people, or one JSON object each."""

from __future__ import annotations

import logging
import unicodedata
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

#: How many places in the code a line names for an error, counted from the innermost.
MAX_FRAMES = 4
#: Categories of characters that end a line, or change how others look: control, format, surrogates, separators.
UNPRINTABLE = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")


def one_line(text: str) -> str:
    """Escape the characters that would break a line, or hide or reorder what stands in it."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in UNPRINTABLE else character
        for character in text
    )


class TextLines(logging.Formatter):
    """Writes ``[time] [process] [LEVEL] message (request id)``, as gunicorn does."""

    def format(self, record: logging.LogRecord) -> str:
        time = self.formatTime(record, "%Y-%m-%d %H:%M:%S %z")
        line = f"[{time}] [{record.process}] [{record.levelname}] {_message(record)}"
        if (request_id := _request_id(record)) not in line:
            line += f" (request {request_id})"
        if record.exc_info and record.exc_info[0]:
            line += f": {error_words(record.exc_info[0], record.exc_info[2])}"
        return line


class JsonLines(logging.Formatter):
    """Writes one JSON object on each line, whatever the message contains."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": _message(record),
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
    """Format a sentence that the service prints without a logger: as JSON, or as it is for people."""
    if kind != "json":
        return one_line(sentence)
    return JsonLines().format(logging.makeLogRecord({"name": "scoredesk", "levelname": level, "msg": sentence}))


def error_words(kind: type[BaseException] | None, trace: TracebackType | None) -> str:
    """Return an error's type and where it was raised, without its message, which might repeat a request."""
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    name = kind.__name__ if kind else "Error"
    return f"{name} at {' > '.join(frames[-MAX_FRAMES:])}"


def _message(record: logging.LogRecord) -> str:
    # Python ends its warnings with a line break.
    return one_line(record.getMessage().rstrip("\r\n"))


def _request_id(record: logging.LogRecord) -> str:
    return str(getattr(record, "request_id", ""))
