"""
Known answers and refusals of the codec.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Email, Ping

HEADER = b"\x03\x01\x6a\x00"

KNOWN: list[tuple[bytes, int, wbxml.Value]] = [
    (HEADER + b"\x05", AirSync.Sync, None),
    (HEADER + b"\x45\x4b\x03\x30\x00\x01\x01", AirSync.Sync, [AirSync.SyncKey, "0"]),
    (
        HEADER + b"\x45\x4e\x031\x00\x01\x00\x02\x54\x03Hi\x00\x01\x00\x00\x14\x01",
        AirSync.Sync,
        [AirSync.Status, "1", Email.Subject, "Hi", AirSync.MoreAvailable, None],
    ),
    (HEADER + b"\x00\x0d\x45\x47\x03\x32\x00\x01\x01", Ping.Ping, [Ping.Status, "2"]),
    (
        HEADER + b"\x45\x00\x11\x4a\x4b\xc3\x03\x00\x01\xff\x01\x01\x01",
        AirSync.Sync,
        [AirSyncBase.Body, [AirSyncBase.Data, b"\x00\x01\xff"]],
    ),
]


@pytest.mark.parametrize(("data", "root", "value"), KNOWN)
def test_known_answers(data: bytes, root: int, value: wbxml.Value) -> None:
    """Bytes and tree stand for each other, both ways."""
    document = wbxml.decode(data)
    assert (document.root, document.value) == (root, value)
    assert wbxml.encode(root, value) == data


@pytest.mark.parametrize(
    "empty", [b"\x0b", b"\x4b\x01", b"\x4b\x03\x00\x01"], ids=["no content", "END at once", "empty string"]
)
def test_three_forms_of_empty(empty: bytes) -> None:
    """An empty element may be written in three ways; all read alike and are written in the first."""
    document = wbxml.decode(HEADER + b"\x45" + empty + b"\x01")
    assert document.value == [AirSync.SyncKey, None]
    assert wbxml.encode(AirSync.Sync, document.value) == HEADER + b"\x45\x0b\x01"


def test_WB1_forbidden_characters_are_dropped_both_ways() -> None:
    """Controls but tab, line feed and carriage return, U+FFFE and U+FFFF go away; a lone surrogate is replaced."""
    bad = [*map(chr, (*range(1, 9), 11, 12, *range(14, 32))), "\ufffe", "\uffff"]
    for character in bad:
        raw = HEADER + b"\x45\x4b\x03a" + character.encode() + b"b\tc\r\n\x00\x01\x01"
        document = wbxml.decode(raw)
        assert document.value == [AirSync.SyncKey, "ab\tc\r\n"], character
        assert document.oddities == {"control character dropped": 1}
        assert wbxml.encode(AirSync.Sync, [AirSync.SyncKey, f"a{character}b"]) == wbxml.encode(
            AirSync.Sync, [AirSync.SyncKey, "ab"]
        )
    assert wbxml.encode(5, [11, "a\x00\ud800b"]) == wbxml.encode(5, [11, "a\ufffdb"])


def test_WB2_malformed_utf8_is_replaced_and_counted() -> None:
    """One bad byte costs one character, not the item."""
    document = wbxml.decode(HEADER + b"\x45\x4b\x03gar\xe7on\x00\x01\x01")
    assert document.value == [AirSync.SyncKey, "gar\ufffdon"]
    assert document.oddities == {"malformed UTF-8 replaced": 1}


def test_WB4_a_first_element_beyond_page_0_gets_its_page_switch() -> None:
    """The page is 0 at the start, so any other root needs a switch, and the way back one too."""
    data = wbxml.encode(Ping.Ping, [AirSync.Status, "1", Ping.Status, "1"])
    assert data[4:7] == b"\x00\x0d\x45"
    assert data[7:9] == b"\x00\x00"
    assert wbxml.decode(data).value == [AirSync.Status, "1", Ping.Status, "1"]


def test_WB5_unknown_tags_survive_and_are_counted() -> None:
    """A token that a known page does not define is kept, and comes back when encoded."""
    data = HEADER + b"\x45\x7f\x03x\x00\x01\x3e\x3e\x01"
    document = wbxml.decode(data)
    assert document.value == [0x3F, "x", 0x3E, None, 0x3E, None]
    assert document.unknown == {0x3F: 1, 0x3E: 2}
    assert wbxml.encode(document.root, document.value) == data


def test_WB6_inline_and_opaque_text() -> None:
    """Text in pieces is joined; opaque pieces alone stay bytes; mixed with strings they are text."""
    assert wbxml.decode(HEADER + b"\x45\x4b\x03a\x00\x03b\x00\x01\x01").value == [11, "ab"]
    assert wbxml.decode(HEADER + b"\x45\x4b\xc3\x01a\xc3\x01b\x01\x01").value == [11, b"ab"]
    assert wbxml.decode(HEADER + b"\x45\x4b\x03a\x00\xc3\x01b\x01\x01").value == [11, "ab"]
    nested = wbxml.decode(HEADER + b"\x45\x4f\x4b\xc3\x02\x01\x03\x01\x01\x01")
    assert nested.value == [15, [11, b"\x01\x03"]]


def test_text_beside_elements_is_kept_unless_blank() -> None:
    """Mixed content is no ActiveSync, but nothing readable is lost."""
    document = wbxml.decode(HEADER + b"\x45\x03 \x00\x0b\x03stray\x00\x0b\x01")
    assert document.value == [11, None, wbxml.TEXT, "stray", 11, None]
    assert document.oddities == {"text between elements": 1}
    assert wbxml.decode(wbxml.encode(5, document.value)).value == document.value


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (b"", 0, "shorter than a header"),
        (b"\x09\x01\x6a\x00\x05", 0, "version"),
        (b"\x03\x01\x04\x00\x05", 2, "not UTF-8"),
        (b"\x03\x01\x6a\x05abcde\x05", 3, "string tables"),
        (HEADER, 4, "no root"),
        (HEADER + b"\x45", 5, "inside an element"),
        (HEADER + b"\x01", 4, "END without"),
        (HEADER + b"\x00\x1a\x05", 5, "code page 26"),
        (HEADER + b"\x00", 4, "page switch"),
        (HEADER + b"\x45\x4b\x03abc", 6, "has no end"),
        (HEADER + b"\x45\x4b\xc3\x8f\xff\xff\xff\x7f", 7, "more than 2 GB"),
        (HEADER + b"\x45\x4b\xc3\x20abc", 7, "longer than the document"),
        (HEADER + b"\x45\x4b\xc3\xff\xff\xff\xff\xff\xff", 7, "five bytes"),
        (HEADER + b"\x45\x83\x01", 5, "0x83, a reference to a string table, is not used"),
        (HEADER + b"\xc5\x01\x01", 4, "0xC5, an element with attributes, is not used"),
        (HEADER + b"\x45\x02\x41\x01", 5, "0x02, a character entity, is not used"),
        (HEADER + b"\x05\x05", 5, "after the end"),
        (HEADER + b"\x03a\x00", 4, "outside the root"),
    ],
)
def test_refusals_name_reason_and_offset(data: bytes, offset: int, reason: str) -> None:
    """What ActiveSync does not use is refused, with the byte's place."""
    with pytest.raises(wbxml.WBXMLError) as caught:
        wbxml.decode(data)
    assert caught.value.offset == offset
    assert reason in caught.value.reason
    assert f"at byte {offset}" in str(caught.value)


