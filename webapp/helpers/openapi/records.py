"""The addresses of the prediction log: single records, pages and exports."""

from __future__ import annotations

from webapp.helpers.openapi.builders import operation, path_parameter, query_parameter, ref, response
from webapp.helpers.openapi.described import Json
from webapp.helpers.openapi.errors import NATIVE
from webapp.helpers.openapi.native import EXPLAIN
from webapp.helpers.records.filter_values import CASE_DIGITS, EVERY_STATUS, MAX_LENGTH, ORDERS, YES
from webapp.helpers.storable import STORABLE
from webapp.types import Channel, Status

TAG = "Records"
#: A UUID of version 7, up to the end of the calendar of Python.
UUID7 = "^[0-9a-dA-D][0-9a-fA-F]{7}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
DAY = r"^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])-\d\d$"
TEXT = {"type": "string", "pattern": STORABLE, "maxLength": MAX_LENGTH}
ID = path_parameter("id", "The id of a prediction.", type="string", format="uuid", pattern=UUID7)
INPUTS = {
    "name": "inputs",
    "in": "query",
    "description": "Only records whose input `<name>` has this value, as `input.<name>=<value>`, once for each input: "
    "for example `input.island=Dream`. The value `null` means that the input was blank; `> 50`, `>= 50`, `< 50`, "
    "`<= 50` and `18 to 65` are ranges of numbers.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "patternProperties": {r"^input\.[^\u0000]+$": TEXT}, "additionalProperties": False},
    "example": {"input.island": "Dream"},
}
FILTER: list[Json] = [
    query_parameter("model", "Only records of this model.", **TEXT),
    query_parameter("version", "Only records of this version.", **TEXT),
    query_parameter(
        "channel", "Only records of requests that came through this protocol.", type="string", enum=[*map(str, Channel)]
    ),
    query_parameter(
        "status",
        f"Only records with this status. “{EVERY_STATUS}” is the same as no condition.",
        type="string",
        enum=[*map(str, Status), EVERY_STATUS],
    ),
    query_parameter("actor", "Only records of this user, or of an API key as `key:<name>`.", **TEXT),
    query_parameter("mine", "Only records of the caller.", type="string", enum=[YES]),
    query_parameter("warnings", "Only records with warnings.", type="string", enum=[YES]),
    query_parameter("class", "Only answers with this class, written as in the JSON of a record.", **TEXT),
    query_parameter("from", "Only records since this day, in UTC.", type="string", format="date", pattern=DAY),
    query_parameter(
        "to",
        "Only records up to the end of this day, in UTC. It must not be before `from`.",
        type="string",
        format="date",
        pattern=DAY,
    ),
    INPUTS,
    query_parameter(
        "id",
        f"Only the record with this id, or those whose id ends with these {CASE_DIGITS} hexadecimal digits, if they "
        "meet the other conditions.",
        type="string",
        pattern=f"{UUID7}|^[0-9a-fA-F]{{{CASE_DIGITS}}}$",
    ),
    query_parameter("order", "Which records come first.", type="string", enum=[*ORDERS], default=ORDERS[0]),
    query_parameter("cursor", "The page that follows the page with this cursor.", type="string", pattern=UUID7),
]
# An HTML form also sends the parameters that were left blank.
FILTER = [parameter if parameter is INPUTS else parameter | {"allowEmptyValue": True} for parameter in FILTER]


def paths() -> Json:
    """Return the paths of the log."""
    one = {"200": response("The record.", ref("Record")), **NATIVE.responses(404, 422, 500, 503)}
    page = {
        "200": response("The records, and the cursor of the next page.", ref("Page")),
        **NATIVE.responses(422, 500, 503),
    }
    return {
        "/api/v1/predictions": {"get": operation("predictions", TAG, "Find records, page by page", page, FILTER)},
        "/api/v1/predictions/{id}": {"get": operation("prediction", TAG, "Show one record", one, [ID, EXPLAIN])},
    } | _exports()


def _exports() -> Json:
    json, csv = ref("Export"), {"type": "string"}
    summaries = {"json": (json, "application/json"), "csv": (csv, "text/csv")}
    paths: Json = {}
    for ending, (schema, media) in summaries.items():
        matches = {"200": response("All records that match, up to 100,000.", schema, media)}
        one = {"200": response("The record.", ref("Record") if ending == "json" else csv, media)}
        paths |= {
            f"/predictions.{ending}": {
                "get": operation(
                    f"export.{ending}",
                    TAG,
                    f"Export all records that match as {ending.upper()}",
                    matches | NATIVE.responses(422, 500, 503),
                    FILTER,
                )
            },
            f"/predictions/{{id}}.{ending}": {
                "get": operation(
                    f"prediction.{ending}",
                    TAG,
                    f"Export one record as {ending.upper()}",
                    one | NATIVE.responses(404, 500, 503),
                    [ID],
                )
            },
        }
    return paths
