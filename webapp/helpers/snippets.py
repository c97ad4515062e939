"""What a script would have to type."""

from __future__ import annotations

import json
import shlex

from webapp.helpers.redaction import is_mark
from webapp.types import Instance


def curl_command(url: str, instance: Instance | None) -> str | None:
    """Give the command that asks for the same prediction again; None where nothing was accepted or not all was kept."""
    if instance is None or any(map(is_mark, instance.values())):
        return None
    body = json.dumps({"inputs": dict(instance)}, ensure_ascii=False)
    return f"curl {shlex.quote(url)} --json {shlex.quote(body)}"
