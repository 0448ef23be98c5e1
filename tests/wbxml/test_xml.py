"""
The XML view is readable and loses nothing.
"""

from __future__ import annotations

import pytest
from hypothesis import given

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
    ],
)
def test_refusals_say_what_and_where(text: str, reason: str) -> None:
    """Wrong XML is answered with the line and what is wrong there."""
    with pytest.raises(wbxml.XMLError) as caught:
        wbxml.from_xml(text)
    assert reason in str(caught.value)
