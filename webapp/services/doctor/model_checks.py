"""Checks of the models: which are served, which are not and why, and what they run in."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.cell.lock import Protection
from webapp.errors import SettingsError
from webapp.services.cells.environments import Environments
from webapp.services.doctor.findings import Finding
from webapp.services.model_store import ModelStore

PUBLISH = "To publish one: flask --app wsgi models publish FILE --name NAME"


def examine_models(store: ModelStore) -> Iterator[Finding]:
    """Yield which models are served, and each that is not with the reason."""
    served, unserved = store.served(), [*store.unserved(), *store.refused()]
    names = ", ".join(f"{model.name} {model.version}" for model in served)
    nothing = "none is served." if unserved else f"there are none yet. {PUBLISH}"
    yield Finding(name="Models", sentence=f"{len(served)} served: {names}." if served else nothing)
    for version in unserved:
        sentence = f"{version.name} {version.version}".strip() + f" is not served: {version.reason}"
        yield Finding(name="Models", sentence=sentence, is_fault=True)


def describe_environments(environments: Environments) -> str:
    """Return which environments there are."""
    found = [each.sentence.removeprefix("the environment ") for each in environments.all()]
    return "; ".join(found) + "." if found else "none; all models use the service's own libraries."


def check_protection(protection: Protection, *, may_be_unlocked: bool) -> str:
    """Check that the kernel can lock the processes of models."""
    sentence = protection.sentence
    if sentence and not (protection.is_locked or may_be_unlocked):
        raise SettingsError(f"{sentence} No model is served. To serve them all the same: CELLS=unlocked")
    return sentence or "are locked by Landlock and seccomp."
