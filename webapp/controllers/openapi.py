"""The OpenAPI document of the service, and a page that shows it to people."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from webapp.controllers.http.context import is_guarded, permitted, services
from webapp.helpers.openapi import docs_page
from webapp.helpers.pages.snippets import curl_post
from webapp.services.openapi import Description

bp = Blueprint("openapi", __name__)


@bp.get("/openapi.json")
def document() -> Response:
    """Return the OpenAPI document."""
    description = _description()
    response = Response(description.body, mimetype="application/json")
    response.set_etag(description.etag)
    response.make_conditional(request)
    return response


@bp.get("/docs")
def page() -> str:
    """Show how scripts use the API."""
    document = _description().document
    return render_template(
        "docs.html",
        models=docs_page.model_sections(document),
        groups=docs_page.groups(document),
        errors=docs_page.errors(document),
        key=document["components"]["parameters"]["IdempotencyKey"]["description"],
        curl=_curl,
    )


def _description() -> Description:
    return services().openapi.describe(permitted(services().store.served()), request.script_root)


def _curl(path: str, body: dict[str, object]) -> str:
    return curl_post(request.url_root.rstrip("/") + path, body, guarded=is_guarded())
