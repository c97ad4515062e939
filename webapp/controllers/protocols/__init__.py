"""Protocols of other model servers, so that their clients work with Scoredesk too."""

from __future__ import annotations

from webapp.controllers.protocols import kserve, mlflow, open_inference, repository

blueprints = (open_inference.bp, repository.bp, kserve.bp, mlflow.bp)
