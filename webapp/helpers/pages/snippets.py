"""Commands that people can paste into a terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from webapp.helpers.records.redaction import is_placeholder
from webapp.types import Instance

#: No page shows an API key; the command reads it from the environment.
KEY_HEADER = '-H "Authorization: Bearer $SCOREDESK_KEY"'


def curl_command(url: str, instance: Instance | None, *, guarded: bool) -> str | None:
    """Return the curl command for the same prediction; None if no inputs, or not all of them, were recorded."""
    if instance is None or any(map(is_placeholder, instance.values())):
        return None
    return curl_post(url, {"inputs": dict(instance)}, guarded=guarded)


def curl_post(url: str, body: Mapping[str, object], *, guarded: bool) -> str:
    """Return the curl command that sends a JSON body, with an API key if one is needed."""
    data = f"--json {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    return " ".join(["curl", shlex.quote(url), *([KEY_HEADER] if guarded else []), data])
