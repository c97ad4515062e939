"""webapp.helpers.log_lines"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from webapp.helpers.log_lines import JsonLines, TextLines, as_line


def record(message: str, *args: Any, **attributes: Any) -> logging.LogRecord:
    made = logging.LogRecord("webapp.there", logging.WARNING, "there.py", 1, message, args, None)
    made.__dict__.update(attributes)
    return made


def raised(error: Exception) -> Any:
    try:
        raise error
    except Exception:
        return sys.exc_info()


def test_a_line_of_json_tells_when_who_and_what() -> None:
    line = json.loads(JsonLines().format(record("%d were moved", 3, created=1.5, request_id="mine-7")))
    assert line.pop("process")
    assert line == {
        "time": "1970-01-01T00:00:01.500+00:00",
        "level": "WARNING",
        "logger": "webapp.there",
        "message": "3 were moved",
        "request_id": "mine-7",
    }


def test_it_has_no_request_id_where_there_is_no_request() -> None:
    assert "request_id" not in json.loads(JsonLines().format(record("so", request_id="")))


@pytest.mark.parametrize("message", ["two\nlines", 'a "quote"', "\x00\x1b[31m", "é\u2028", "\ud800"])
def test_whatever_a_message_holds_it_is_one_line_of_json(message: str) -> None:
    line = JsonLines().format(record("%s", message))
    assert len(line.split("\n")) == 1
    assert json.loads(line)["logger"] == "webapp.there"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\n", r"a\nb"), ("\x1b[31m", r"\x1b[31m"), ("a\u202eb", r"a\u202eb"), ("\u2028.", r"\u2028."),
        ("a\udcffb", r"a\udcffb"), ("\x85\x00.", r"\x85\x00."), ("1\u202f000 für 🐧", "1\u202f000 für 🐧"),
    ],
)  # fmt: skip
def test_what_would_break_a_line_or_hide_in_it_is_escaped(text: str, shown: str) -> None:
    assert TextLines().format(record("%s", text)).endswith(f"[WARNING] {shown}")
    assert json.loads(JsonLines().format(record("%s", text)))["message"] == shown
    assert as_line(text.rstrip("\r\n"), "text") == shown


def test_a_line_for_people_is_one_line_with_its_error_too() -> None:
    line = TextLines().format(record("it failed\nhere", exc_info=raised(ValueError("so")), request_id="mine-7"))
    assert len(line.splitlines()) == 1
    assert r"] it failed\nhere (request mine-7): ValueError at " in line


def test_an_error_is_told_by_its_kind_and_place_and_not_in_its_own_words() -> None:
    error = record("it failed", exc_info=raised(ValueError("the secret 4711")))
    for line in (JsonLines().format(error), TextLines().format(error)):
        assert "ValueError at " in line
        assert "test_log_lines.py:" in line
        assert "4711" not in line


def test_a_line_for_people_ends_with_the_request_id_unless_it_tells_it_already() -> None:
    assert TextLines().format(record("so", request_id="mine-7")).endswith("[WARNING] so (request mine-7)")
    assert TextLines().format(record("so, request mine-7", request_id="mine-7")).endswith("] so, request mine-7")
    assert TextLines().format(record("so")).endswith("] so")


def test_a_sentence_stays_as_it_is_for_people() -> None:
    assert as_line("Serving penguins", "text") == "Serving penguins"
    line = json.loads(as_line("Serving penguins", "json"))
    assert (line["level"], line["logger"], line["message"]) == ("INFO", "scoredesk", "Serving penguins")
