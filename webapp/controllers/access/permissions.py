"""The permission that each endpoint needs, in one table; an endpoint that is not in it is always refused."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.errors import NotAllowed
from webapp.helpers.accounts.roles import Principal, Role


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A role: for the model in the address, for at least one model if the address has none, or for all models."""

    role: Role
    for_all: bool = False


#: Endpoints that need no authentication: probes, the login, links to choose a password, and static files.
OPEN = frozenset(
    {
        "static",
        "health.live",
        "health.ready",
        "login.login",
        "login.log_in",
        "login.log_out",
        "login.new_password",
        "login.choose_password",
        "open_inference.server",
        "open_inference.live",
        "open_inference.ready",
        "mlflow.ping",
        "mlflow.version",
    }
)
PREDICT, REVIEW = Permission(role=Role.PREDICT), Permission(role=Role.REVIEW)
REVIEW_OF_ALL = Permission(role=Role.REVIEW, for_all=True)
ADMIN, ADMIN_OF_ALL = Permission(role=Role.ADMIN), Permission(role=Role.ADMIN, for_all=True)

PERMISSIONS = {
    "models.index": PREDICT,
    "forms.form": PREDICT,
    "forms.submit": PREDICT,
    "models.card": PREDICT,
    # These show only the user's own records and those of models that the user may review.
    "predictions.index": PREDICT,
    "predictions.show": PREDICT,
    "predictions.show_json": PREDICT,
    "predictions.show_csv": PREDICT,
    "predictions.index_json": REVIEW,
    "predictions.index_csv": REVIEW,
    "metrics.metrics": REVIEW_OF_ALL,
    "openapi.document": PREDICT,
    "openapi.model_document": PREDICT,
    "openapi.page": PREDICT,
    "openapi.model_page": PREDICT,
    "api.models": PREDICT,
    "api.model": PREDICT,
    "api.version": PREDICT,
    "api.predict": PREDICT,
    "api.predict_version": PREDICT,
    "api.prediction": PREDICT,
    "api.predictions": PREDICT,
    "open_inference.models": PREDICT,
    "open_inference.model": PREDICT,
    "open_inference.version": PREDICT,
    "open_inference.model_ready": PREDICT,
    "open_inference.version_ready": PREDICT,
    "open_inference.infer": PREDICT,
    "open_inference.infer_version": PREDICT,
    "repository.index": PREDICT,
    "repository.load": ADMIN,
    "repository.unload": ADMIN,
    "kserve.models": PREDICT,
    "kserve.model": PREDICT,
    "kserve.predict": PREDICT,
    "kserve.explain": PREDICT,
    "mlflow.invocations": PREDICT,
    "mlflow.invocations_of": PREDICT,
    "mlflow.ping_model": PREDICT,
    "login.account": PREDICT,
    "login.change_password": PREDICT,
    "uploads.publish": ADMIN_OF_ALL,
    "uploads.promote": ADMIN,
    "admin.keys": ADMIN_OF_ALL,
    "admin.make_key": ADMIN_OF_ALL,
    "admin.revoke_key": ADMIN_OF_ALL,
    "users.index": ADMIN_OF_ALL,
    "users.create": ADMIN_OF_ALL,
    "users.add_name": ADMIN_OF_ALL,
    "users.show": ADMIN_OF_ALL,
    "users.make_link": ADMIN_OF_ALL,
    "users.disable": ADMIN_OF_ALL,
    "users.enable": ADMIN_OF_ALL,
    "users.grant": ADMIN_OF_ALL,
    "users.revoke": ADMIN_OF_ALL,
    "admin.audit": ADMIN_OF_ALL,
}


def permission_for(endpoint: str) -> Permission:
    """Return the permission that an endpoint needs.

    Raises
    ------
    NotAllowed
        When the endpoint is not in the table.
    """
    try:
        return PERMISSIONS[endpoint]
    except KeyError:
        raise NotAllowed from None


def is_permitted(principal: Principal, endpoint: str, model: str | None) -> bool:
    """Return whether a principal may use an endpoint, for the model that its address names if it names one.

    Raises
    ------
    NotAllowed
        When the endpoint is not in the table.
    """
    permission = permission_for(endpoint)
    return principal.may_all(permission.role) if permission.for_all else principal.may(permission.role, model)
