"""
Known answers: a typed value, a version, and the XML of the document that stands for it, written by hand.
"""

from __future__ import annotations

from typing import Any

from carrierpost import wbxml
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version

__all__ = ["answers", "asks", "body", "received"]


def body(xml: str) -> bytes:
    """
    Give the bytes of a document written as XML.
    """
    document = wbxml.from_xml(xml.strip())
    return wbxml.encode(document.root, document.value)


def _shown(payload: Payload) -> str:
    return wbxml.to_xml(wbxml.decode(payload.body)) if payload.body else ""


def asks(request: Any, version: Version, xml: str, *, heard: Any = None) -> None:
    """
    Check that a request is written as it should be, and read by the other side as it was meant.

    Args:
        request: the typed request.
        version: the version it is written in.
        xml: the document; empty for no body.
        heard: what the other side understands, where the version cannot say everything.
    """
    payload = request.encode(version)
    wanted = body(xml) if xml else b""
    assert payload.body == wanted, _shown(payload)
    notes = Notes()
    assert type(request).decode(payload, version, notes) == (request if heard is None else heard)
    assert notes == []


def answers(request: Any, response: Any, version: Version, xml: str) -> None:
    """
    Check that an answer is written as it should be, and read by the client as it was meant.
    """
    payload = response.encode(version)
    wanted = body(xml) if xml else b""
    assert payload.body == wanted, _shown(payload)
    notes = Notes()
    assert request.decode_response(payload, version, notes) == response
    assert notes == []


def received(request: Any, xml: str, version: Version = Version.V14_1) -> Any:
    """
    Give what a client reads of an answer that our own server would not write so.
    """
    return request.decode_response(Payload(body=body(xml)), version, Notes())
