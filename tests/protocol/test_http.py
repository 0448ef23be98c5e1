"""
ActiveSync inside HTTP ([MS-ASHTTP]).
"""

from __future__ import annotations

import base64
import datetime as dt
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.http import (
    COMMAND_CODES,
    CommandCall,
    Partnership,
    back_off,
    encode_base64_query,
    frame,
    frame_options,
    host_of,
    parse_base64_query,
    parse_call,
    payload_of,
    retry_after,
    server_facts,
)
from carrierpost.protocol.message import ContentType, HTTPResponse, Payload
from carrierpost.protocol.version import Version

PUBLISHED = "jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l"
PHONE = Partnership(
    url="https://mail.example.org/Microsoft-Server-ActiveSync",
    user="example\\ada lovelace",
    device_id="v140Device",
    device_type="SmartPhone",
    user_agent="Carrierpost/1",
    version=Version.V14_0,
)
NOW = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)


def test_the_published_example_of_the_short_query() -> None:
    """Version, command, locale, device, no key, type; both ways."""
    call = parse_base64_query(PUBLISHED)
    assert call == CommandCall(
        command="Sync",
        user="",
        device_id="v140Device",
        device_type="SmartPhone",
        version="14.0",
        policy_key="0",
        payload=Payload(),
    )
    assert base64.b64decode(PUBLISHED)[2:4] == (0x0409).to_bytes(2, "little")
    assert encode_base64_query("Sync", PHONE) == PUBLISHED


def test_keys_and_parameters_of_the_short_query() -> None:
    """The key as four bytes, parameters by tag and length, options as bits."""
    query = encode_base64_query(
        "SmartReply",
        msgspec.structs.replace(PHONE, policy_key="1307199584"),
        (("CollectionId", "5"), ("ItemId", "5:1"), ("SaveInSent", "T")),
        multipart=True,
    )
    data = base64.b64decode(query)
    assert data[15:20] == b"\x04" + (1307199584).to_bytes(4, "little")
    assert data[31:] == b"\x01\x015" + b"\x03\x035:1" + b"\x07\x01\x03"
    call = parse_base64_query(query)
    assert (call.command, call.policy_key) == ("SmartReply", "1307199584")
    assert dict(call.payload.parameters) == {"CollectionId": "5", "ItemId": "5:1", "SaveInSent": "T"}
    assert call.payload.accept_multipart


def test_a_device_id_may_be_the_bytes_of_a_guid() -> None:
    """Then it is their hexadecimal text."""
    raw = bytes(range(200, 216))
    query = base64.b64encode(b"\x8d\x12\x09\x04\x10" + raw + b"\x00\x01x").decode()
    call = parse_base64_query(query)
    assert (call.command, call.device_id, call.version) == ("Ping", raw.hex(), "14.1")


@pytest.mark.parametrize(
    ("command", "partnership", "parameters"),
    [
        ("Sync", msgspec.structs.replace(PHONE, device_id="x" * 256), ()),
        ("Sync", msgspec.structs.replace(PHONE, policy_key="not a number"), ()),
        ("Sync", msgspec.structs.replace(PHONE, policy_key=str(2**32)), ()),
        ("Sync", PHONE, (("Nonsense", "1"),)),
        ("Sync", PHONE, (("ItemId", "x" * 256),)),
        ("Autodiscover", PHONE, ()),
    ],
)
def test_what_the_short_query_cannot_say_is_ours(
    command: str, partnership: Partnership, parameters: tuple[tuple[str, str], ...]
) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(LocalProtocolError, match="base64 query"):
        encode_base64_query(command, partnership, parameters)


@given(st.binary(max_size=60))
def test_any_short_query_is_read_or_refused(data: bytes) -> None:
    """By MalformedRequest, and by nothing else."""
    for text in (base64.b64encode(data).decode(), data.decode("latin-1")):
        try:
            call = parse_base64_query(text)
        except MalformedRequest as error:
            assert error.status == 101  # noqa: PT017 - most inputs are refused, some are not
        else:
            assert call.command in COMMAND_CODES


