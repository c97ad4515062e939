"""The log of predictions: one record, pages and exports."""

from __future__ import annotations

from webapp.helpers.openapi.builders import answer, in_path, in_query, operation, ref
from webapp.helpers.openapi.described import Json
from webapp.helpers.openapi.errors import NATIVE
from webapp.helpers.openapi.native import EXPLAIN
from webapp.helpers.records.filters import LONGEST, ORDERS
from webapp.helpers.storable import STORABLE
from webapp.types import Channel, Status

TAG = "Records"
#: A UUID of version 7, up to the last instant that calendars have.
UUID7 = "^[0-9a-dA-D][0-9a-fA-F]{7}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
DAY = r"^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])-\d\d$"
TEXT = {"type": "string", "pattern": STORABLE, "maxLength": LONGEST}
ID = in_path("id", "The id of a prediction.", type="string", format="uuid", pattern=UUID7)
INPUTS = {
    "name": "inputs",
    "in": "query",
    "description": "`input.<name>=<value>`, once for each input: records whose input of this name has this value, such "
    "as `input.island=Dream`, and `null` for a blank.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "patternProperties": {r"^input\.[^\u0000]+$": TEXT}, "additionalProperties": False},
    "example": {"input.island": "Dream"},
}
FILTER: list[Json] = [
    in_query("model", "What this model answered.", **TEXT),
    in_query("version", "What this version answered.", **TEXT),
    in_query("channel", "What came through this door.", type="string", enum=[*map(str, Channel)]),
    in_query("status", "What ended so.", type="string", enum=[*map(str, Status)]),
    in_query("class", "Answers that are this class, spelled as in the JSON of a record.", **TEXT),
    in_query("from", "From this day on, in UTC.", type="string", format="date", pattern=DAY),
    in_query("to", "Up to this day, which is included. Not before `from`.", type="string", format="date", pattern=DAY),
    INPUTS,
    in_query("id", "This record, if the rest holds too.", type="string", format="uuid", pattern=UUID7),
    in_query("order", "Which come first.", type="string", enum=[*ORDERS], default=ORDERS[0]),
    in_query("cursor", "What comes after the page that gave this cursor.", type="string", pattern=UUID7),
]
# A form sends what was left blank too.
FILTER = [each if each is INPUTS else each | {"allowEmptyValue": True} for each in FILTER]


def paths() -> Json:
    """Give the addresses of the log."""
    one = {"200": answer("The record.", ref("Record")), **NATIVE.responses(404, 422, 500, 503)}
    found = {"200": answer("The records, and where the next begin.", ref("Page")), **NATIVE.responses(422, 500, 503)}
    return {
        "/api/v1/predictions": {"get": operation("predictions", TAG, "Find records, a page at a time", found, FILTER)},
        "/api/v1/predictions/{id}": {"get": operation("prediction", TAG, "Look at one record", one, [ID, EXPLAIN])},
    } | _exports()


def _exports() -> Json:
    json, csv = ref("Export"), {"type": "string"}
    summaries = {"json": (json, "application/json"), "csv": (csv, "text/csv")}
    found: Json = {}
    for ending, (schema, media) in summaries.items():
        all_of_them = {"200": answer("All that match, up to 100,000.", schema, media)}
        one = {"200": answer("The record.", ref("Record") if ending == "json" else csv, media)}
        found |= {
            f"/predictions.{ending}": {
                "get": operation(
                    f"export.{ending}",
                    TAG,
                    f"Take all records that match away as {ending.upper()}",
                    all_of_them | NATIVE.responses(422, 500, 503),
                    FILTER,
                )
            },
            f"/predictions/{{id}}.{ending}": {
                "get": operation(
                    f"prediction.{ending}",
                    TAG,
                    f"Take one record away as {ending.upper()}",
                    one | NATIVE.responses(404, 500, 503),
                    [ID],
                )
            },
        }
    return found
