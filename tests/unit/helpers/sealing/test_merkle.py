"""webapp.helpers.sealing: trees as in RFC 6962, and what a code and a head are made of"""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.helpers.sealing import NO_HEAD, Head, MacKey, Span, entries, leaf_of, merkle, payload_digest


def root_by_the_book(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1: split at the largest power of two below the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root_by_the_book(leaves[:split]) + root_by_the_book(leaves[split:])).digest()


def root_by_path(leaf: bytes, index: int, count: int, path: list[bytes]) -> bytes:
    """The check of RFC 9162, section 2.1.3.2."""
    last = count - 1
    for beside in path:
        assert last > 0, "The path is too long"
        if index % 2 or index == last:
            leaf = sha256(b"\1" + beside + leaf).digest()
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            leaf = sha256(b"\1" + leaf + beside).digest()
        index, last = index // 2, last // 2
    assert last == 0, "The path is too short"
    return leaf


def some_leaves(count: int) -> list[bytes]:
    return [sha256(b"\0%d" % number).digest() for number in range(count)]


@pytest.mark.parametrize("count", range(1, 70))
def test_a_root_is_that_of_the_definition(count: int) -> None:
    assert merkle.root_of(some_leaves(count)) == root_by_the_book(some_leaves(count))


@pytest.mark.parametrize("count", range(1, 40))
def test_each_path_leads_to_the_root(count: int) -> None:
    leaves = some_leaves(count)
    for index in range(count):
        path = merkle.path_of(leaves, index)
        assert root_by_path(leaves[index], index, count, path) == merkle.root_of(leaves)


def test_no_leaves_have_the_root_of_nothing() -> None:
    assert merkle.root_of([]) == sha256(b"").digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=20, unique=True), st.data())
def test_another_order_or_number_has_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    other = data.draw(st.permutations(leaves))
    assert (merkle.root_of(other) == merkle.root_of(leaves)) == (other == leaves)
    assert merkle.root_of([*leaves, leaves[-1]]) != merkle.root_of(leaves)


def test_the_digests_are_those_that_the_documents_tell() -> None:
    salt, payload, metadata = b"s" * 16, b"[{},[]]", b"[]"
    digest = sha256(salt + payload).digest()
    assert payload_digest(salt, payload) == digest
    assert leaf_of(metadata, digest) == sha256(b"\0" + metadata + digest).digest()
    key = hmac.digest(b"secret", b"scoredesk: codes of rows", "sha256")
    assert MacKey("secret").mac_of(digest) == hmac.digest(key, digest, "sha256")


@given(st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)), unique=True))
def test_entries_come_out_as_they_went_in(pairs: list[tuple[bytes, bytes]]) -> None:
    packed = entries.pack(pairs)
    assert len(packed) == 48 * len(pairs)
    assert list(entries.unpack(packed)) == pairs
    ids = [id for id, _ in pairs]
    assert [entries.index_of(packed, id) for id in ids] == [ids.index(id) for id in ids]
    assert entries.index_of(packed, b"\0" * 15 + b"x") in (None, *range(len(ids)))


def test_a_head_is_read_as_it_was_written() -> None:
    span = Span.of(0, 3, entries.pack([(b"i" * 16, b"l" * 32)]))
    head = Head(
        number=1,
        created_at="2026-11-25T09:00:00+00:00",
        predictions=span,
        audit_events=span,
        unproven="",
        previous=NO_HEAD,
        key="0" * 16,
    )
    assert Head.read(head.text) == head
    assert Head.read(head.text).text == head.text


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"predictions": 1}', '{"predictions": {"after": 1}}'])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Head.read(text)
