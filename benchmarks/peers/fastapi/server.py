"""A model behind FastAPI: uvicorn server:app --workers 2"""

from __future__ import annotations

import os

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel
from typing_extensions import TypedDict

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


# pydantic advises TypedDict instead of nested models where speed matters.
class Penguin(TypedDict):
    bill_length_mm: float
    bill_depth_mm: float
    flipper_length_mm: float
    body_mass_g: float
    island: str
    sex: str


class Penguins(BaseModel):
    inputs: list[Penguin]


class Numbers(BaseModel):
    inputs: list[list[float]]


class Answer(BaseModel):
    probabilities: list[list[float]]


# Not async: a prediction would block the event loop, and with it all other connections.
@app.post("/penguins")
def penguins(body: Penguins) -> Answer:
    return Answer(probabilities=model.predict_proba(pd.DataFrame(body.inputs)).tolist())


@app.post("/numbers")
def numbers(body: Numbers) -> Answer:
    return Answer(probabilities=model.predict_proba(body.inputs).tolist())
