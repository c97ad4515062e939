"""The OpenAPI documents of the service and of each model, and pages that show them to people."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from webapp.controllers.http.context import is_guarded, permitted, services
from webapp.helpers.openapi import docs_page
from webapp.helpers.pages import snippets
from webapp.services.model_store import ServedModel
from webapp.services.openapi import Description

bp = Blueprint("openapi", __name__)


@bp.get("/openapi.json")
def document() -> Response:
    """Return the OpenAPI document of all models."""
    return _document(_describe(permitted(services().store.served())))


@bp.get("/openapi/<name>.json")
def model_document(name: str) -> Response:
    """Return the OpenAPI document of one model."""
    return _document(_describe([services().store.get(name)]))


@bp.get("/docs")
def page() -> str:
    """Show what holds for all models, and link to each model's page."""
    models = permitted(services().store.served())
    general = _describe([]).document
    shortest = sorted(models, key=lambda model: len(model.signature.features))[:1]
    first = docs_page.model_section(_describe(shortest).document) if shortest else None
    return render_template(
        "docs.html",
        models=models,
        first=first and _curl(first.path, {"inputs": first.cases[0]}),
        groups=docs_page.groups(general),
        errors=docs_page.errors(general),
        key=general["components"]["parameters"]["IdempotencyKey"]["description"],
        limits=services().openapi,
        is_guarded=is_guarded(),
    )


@bp.get("/docs/<name>")
def model_page(name: str) -> str:
    """Show how scripts call one model."""
    model = services().store.get(name)
    document = _describe([model]).document
    section = docs_page.model_section(document)
    url, limit = _url(section.path), services().openapi.max_instances
    return render_template(
        "models/docs.html",
        model=model,
        section=section,
        examples={
            "curl": _curl(section.path, {"inputs": section.cases[0]}),
            "Python": snippets.python_post(url, section.cases[0], guarded=is_guarded()),
            "pandas": snippets.pandas_post(url, docs_page.table(section), limit, guarded=is_guarded()),
        },
        groups=docs_page.groups(document, without=_describe([]).document["paths"]),
        limit=limit,
        curl=_curl,
    )


def _describe(models: Sequence[ServedModel]) -> Description:
    return services().openapi.describe(models, request.script_root)


def _document(description: Description) -> Response:
    response = Response(description.body, mimetype="application/json")
    response.set_etag(description.etag)
    response.make_conditional(request)
    return response


def _url(path: str) -> str:
    return request.url_root.rstrip("/") + path


def _curl(path: str, body: dict[str, object]) -> str:
    return snippets.curl_post(_url(path), body, guarded=is_guarded())
