"""Which packages an environment needs so that a file can be read in it.

A file decides only which entries of our own lists are taken, so that none can name a package to install.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The packages that bring a module of which models are often made. Only these are offered: what a file names may be
#: anything, and somebody may have put a package of that name on PyPI.
PACKAGES = {
    "catboost": ("catboost",),
    "category_encoders": ("category_encoders",),
    "feature_engine": ("feature-engine",),
    "imblearn": ("imbalanced-learn",),
    "lightgbm": ("lightgbm",),
    "mlxtend": ("mlxtend",),
    "pygam": ("pygam",),
    # It imports six and does not ask for it.
    "sklearn_pandas": ("sklearn-pandas", "six"),
    "sklego": ("scikit-lego",),
    "skrub": ("skrub",),
    "statsmodels": ("statsmodels",),
    "xgboost": ("xgboost",),
}
#: The modules that write a function or class with its code instead of its name; no environment is chosen for those.
BY_VALUE = ("cloudpickle", "dill", "_dill")
#: LightGBM notes its format only; these are the last versions that wrote each.
LIGHTGBM_PACKAGES = {"LightGBM 3 or older": "lightgbm==3.3.5", "LightGBM 4": "lightgbm==4.6.0"}
XGBOOST = re.compile(r"XGBoost (\d{1,3}\.\d{1,3}\.\d{1,3})", re.ASCII)


def libraries_in(modules: Iterable[str]) -> list[str]:
    """Return the modules of our list among those that a file names."""
    return sorted({module.partition(".")[0] for module in modules} & PACKAGES.keys())


def packages_for(modules: Iterable[str], boosters: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the packages that a file needs beside scikit-learn, as pip writes them, as far as they are on our list.

    Parameters
    ----------
    modules : iterable of str
        The modules that it names.
    boosters : iterable of str
        The versions of XGBoost and LightGBM that wrote models in it, in words.
    """
    written = {package.partition("==")[0]: package for package in map(_booster, boosters) if package}
    libraries = sorted({*libraries_in(modules), *written})
    return tuple(written.get(package, package) for library in libraries for package in PACKAGES[library])


def _booster(version: str) -> str | None:
    found = XGBOOST.fullmatch(version)
    return f"xgboost=={found[1]}" if found else LIGHTGBM_PACKAGES.get(version)
