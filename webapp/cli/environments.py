"""``flask environments``: the Pythons and libraries that models need which the service's own can't run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.cli.context import echo, sentences, services
from webapp.errors import EnvironmentRefused
from webapp.services.cells import environment_builder
from webapp.services.cells.environment_builder import Wanted, not_named, pinned_versions
from webapp.services.cells.environments import Environment
from webapp.services.model_store.needed_environment import wanted_for

group = AppGroup("environments", help="Add and remove environments: other libraries for models that need them.")
EXISTING = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command()
@click.argument("name")
@click.option("--scikit-learn", help=f"Install the libraries pinned for this version: {', '.join(pinned_versions())}.")
@click.option(
    "--from", "model", type=FILE, help="Install the scikit-learn and the known libraries that this model file needs."
)
@click.option("--requirements", type=FILE, help="A requirements file.")
@click.option("--package", multiple=True, help='A package, as in "category_encoders==2.8.1"; repeat it for each.')
@click.option(
    "--with", "code", multiple=True, type=EXISTING, help="Your own code: a package's folder, module or wheel."
)
@click.option("--python", help="The version of Python, such as 3.10.")
def add(
    name: str,
    scikit_learn: str | None,
    model: Path | None,
    requirements: Path | None,
    package: tuple[str, ...],
    code: tuple[Path, ...],
    python: str | None,
) -> None:
    """Build the environment NAME.

    With --scikit-learn or --from alone, its files may use what the list of allowed types has; otherwise all that is
    installed in it.
    """
    with sentences():
        wanted = Wanted(
            scikit_learn=scikit_learn,
            requirements=requirements,
            packages=package,
            code=[path.resolve() for path in code],
            python=python,
        )
        if model:
            wanted = _with_needs_of(model, wanted)
        echo("Building it. This takes up to a few minutes.")
        built = environment_builder.build(services().loader.environments, name, wanted)
    echo(f"Added {built.sentence}, and {len(built.contents.libraries)} packages in all.")
    echo("A running service uses it within seconds, for models that need it.")


@group.command("list")
def list_environments() -> None:
    """List each environment with its libraries."""
    found = services().loader.environments.all()
    for each in found:
        echo(each.sentence.removeprefix("the environment "))
        echo("  " + ", ".join(f"{name} {version}" for name, version in sorted(each.contents.libraries.items())))
        echo(f"  its files may use {_may_use(each)}")
        if each.contents.modules:
            echo(f"  your own code: {', '.join(each.contents.modules)} ({each.contents.code[:12]})")
    if not found:
        echo("There are no environments. All models use the libraries of the service.")


@group.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the environment NAME. Models that need it are not served after that."""
    with sentences():
        environment_builder.remove(services().loader.environments, name)
    echo(f"Removed {name}.")


def _may_use(environment: Environment) -> str:
    return "what is on the list of allowed types" if environment.contents.is_pinned else "all that is installed in it"


def _with_needs_of(model: Path, wanted: Wanted) -> Wanted:
    """Add the scikit-learn and the libraries that a file needs to what the operator has named."""
    report = services().loader.check(model, model=model.stem).report
    found = wanted_for(report)
    if not report.made_with and not wanted.scikit_learn and not found.packages:
        raise EnvironmentRefused(f"{model} does not say which scikit-learn it was made with. Use --scikit-learn.")
    return replace(
        wanted,
        scikit_learn=wanted.scikit_learn or found.scikit_learn,
        packages=(*wanted.packages, *not_named(found.packages, wanted)),
    )
