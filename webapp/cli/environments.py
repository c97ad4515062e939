"""``flask environments``: the Pythons and libraries that models need which the service's own can't run."""

from __future__ import annotations

import re
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.cli.context import echo, sentences, services
from webapp.errors import EnvironmentRefused
from webapp.models.environment_needs import EnvironmentNeeds, packages_for
from webapp.services.cells import environment_builder
from webapp.services.cells.environment_builder import Wanted, pinned_versions
from webapp.services.cells.environments import Environment

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
        needs = _needs(model) if model else None
        named = {_distribution(each) for each in package} | ({"scikit-learn"} if scikit_learn else set())
        found = [each for each in needs.requirements if _distribution(each) not in named] if needs else []
        wanted = Wanted(
            scikit_learn=scikit_learn or (needs.scikit_learn if needs else None),
            requirements=requirements,
            packages=(*package, *found),
            code=[path.resolve() for path in code],
            python=python,
        )
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


def _needs(model: Path) -> EnvironmentNeeds:
    report = services().loader.check(model, model=model.stem).report
    modules = [name for name, _ in report.names]
    needs = EnvironmentNeeds(report.made_with, packages_for(modules, report.boosters))
    if not report.made_with and not needs.packages:
        raise EnvironmentRefused(f"{model} does not say which scikit-learn it was made with. Use --scikit-learn.")
    return needs


def _distribution(requirement: str) -> str:
    """Return the name in a requirement, as packages are compared."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")
