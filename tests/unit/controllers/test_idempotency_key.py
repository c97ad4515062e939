"""webapp.controllers.http.idempotency_key"""

from __future__ import annotations

import pytest

from webapp.controllers.http.idempotency_key import fingerprint, read_key
from webapp.errors import MalformedIdempotencyKey


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ('"a, b"', "a, b"),
        ("!#$%&'()*+-./:;<=>?@[\\]^_`{|}~", "!#$%&'()*+-./:;<=>?@[\\]^_`{|}~"),
        ("k" * 255, "k" * 255),
        ('"' + r"\"" * 255 + '"', '"' * 255),
    ],
)
def test_it_reads_a_key_quoted_or_bare(sent: str, key: str) -> None:
    assert read_key(sent) == key


@pytest.mark.parametrize(
    "sent",
    ["", '""', '"', '"a', 'a"', '"a"b', r'"\a"', '"a\\"', '"a", "b"', "a,b", "a b", "a\tb", "a\n", '"a\x7f"', '"é"',
     "é", "k" * 256, '"' + "k" * 256 + '"'],
)  # fmt: skip
def test_it_refuses_what_is_no_key(sent: str) -> None:
    with pytest.raises(MalformedIdempotencyKey, match="1 to 255 printable ASCII"):
        read_key(sent)


def test_another_part_or_another_cut_is_another_fingerprint() -> None:
    requests = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"abc", b""), (b"", b"abc"), (b"ab", b"C")]
    assert len({fingerprint(*parts) for parts in requests}) == len(requests)
    assert fingerprint(b"ab", b"c") == fingerprint(b"ab", b"c")
