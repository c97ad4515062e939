"""webapp.models.sample.sample_rows and webapp.models.sample.distributions"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from webapp.errors import NotPublishable
from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.models.sample.csv_table import read_table
from webapp.models.sample.distributions import references
from webapp.models.sample.sample_rows import read_sample
from webapp.types import Feature, Output, Signature

SIZE = Feature(name="size", optional=True)
KNOWN = Feature(name="known", kind="boolean", choices=(False, True), optional=True)
PLACE = Feature(name="place", kind="category", choices=("a", "None"))
GRADE = Feature(name="grade", kind="category", choices=(1, 2))


def signature(*features: Feature, classes: tuple[Any, ...] = (), layout: Any = "frame") -> Signature:
    return Signature(task="prediction", features=features, outputs=(Output(name="y", classes=classes),), layout=layout)


def rows(text: str, *features: Feature) -> list[dict[str, Any]]:
    return [dict(each) for each in read_sample(read_table(text.encode()), (), signature(*features)).instances]


@pytest.mark.parametrize(
    ("cell", "feature", "value"),
    [
        ("1.5", SIZE, 1.5),
        (" 2", SIZE, 2),
        ("", SIZE, None),
        ("NA", SIZE, None),
        ("True", KNOWN, True),
        ("false", KNOWN, False),
        ("yes", KNOWN, True),
        ("nan", KNOWN, None),
        ("None", PLACE, "None"),
        ("2.0", GRADE, 2),
    ],
)
def test_it_reads_what_a_csv_writes(cell: str, feature: Feature, value: Any) -> None:
    (row,) = rows(f"{feature.name},other\r\n{cell},x\r\n", feature)
    assert row == {feature.name: value}


def test_a_column_that_may_be_blank_may_be_missing() -> None:
    assert rows("place\na\n", SIZE, PLACE) == [{"size": None, "place": "a"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "can't be read"),
        ("place\n", "no rows"),
        ("place,size\na\n", "as long as"),
        ("size\n1\n", "no column for place"),
        ("place\na\nb\n", "Row 2: Place must be"),
        ("place,size\na\na,1\na\n", "as long as its first line in rows 1, 3"),
        ("place,size\nb,1\na,1\na,big\n", "Row 1: Place must be a or None. Row 3: Size must be a number"),
        ("place,Size\na,1\n", "no column for size. Is “Size” meant for size?"),
        ("place,size\n" + "b,1\n" * 30, "Row 20: Place must be a or None. And 10 more errors."),
        ("place,size\na,big\n", "Row 1: Size must be a number"),
        ("place,size\na,inf\n", "Row 1: Size must be a finite number"),
        ("place\n\n", "no rows"),
    ],
)
def test_it_says_what_is_wrong_with_a_sample(text: str, says: str) -> None:
    with pytest.raises(NotPublishable, match=says):
        rows(text, SIZE, PLACE)


def test_it_takes_no_other_encoding() -> None:
    with pytest.raises(NotPublishable, match="UTF-8"):
        read_sample(read_table("plaçe\na\n".encode("latin-1")), (), signature(PLACE))


def test_an_estimator_fitted_on_an_array_takes_the_columns_in_their_order() -> None:
    array = signature(Feature(name="x0"), Feature(name="x1"), layout="array")
    found = read_sample(read_table(b"height,y,weight\n1,5,2\n"), ["y"], array)
    assert (found.instances, found.targets) == ([{"x0": 1, "x1": 2}], [[5]])


@pytest.mark.parametrize(
    ("classes", "cells", "targets"),
    [
        (("a", "b"), "a b", ["a", "b"]),
        ((0, 1), "0.0 1", [0, 1]),
        ((False, True), "false True", [False, True]),
        (("1", "2"), "1 NA", ["1", None]),
        ((), "1.5 NA", [1.5, None]),
    ],
)
def test_it_reads_targets_in_the_type_of_the_classes(classes: Any, cells: str, targets: list[Any]) -> None:
    text = "place,y\n" + "".join(f"a,{cell}\n" for cell in cells.split())
    found = read_sample(read_table(text.encode()), ["y"], signature(PLACE, classes=classes)).targets[0]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in targets]


def test_it_knows_no_other_target() -> None:
    with pytest.raises(NotPublishable, match="no column “z”"):
        read_sample(read_table(b"place\na\n"), ["z"], signature(PLACE))


def test_each_of_several_outputs_has_a_target() -> None:
    two = replace(signature(PLACE), outputs=(Output(name="y0"), Output(name="y1", classes=("a", "b"))))
    assert read_sample(read_table(b"b,place,a\na,a,1\nb,a,\n"), ["a", "b"], two).targets == [[1, None], ["a", "b"]]
    with pytest.raises(NotPublishable, match="has 2 outputs; give --target once for each"):
        read_sample(read_table(b"place,a\na,1\n"), ["a"], two)
    with pytest.raises(NotPublishable, match="has 1 output; give"):
        read_sample(read_table(b"place,a,b\na,1,1\n"), ["a", "b"], signature(PLACE))


def spread(values: list[Any], feature: Feature) -> Any:
    return references([{feature.name: value} for value in values], signature(feature))[feature.name]


def test_numbers_are_kept_as_shares_of_ten_bins() -> None:
    found = spread([*map(float, range(100)), None, None], SIZE)
    assert isinstance(found, NumberReference)
    assert len(found.bounds) == 9
    assert found.shares == pytest.approx([0.1] * 10)
    assert found.missing == pytest.approx(2 / 102)


def test_no_bin_holds_so_few_rows_that_it_tells_of_one() -> None:
    random = np.random.default_rng(0)
    for count in (3, 19, 20, 57):
        found = spread(list(random.normal(size=count)), SIZE)
        assert min(found.shares) * count >= min(count, 9)
    # Neither end of the sample is among the bounds.
    assert 5.0 not in spread([*[1.0] * 30, *[2.0] * 30, 5.0], SIZE).bounds


@pytest.mark.parametrize("values", [[None], [1.0], [1.0] * 50, [0.0, 1.0] * 50])
def test_values_that_hardly_differ_are_no_trouble(values: list[Any]) -> None:
    found = spread(values, SIZE)
    assert sum(found.shares) == pytest.approx(1 if found.shares else 0)


def test_categories_are_kept_as_shares() -> None:
    assert spread([1, 1, 1, 2], GRADE) == CategoryReference(shares=[0.75, 0.25], missing=0)


def test_no_text_is_kept() -> None:
    text = Feature(name="text", kind="text")
    assert references([{"text": "secret"}], signature(text)) == {}


def test_a_sample_from_a_spreadsheet_is_read_too() -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["place", "size"], ["a", 1]])
    data = b"\xef\xbb\xbf" + written.getvalue().encode()
    assert read_sample(read_table(data), (), signature(PLACE, SIZE)).instances == [{"place": "a", "size": 1}]


def test_a_target_that_the_model_never_answers_is_named_by_its_row() -> None:
    for classes, values, says in (
        (("no", "yes"), "yes\nYes\nno\nmaybe\n", "rows 2, 4"),
        ((), "1\nn.a.\n2\n3\n", "row 2"),
    ):
        text = "size,y\n" + "".join(f"1,{value}\n" for value in values.split())
        with pytest.raises(NotPublishable, match=says):
            read_sample(read_table(text.encode()), ["y"], signature(SIZE, classes=classes))


def test_columns_that_pandas_has_numbered_are_read_by_their_numbers() -> None:
    two = signature(Feature(name="x0"), Feature(name="x1"), layout="array")
    (row,) = read_sample(read_table(b"1,0\n5,6\n"), (), two).instances
    assert row == {"x0": 6, "x1": 5}
