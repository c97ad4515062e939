"""The first minute with one's own file: it is published when the service starts, and its form is opened."""

from __future__ import annotations

import os
import shutil
import subprocess  # nosec B404
import threading
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from webapp.config import Settings
from webapp.errors import EnvironmentRefused, NameTaken, NotPublishable
from webapp.helpers.accounts.operator import operator
from webapp.helpers.model_names import file_title, model_name
from webapp.server.console import ask, fail, is_terminal, say

if TYPE_CHECKING:
    from webapp.services.model_store.publisher import Published
    from webapp.services.wiring import Services

COLUMN = 10


def publish(file: Path, services: Services, settings: Settings) -> None:
    """Publish a file, unless it was before, and say what was found in it; end the process if it can't be served."""
    from webapp.models.findings import findings

    if not file.is_file():
        fail(f"{file} is not a file. Write the path of your model's file: make run MODEL=~/churn.joblib")
    say(f"Reading {file}", settings)
    try:
        published = _publish(services, file, settings)
    except (NotPublishable, EnvironmentRefused) as error:
        fail(error.message)
    finally:
        services.close()
    for title, text in findings(published.report, published.signature):
        say(f"  {title + ':':<{COLUMN}} {text}", settings)
    state = "Published" if published.is_new else "Already here:"
    say(f"{state} {published.name}, version {published.version}", settings)


def _publish(services: Services, file: Path, settings: Settings) -> Published:
    actor, publisher = operator(), services.publisher
    try:
        return publisher.add(file, file.name, actor)
    except NameTaken as error:
        question = f"{error.message} Publish {file.name} as its next version, and use that from now on?"
        if not ask(question):
            command = f"flask --app wsgi models publish {quote(str(file))} --name {model_name(file.name)}"
            advice = f"Rename your file, or publish it as the next version: {command}"
            raise NameTaken(f"{error.message} {advice}") from None
    except NotPublishable:
        if not _add_environment(services, file, settings):
            raise
        return _publish(services, file, settings)
    published = publisher.add(file, file.name, actor, may_follow=True)
    services.promoter.promote(published.name, published.version, actor)
    return published


def _add_environment(services: Services, file: Path, settings: Settings) -> bool:
    """Build the environment that a file needs, if it can be told and a person at a terminal wants it."""
    from webapp.services.cells.environment_builder import build

    if not is_terminal():
        return False
    check = services.loader.check(file, model=model_name(file.name))
    if not check.needed or not ask(f"{check.reason} Build it now?"):
        return False
    say(f"Building the environment {check.needed.name}. This takes up to a few minutes.", settings)
    built = build(services.loader.environments, check.needed.name, check.needed.wanted)
    say(f"Added {built.sentence}", settings)
    return True


def open_form(file: Path, settings: Settings) -> None:
    """Say where the form of the file is, and open it if a person with a desktop has started the service."""
    address = f"http://{settings.address}/models/{model_name(file.name)}"
    say(f"The form of {file_title(file.name)} is at {address}", settings)
    opener = shutil.which("xdg-open")
    if opener and is_terminal() and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        threading.Thread(target=_open, args=[opener, address], name="browser", daemon=True).start()


def _open(opener: str, address: str) -> None:
    # In a session of its own, because Ctrl-C is meant for the service and not for the browser.
    subprocess.run([opener, address], start_new_session=True, capture_output=True, check=False)  # noqa: S603  # nosec B603
