"""What an environment needs so that a file can be read in it, and the command that adds it.

A file decides nothing here but which entries of our own lists are taken, so that none can name a package to install.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: The minor versions of scikit-learn between which environments/ has pinned libraries.
FIRST_PINNED, LAST_PINNED = (1, 0), (1, 8)
#: The packages whose modules have these names.
PACKAGES = {
    "catboost": "catboost",
    "category_encoders": "category_encoders",
    "feature_engine": "feature-engine",
    "imblearn": "imbalanced-learn",
    "mlxtend": "mlxtend",
    "pygam": "pygam",
    "six": "six",
    "sklearn_pandas": "sklearn-pandas",
    "sklego": "scikit-lego",
    "skrub": "skrub",
    "statsmodels": "statsmodels",
}
#: The modules that write a function or class with its code instead of its name; no environment is chosen for those.
BY_VALUE = ("cloudpickle", "dill", "_dill")
#: LightGBM notes its format only; these are the last versions that wrote each.
LIGHTGBM_PACKAGES = {"LightGBM 3 or older": "lightgbm==3.3.5", "LightGBM 4": "lightgbm==4.6.0"}
XGBOOST = re.compile(r"XGBoost (\d{1,3}\.\d{1,3}\.\d{1,3})", re.ASCII)
VERSION = re.compile(r"\d[0-9A-Za-z.]{0,20}", re.ASCII)
#: How long the name of an environment may be.
MAX_NAME_LENGTH = 40


@dataclass(frozen=True)
class EnvironmentNeeds:
    """The libraries of an environment for one file."""

    #: The version of scikit-learn that the file names; None if it names none.
    made_with: str | None
    #: What it needs besides, as pip writes it.
    packages: tuple[str, ...] = ()

    @property
    def scikit_learn(self) -> str | None:
        """The minor version whose pinned libraries are installed; None if there are none for this file."""
        if self.made_with is None:
            return ".".join(map(str, LAST_PINNED))
        minor = _minor(self.made_with)
        return ".".join(map(str, minor)) if FIRST_PINNED <= minor <= LAST_PINNED else None

    @property
    def requirements(self) -> tuple[str, ...]:
        """All packages that are installed beside the pinned libraries."""
        has_own = not self.scikit_learn and VERSION.fullmatch(self.made_with or "")
        return (f"scikit-learn=={self.made_with}", *self.packages) if has_own else self.packages

    @property
    def command(self) -> str:
        """The command that adds the environment."""
        own = [f"sklearn-{'.'.join(map(str, _minor(self.made_with)))}"] if self.made_with else []
        name = "-".join([*own, *(package.partition("==")[0] for package in self.packages)])
        scikit_learn = f" --scikit-learn {self.scikit_learn}" if self.scikit_learn else ""
        packages = "".join(f" --package {package}" for package in self.requirements)
        return f"flask --app wsgi environments add {name[:MAX_NAME_LENGTH]}{scikit_learn}{packages}"


def packages_for(modules: Iterable[str], boosters: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the packages that a file needs beside scikit-learn, as far as they are on our list.

    Parameters
    ----------
    modules : iterable of str
        The modules that it names.
    boosters : iterable of str
        The versions of XGBoost and LightGBM that wrote models in it, in words.
    """
    tops = {module.partition(".")[0] for module in modules}
    # sklearn-pandas imports six and does not say so.
    named = [PACKAGES.get(top) for top in (tops | {"six"} if "sklearn_pandas" in tops else tops)]
    return tuple(
        dict.fromkeys(package for package in (*map(_booster, boosters), *sorted(filter(None, named))) if package)
    )


def _booster(version: str) -> str | None:
    found = XGBOOST.fullmatch(version)
    return f"xgboost=={found[1]}" if found else LIGHTGBM_PACKAGES.get(version)


def _minor(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version; nothing if it has none."""
    numbers = version.split(".")[:2]
    return tuple(map(int, numbers)) if all(number.isdecimal() and number.isascii() for number in numbers) else ()
