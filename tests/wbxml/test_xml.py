"""
The XML view is readable and loses nothing.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Email
from tests.wbxml.strategies import documents


def test_a_document_as_xml() -> None:
    """Namespaces are declared where they change, bytes are base64, carriage returns stay."""
    document = wbxml.Document(
        AirSync.Sync,
        [
            AirSync.SyncKey, "1",
            AirSync.ApplicationData, [Email.Subject, " <a&b>\r\n", AirSyncBase.Body, [AirSyncBase.Data, b"\x00"]],
            0x3F, None,
        ],
    )  # fmt: skip
    text = wbxml.to_xml(document)
    assert text == (
        '<Sync xmlns="AirSync">\n'
        "  <SyncKey>1</SyncKey>\n"
        "  <ApplicationData>\n"
        '    <Subject xmlns="Email"> &lt;a&amp;b&gt;&#13;\n</Subject>\n'
        '    <Body xmlns="AirSyncBase">\n'
        '      <Data opaque="base64">AA==</Data>\n'
        "    </Body>\n"
        "  </ApplicationData>\n"
        "  <Token-0x3F/>\n"
        "</Sync>"
    )
    assert wbxml.from_xml(text) == document


_PIECES = [
    '<Sync xmlns="AirSync">', "</Sync>", "<SyncKey>", "</SyncKey>", "<Token-0x3F/>", "text", "\n", "&#13;", "&#0;",
    "]]>", "<![CDATA[<]]>", "<!-- a -->", "<?pi x?>", '<Sync xmlns="AirSync" opaque="base64">', "AA==",
]  # fmt: skip


@given(documents)
def test_xml_and_bytes_come_back(document: tuple[int, wbxml.Value]) -> None:
    """Decoding, printing, reading and encoding a canonical document gives the same bytes."""
    data = wbxml.encode(*document)
    again = wbxml.from_xml(wbxml.to_xml(wbxml.decode(data)))
    assert wbxml.encode(again.root, again.value) == data


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Sync>", "xmlns is missing"),
        ('<Sync xmlns="AirSync">', "line 1"),
        ('<Sink xmlns="AirSync"/>', "there is no element Sink"),
        ('<!DOCTYPE a><Sync xmlns="AirSync"/>', "doctype"),
        ('<Sync xmlns="AirSync" a="1"/>', "no attribute"),
        ('<Sync xmlns="AirSync" opaque="base64">?</Sync>', "no base64"),
        ("", "no element found"),
        ('<Sync xmlns="AirSync">\n\ud800</Sync>', "lone surrogate is no character (line 2)"),
        ('<Sync xmlns="AirSync">\x00</Sync>', "line 1"),
        ('<Sync xmlns="AirSync">&nothing;</Sync>', "undefined entity"),
        ('<Sync xmlns="AirSync">' * 300, "nested deeper than 200"),
    ],
)
def test_refusals_say_what_and_where(text: str, reason: str) -> None:
    """Wrong XML is answered with the line and what is wrong there."""
    with pytest.raises(wbxml.XMLError) as caught:
        wbxml.from_xml(text)
    assert reason in str(caught.value)


@given(st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """By an XMLError that names the line, and by nothing else."""
    try:
        document = wbxml.from_xml(text)
    except wbxml.XMLError as error:
        ends = text.count("\n") + text.count("\r")  # XML knows both, and their pair
        assert 1 <= error.offset <= ends + 1  # noqa: PT017 - most inputs are refused, some are not
    else:
        wbxml.encode(document.root, document.value)
