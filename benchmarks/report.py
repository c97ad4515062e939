"""Format results for a document."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, words: int) -> str:
    """Return a table in Markdown: ``words`` columns of text first, then right-aligned columns of figures."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, rule, *rows])


def surroundings(*packages: str) -> str:
    """Return what the figures depend on: versions, and the number of cores."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"Python {platform.python_version()}, {versions}; {platform.system()}, {os.cpu_count()} cores"


def megabytes(size: float) -> str:
    """Format a number of bytes in millions."""
    return f"{size / 1e6:.1f}"
