"""A model that is asked about people, and values of theirs that must not be found anywhere afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import psycopg
from psycopg import sql
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

#: What is typed of one person. Of the note, the dose and the ward nothing is kept, of the patient's number a pseudonym.
PERSON: dict[str, Any] = {
    "note": "Zebrafink fever",
    "patient": 83746251.0,
    "dose": 47.1193,
    "ward": "Falkenried",
    "age": 61.0,
}
WORDS: dict[str, Any] = {"redact": ["note", "dose", "ward"], "pseudonymise": ["patient"]}
SECRETS = ("Zebrafink", "83746251", "47.1193", "Falkenried")
#: With such an age the answer is not finite, and the model fails.
TOO_OLD = 1.7e308


def estimator() -> Any:
    """Fit a model that takes a text, numbers that may be blank, and a category."""
    table = pd.DataFrame(
        {
            "note": ["fever", "cough", "fever cough", "none"],
            "patient": [1.0, 2.0, 3.0, 4.0],
            "dose": [10.0, 20.0, 30.0, 50.0],
            "ward": ["Falkenried", "East", "East", "Falkenried"],
            "age": [20.0, 40.0, 60.0, 80.0],
        }
    )
    inputs = make_column_transformer(
        (CountVectorizer(), "note"),
        (SimpleImputer(), ["patient", "dose", "age"]),
        (OneHotEncoder(handle_unknown="ignore"), ["ward"]),
    )
    return make_pipeline(inputs, LinearRegression()).fit(table, [1.0, 25.0, 300.0, 4000.0])


def save_people(folder: Path, words: dict[str, Any] | None = WORDS) -> Path:
    """Save the model as ``people``, with a card of words beside it."""
    joblib.dump(estimator(), folder / "people.joblib")
    if words is not None:
        (folder / "people.json").write_text(json.dumps(words))
    return folder


def all_that_is_stored(database_url: str) -> str:
    """Give every column of every row of every table as text."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    with psycopg.connect(database_url) as connection:
        found = []
        for (name,) in connection.execute(tables).fetchall():
            # Bytes are shown as they are, so that a text in them would be seen.
            connection.execute("SET bytea_output = 'escape'")
            query = sql.SQL("SELECT row_to_json(t)::text || t::text FROM {} AS t").format(sql.Identifier(name))
            found += [f"{name} {row}" for (row,) in connection.execute(query)]
    return "\n".join(found)


def all_that_lies_in(folder: Path) -> str:
    """Give the bytes of every file of a folder as text."""
    return "\n".join(path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file())


def told(text: str) -> list[str]:
    """Give the secrets that stand in a text."""
    return [secret for secret in SECRETS if secret in text]
