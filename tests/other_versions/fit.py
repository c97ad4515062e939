"""Fits models under another version of scikit-learn and writes them into an archive, with what they answer there.

It runs in that version's own environment, where nothing of this project is installed.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
import warnings
from contextlib import suppress
from itertools import count
from pathlib import Path

import joblib
import numpy as np
import sklearn
from sklearn.base import ClassifierMixin
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  (so that all_estimators lists it)
from sklearn.utils import all_estimators

sys.path.insert(0, str(Path(__file__).parent))

from answers import METHODS, answers_of
from inputs import DATASETS_OF, FITTED_ON, TEXTS
from ordinary import ordinary_models, particular_models
from parts import arguments
from settings import limited, options_of

#: How large one pickled model may be.
MAX_BYTES = 100_000


def models():
    """Yield the name, the model and the name of its inputs, for all estimators and for ordinary pipelines."""
    for name, kind in all_estimators():
        if any(hasattr(kind, method) for method in METHODS):
            yield from variants(name, kind)
    for name, model, dataset in particular_models():
        _, inputs, outputs = FITTED_ON[dataset]
        with suppress(ValueError):
            # Later versions refuse some settings.
            model.fit(inputs, outputs)
            yield f"particular {name}", model, dataset
    for name, model, inputs, outputs in ordinary_models():
        model.fit(inputs, outputs)
        yield f"ordinary {name}", model, "texts" if inputs is TEXTS else "frame"


def variants(name, kind):
    """Yield a class with its defaults and with each option of each parameter, for each kind of task."""
    options, number = options_of(kind), count()
    for task, dataset in tasks_of(name, kind):
        open_values = {(parameter, value) for parameter, values in options.items() for value in values}
        together = [
            {parameter: values[turn % len(values)] for parameter, values in options.items()}
            for turn in range(max(map(len, options.values()), default=0))
        ]
        # The defaults, then all options changed at once, then one by one what could not be fitted so.
        for chosen in ({}, *together, *({parameter: value} for parameter, value in sorted(open_values, key=str))):
            if chosen and not open_values.intersection(chosen.items()):
                continue
            model = fitted(name, kind, chosen, dataset)
            if model is not None:
                given = model.get_params(deep=False)
                open_values -= {(each, given[each]) for each in options if is_plain(given[each])}
                yield f"{name} {next(number)} {task}", model, dataset


def tasks_of(name, kind):
    """Return the datasets that a class is fitted on: a classifier for each kind of task, anything else once."""
    if name in DATASETS_OF:
        return [("other", dataset) for dataset in DATASETS_OF[name]]
    found = {}
    for dataset, (task, *_) in FITTED_ON.items():
        kinds = ("binary", "multiclass", "outputs") if issubclass(kind, ClassifierMixin) else ("other",)
        if task in kinds and task not in found and fitted(name, kind, {}, dataset) is not None:
            found[task] = dataset
    return list(found.items())


def fitted(name, kind, chosen, dataset):
    _, inputs, outputs = FITTED_ON[dataset]
    try:
        model = kind(**arguments(name, kind) | limited(chosen))
        np.random.seed(0)
        model.fit(inputs, outputs) if outputs is not None else model.fit(inputs)
    except Exception:
        return None
    return model


def is_plain(value):
    return value is None or isinstance(value, (str, bool))


def write(archive, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def main(path):
    listed, options, large = {}, {}, []
    with tarfile.open(path, "w:xz", preset=9) as archive:
        for name, model, inputs in models():
            pickled = io.BytesIO()
            joblib.dump(model, pickled)
            if len(pickled.getvalue()) > MAX_BYTES:
                large.append((name, len(pickled.getvalue())))
                continue
            listed[name] = {"inputs": inputs, "answers": answers_of(model, inputs)}
            key = ".".join((type(model).__module__, type(model).__name__))
            options[key] = sorted(options_of(type(model)))
            write(archive, f"{name}.joblib", pickled.getvalue())
        about = {"version": sklearn.__version__, "numpy": np.__version__, "options": options, "models": listed}
        write(archive, "about.json", json.dumps(about).encode())
    print(sklearn.__version__, len(listed), "models,", Path(path).stat().st_size, "bytes; too large:", large)  # noqa: T201


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
