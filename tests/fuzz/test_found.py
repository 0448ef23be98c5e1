"""
What the harnesses have brought to light, each told shortly.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.client.errors import BadTrace
from carrierpost.client.replay import ReplayTransport, recorded_partnership
from carrierpost.protocol.autodiscover import read_xml
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.exchanges import safe_location
from carrierpost.protocol.http import parse_call
from carrierpost.protocol.message import HTTPRequest


def test_an_address_with_broken_brackets_is_not_followed() -> None:
    """A server may send anything as an address; what cannot be read is no safe place for a password."""
    assert safe_location("https://x.example/y", "http://[::1") is None
    assert safe_location("https://x.example/y", "https://[not an address]/") is None


def test_an_encoding_that_nobody_knows_is_an_error_in_words() -> None:
    """An Autodiscover answer in an invented encoding is said to be no XML."""
    answer = read_xml(b'<?xml version="1.0" encoding="utf-0"?><a/>')
    assert not answer.url
    assert "unknown encoding" in answer.error


def test_a_device_id_is_plain_letters_and_digits() -> None:
    """Letters of other alphabets are letters to Python, but not to the protocol."""
    with pytest.raises(MalformedRequest, match="DeviceId"):
        parse_call("Cmd=Sync&DeviceId=D%C3%A9&DeviceType=T", {}, b"")


async def test_a_damaged_trace_is_said_to_be_damaged(tmp_path: Path) -> None:
    """Whichever of its files is broken, the replay names the exchange instead of failing somewhere inside."""
    request = HTTPRequest(method="OPTIONS", url="https://x.example/y", command="OPTIONS")
    (tmp_path / "0001-OPTIONS.request.headers").write_bytes(b"OPTIONS https://x.example/y\n")
    for headers, xml in ((b"", b""), (b"twelve\n", b""), (b"200\n\xff", b""), (b"200\n", b"<Ping xmlns='Ping'>")):
        (tmp_path / "0001-OPTIONS.response.headers").write_bytes(headers)
        if xml:
            (tmp_path / "0001-OPTIONS.response.xml").write_bytes(xml)
        with pytest.raises(BadTrace, match="0001-OPTIONS"):
            await ReplayTransport(tmp_path).send(request)


@pytest.mark.parametrize("headers", [b"", b"POST http://[::1\n", b"\xff\xfe"])
def test_a_trace_with_damaged_requests_has_no_partnership(tmp_path: Path, headers: bytes) -> None:
    """Where no command can be read, the trace is said to be damaged or to hold none."""
    (tmp_path / "0001-Sync.request.headers").write_bytes(headers)
    with pytest.raises(BadTrace):
        recorded_partnership(tmp_path)