@given(
    st.sampled_from(sorted(COMMAND_CODES)),
    st.sampled_from(Version),
    st.text("abcXYZ0189", min_size=1, max_size=32),
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.booleans(),
    st.text(max_size=20),
)
def test_both_queries_say_the_same(
    command: str, version: Version, device: str, key: int, short: bool, multipart: bool, folder: str
) -> None:
    """Command, device, version, key and parameters arrive, in either form."""
    partnership = msgspec.structs.replace(PHONE, version=version, device_id=device, policy_key=str(key), base64=short)
    parameters = (("CollectionId", folder), ("SaveInSent", "T"))
    request = frame(command, Payload(body=b"x", parameters=parameters, accept_multipart=multipart), partnership)
    headers = {name.lower(): value for name, value in request.headers}
    call = parse_call(urlsplit(request.url).query, headers, request.body)
    assert (call.command, call.device_id, call.device_type) == (command, device, "SmartPhone")
    assert (call.version, call.policy_key) == (str(version), str(key))
    assert dict(call.payload.parameters) == dict(parameters)
    assert (call.payload.body, call.payload.accept_multipart) == (b"x", multipart)
    if short:  # [MS-ASHTTP] these three are in the query already
        assert not {"ms-asprotocolversion", "x-ms-policykey", "ms-asacceptmultipart"} & set(headers)
    else:
        assert call.user == PHONE.user


def test_the_plain_query_and_its_headers() -> None:
    """Everything is escaped; no credentials are among the headers."""
    request = frame("FolderSync", Payload(body=b"x"), msgspec.structs.replace(PHONE, policy_key="7"))
    assert request.url == (
        "https://mail.example.org/Microsoft-Server-ActiveSync"
        "?Cmd=FolderSync&User=example%5Cada%20lovelace&DeviceId=v140Device&DeviceType=SmartPhone"
    )
    assert dict(request.headers) == {
        "User-Agent": "Carrierpost/1",
        "Content-Type": "application/vnd.ms-sync.wbxml",
        "MS-ASProtocolVersion": "14.0",
        "X-MS-PolicyKey": "7",
    }
    assert (request.method, request.command, request.hold) == ("POST", "FolderSync", 0)


def test_the_key_of_a_first_provision_is_left_out() -> None:
    """Some servers stumble over a zero there; everywhere else it is sent."""
    assert "X-MS-PolicyKey" not in dict(frame("Provision", Payload(body=b"x"), PHONE).headers)
    assert dict(frame("Sync", Payload(body=b"x"), PHONE).headers)["X-MS-PolicyKey"] == "0"
    keyed = msgspec.structs.replace(PHONE, policy_key="7")
    assert dict(frame("Provision", Payload(body=b"x"), keyed).headers)["X-MS-PolicyKey"] == "7"


def test_a_request_without_body_names_no_type() -> None:
    """An empty Ping or Sync."""
    assert "Content-Type" not in dict(frame("Ping", Payload(), PHONE).headers)
    mail = Payload(body=b"To: x", content_type=ContentType.MAIL)
    assert dict(frame("SendMail", mail, PHONE).headers)["Content-Type"] == "message/rfc822"


def test_options_carry_neither_version_nor_key() -> None:
    """They are what it asks for."""
    request = frame_options(PHONE)
    assert (request.method, request.url) == ("OPTIONS", PHONE.url)
    assert [name for name, _ in request.headers] == ["User-Agent"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("Cmd=Nonsense&User=a&DeviceId=d&DeviceType=t", 137),
        ("User=a&DeviceId=d&DeviceType=t", 137),
        ("", 137),
        ("Cmd=Sync&User=a&DeviceType=t", 108),
        ("Cmd=Sync&User=a&DeviceId=d%20d&DeviceType=t", 108),
        (f"Cmd=Sync&User=a&DeviceId={'d' * 33}&DeviceType=t", 108),
        ("Cmd=Sync&User=a&DeviceId=d", 109),
        ("!!!", 101),
        (PUBLISHED[:20], 101),
    ],
)
def test_malformed_queries_are_refused(query: str, status: int) -> None:
    """With the status that says what is missing."""
    with pytest.raises(MalformedRequest) as caught:
        parse_call(query, {}, b"")
    assert caught.value.status == status


