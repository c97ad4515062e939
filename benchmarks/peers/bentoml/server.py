"""A model behind BentoML with adaptive batching: bentoml serve server:Model"""

from __future__ import annotations

import os

import bentoml
import joblib
import numpy as np
import pandas as pd
from typing_extensions import TypedDict

#: Must exceed the longest list, because BentoML would split a longer one into several batches.
MAX_BATCH_SIZE = 1024


class Penguin(TypedDict):
    bill_length_mm: float
    bill_depth_mm: float
    flipper_length_mm: float
    body_mass_g: float
    island: str
    sex: str


@bentoml.service(workers=2)
class Model:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(batchable=True, max_batch_size=MAX_BATCH_SIZE)
    def penguins(self, inputs: list[Penguin]) -> np.ndarray:
        return self.model.predict_proba(pd.DataFrame(inputs))

    @bentoml.api(batchable=True, max_batch_size=MAX_BATCH_SIZE)
    def numbers(self, inputs: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(inputs)
