"""The list of models and the card of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from webapp.controllers.http.context import administered, permitted, services
from webapp.controllers.http.responses import json_answer
from webapp.errors import PredictionLogUnavailable
from webapp.helpers import shapes
from webapp.services.model_store import ServedModel, UnservedModel, VersionFile
from webapp.services.model_store.search import matching
from webapp.services.prediction_log.usage import MAX_COUNTED

bp = Blueprint("models", __name__)

Versions = Sequence[tuple[VersionFile, ServedModel | UnservedModel | None]]


@bp.get("/")
def index() -> str | Response:
    """List the models."""
    if request.headers.get("Accept") == "*/*":
        # No browser sends this; clients of KServe do, to check whether the server is alive.
        return json_answer({"status": "alive"})
    store, query = services().store, request.args.get("q", "").strip()
    served = permitted(store.served())
    names = [model.name for model in served]
    try:
        last_used, uses = services().log.last_used(names), services().usage.lately(names)
    except PredictionLogUnavailable:
        # People need the list to reach the forms, so it must work without the log.
        last_used, uses = None, {}
    return render_template(
        "models/index.html",
        models=matching(served, query),
        total=len(served),
        query=query,
        unserved=administered(store.unserved()),
        refused=administered(store.refused()),
        last_used=last_used,
        uses=uses,
        max_counted=MAX_COUNTED,
    )


@bp.get("/models/<name>/card")
def card(name: str) -> str:
    """Show the card of a model: of the champion, or of the version in the address."""
    store = services().store
    champion = store.get(name)
    model = store.get(name, request.args.get("version") or champion.version)
    versions = versions_json(store.versions(name), champion)
    return render_template(
        "models/card.html",
        model=model,
        champion=champion,
        versions=versions,
        trouble=model.inference.cells.trouble(),
        caution=store.caution(model),
    )


def versions_json(versions: Versions, champion: ServedModel) -> list[shapes.Version]:
    """Return each version with its state: champion, loaded, not loaded (until it is needed) or refused."""
    return [
        {
            "version": file.version,
            "digest": file.digest,
            "state": _state(file, entry, champion),
            "reason": entry.reason if isinstance(entry, UnservedModel) else None,
        }
        for file, entry in versions
    ]


def _state(file: VersionFile, entry: ServedModel | UnservedModel | None, champion: ServedModel) -> shapes.VersionState:
    if file.version == champion.version:
        return "champion"
    if entry is None:
        return "not loaded"
    return "loaded" if isinstance(entry, ServedModel) else "refused"