def test_a_server_reads_the_short_query_escaped_or_not() -> None:
    """Clients differ in whether they escape the padding."""
    padded = base64.b64encode(base64.b64decode(PUBLISHED) + b"\x07\x01\x01").decode()
    assert parse_call(padded, {}, b"").command == "Sync"
    assert parse_call(padded.replace("=", "%3D").replace("/", "%2F"), {}, b"").command == "Sync"
    assert unquote(padded) == padded


def test_types_of_answers_and_requests() -> None:
    """The short name of WBXML, parameters behind a type, and multipart are told apart."""
    for header, kind in (
        ("application/vnd.ms-sync.wbxml", ContentType.WBXML),
        ("application/vnd.ms-sync", ContentType.WBXML),
        ("Application/VND.MS-Sync.Multipart; charset=x", ContentType.MULTIPART),
        ("", ContentType.WBXML),
    ):
        assert payload_of(HTTPResponse(status=200, headers={"content-type": header})).content_type is kind
    query = "Cmd=SendMail&User=a&DeviceId=d&DeviceType=t&SaveInSent=T"
    call = parse_call(query, {"content-type": "message/rfc822; charset=utf-8"}, b"To: x")
    assert call.payload.content_type is ContentType.MAIL
    assert call.payload.parameters == (("SaveInSent", "T"),)


def test_what_a_server_says_of_itself() -> None:
    """A list that comes twice counts once; versions that nobody here speaks are left out."""
    facts = server_facts(
        HTTPResponse(
            status=200,
            headers={
                "ms-asprotocolversions": "2.5,12.0, 12.1,14.0,14.1,16.0,16.1, 2.5",
                "ms-asprotocolcommands": "Sync,Ping, Sync,Ping",
                "ms-server-activesync": "15.2",
                "request-id": "r1",
            },
        )
    )
    assert facts.versions == set(Version)
    assert facts.commands == {"Sync", "Ping"}
    assert (facts.product, facts.request_id) == ("15.2", "r1")
    assert server_facts(HTTPResponse(status=200)).versions == frozenset()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("99999999999999999999999", 86400.0),
        ("Tue, 24 Nov 2026 21:10:00 GMT", 600.0),
        ("Tue, 24 Nov 2026 20:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2099 20:00:00 GMT", 86400.0),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),
        ("", None),
    ],
)
def test_TH1_how_long_to_leave_a_server_alone(header: str, seconds: float | None) -> None:
    """Seconds or a date, never negative, at most a day."""
    assert retry_after(HTTPResponse(status=503, headers={"retry-after": header}), NOW) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("H/120", 120.0), ("L/-469", None), ("M/0", None), ("30.5", 30.5), ("H/9999999", 86400.0), ("H/nan", None),
     ("H/inf", 86400.0), ("H/", None), ("", None)],
)  # fmt: skip
def test_TH1_what_exchange_mentions_by_the_way(header: str, seconds: float | None) -> None:
    """More than no seconds ask for something; Retry-After, where there is one, is what counts."""
    answer = HTTPResponse(status=503, headers={"x-ms-backoffduration": header})
    assert back_off(answer) == seconds
    assert retry_after(answer, NOW) == seconds
    both = HTTPResponse(status=503, headers={"x-ms-backoffduration": header, "retry-after": "7"})
    assert retry_after(both, NOW) == 7.0


@given(st.text(max_size=40))
def test_any_retry_after_is_read(header: str) -> None:
    """Whatever a proxy writes there."""
    found = retry_after(HTTPResponse(status=503, headers={"retry-after": header}), NOW)
    assert found is None or 0 <= found <= 86400


def test_the_host_of_an_address() -> None:
    """Or the address itself, where it has none."""
    assert host_of("https://Mail.example.org:8443/x") == "mail.example.org"
    assert host_of("nowhere") == "nowhere"
