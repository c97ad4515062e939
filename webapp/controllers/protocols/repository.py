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
    found = [
        {"name": each.name, "version": each.version, "state": "READY", "reason": ""}
        for each in permitted(store.served())
    ]
    if not _only_ready():
        found += [
            {"name": each.name, "version": each.version, "state": "UNAVAILABLE", "reason": each.reason}
            for each in permitted(store.unserved())
        ]
    return json_answer(found)


@bp.post("/models/<name>/load")
def load(name: str) -> Response:
    """Let a model answer again, in all workers."""
    services().promoter.load(name, principal().name)
    return json_answer({"name": name, "load": True})


@bp.post("/models/<name>/unload")
def unload(name: str) -> Response:
    """Let a model answer no more until it is loaded again, in all workers; its file and its records stay."""
    services().promoter.unload(name, principal().name)
    return json_answer({"name": name, "unload": True})


def _only_ready() -> bool:
    body = read_body()
    sent = decode(body) if body.strip() else {}
    if not isinstance(sent, dict):
        raise InvalidInput('The body must be empty or a JSON object such as {"ready": true}.')
    return sent.get("ready") is True
