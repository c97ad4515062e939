"""A CSV as spreadsheets and programs of all countries write it"""

from __future__ import annotations

import pytest

from webapp.errors import NotPublishable
from webapp.models.sample.csv_table import CSVFormat, read_table

ROWS = [["a", "1.5", "2"], ["b", "-2.25", "NA"]]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"place,size,y\na,1.5,2\nb,-2.25,NA\n", "Read as CSV with ,: 2 rows"),
        (b"place;size;y\r\na;1,5;2\r\nb;-2,25;NA\r\n", "Read as CSV with ; and decimal commas: 2 rows"),
        (b"place;size;y\na;1.5;2\nb;-2.25;NA\n", "Read as CSV with ;: 2 rows"),
        (b"place\tsize\ty\na\t1.5\t2\nb\t-2.25\tNA\n", "Read as CSV with tabs: 2 rows"),
        (b'place,size,y\na,"1,5",2\nb,"-2,25",NA\n', "Read as CSV with , and decimal commas: 2 rows"),
        (b"\xef\xbb\xbfplace;size;y\na;1,5;2\nb;-2,25;NA\n", "Read as CSV with ; and decimal commas: 2 rows"),
        (
            "place\tsize\ty\na\t1,5\t2\nb\t-2,25\tNA\n".encode("utf-16"),
            "Read as CSV with tabs and decimal commas: 2 rows",
        ),
    ],
)
def test_it_finds_the_separator_and_the_decimal_mark_and_says_so(data: bytes, sentence: str) -> None:
    table = read_table(data)
    assert (table.header, table.rows, table.sentence) == (["place", "size", "y"], ROWS, sentence)


def test_a_comma_in_a_text_is_no_decimal_comma() -> None:
    table = read_table(b"note;size\n1,5 or so;1,5\n12,3;2,5\n", columns=["size"])
    assert table.rows == [["1,5 or so", "1.5"], ["12,3", "2.5"]]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a;b,c;d\n1;2,3;4\n", r"separated by , or by ;\. Say which, for example --separator ';'"),
        (
            b"size;y\n1,234;2\n",
            "such as 1,234, may have decimals or thousands. If they are decimals, say so: --decimal ','",
        ),
        (
            b"size;y\n1.234;2\n",
            "such as 1.234, may have decimals or thousands. If they are decimals, say so: --decimal '.'",
        ),
        (b"size;weight\n1,5;2.5\n", "numbers with decimal points and numbers with commas"),
        (b"size;weight\n1,5;1.250\n", "numbers with decimal points and numbers with commas"),
    ],
)
def test_it_refuses_what_could_be_read_in_two_ways_and_says_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(NotPublishable, match=says):
        read_table(data)


def test_it_believes_what_the_publisher_says() -> None:
    assert read_table(b"a;b,c;d\n1;2,3;4\n", CSVFormat(separator=";")).header == ["a", "b,c", "d"]
    assert read_table(b"size;y\n1,234;2\n", CSVFormat(decimal=",")).rows == [["1.234", "2"]]
    assert read_table(b"size;y\n1.234;2\n", CSVFormat(decimal=".")).rows == [["1.234", "2"]]


def test_marks_in_columns_that_do_not_count_are_no_trouble() -> None:
    table = read_table(b'size,population\n1.5,"1,234"\n', columns=["size"])
    assert table.rows == [["1.5", "1,234"]]


def test_a_number_with_three_decimals_in_a_plain_csv_is_no_thousand() -> None:
    assert read_table(b"size,y\n1.234,2\n").rows == [["1.234", "2"]]