def test_WB7_limits_on_depth_size_and_elements() -> None:
    """Deep, long and crowded documents are refused before they cost anything."""
    with pytest.raises(wbxml.WBXMLError, match="nested deeper than 64"):
        wbxml.decode(HEADER + b"\x45" * 100_000)
    with pytest.raises(wbxml.WBXMLError, match="more than 10 elements"):
        wbxml.decode(HEADER + b"\x45" + b"\x0b" * 11 + b"\x01", limits=wbxml.Limits(elements=10))
    with pytest.raises(wbxml.WBXMLError, match="limit of 20"):
        wbxml.decode(HEADER + b"\x45" * 30, limits=wbxml.Limits(size=20))
    value: wbxml.Value = None
    for _ in range(1000):
        value = [AirSync.Sync, value]
    with pytest.raises(ValueError, match="nested too deep"):
        wbxml.encode(AirSync.Sync, value)


@pytest.mark.parametrize("value", [5, [1, 2, 3], [AirSync.SyncKey], [3, "a"], ["x", "y"], [AirSync.SyncKey, 1.5]])
def test_encode_refuses_what_is_no_tree(value: wbxml.Value) -> None:
    """A tree holds tags, text, bytes, lists and None, nothing else."""
    with pytest.raises((ValueError, TypeError)):
        wbxml.encode(AirSync.Sync, value)


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    """No input leads anywhere else than to a document or to a WBXMLError."""
    for candidate in (data, HEADER + data):
        try:
            document = wbxml.decode(candidate)
        except wbxml.WBXMLError as error:
            assert 0 <= error.offset <= len(candidate)  # noqa: PT017 - most inputs are refused, some are not
        else:
            again = wbxml.decode(wbxml.encode(document.root, document.value))
            assert (again.root, again.value) == (document.root, document.value)
