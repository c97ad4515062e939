"""The doors for clients of other servers; behind each is the same room."""

from __future__ import annotations

from webapp.controllers.protocols import kserve, mlflow, open_inference, repository

blueprints = (open_inference.bp, repository.bp, kserve.bp, mlflow.bp)
