"""What a script would have to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from webapp.helpers.records.redaction import is_mark
from webapp.types import Instance

#: A key stands in no page; whoever pastes the command has theirs in the environment.
KEY = '-H "Authorization: Bearer $SCOREDESK_KEY"'


def curl_command(url: str, instance: Instance | None, *, guarded: bool) -> str | None:
    """Give the command that asks for the same prediction again; None where nothing was accepted or not all was kept."""
    if instance is None or any(map(is_mark, instance.values())):
        return None
    return curl_command_of(url, {"inputs": dict(instance)}, guarded=guarded)


def curl_command_of(url: str, body: Mapping[str, object], *, guarded: bool) -> str:
    """Give the command that sends a JSON body, with a key where one is needed."""
    sent = f"--json {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    return " ".join(["curl", shlex.quote(url), *([KEY] if guarded else []), sent])
