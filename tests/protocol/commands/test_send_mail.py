"""
SendMail ([MS-ASCMD] SendMail).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.send_mail import SendMailRequest, SendMailResponse
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body

MIME = b"To: bob@example.org\r\n\r\nHi"
ENCODED = "VG86IGJvYkBleGFtcGxlLm9yZw0KDQpIaQ=="


def test_12_1_sends_the_message_itself() -> None:
    """As message/rfc822, with the wish for a copy in the query."""
    request = SendMailRequest(mime=MIME)
    payload = request.encode(Version.V12_1)
    assert payload == Payload(body=MIME, content_type=ContentType.MAIL, parameters=(("SaveInSent", "T"),))
    assert SendMailRequest.decode(payload, Version.V12_1, Notes()) == request
    without = SendMailRequest(mime=MIME, save_in_sent=False)
    assert without.encode(Version.V12_1).parameters == ()
    assert SendMailRequest.decode(without.encode(Version.V12_1), Version.V12_1, Notes()) == without


@pytest.mark.parametrize("version", [Version.V14_0, Version.V14_1, Version.V16_0, Version.V16_1])
def test_later_versions_send_it_inside(version: Version) -> None:
    """The message is a byte array; account and rights template exist from 14.1 on."""
    full = SendMailRequest(mime=MIME, client_id="c1", account_id="a", template_id="t")
    bare = SendMailRequest(mime=MIME, client_id="c1")
    later = version >= Version.V14_1
    asks(
        full,
        version,
        f"""<SendMail xmlns="ComposeMail"><ClientId>c1</ClientId>{"<AccountId>a</AccountId>" if later else ""}
        <SaveInSentItems/><Mime opaque="base64">{ENCODED}</Mime>
        {'<TemplateID xmlns="RightsManagement">t</TemplateID>' if later else ""}</SendMail>""",
        heard=full if later else bare,
    )
    asks(
        SendMailRequest(mime=MIME, client_id="c1", save_in_sent=False),
        version,
        f'<SendMail xmlns="ComposeMail"><ClientId>c1</ClientId><Mime opaque="base64">{ENCODED}</Mime></SendMail>',
    )


def test_success_has_no_body() -> None:
    """And a refusal, or that it was sent before, is a status."""
    request = SendMailRequest(mime=MIME, client_id="c1")
    answers(request, SendMailResponse(), Version.V14_0, "")
    answers(
        request,
        SendMailResponse(status=118),
        Version.V14_0,
        '<SendMail xmlns="ComposeMail"><Status>118</Status></SendMail>',
    )


@pytest.mark.parametrize("client_id", ["", "x" * 41])
def test_a_message_needs_an_id_of_1_to_40_characters(client_id: str) -> None:
    """Without one, a repetition could not be told from a second message."""
    with pytest.raises(LocalProtocolError, match="client_id"):
        SendMailRequest(mime=MIME, client_id=client_id).encode(Version.V14_0)


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        ("<ClientId>c1</ClientId>", 107),
        ("<ClientId>c1</ClientId><Mime/>", 107),
        ("<ClientId>c1</ClientId><Mime><Status>1</Status></Mime>", 107),
        (f'<Mime opaque="base64">{ENCODED}</Mime>', 103),
    ],
)
def test_malformed_requests_are_refused(inner: str, status: int) -> None:
    """Without a message, or without an id."""
    with pytest.raises(MalformedRequest) as caught:
        SendMailRequest.decode(
            Payload(body=body(f'<SendMail xmlns="ComposeMail">{inner}</SendMail>')), Version.V14_1, Notes()
        )
    assert caught.value.status == status


def test_WB6_the_message_may_come_as_text() -> None:
    """Some phones send it inline."""
    inline = body('<SendMail xmlns="ComposeMail"><ClientId>c1</ClientId><Mime>To: é</Mime></SendMail>')
    assert SendMailRequest.decode(Payload(body=inline), Version.V14_1, Notes()).mime == "To: é".encode()
