"""Probing: finds out by trial what the inputs of an estimator are that does not show it, as behind a function.

An answer proves little: what fills in unknown values answers anything. So a kind counts whose different values bring
different answers, and it is a guess where another kind does so too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
from typing import Any

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.vocabulary import own_texts, vocabularies
from webapp.helpers.inputs.form_values import NUMBER as NUMBER_PATTERN
from webapp.models.signature.example import example
from webapp.models.signature.input_types import with_input_types
from webapp.types import Answer, InputType, Instance, Signature, Value

NUMBER, WHOLE = InputType(kind="number"), InputType(kind="integer", dtype="int64")
TEXT, BOOLEAN = InputType(kind="text"), InputType(kind="boolean")
MOMENT, DAY_AS_TEXT = InputType(kind="datetime", dtype="datetime64"), InputType(kind="date")
#: What is tried instead of a number: until there is an answer, and then for each input.
OTHERS = (TEXT, DAY_AS_TEXT, MOMENT, BOOLEAN, WHOLE)
#: Which of those that bring different answers counts, if a number does not.
ORDER = (WHOLE, TEXT, MOMENT, DAY_AS_TEXT, BOOLEAN)
#: Made-up values. One comes first: zero has no logarithm and can't be a divisor.
VALUES: dict[InputType, tuple[Value, ...]] = {
    NUMBER: (1.0, 2.0, 3.0, 10.0, 100.0, 10_000.0),
    WHOLE: (1.0, 2.0, 3.0, 10.0, 100.0, 10_000.0),
    TEXT: ("text", "another text"),
    BOOLEAN: (True, False),
    MOMENT: ("2024-01-15T06:00:00", "2019-11-30T13:30:00", "2030-05-04T21:15:00"),
    DAY_AS_TEXT: ("2024-01-15", "2019-11-30", "2030-05-04"),
}
#: The kinds that may bring an answer too, where one is meant.
ALIKE = {NUMBER: {NUMBER, WHOLE, BOOLEAN}, TEXT: {TEXT, DAY_AS_TEXT}, MOMENT: {MOMENT, DAY_AS_TEXT}}
ALIKE |= {each: {each} for each in (DAY_AS_TEXT, BOOLEAN, WHOLE)}
MAX_TRIES = 300
#: Seconds of processor time after which no further try begins; a busy machine must not lead to another result.
MAX_CPU_SECONDS = 1.0
#: How many answers two kinds must share to be the same to the estimator.
MIN_SHARED = 2
FRACTION = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def probe(estimator: Any, signature: Signature) -> dict[str, InputType]:
    """Find out what the inputs are that count as numbers only because nothing is known of them.

    Returns
    -------
    probed : dict
        The types of those that are no numbers, or that were a guess before and are none any more. Empty if nothing
        brought an answer.
    """
    return _Probe(estimator, signature).run()


@dataclass
class _Probe:
    estimator: Any
    signature: Signature
    tries: int = 0
    deadline: float = field(default_factory=lambda: time.process_time() + MAX_CPU_SECONDS)

    def run(self) -> dict[str, InputType]:
        unknown = [feature for feature in self.signature.features if feature.unknown]
        guessed = [feature.name for feature in unknown if feature.guessed]
        names = [feature.name for feature in unknown]
        self.words = vocabularies(self.estimator, guessed or names) if unknown else {}
        self.own_texts = own_texts(self.estimator, guessed)
        if not guessed and (not names or self._answers({}, [{}])):
            return {}
        types = self._any_that_answers(guessed, names)
        if types is None:
            return {}
        for name in sorted(guessed, key=lambda name: name not in self.own_texts):
            if self.is_over:
                break
            types[name] = self._decide(name, types)
        return {name: told for name, told in types.items() if told != NUMBER or name in guessed}

    @property
    def is_over(self) -> bool:
        return self.tries >= MAX_TRIES or time.process_time() > self.deadline

    def _any_that_answers(self, guessed: Sequence[str], names: Sequence[str]) -> dict[str, InputType] | None:
        texts = dict.fromkeys(self.own_texts, TEXT)
        hinted = [texts] if texts else []
        for types in chain(hinted, _combinations([*guessed, *(name for name in names if name not in guessed)])):
            if self.is_over:
                return None
            if self._answers(types, [{}]):
                return {name: replace(told, guessed=name in guessed) for name, told in types.items()}
        return None

    def _decide(self, name: str, types: Mapping[str, InputType]) -> InputType:
        """Return what one input is, when all others are as they are known so far."""
        if name in self.own_texts and len(self._distinct_answers(name, TEXT, types)) > 1:
            return TEXT
        found = {each: self._distinct_answers(name, each, types) for each in VALUES}
        telling = [each for each in VALUES if len(found[each]) > 1]
        if NUMBER in telling:
            rivals = [each for each in telling if each not in (NUMBER, BOOLEAN)]
            return replace(NUMBER, guessed=any(_differ(found[NUMBER], found[each]) for each in rivals))
        # Without a number that it has met, a whole number is no more likely than yes and no.
        order = [each for each in ORDER if each is not WHOLE or self._numbers(name)]
        chosen = next((each for each in (*order, WHOLE) if each in telling), None)
        if chosen is None:
            answering = {each for each in VALUES if found[each]}
            only = next((each for each, alike in ALIKE.items() if each in answering and answering <= alike), None)
            return only or replace(types.get(name, NUMBER), guessed=True)
        rivals = [each for each in telling if each != chosen and (chosen, each) != (TEXT, DAY_AS_TEXT)]
        if chosen is DAY_AS_TEXT and found[TEXT]:
            # What takes any text may read more of it than its days.
            return replace(chosen, guessed=True)
        return replace(chosen, guessed=any(_differ(found[chosen], found[each]) for each in rivals))

    def _distinct_answers(self, name: str, told: InputType, types: Mapping[str, InputType]) -> set[str]:
        if self.is_over:
            return set()
        rows: list[Instance] = [{name: value} for value in self._values(name, told)]
        known = max(2, len(rows) - len(VALUES[told]))
        # A function may take only some numbers, and an encoder only what it knows.
        return set(self._answers({**types, name: told}, rows) or self._answers({**types, name: told}, rows[:known]))

    def _values(self, name: str, told: InputType) -> list[Value]:
        """Return values to try: first those that occur in the fitted state."""
        words: list[Value] = []
        if told in (NUMBER, WHOLE):
            words = [*self._numbers(name, whole=told == WHOLE)]
        elif told == TEXT:
            words = [*self.own_texts.get(name, [word for word in self.words.get(name, ()) if isinstance(word, str)])]
        return [*words, *VALUES[told]]

    def _numbers(self, name: str, *, whole: bool = True) -> list[float]:
        numbers = [number for word in self.words.get(name, ()) if (number := _number(word)) is not None]
        return [number for number in numbers if number.is_integer() or not whole]

    def _answers(self, types: Mapping[str, InputType], rows: Sequence[Instance]) -> list[str]:
        """Return the answers to instances that differ from a typical one by these values; empty if there are none."""
        self.tries += 1
        plain = {name: replace(told, guessed=False) for name, told in types.items()}
        signature = with_input_types(self.signature, plain, "testing")
        typical = dict(example(signature))
        for feature in self.signature.features:
            if feature.unknown:
                typical[feature.name] = self._values(feature.name, plain.get(feature.name, NUMBER))[0]
        try:
            X = as_matrix([{**typical, **row} for row in rows], signature)
            return [_rounded(answer) for answer in predict_answers(self.estimator, X, signature)]
        except Exception:
            return []


def _combinations(names: Sequence[str]) -> Iterator[dict[str, InputType]]:
    """Yield every way to give some of these inputs another kind than number, the fewest inputs first."""
    for count in range(len(names) + 1 if names else 0):
        for chosen in combinations(names, count):
            for kinds in product(OTHERS, repeat=count):
                yield dict(zip(chosen, kinds, strict=True))


def _rounded(answer: Answer) -> str:
    """Write an answer without its last digits, which depend on the order of additions."""
    return FRACTION.sub(lambda digits: f"{round(float(digits[0]), 9):.9g}", repr(answer))


def _differ(answers: set[str], others: set[str]) -> bool:
    return len(answers & others) < MIN_SHARED


def _number(word: Value) -> float | None:
    """Return a number, or that which a text was before astype(str)."""
    if isinstance(word, str):
        return float(word) if NUMBER_PATTERN.fullmatch(word) else None
    return None if word is None or isinstance(word, bool) else float(word)
