"""The OpenAPI 3.1 document of the service, built from the models that are served."""

from __future__ import annotations

from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.document import openapi

__all__ = ["DescribedModel", "DescribedService", "Json", "openapi"]
