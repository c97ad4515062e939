"""The models that are served: found in their folder, loaded, and swapped while requests are answered."""

from __future__ import annotations

from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.services.model_store.store import ModelStore

__all__ = ["ModelStore", "ServedModel", "UnservedModel", "VersionFile"]
