"""Requests for predictions that people can paste into a terminal or a script."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from webapp.helpers.records.redaction import is_placeholder
from webapp.types import Instance, Value

#: No page shows an API key; the command reads it from the environment.
KEY_HEADER = '-H "Authorization: Bearer $SCOREDESK_KEY"'
KEY_IN_PYTHON = """headers = {"Authorization": "Bearer " + os.environ["SCOREDESK_KEY"]}
"""
PYTHON = """\
{os}import requests

url = {url}
{key}inputs = {{
{inputs}
}}
answer = requests.post({arguments})
if not answer.ok:
    raise SystemExit(answer.text)
print(answer.json()["prediction"])
"""
PANDAS = """\
{os}import pandas as pd
import requests

url = {url}
{key}limit = {limit}  # the most cases in one request
# Or pd.read_csv("cases.csv"), with these columns and no others:
cases = pd.DataFrame({{
{columns}
}})

# JSON has no NaN: a blank is null, which is None in Python.
blanked = cases.astype(object).where(cases.notna(), None)
rows = blanked.to_dict("records")
predictions = []
for start in range(0, len(rows), limit):
    part = rows[start : start + limit]
    answer = requests.post({arguments})
    if not answer.ok:
        raise SystemExit(f"Rows from {{start}} on: {{answer.text}}")
    predictions += answer.json()["predictions"]
cases["prediction"] = [each["prediction"] for each in predictions]
print(cases)
"""


def curl_command(url: str, instance: Instance | None, *, guarded: bool) -> str | None:
    """Return the curl command for the same prediction; None if no inputs, or not all of them, were recorded."""
    if instance is None or any(map(is_placeholder, instance.values())):
        return None
    return curl_post(url, {"inputs": dict(instance)}, guarded=guarded)


def curl_post(url: str, body: Mapping[str, object], *, guarded: bool) -> str:
    """Return the curl command that sends a JSON body, with an API key if one is needed."""
    data = f"--json {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    return " ".join(["curl", shlex.quote(url), *([KEY_HEADER] if guarded else []), data])


def python_post(url: str, instance: Instance, *, guarded: bool) -> str:
    """Return a script that requests the prediction of one instance with the package requests."""
    inputs = "\n".join(f"    {_literal(name)}: {_literal(value)}," for name, value in instance.items())
    return PYTHON.format(url=_literal(url), inputs=inputs, **_parts("inputs", guarded))


def pandas_post(url: str, columns: Mapping[str, Sequence[Value]], limit: int, *, guarded: bool) -> str:
    """Return a script that requests a prediction for each row of a DataFrame, in lists of at most ``limit``."""
    lines = (f"    {_literal(name)}: [{', '.join(map(_literal, values))}]," for name, values in columns.items())
    return PANDAS.format(url=_literal(url), limit=limit, columns="\n".join(lines), **_parts("part", guarded))


def _parts(inputs: str, guarded: bool) -> dict[str, str]:
    """Return the parts of a script that differ if the service requires an API key."""
    arguments = f'url, json={{"inputs": {inputs}}}, timeout=60'
    if not guarded:
        return {"os": "", "key": "", "arguments": arguments}
    return {"os": "import os\n\n", "key": KEY_IN_PYTHON, "arguments": f"{arguments}, headers=headers"}


def _literal(value: Value) -> str:
    """Write a value as Python code; a text gets the quotation marks and escapes of JSON, which Python reads too."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
