"""Pairs of values that never met in the sample, found at publication and warned of when they meet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from webapp.models.card import Card
from webapp.models.card.fields import Sample
from webapp.models.guardrails.checks import Checks
from webapp.models.sample.empty_pairs import find_empty_pairs
from webapp.types import Feature, Instance, Signature

ISLAND = Feature(name="island", kind="category", choices=("Biscoe", "Dream"))
SPECIES = Feature(name="species", kind="category", choices=("Adelie", "Gentoo"))
SIZE = Feature(name="size_mm")
YOUNG = Feature(name="young", kind="boolean", choices=(False, True), optional=True)
NOTE = Feature(name="note", kind="text")


def of(*features: Feature) -> Signature:
    return Signature(task="regression", features=features, outputs=())


def birds(*counts: tuple[str | None, str | None, int]) -> list[Instance]:
    return [{"island": island, "species": species} for island, species, count in counts for _ in range(count)]


#: No Gentoo lives on Dream, where 50 × 50 / 100 were to be expected.
APART = birds(("Biscoe", "Gentoo", 50), ("Dream", "Adelie", 50))
PLACES = of(ISLAND, SPECIES)


def found(instances: list[Instance], signature: Signature) -> list[dict[str, Any]]:
    return [pair.model_dump(exclude_none=True) for pair in find_empty_pairs(instances, signature)]


def warned(instances: list[Instance], signature: Signature, instance: Instance) -> list[str]:
    card = Card(sample=Sample(rows=len(instances)), empty_pairs=find_empty_pairs(instances, signature))
    return [notice.msg for notice in Checks(signature, card).warnings(instance)]


def test_it_finds_categories_that_never_met() -> None:
    assert found(APART, PLACES) == [
        {
            "first": {"feature": "island", "value": "Biscoe"},
            "second": {"feature": "species", "value": "Adelie"},
            "expected": 25,
        },
        {
            "first": {"feature": "island", "value": "Dream"},
            "second": {"feature": "species", "value": "Gentoo"},
            "expected": 25,
        },
    ]


def test_one_case_that_had_both_is_enough() -> None:
    (pair,) = found([*APART, *birds(("Dream", "Gentoo", 1))], PLACES)
    assert pair["second"]["value"] == "Adelie"


def test_what_is_rare_may_be_missing_by_chance() -> None:
    # Expected 31 × 31 / 124 = 7.75 times, and then 8.25 times.
    assert found(birds(("Biscoe", "Adelie", 62), ("Dream", "Adelie", 31), ("Biscoe", "Gentoo", 31)), PLACES) == []
    assert len(found(birds(("Biscoe", "Adelie", 66), ("Dream", "Adelie", 33), ("Biscoe", "Gentoo", 33)), PLACES)) == 1


def test_rows_where_one_of_both_is_blank_do_not_count() -> None:
    blank = birds((None, "Gentoo", 500), ("Dream", None, 500))
    assert sorted(found([*APART, *blank], PLACES), key=str) == sorted(found(APART, PLACES), key=str)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_independent_hardly_ever_counts(seed: int) -> None:
    random = np.random.default_rng(seed)
    features = tuple(Feature(name=f"x{index}") for index in range(30))
    rows = random.normal(size=(200, 30)).tolist()
    assert found([dict(zip((f.name for f in features), row, strict=True)) for row in rows], of(*features)) == []


def test_numbers_are_cut_at_the_quartiles_of_six_digits() -> None:
    line = [{"size_mm": index * math.pi, "species": ("Adelie", "Gentoo")[index >= 50]} for index in range(100)]
    first = find_empty_pairs(line, of(SIZE, SPECIES))
    cells = {(pair.first.above, pair.first.to, pair.second.value) for pair in first}
    quartiles = [float(f"{each:.6g}") for each in np.quantile([each["size_mm"] for each in line], [0.25, 0.5, 0.75])]
    assert cells == {
        (None, quartiles[0], "Gentoo"),
        (quartiles[0], quartiles[1], "Gentoo"),
        (quartiles[1], quartiles[2], "Adelie"),
        (quartiles[2], None, "Adelie"),
    }


def test_of_many_pairs_the_most_expected_are_kept() -> None:
    features = tuple(Feature(name=f"x{index}") for index in range(12))
    rows = [dict.fromkeys((f.name for f in features), float(index)) for index in range(400)]
    pairs = find_empty_pairs(rows, of(*features))
    assert len(pairs) == 200
    assert [pair.expected for pair in pairs] == sorted((pair.expected for pair in pairs), reverse=True)


@pytest.mark.parametrize("instances", [[], APART[:1], [{"island": None, "species": None}] * 20])
def test_a_sample_that_tells_nothing_is_no_trouble(instances: list[Instance]) -> None:
    assert found(instances, PLACES) == []


def test_texts_are_left_out() -> None:
    rows = [{"note": "a", "island": "Dream"}, {"note": "b", "island": "Biscoe"}] * 50
    assert found(rows, of(NOTE, ISLAND)) == []


def test_it_warns_of_a_pair_that_never_met() -> None:
    assert warned(APART, PLACES, {"island": "Dream", "species": "Gentoo"}) == [
        "The sample of 100 cases has no case with Island Dream and Species Gentoo."
    ]


@pytest.mark.parametrize("species", ["Adelie", None])
def test_it_is_silent_about_any_other(species: str | None) -> None:
    assert warned(APART, PLACES, {"island": "Dream", "species": species}) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (3, "Size (mm) up to 24.75"),
        (24.75, "Size (mm) up to 24.75"),
        (24.76, "Size (mm) above 24.75 and up to 49.5"),
        (-1e9, "Size (mm) up to 24.75"),
    ],
)
def test_it_says_in_which_part_a_number_lies(size: float, said: str) -> None:
    line = [{"size_mm": index, "young": index < 50} for index in range(100)]
    (msg,) = warned(line, of(SIZE, YOUNG), {"size_mm": size, "young": False})
    assert msg == f"The sample of 100 cases has no case with {said} and Young no."


def test_no_row_of_the_sample_itself_is_warned_of() -> None:
    random = np.random.default_rng(0)
    sizes = random.normal(size=300).round(1)
    rows = [{"size_mm": size, "young": bool(size > 0)} for size in sizes.tolist()]
    assert not any(warned(rows, of(SIZE, YOUNG), row) for row in rows[:100])


def test_of_many_pairs_three_are_named_and_the_others_counted() -> None:
    features = tuple(Feature(name=f"x{index}") for index in range(4))
    rows = [dict.fromkeys((f.name for f in features), index) for index in range(200)]
    told = warned(rows, of(*features), {"x0": 1, "x1": 199, "x2": 1, "x3": 199})
    assert len(told) == 4
    assert told[-1] == "The same is true of 1 more pair of values."
