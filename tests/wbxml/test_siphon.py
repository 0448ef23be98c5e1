"""
One element's content drawn off while the document comes in.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.wbxml.pages import AirSync, AirSyncBase, ItemOperations
from carrierpost.wbxml.siphon import Siphon

WATCHED = frozenset({ItemOperations.Range, ItemOperations.Total})


def answer(data: object, *, span: str = "0-5") -> list[object]:
    """Write the children of an answer with one Fetch."""
    properties = [ItemOperations.Range, span, ItemOperations.Total, "6", AirSyncBase.ContentType, "a/b"]
    properties += (ItemOperations.Data, data)
    fetch = [ItemOperations.Status, "1", AirSyncBase.FileReference, "1:2/3", ItemOperations.Properties, properties]
    return [ItemOperations.Status, "1", ItemOperations.Response, [ItemOperations.Fetch, fetch]]


def drawn(raw: bytes, size: int) -> tuple[bytes, bytes, Siphon]:
    """Feed a document in pieces of a size; gives what was drawn off and what is left."""
    pieces: list[bytes] = []
    siphon = Siphon(ItemOperations.Data, lambda piece, text: pieces.append(piece), watched=WATCHED)
    for start in range(0, len(raw), size):
        siphon.feed(raw[start : start + size])
    return b"".join(pieces), bytes(siphon.rest), siphon


@given(
    data=st.one_of(st.binary(min_size=1), st.text("ABCÄ+/=", min_size=1)),
    size=st.integers(1, 300),
)
def test_the_content_is_drawn_off_and_the_rest_stays(data: str | bytes, size: int) -> None:
    """However the network cuts it, the content comes out whole, and what is left is the document without it."""
    raw = wbxml.encode(ItemOperations.ItemOperations, answer(data))
    content, rest, siphon = drawn(raw, size)
    assert content == (data.encode() if isinstance(data, str) else data)
    left = wbxml.decode(rest)
    assert left.root == ItemOperations.ItemOperations
    properties = wbxml.find(
        wbxml.find(wbxml.find(left.value, ItemOperations.Response), ItemOperations.Fetch), ItemOperations.Properties
    )
    assert wbxml.text(properties, ItemOperations.Range) == "0-5"
    assert not wbxml.find(properties, ItemOperations.Data)
    assert siphon.texts == {ItemOperations.Range: b"0-5", ItemOperations.Total: b"6"}


def test_a_document_without_the_element_stays_as_it_is() -> None:
    """Nothing is drawn off, and not a byte is changed."""
    raw = wbxml.encode(AirSync.Sync, [AirSync.SyncKey, "1", AirSync.Collections, None])
    content, rest, _ = drawn(raw, 3)
    assert (content, rest) == (b"", raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\x03\x01\x6a\x05abcde", "string tables"),
        (b"\x03\x01\x6a\x00\x01", "never began"),
        (b"\x03\x01\x6a\x00\xc5\x01", "0xC5"),
        (b"\x03\x01\x6a\x00" + b"\x45" * 100, "too deep"),
        (b"\x03\x01\x6a\x00\x45\xc3\xff\xff\xff\xff\xff\x01", "too long"),
        (b"\x03\x01\x6a\x00\x45\x03" + b"x" * 1_100_000, "more than"),
    ],
)
def test_what_is_no_document_is_refused(raw: bytes, said: str) -> None:
    """It ends with a sentence, and never with more in memory than is allowed."""
    with pytest.raises(wbxml.WBXMLError, match=said):
        drawn(raw, 65536)
