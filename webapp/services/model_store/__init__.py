"""The models that are served: found in their folder, loaded, and swapped while requests go on."""

from __future__ import annotations

from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.model_store.store import ModelStore, ModelVersions

__all__ = ["ModelStore", "ModelVersions", "ServedModel", "UnservedModel", "VersionFile"]
