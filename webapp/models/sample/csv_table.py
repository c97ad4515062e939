"""Reads a CSV whatever it separates columns by, and whichever decimal mark it has, unless it could be either."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from webapp.errors import NotPublishable
from webapp.helpers.formatting import number

Separator = Literal[",", ";", "\t"]
DecimalMark = Literal[".", ","]
SEPARATORS: tuple[Separator, ...] = (",", ";", "\t")
#: How people write the separators.
SEPARATOR_WORDS = {",": ",", ";": ";", "\t": "tabs"}
BLANK = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "None"])
#: How many wrong rows an error names at most.
MAX_ROWS_NAMED = 20

#: A number with one mark or none, and one whose mark may stand between thousands.
MARKED = re.compile(r"[+-]?\d*[.,]?\d+([eE][+-]?\d+)?|[+-]?\d{1,3}([.,]\d{3})+|[+-]?\d+[.,]", re.ASCII)
MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a CSV; its numbers have decimal points."""

    header: list[str]
    rows: list[list[str]]
    separator: Separator
    #: The decimal mark of its numbers; None if no number has one.
    decimal: DecimalMark | None = None

    @property
    def sentence(self) -> str:
        """What the file was taken for."""
        commas = " and decimal commas" if self.decimal == "," else ""
        count = len(self.rows)
        return f"Read as CSV with {SEPARATOR_WORDS[self.separator]}{commas}: {number(count)} row{'s'[: count != 1]}"


@dataclass(frozen=True, kw_only=True)
class CSVFormat:
    """What the publisher says of a CSV; what is None is found out."""

    separator: Separator | None = None
    decimal: DecimalMark | None = None


UNKNOWN_FORMAT = CSVFormat()


def read_table(data: bytes, format: CSVFormat = UNKNOWN_FORMAT, columns: Collection[str] = ()) -> Table:
    """Read a CSV file in UTF-8, or in UTF-16 with a byte order mark as Excel writes it.

    Parameters
    ----------
    columns : collection of str
        The columns that count: marks in the numbers of others are no trouble. If there is none of them, all count.

    Raises
    ------
    NotPublishable
        When it is no CSV, or can be read in two ways.
    """
    text = _decode(data)
    tables = {each: table for each in SEPARATORS if (table := _parse(text, each))}
    table = tables.get(format.separator) if format.separator else _choose(tables)
    if table is None:
        raise NotPublishable(
            "The sample can't be read. It must be a CSV file in UTF-8 whose first line names the columns."
        )
    if not table.rows:
        raise NotPublishable("The sample has no rows.")
    if uneven := _uneven(table):
        raise NotPublishable(f"The sample is not as long as its first line in {row_numbers(uneven)}.")
    places = [place for place, name in enumerate(table.header) if name in columns]
    return _with_points(table, places or range(len(table.header)), format.decimal)


def row_numbers(numbers: Sequence[int]) -> str:
    """Name rows by their numbers, the first of them only if there are many."""
    named = ", ".join(map(str, numbers[:MAX_ROWS_NAMED]))
    more = len(numbers) - MAX_ROWS_NAMED
    return f"row{'s'[: len(numbers) != 1]} {named}" + (f" and {more} more" if more > 0 else "")


def _decode(data: bytes) -> str:
    is_utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise NotPublishable(
            "The sample can't be read. It must be a CSV file in UTF-8; save it again with that encoding."
        ) from None


def _parse(text: str, separator: Separator) -> Table | None:
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return None
    return Table(header=header, rows=[row for row in rows if row], separator=separator)


def _uneven(table: Table) -> list[int]:
    """Return the numbers of the rows that are not as long as the header."""
    return [place for place, row in enumerate(table.rows, 1) if len(row) != len(table.header)]


def _choose(tables: dict[Separator, Table]) -> Table | None:
    """Return the only way to read the columns, or the best one of those that all fail."""
    split = [table for table in tables.values() if len(table.header) > 1]
    even = [table for table in split if not _uneven(table)]
    if len(even) > 1 or (not even and len(split) > 1):
        candidates = [table.separator for table in even or split]
        found = " or by ".join(SEPARATOR_WORDS[each] for each in candidates)
        example = "tab" if candidates[-1] == "\t" else f"'{candidates[-1]}'"
        raise NotPublishable(f"The sample could be separated by {found}. Say which, for example --separator {example}.")
    return next(iter(even or split or tables.values()), None)


def _with_points(table: Table, counted: Iterable[int], decimal: DecimalMark | None) -> Table:
    """Return the table with decimal points in columns that hold nothing but numbers."""
    places = [place for place in counted if _are_numbers([row[place] for row in table.rows])]
    marked = [row[place].strip() for row in table.rows for place in places if "," in row[place] or "." in row[place]]
    with_comma = [cell for cell in marked if "," in cell]
    with_point = [cell for cell in marked if "." in cell]
    if with_comma and with_point:
        raise NotPublishable(
            "The sample has numbers with decimal points and numbers with commas. Write all of them alike, "
            "without marks between thousands."
        )
    # In a CSV with commas, a point is no mark between thousands.
    is_open = with_comma or (with_point and table.separator != ",")
    if decimal is None and is_open and all(MAYBE_THOUSANDS.fullmatch(cell) for cell in marked):
        mark = "," if with_comma else "."
        raise NotPublishable(
            f"The sample's numbers, such as 1{mark}234, may have decimals or thousands. If they are decimals, say so: "
            f"--decimal '{mark}'; if not, write them without marks between thousands."
        )
    if not with_comma or decimal == ".":
        return replace(table, decimal="." if with_point else None)
    numeric = set(places)
    rows = [
        [cell.replace(",", ".") if place in numeric else cell for place, cell in enumerate(row)] for row in table.rows
    ]
    return replace(table, rows=rows, decimal=",")


def _are_numbers(cells: Sequence[str]) -> bool:
    return all(MARKED.fullmatch(text) or text in BLANK for text in map(str.strip, cells))
