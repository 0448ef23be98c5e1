"""
SmartReply and SmartForward ([MS-ASCMD] SmartReply, SmartForward).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import Body, BodyType, Forwardee
from carrierpost.protocol.commands.smart import SmartForwardRequest, SmartReplyRequest, SmartResponse, Source
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body

MIME = b"To: bob@example.org\r\n\r\nHi"
ENCODED = '<Mime opaque="base64">VG86IGJvYkBleGFtcGxlLm9yZw0KDQpIaQ==</Mime>'
SOURCE = Source(folder_id="1", item_id="1:7")
SOURCED = "<Source><FolderId>1</FolderId><ItemId>1:7</ItemId></Source>"
START = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
BOTH = [SmartReplyRequest, SmartForwardRequest]
Smart = type[SmartReplyRequest] | type[SmartForwardRequest]


@pytest.mark.parametrize("kind", BOTH)
def test_12_1_sends_the_message_and_names_the_original_in_the_query(kind: Smart) -> None:
    """All ids are parameters; the occurrence too."""
    request = kind(mime=MIME, source=Source(folder_id="1", item_id="1:7", instance_id=START))
    payload = request.encode(Version.V12_1)
    assert (payload.body, payload.content_type) == (MIME, ContentType.MAIL)
    assert payload.parameters == (
        ("CollectionId", "1"),
        ("ItemId", "1:7"),
        ("Occurrence", "2026-11-24T21:00:00.000Z"),
        ("SaveInSent", "T"),
    )
    assert kind.decode(payload, Version.V12_1, Notes()) == request
    with pytest.raises(LocalProtocolError, match="replace_mime"):
        kind(mime=MIME, source=SOURCE, replace_mime=True).encode(Version.V12_1)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("version", [Version.V14_0, Version.V14_1, Version.V16_0, Version.V16_1])
def test_later_versions_say_everything_inside(kind: Smart, version: Version) -> None:
    """In the order of the schema; account and rights template exist from 14.1 on."""
    later = version >= Version.V14_1
    full = kind(mime=MIME, source=SOURCE, client_id="c1", replace_mime=True, account_id="a", template_id="t")
    bare = kind(mime=MIME, source=SOURCE, client_id="c1", replace_mime=True)
    asks(
        full,
        version,
        f"""<{kind.name} xmlns="ComposeMail"><ClientId>c1</ClientId>{"<AccountId>a</AccountId>" if later else ""}{SOURCED}
        <SaveInSentItems/><ReplaceMime/>{ENCODED}
        {'<TemplateID xmlns="RightsManagement">t</TemplateID>' if later else ""}</{kind.name}>""",
        heard=full if later else bare,
    )
    asks(
        kind(mime=MIME, source=Source(long_id="L7", instance_id=START), client_id="c1", save_in_sent=False),
        version,
        f"""<{kind.name} xmlns="ComposeMail"><ClientId>c1</ClientId><Source><LongId>L7</LongId>
        <InstanceId>2026-11-24T21:00:00.000Z</InstanceId></Source>{ENCODED}</{kind.name}>""",
    )


@pytest.mark.parametrize("kind", BOTH)
def test_answers(kind: Smart) -> None:
    """Success has no body; a refusal is a status under the command's own name."""
    request = kind(mime=MIME, source=SOURCE, client_id="c1")
    answers(request, SmartResponse(command=kind.name), Version.V14_0, "")
    for status in (118, 150):
        answers(
            request,
            SmartResponse(command=kind.name, status=status),
            Version.V14_0,
            f'<{kind.name} xmlns="ComposeMail"><Status>{status}</Status></{kind.name}>',
        )


def test_a_meeting_is_forwarded_by_the_server_from_16_0_on() -> None:
    """With people and a text, and without any message of ours."""
    request = SmartForwardRequest(
        source=SOURCE,
        client_id="c1",
        save_in_sent=False,
        forwardees=(Forwardee(email="bob@example.org", name="Bob"),),
        body=Body(type=BodyType.PLAIN, data="Come along"),
    )
    asks(
        request,
        Version.V16_0,
        f"""<SmartForward xmlns="ComposeMail"><ClientId>c1</ClientId>{SOURCED}
        <Forwardees><Forwardee><Email>bob@example.org</Email><Name>Bob</Name></Forwardee></Forwardees>
        <Body xmlns="AirSyncBase"><Type>1</Type><Data>Come along</Data></Body></SmartForward>""",
    )
    with pytest.raises(LocalProtocolError, match=r"version 14\.1 cannot forward a meeting"):
        request.encode(Version.V14_1)
    with pytest.raises(LocalProtocolError, match="not by both"):
        SmartForwardRequest(
            mime=MIME, source=SOURCE, client_id="c1", forwardees=(Forwardee(email="bob@example.org"),)
        ).encode(Version.V16_0)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("client_id", ["", "x" * 41])
def test_a_message_needs_an_id_of_1_to_40_characters(kind: Smart, client_id: str) -> None:
    """Without one, a repetition could not be told from a second message."""
    with pytest.raises(LocalProtocolError, match="client_id"):
        kind(mime=MIME, source=SOURCE, client_id=client_id).encode(Version.V14_0)


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        (f"{SOURCED}{ENCODED}", 103),
        (f"<ClientId>c</ClientId>{ENCODED}", 103),
        (f"<ClientId>c</ClientId><Source><ItemId>1</ItemId></Source>{ENCODED}", 103),
        (f"<ClientId>c</ClientId>{SOURCED}<Mime><Status/></Mime>", 103),
        (f"<ClientId>c</ClientId><Source><LongId>L</LongId><InstanceId>soon</InstanceId></Source>{ENCODED}", 104),
        (
            f"<ClientId>c</ClientId>{SOURCED}{ENCODED}<Forwardees><Forwardee><Email>b</Email></Forwardee></Forwardees>",
            178,
        ),
    ],
)
def test_malformed_requests_are_refused(inner: str, status: int) -> None:
    """With the status that says why."""
    xml = f'<SmartForward xmlns="ComposeMail">{inner}</SmartForward>'
    with pytest.raises(MalformedRequest) as caught:
        SmartForwardRequest.decode(Payload(body=body(xml)), Version.V16_0, Notes())
    assert caught.value.status == status


def test_an_occurrence_in_the_query_that_is_no_time_is_refused() -> None:
    """104, as inside."""
    payload = Payload(body=MIME, content_type=ContentType.MAIL, parameters=(("ItemId", "1"), ("Occurrence", "soon")))
    with pytest.raises(MalformedRequest) as caught:
        SmartReplyRequest.decode(payload, Version.V12_1, Notes())
    assert caught.value.status == 104
