"""Which addresses are for scripts."""

from __future__ import annotations

from flask import request

#: What addresses for scripts begin with.
FOR_SCRIPTS = ("api", "v1", "v2", "invocations", "mlflow", "ping", "health", "version")
#: Others that are asked by no person, but need no key, or take a cookie too.
BESIDES = ("healthz", "readyz", "metrics")
JSON_ENDINGS = (".json", ".csv")


def first_part() -> str:
    """Give what the address of the request begins with."""
    return request.path.split("/", 2)[1]


def is_for_scripts() -> bool:
    """Tell whether this address is for scripts alone."""
    return first_part() in FOR_SCRIPTS


def wants_json() -> bool:
    """Tell whether an error is told in JSON here."""
    return is_for_scripts() or first_part() in BESIDES or request.path.endswith(JSON_ENDINGS)
