"""
SmartReply and SmartForward: the server's copy of the original goes with what the client sends.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from typing import Any

import pytest

from carrierpost.protocol.classes import Attendee, Body, BodyType, Email, Event, Forwardee, Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.smart import SmartForwardRequest, SmartReplyRequest, Source
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.mailbox import MailboxItem
from carrierpost.server.post import put_mime
from carrierpost.wbxml.pages import ComposeMail
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX, SENT, CALENDAR = FolderType.INBOX, FolderType.SENT_ITEMS, FolderType.CALENDAR
TEN = EPOCH.replace(hour=10, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)

INNER = "From: deep@larch.example\r\nSubject: Deep\r\n\r\nInnermost.\r\n"
ORIGINAL = (
    "From: Ben Larch <ben@larch.example>\r\nTo: ada@larch.example\r\nSubject: Lamps\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Which lamps?\r\nThe gr\u00fcne?\r\n"
    '--b\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename="a.png"\r\nContent-ID: <pic@x>\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nAQID\r\n"
    f"--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n{INNER}\r\n--b--\r\n"
).encode()
PLAIN = f"To: {BEN}\r\nSubject: Re: Lamps\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nAll.\r\n".encode()


def _phone(version: Version = Version.V14_1, **options: Any) -> tuple[Phone, MailboxItem, Source]:
    phone = Phone(make_server(**options), version=version)
    inbox = phone.folder(INBOX)
    item = put_mime(phone.mailbox, inbox, ORIGINAL, now=EPOCH)
    return phone, item, Source(folder_id=inbox.server_id, item_id=item.server_id)


async def _send(phone: Phone, request: Any) -> tuple[int, int | None]:
    return status_of(await phone.raw(request.name, request.encode(phone.version)))


def _received(phone: Phone) -> Any:
    [item] = phone.server.mailbox(BEN).folder(INBOX).items.values()
    return item


def _text_of(item: Any, kind: str = "plain") -> str:
    message: Any = email.message_from_bytes(item.mime, policy=email.policy.default)
    return str(message.get_body((kind,)).get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("version", Version)
def test_an_answer_carries_the_original_quoted(version: Version) -> None:
    """Its text stands below, a mark before each line, in UTF-8; attachments stay; the original is noted as answered."""

    @virtual
    async def story() -> None:
        phone, item, source = _phone(version)
        assert await _send(phone, SmartReplyRequest(mime=PLAIN, source=source, client_id="r1")) == (200, None)
        got = _received(phone)
        text = _text_of(got)
        assert text.startswith("All.\n\n-----Original Message-----\nFrom: Ben Larch")
        assert "> Which lamps?\n> The gr\u00fcne?\n" in text
        assert got.data.attachments is None
        assert isinstance(item.data, Email)
        assert item.data.last_verb_executed == 1
        assert item.data.last_verb_execution_time == phone.server.clock.now().replace(microsecond=0)
        assert len(phone.folder(SENT).items) == 1

    story()


@virtual
async def test_an_answer_to_several_is_an_answer_to_all() -> None:
    """LastVerbExecuted says 2 then."""
    phone, item, source = _phone()
    mime = PLAIN.replace(b"Subject:", b"Cc: ada@larch.example\r\nSubject:")
    await _send(phone, SmartReplyRequest(mime=mime, source=source, client_id="r1"))
    assert isinstance(item.data, Email)
    assert item.data.last_verb_executed == 2


@pytest.mark.parametrize("version", [one for one in Version if one >= Version.V14_0])
def test_with_replace_mime_nothing_is_added(version: Version) -> None:
    """The client has quoted what it wants to quote; the original is noted as answered all the same."""

    @virtual
    async def story() -> None:
        phone, item, source = _phone(version)
        request = SmartReplyRequest(mime=PLAIN, source=source, client_id="r1", replace_mime=True, save_in_sent=False)
        assert await _send(phone, request) == (200, None)
        assert _text_of(_received(phone)).strip() == "All."
        assert isinstance(item.data, Email)
        assert item.data.last_verb_executed == 1
        assert phone.folder(SENT).items == {}

    story()


@pytest.mark.parametrize("version", Version)
def test_BD4_a_forward_carries_text_and_attachments(version: Version) -> None:
    """Inline pictures keep their id, a message inside stays a message, every byte is there."""

    @virtual
    async def story() -> None:
        phone, item, source = _phone(version)
        assert await _send(phone, SmartForwardRequest(mime=PLAIN, source=source, client_id="f1")) == (200, None)
        got = _received(phone)
        assert "\nWhich lamps?\n" in _text_of(got)
        picture, inner = got.data.attachments
        assert (picture.display_name, picture.content_id, picture.is_inline) == ("a.png", "pic@x", True)
        assert got.attached[picture.file_reference].content == b"\x01\x02\x03"
        assert (inner.display_name, inner.method) == ("Deep", 5)
        assert b"Innermost." in got.attached[inner.file_reference].content
        assert "Innermost" not in _text_of(got)
        assert isinstance(item.data, Email)
        assert item.data.last_verb_executed == 3

    story()


@virtual
async def test_both_texts_of_a_message_get_the_original() -> None:
    """Where there is a plain text and an HTML one, each has it in its own way, and signs in names are no markup."""
    phone, item, source = _phone()
    html = (
        f'To: {BEN}\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nAll.\r\n"
        "--x\r\nContent-Type: text/html\r\n\r\n<html><body><p>All.</p></body></html>\r\n--x--\r\n"
    ).encode()
    phone.mailbox.change(phone.folder(INBOX), item, subject="a < b")
    await _send(phone, SmartReplyRequest(mime=html, source=source, client_id="r1"))
    got = _received(phone)
    rich = _text_of(got, "html")
    assert "> Which lamps?" in _text_of(got)
    assert "a &lt; b" in rich
    assert rich.index("All.") < rich.index("<blockquote>Which lamps?") < rich.index("</body>")


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain\r\n",
        'Content-Type: image/png\r\nContent-Disposition: attachment; filename="b.png"\r\n',
    ],
)
def test_a_forward_may_have_no_text_of_its_own(head: str) -> None:
    """An empty message, or one that is only a file, gets the original as its text."""

    @virtual
    async def story() -> None:
        phone, _, source = _phone()
        body = "" if "text" in head else "abc\r\n"
        mime = f"To: {BEN}\r\nSubject: s\r\nMIME-Version: 1.0\r\n{head}\r\n{body}".encode()
        await _send(phone, SmartForwardRequest(mime=mime, source=source, client_id="f1"))
        assert "Which lamps?" in _text_of(_received(phone))

    story()


@virtual
async def test_BD4_signed_messages_stay_as_they_are() -> None:
    """Nothing is put into a signed answer; a signed original is passed on as a message of its own."""
    phone, item, source = _phone()
    signed = PLAIN.replace(
        b"text/plain", b'multipart/signed; micalg=sha-256; protocol="application/pkcs7-signature"; boundary="q"'
    )
    await _send(phone, SmartReplyRequest(mime=signed, source=source, client_id="r1"))
    assert _received(phone).mime.endswith(signed.partition(b"\r\n\r\n")[2])
    phone.server.mailbox(BEN).delete(phone.server.mailbox(BEN).folder(INBOX), _received(phone))
    phone.mailbox.change(phone.folder(INBOX), item, message_class="IPM.Note.SMIME.MultipartSigned")
    await _send(phone, SmartForwardRequest(mime=PLAIN, source=source, client_id="f1"))
    [inner] = _received(phone).data.attachments
    assert inner.method == 5
    assert b"AQID" in _received(phone).attached[inner.file_reference].content


@pytest.mark.parametrize("version", Version)
def test_what_cannot_be_answered_is_refused(version: Version) -> None:
    """150 without original, 146 for an occurrence of no series, 119 without recipients, 116 for unknown ones."""

    @virtual
    async def story() -> None:
        phone, _, source = _phone(version)
        gone = Source(folder_id=source.folder_id, item_id="2:99")
        elsewhere = Source(folder_id="3", item_id=source.item_id)
        occurrence = Source(folder_id=source.folder_id, item_id=source.item_id, instance_id=TEN)
        nobody, unknown = PLAIN.replace(b"To:", b"X:"), PLAIN.replace(b"ben@", b"who@")
        cases = [(gone, PLAIN, 150), (elsewhere, PLAIN, 150), (occurrence, PLAIN, 146)]
        cases += [(source, nobody, 119), (source, unknown, 116)]
        for number, (one, mime, status) in enumerate(cases):
            for request in (
                SmartReplyRequest(mime=mime, source=one, client_id=f"r{number}"),
                SmartForwardRequest(mime=mime, source=one, client_id=f"f{number}"),
            ):
                http, told = await _send(phone, request)
                if version >= Version.V14_0:
                    assert (http, told) == (200, status)
                else:
                    assert (http, told) == (400 if status == 146 else 500, None)
        assert len(phone.server.post.posted) == 0

    story()


@virtual
async def test_a_repeated_answer_is_118_and_a_bad_time_104() -> None:
    """A client id that was there is not sent again; a time that is none is named."""
    phone, item, source = _phone()
    request = SmartReplyRequest(mime=PLAIN, source=source, client_id="r1")
    assert await _send(phone, request) == (200, None)
    assert await _send(phone, request) == (200, 118)
    assert len(phone.server.mailbox(BEN).folder(INBOX).items) == 1
    odd = [ComposeMail.FolderId, source.folder_id, ComposeMail.ItemId, item.server_id, ComposeMail.InstanceId, "soon"]
    children = [ComposeMail.ClientId, "r2", ComposeMail.Source, odd, ComposeMail.Mime, PLAIN]
    assert status_of(await phone.post("SmartReply", ComposeMail.SmartReply, children)) == (200, 104)


@virtual
async def test_the_message_travels_bare_in_12_1() -> None:
    """The body has to be a message by its type, or it is 400."""
    phone, _, source = _phone(Version.V12_1)
    request = SmartReplyRequest(mime=PLAIN, source=source)
    payload = request.encode(Version.V12_1)
    assert (await phone.raw("SmartReply", Payload(body=payload.body, parameters=payload.parameters))).status == 400


def _meeting(phone: Phone) -> Source:
    event = Event(
        subject="Lamps",
        uid="u1",
        start_time=TEN,
        end_time=TEN + dt.timedelta(hours=1),
        organizer_email=ADA,
        organizer_name="Ada",
        recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=5),
        attendees=(Attendee(email="x@larch.example", name="X"),),
        meeting_status=1,
    )
    calendar = phone.folder(CALENDAR)
    item = phone.mailbox.add(calendar, event)
    return Source(folder_id=calendar.server_id, item_id=item.server_id)


@pytest.mark.parametrize("version", Version)
def test_a_meeting_is_forwarded_to_others(version: Version) -> None:
    """From 16.0 on the server invites them with the client's text; a message of the client's own carries the event."""

    @virtual
    async def story() -> None:
        phone, _, _ = _phone(version)
        source = _meeting(phone)
        if version >= Version.V16_0:
            request = SmartForwardRequest(
                source=source,
                client_id="f1",
                forwardees=(Forwardee(email=BEN, name="Ben"),),
                body=Body(type=BodyType.PLAIN, data="Do come."),
            )
            assert await _send(phone, request) == (200, None)
            got = _received(phone)
            assert (got.data.message_class, got.data.subject) == ("IPM.Schedule.Meeting.Request", "FW: Lamps")
            assert "Do come." in got.data.body.data
            [event] = phone.server.mailbox(BEN).folder(CALENDAR).items.values()
            assert isinstance(event.data, Event)
            assert (event.data.uid, event.data.meeting_status) == ("u1", 3)
            assert await _send(phone, request) == (200, 118)
        else:
            source = Source(folder_id=source.folder_id, item_id=source.item_id, instance_id=TEN + dt.timedelta(days=2))
            request = SmartForwardRequest(mime=PLAIN, source=source, client_id="f1")
            assert await _send(phone, request) == (200, None)
            assert "Subject: Lamps" in _text_of(_received(phone))

    story()


@virtual
async def test_a_meeting_cannot_be_forwarded_to_nobody() -> None:
    """179 for a mail, or without anybody to forward it to; 150 for an occurrence that there is not."""
    phone, _, mail = _phone(Version.V16_1)
    meeting, text = _meeting(phone), Body(type=BodyType.PLAIN, data="x")
    ben = (Forwardee(email=BEN, name="Ben"),)
    late = Source(folder_id=meeting.folder_id, item_id=meeting.item_id, instance_id=TEN + dt.timedelta(days=7))
    for source, forwardees, status in ((mail, ben, 179), (meeting, (), 179), (late, ben, 150)):
        request = SmartForwardRequest(source=source, client_id="f", forwardees=forwardees, body=text)
        assert await _send(phone, request) == (200, status)
    stranger = (Forwardee(email="who@larch.example", name="Who"),)
    request = SmartForwardRequest(source=meeting, client_id="f", forwardees=stranger, body=text)
    assert await _send(phone, request) == (200, 116)
