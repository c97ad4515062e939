"""Tells addresses for scripts from addresses for people."""

from __future__ import annotations

from flask import request

#: First parts of the addresses for scripts, which accept API keys only.
SCRIPT_PREFIXES = ("api", "v1", "v2", "invocations", "mlflow", "ping", "health", "version")
#: First parts of other addresses that programs read, without an API key or also with a cookie.
PROBE_PREFIXES = ("healthz", "readyz", "metrics")
DATA_SUFFIXES = (".json", ".csv")


def first_part() -> str:
    """Return the first part of the path of the request."""
    return request.path.split("/", 2)[1]


def is_for_scripts() -> bool:
    """Return whether this address is for scripts only."""
    return first_part() in SCRIPT_PREFIXES


def wants_json() -> bool:
    """Return whether an error is answered as JSON: to programs at addresses for data, and to clients that ask."""
    accepted = [media for media, _ in request.accept_mimetypes]
    if "text/html" in accepted and (not is_for_scripts() or request.headers.get("Sec-Fetch-Mode") == "navigate"):
        # A browser. Some HTTP clients accept HTML by default, so scripts are recognised by the address.
        return False
    is_data = first_part() in PROBE_PREFIXES or request.path.endswith(DATA_SUFFIXES)
    return is_for_scripts() or is_data or "application/json" in accepted
