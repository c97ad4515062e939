"""Reads numbers as people type them; what could be read as two different numbers is not read at all."""

from __future__ import annotations

import re

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Spaces that people, and these pages, write between thousands.
SPACES = " \u00a0\u2009\u202f"
GROUPED = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:([{SPACES}])\d{{3}}(?:\1\d{{3}})*)(?:[.,]\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
#: The comma may stand between thousands or before decimals. No thousands begin with 0.
EITHER_COMMA = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:[{SPACES}]\d{{3}})*,\d{{3}}", re.ASCII)
#: Digits, and what may separate thousands.
SEPARATED = re.compile(rf"[+-]?\d[\d.,'’{SPACES}]+", re.ASCII)
#: Only words have a plural: “ms” is not the plural of “m”.
UNIT_WORD = re.compile(r"[a-z]{3,}", re.ASCII)

EITHER = "{label} has a comma that may separate thousands or decimals. Write 1500 or 1.5, for example, not 1,500."
SEPARATORS = "{label} must be a number with a decimal point and without separators of thousands, for example 1234.5."
PERCENT = "{label} must be a number without a percent sign, for example 36 or 12.5."


def read_number(text: str, unit: str = "") -> float | None:
    """Return the number that a text is, with or without the unit before or after it; None if it is not clearly one."""
    text = text.strip().replace("−", "-")
    for bare in (text, _without_unit(text, unit)):
        if NUMBER.fullmatch(bare):
            return float(bare)
        if (GROUPED.fullmatch(bare) or DECIMAL_COMMA.fullmatch(bare)) and not EITHER_COMMA.fullmatch(bare):
            return float(re.sub(f"[{SPACES}]", "", bare).replace(",", "."))
    return None


def misread_sentence(text: str, unit: str = "") -> str | None:
    """Return what to type instead of a text that ``read_number`` does not read; None if there is nothing to add.

    The examples are always the same, because sentences about errors are recorded and values must not be.
    """
    text = text.strip().replace("−", "-")
    bare = _without_unit(text, unit) or text
    if EITHER_COMMA.fullmatch(bare):
        return EITHER
    if SEPARATED.fullmatch(bare):
        return SEPARATORS
    return PERCENT if text.endswith("%") and read_number(text[:-1]) is not None else None


def _without_unit(text: str, unit: str) -> str:
    """Return a text without the unit at one of its ends; empty if it has none there."""
    for spelling in _spellings(unit):
        if text.endswith(spelling):
            return text.removesuffix(spelling).rstrip()
        if text.startswith(spelling):
            return text.removeprefix(spelling).lstrip()
    return ""


def _spellings(unit: str) -> list[str]:
    """Return a unit as it is written on the card, and a word in its singular and plural, the longest first."""
    # A unit such as 10^9/L or “-” could be taken for a part of the number.
    if re.search(r"\d", unit) or not unit.strip("+-−.,'’ "):
        return []
    singular = unit.removesuffix("s")
    return [f"{singular}s", singular] if UNIT_WORD.fullmatch(singular) else [unit]
