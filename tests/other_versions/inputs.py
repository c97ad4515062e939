"""What the models are fitted on and asked: the same numbers in each version."""

from __future__ import annotations

import numpy as np
import pandas as pd

# RandomState draws the same numbers in each version of numpy.
_random = np.random.RandomState(0)
NUMBERS = np.round(_random.normal(size=(48, 5)), 4)
QUERIES = np.round(_random.normal(scale=1.5, size=(8, 5)), 4)
BLANK = np.array(QUERIES)
BLANK[::2, 1] = np.nan
SCORE = np.round(NUMBERS @ [1.0, -2.0, 0.5, 1.0, 3.0] + _random.normal(scale=0.3, size=48), 4)
TWO = (SCORE > 0).astype(int)
THREE = np.digitize(SCORE, np.quantile(SCORE, [0.3, 0.6]))
WORDS = np.array(["high", "low", "medium"])[THREE]
KINDS = np.array(["a", "b", "c"], dtype=object)[_random.randint(0, 3, size=(48, 2))]
TEXTS = [" ".join(_random.choice(["one", "two", "three", "four", "five"], 4)) for _ in range(48)]
COUNTS = _random.poisson(2.0, size=(48, 5)).astype(float)
GAPS = np.array(NUMBERS)
GAPS[::5, 1] = np.nan

FRAME = pd.DataFrame(
    {
        "size": GAPS[:, 1],
        "age": COUNTS[:, 0].astype(int) + 20,
        "kind": pd.Series(KINDS[:, 0], dtype=object),
        "town": pd.Series(KINDS[:, 1], dtype=object),
    }
)
FRAME.loc[::7, "town"] = None

#: The kind of task, the inputs and the outputs of each dataset.
FITTED_ON = {
    "numbers, two classes": ("binary", NUMBERS, TWO),
    "counts, two classes": ("binary", COUNTS, TWO),
    "numbers, three classes": ("multiclass", NUMBERS, THREE),
    "counts, three classes": ("multiclass", COUNTS, THREE),
    "numbers, outputs": ("outputs", NUMBERS, np.c_[TWO, TWO[::-1]]),
    "numbers, a number": ("other", NUMBERS, SCORE),
    "gaps": ("other", np.where(np.isnan(GAPS), np.nan, np.round(GAPS)), TWO),
    "counts, a number": ("other", COUNTS, COUNTS[:, 1] + 1),
    "counts, one more": ("other", COUNTS + 1, SCORE),
    "numbers, numbers": ("other", NUMBERS, np.c_[SCORE, SCORE[::-1]]),
    "one number": ("other", NUMBERS[:, 0], SCORE),
    "texts": ("other", TEXTS, TWO),
    "kinds": ("other", KINDS, TWO),
    "dicts": ("other", [{"a": 1, "b": 2.5}, {"a": 3, "c": "x"}] * 24, None),
    "labels": ("other", TWO, None),
    "labels of a column": ("other", COUNTS[:, :2], SCORE),
    "sets": ("other", [[1, 2], [2]] * 24, None),
}
#: The datasets of classes that would be fitted on others, of which they show less.
DATASETS_OF = {
    "FeatureHasher": ("dicts",),
    "HashingVectorizer": ("texts",),
    # Rounded values, of which many are equally far from each other.
    "KNNImputer": ("gaps",),
    "MissingIndicator": ("gaps",),
    "OneHotEncoder": ("kinds", "labels of a column"),
    "OrdinalEncoder": ("kinds", "labels of a column"),
    "PatchExtractor": (),
    "SimpleImputer": ("gaps", "kinds"),
    "TargetEncoder": ("kinds", "numbers, a number"),
}

#: The rows that a model is asked, by the name of its dataset.
ASKED = {
    **{name: (QUERIES, NUMBERS[:4]) for name in FITTED_ON if name.startswith("numbers")},
    **{name: (COUNTS[:8] + 1, COUNTS[8:12]) for name in FITTED_ON if name.startswith("counts")},
    "gaps": (np.round(BLANK), np.round(GAPS[:12])),
    "one number": (QUERIES[:, 0],),
    "texts": (["one two six", "three", "", "five four one one"], TEXTS[:4]),
    "kinds": (KINDS[:8], np.array([["a", "z"], ["c", "b"]], dtype=object)),
    "dicts": ([{"a": 1, "b": 2.5}, {"c": "x"}, {"d": 1}],),
    "labels": (TWO[:8],),
    "labels of a column": (COUNTS[:8, :2], COUNTS[:8, :2] + 5),
    "sets": ([[1], [2, 1], []],),
    "frame": (FRAME[:8], FRAME[20:28]),
}
