"""What the service says to the person who starts it, and asks them."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from webapp.config import Settings
from webapp.helpers.log_lines import as_line, one_line


def say(sentence: str, settings: Settings) -> None:
    """Print a line on standard output, in the format of the log."""
    print(as_line(sentence, settings.log_format), flush=True)


def fail(sentence: str) -> NoReturn:
    """Print why the service can't start, and end the process."""
    # The settings themselves may be wrong, so LOG_FORMAT is read from the environment.
    print(as_line(sentence, os.environ.get("LOG_FORMAT", ""), "CRITICAL"), file=sys.stderr, flush=True)
    raise SystemExit(1)


def is_terminal() -> bool:
    """Return whether standard input is a terminal, with a person who can answer."""
    # It is None where the process was started without one.
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> bool:
    """Ask a yes-or-no question; without a terminal, and without an answer, the answer is no."""
    if not is_terminal():
        return False
    try:
        return input(f"{one_line(question)} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
