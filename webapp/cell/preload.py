"""Imports what models are made of, before any model is read.

The processes of models are forked from the one that did this, so they share its memory, and most never need to open
another file. Import nothing above: the settings below count only if numpy and joblib are not yet imported.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules

#: A process of a model has one thread: fork copies no others, and the lock refuses new ones. joblib then counts one
#: processor, for which it would otherwise start a program and read files. The limit also holds for models that ask for
#: more threads.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JOBLIB_MULTIPROCESSING": "0",
}
#: Packages of which every module is imported, but for these.
COMPLETE = ("sklearn", "encodings")
LEFT_OUT = {"tests", "conftest", "_build_utils", "enable_hist_gradient_boosting"}
#: What models, and the reading of their files, import only when they need it.
NEEDED_LATER = (
    *("joblib", "numpy", "pandas", "bz2", "gzip", "lzma", "statistics", "threading", "unicodedata", "zlib", "zoneinfo"),
    *("scipy.cluster.hierarchy", "scipy.fft", "scipy.integrate", "scipy.interpolate", "scipy.linalg"),
    *("scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.sparse.csgraph", "scipy.sparse.linalg"),
    *("scipy.spatial", "scipy.special", "scipy.stats"),
)
#: Used if they are installed.
OPTIONAL = ("xgboost", "lightgbm", "lz4.frame")


def preload() -> None:
    """Import scikit-learn as a whole and what its estimators use, and start no thread.

    Raises
    ------
    RuntimeError
        If numpy is imported already, whose threads could no longer be limited.
    """
    if "numpy" in sys.modules:
        raise RuntimeError("numpy was imported before preload, so its threads can't be limited any more.")
    os.environ.update(ONE_THREAD)
    for name in NEEDED_LATER:
        import_module(name)
    for name in OPTIONAL:
        # What is not installed, or not for this machine, is missed only by the models that need it.
        with suppress(Exception):
            import_module(name)
    with warnings.catch_warnings():
        # scikit-learn warns when modules are imported that it is about to remove, as importing all does.
        warnings.simplefilter("ignore")
        for name in COMPLETE:
            _import_modules_of(name)
    # The first frame and the first array of a process make scikit-learn import and look up what reads them.
    frame = import_module("pandas").DataFrame({"input": [0.0]})
    for inputs in (frame, frame.to_numpy()):
        import_module("sklearn.preprocessing").FunctionTransformer(validate=True).fit_transform(inputs)


def _import_modules_of(package: str) -> None:
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        if module.name.rpartition(".")[2] not in LEFT_OUT:
            # Some modules are for other systems, or for packages that are not installed.
            with suppress(ImportError):
                import_module(module.name)
                if module.ispkg:
                    _import_modules_of(module.name)
