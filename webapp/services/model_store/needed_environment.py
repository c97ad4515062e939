"""Which environment would serve a file that Scoredesk's own libraries can't, if that can be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from shlex import quote

from webapp.models.environment_needs import PACKAGES, libraries_in, packages_for
from webapp.models.file_report import FileReport
from webapp.services.cells.environment_builder import Wanted, pinned_versions
from webapp.services.cells.environments import COMMON, Environment

ELSEWHERE = "An environment with its libraries may run it (docs/your-own-model.md)."


@dataclass(frozen=True, kw_only=True)
class NeededEnvironment:
    """An environment that is not there yet, in which a file can probably be served."""

    name: str
    wanted: Wanted
    #: The packages in it of which the file doesn't say the version, so the newest are installed.
    newest: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command that adds it."""
        packages = "".join(f" --package {quote(package)}" for package in self.wanted.packages)
        version = self.wanted.scikit_learn
        return f"flask --app wsgi environments add {self.name} --scikit-learn {version}{packages}"

    @property
    def sentence(self) -> str:
        """What it will hold, and what is not known of that, in words."""
        contents = " and ".join((f"scikit-learn {self.wanted.scikit_learn}", *self.wanted.packages))
        if not self.newest:
            return f"An environment with {contents} can run it."
        return (
            f"An environment with {contents} can run it. The file doesn't say which {' and '.join(self.newest)} it was "
            "made with; if that is not the newest that fits, its answers may be other ones, so name the version."
        )


def needed_environment(report: FileReport, known: Collection[str]) -> NeededEnvironment | None:
    """Return the environment that a refused file needs; None if that can't be told or would not help.

    Parameters
    ----------
    known : collection of str
        The names of the environments that are there, none of which can run it.
    """
    libraries = libraries_in(name for name, _ in report.names)
    is_loaded = report.holds is not None or report.transforms is not None
    if not report.reason or is_loaded or _foreign_modules(report) - {*PACKAGES} or not (libraries or report.read_as):
        return None
    wanted = wanted_for(report)
    name = "-".join(("sklearn", str(wanted.scikit_learn), *libraries))[:40]
    if wanted.scikit_learn not in pinned_versions() or name in known:
        return None
    return NeededEnvironment(
        name=name, wanted=wanted, newest=tuple(package for package in wanted.packages if "=" not in package)
    )


def wanted_for(report: FileReport) -> Wanted:
    """Return what an environment for a file has: its scikit-learn or the newest, and libraries of our list."""
    minor = ".".join((report.made_with or pinned_versions()[-1]).split(".")[:2])
    return Wanted(scikit_learn=minor, packages=packages_for((name for name, _ in report.names), report.boosters))


def choose_one(suiting: Sequence[Environment]) -> str:
    """Refuse a file that several environments may run, with answers that may differ."""
    names = ", ".join(each.name for each in suiting)
    return (
        f"Several environments have what it needs: {names}. Name the one to use on the model's card, as in "
        f'{{"environment": "{suiting[0].name}"}}, or remove the others.'
    )


def way_out(report: FileReport, needed: NeededEnvironment | None) -> str:
    """Return what to do about a refused file beyond what its reason says; empty if nothing is known to help."""
    if needed:
        return f" {needed.sentence} To add it: {needed.command}"
    foreign = _foreign_modules(report)
    return f" {ELSEWHERE}" if foreign and foreign <= PACKAGES.keys() else ""


def _foreign_modules(report: FileReport) -> set[str]:
    """Return the modules of what is refused, but for those that each environment has."""
    return {name.partition(".")[0] for name in report.refused} - COMMON
