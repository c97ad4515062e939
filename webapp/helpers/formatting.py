"""Names and numbers as people write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timezone

from webapp.types import Feature, Value

UNITS = frozenset(["mm", "cm", "m", "km", "g", "kg", "mg", "ml", "l", "s", "ms", "min", "h", "hz", "khz", "pct"])
#: Separates the groups of a number's digits without a line break.
THIN_SPACE = "\u202f"


def label(name: str) -> str:
    """Turn a feature's name into a label: ``bill_length_mm`` becomes ``Bill length (mm)``."""
    words = name.replace("_", " ").split()
    if len(words) > 1 and words[-1] in UNITS:
        words[-1] = f"({words[-1]})"
    text = " ".join(words) or name
    return text[0].upper() + text[1:] if len(text) > 2 and text.isprintable() else text


def feature_label(feature: Feature) -> str:
    """Return a feature's label: the card's words if there are any, with its unit in brackets."""
    text, unit = label_and_unit(feature)
    return f"{text} ({unit})" if unit else text


def label_and_unit(feature: Feature) -> tuple[str, str]:
    """Return a feature's label and its unit apart; the unit is empty if none is known."""
    if feature.label:
        return feature.label, feature.unit
    text = label(feature.name)
    found = re.search(r" \(([^()]*)\)$", text)
    # The unit on the card replaces the one at the end of the name.
    if found and (feature.unit or found[1] in UNITS):
        return text[: found.start()], feature.unit or found[1]
    return text, feature.unit


def title(name: str) -> str:
    """Turn a model's name into a title: ``penguin-mass`` becomes ``Penguin mass``."""
    return label(name.replace("-", " "))


def number(value: float, digits: int = 6) -> str:
    """Write a number for people, with a real minus sign and without needless digits.

    A narrow space separates thousands, because it can't be mistaken for a decimal point.
    """
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        text = f"{int(value):,}"
    elif value and not 1e-4 <= abs(value) < 1e15:
        text = f"{value:.{digits}g}"
    else:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    return text.replace("-", "−").replace(",", THIN_SPACE)


def plain_number(value: float) -> str:
    """Write a number as it can be typed into a field."""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def words(value: Value) -> str:
    """Write any value for people."""
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else number(value)


def choice_labels(choices: tuple[Value, ...]) -> tuple[str, ...]:
    """Write each choice so that all look different, unlike 1 and "1", and none looks blank.

    A browser collapses the white space in options, so the labels have it collapsed too.
    """
    labels = tuple(words(choice) if isinstance(choice, bool) else " ".join(str(choice).split()) for choice in choices)
    return labels if all(labels) and len(set(labels)) == len(labels) else tuple(map(repr, choices))


def percent(share: float) -> str:
    """Write a probability as a percentage that never rounds an uncertain one to 0 or 100."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f} %"


def moment(time: datetime) -> str:
    """Write a point in time for people, in UTC."""
    time = time.astimezone(timezone.utc)  # noqa: UP017  # Python 3.10 has no datetime.UTC
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def short_moment(time: datetime) -> str:
    """Write a point in time for a list whose heading names UTC."""
    time = time.astimezone(timezone.utc)  # noqa: UP017  # Python 3.10 has no datetime.UTC
    return f"{time.day} {time:%b %Y, %H:%M}"


def day(date: date) -> str:
    """Write a day for people."""
    return f"{date.day} {date:%b %Y}"


def listing(parts: list[str]) -> str:
    """Join words as in a sentence: ``a, b or c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
