"""What people keep in a transformer of their own."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sklearn.base import BaseEstimator, TransformerMixin


class Keeps(TransformerMixin, BaseEstimator):
    """A transformer that keeps something."""

    def __init__(self, thing: Any = None) -> None:
        self.thing = thing


class Level(enum.Enum):
    LOW = 1
    BOTH = (1, "both")


class Count(enum.IntEnum):
    ONE = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass
class Options:
    cut: float = 0.5
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Frozen:
    cut: float = 0.5


@dataclass(slots=True)
class Slots:
    cut: float = 0.5


@dataclass(slots=True, frozen=True)
class FrozenSlots:
    cut: float = 0.5


class Point(NamedTuple):
    x: float = 0.5


class Called:
    """Its pickle calls its class."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Called, ()


TRUSTED = [
    f"{__name__}.{kind.__name__}"
    for kind in (Keeps, Level, Count, Access, Options, Frozen, Slots, FrozenSlots, Point, Called)
]
