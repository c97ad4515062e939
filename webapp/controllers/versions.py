"""The versions of a model, as scripts and people see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request

from webapp.controllers.current import services
from webapp.services.model_store import ServedModel, UnservedModel, VersionFile

bp = Blueprint("versions", __name__)

Versions = Sequence[tuple[VersionFile, ServedModel | UnservedModel | None]]


@bp.get("/models/<name>/card")
def card(name: str) -> str:
    """Show what is known of a model: the champion, or the version that was asked for."""
    store = services().store
    champion = store.get(name)
    model = store.get(name, request.args.get("version") or champion.version)
    versions = versions_json(store.versions(name), champion)
    return render_template("card.html", model=model, champion=champion, versions=versions)


def versions_json(versions: Versions, champion: ServedModel) -> list[dict[str, Any]]:
    """Give each version with its state: champion, loaded, not loaded (until it is asked) or refused."""
    return [
        {
            "version": file.version,
            "digest": file.digest,
            "state": _state(file, entry, champion),
            "reason": entry.reason if isinstance(entry, UnservedModel) else None,
        }
        for file, entry in versions
    ]


def _state(file: VersionFile, entry: ServedModel | UnservedModel | None, champion: ServedModel) -> str:
    if file.version == champion.version:
        return "champion"
    if entry is None:
        return "not loaded"
    return "loaded" if isinstance(entry, ServedModel) else "refused"
