"""The model repository extension of the Open Inference Protocol."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import permitted, principal, services
from webapp.controllers.http.responses import json_answer
from webapp.errors import InvalidInput
from webapp.helpers.inputs.strict_json import decode

bp = Blueprint("repository", __name__, url_prefix="/v2/repository")


@bp.post("/index")
def index() -> Response:
    """List the models, or only those that are ready."""
    store = services().store
    entries = [
        {"name": model.name, "version": model.version, "state": "READY", "reason": ""}
        for model in permitted(store.served())
    ]
    if not _only_ready():
        entries += [
            {"name": model.name, "version": model.version, "state": "UNAVAILABLE", "reason": model.reason}
            for model in permitted(store.unserved())
        ]
    return json_answer(entries)


@bp.post("/models/<name>/load")
def load(name: str) -> Response:
    """Put a model back into service, in all workers."""
    services().promoter.load(name, principal().name)
    return json_answer({"name": name, "load": True})


@bp.post("/models/<name>/unload")
def unload(name: str) -> Response:
    """Take a model out of service until it is loaded again, in all workers; its file and records stay."""
    services().promoter.unload(name, principal().name)
    return json_answer({"name": name, "unload": True})


def _only_ready() -> bool:
    body = read_body()
    options = decode(body) if body.strip() else {}
    if not isinstance(options, dict):
        raise InvalidInput('The body must be empty or a JSON object such as {"ready": true}.')
    return options.get("ready") is True
