"""Turns every error into a page, or into JSON at addresses for scripts."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, Response, g, render_template, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from webapp.controllers.http.context import permitted, services
from webapp.controllers.http.paths import first_part, wants_json
from webapp.controllers.http.responses import json_answer
from webapp.errors import MalformedRequest, ModelNotFound, ScoredeskError
from webapp.helpers import shapes
from webapp.helpers.inputs.messages import did_you_mean
from webapp.helpers.log_lines import error_words
from webapp.helpers.protocols import kserve, mlflow, open_inference
from webapp.helpers.records.as_json import notices_json
from webapp.types import Notice

logger = logging.getLogger(__name__)

#: The error encoder of each protocol, by the first part of its paths.
ERROR_ENCODERS = {
    "v1": kserve.encode_error,
    "v2": open_inference.encode_error,
    "invocations": mlflow.encode_error,
    "mlflow": mlflow.encode_error,
    "ping": mlflow.encode_error,
    "health": mlflow.encode_error,
    "version": mlflow.encode_error,
}
SENTENCES = {
    400: MalformedRequest().message,
    404: "There is nothing at this address.",
    405: "This address does not accept this method.",
    413: "The request is too large.",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(ScoredeskError, _own_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ParseException, _malformed)
    app.register_error_handler(Exception, _unexpected_error)


def _own_error(error: ScoredeskError) -> Response:
    reloads = error.reloads and not wants_json()
    message = error.message + (_meant_model() if isinstance(error, ModelNotFound) else "")
    response = _waiting_page(error) if reloads else _answer(message, error.status, error.errors)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _meant_model() -> str:
    """Return a question about the model that the address nearly names, if the caller may use such a model."""
    names = [model.name for model in permitted(services().store.served())]
    return did_you_mean((request.view_args or {}).get("name", ""), names)


def _waiting_page(error: ScoredeskError) -> Response:
    """Show that a record is not here yet, on a page that loads itself again without JavaScript."""
    page = render_template(
        "predictions/elsewhere.html",
        message=error.message,
        status=error.status,
        seconds=error.retry_after,
        request_id=g.get("request_id", ""),
    )
    headers = {"Refresh": str(error.retry_after)}
    return Response(page, status=error.status, mimetype="text/html", headers=headers)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _answer(SENTENCES.get(status, error.name + "."), status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _malformed(error: ParseException) -> Response:
    """Refuse a body that is not made of chunks, which gunicorn finds when a controller reads it."""
    logger.warning("Invalid request: %s", type(error).__name__)
    return _own_error(MalformedRequest())


def _unexpected_error(error: Exception) -> Response:
    logger.error("%s, request %s", error_words(type(error), error.__traceback__), g.get("request_id"))
    return _answer("Something went wrong inside Scoredesk.", 500)


def _answer(message: str, status: int, errors: Sequence[Notice] = ()) -> Response:
    request_id = g.get("request_id", "")
    if encode_error := ERROR_ENCODERS.get(first_part()):
        return json_answer(*encode_error(message, status, errors))
    if wants_json():
        body: shapes.Error = {
            "error": message,
            "errors": notices_json(errors),
            "status": status,
            "request_id": request_id,
        }
        return json_answer(body, status)
    page = render_template("error.html", message=message, status=status, request_id=request_id)
    return Response(page, status=status, mimetype="text/html")
