"""
The form of a body that a client asked for.
"""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest

from carrierpost.protocol.classes import Body, BodyPreference, BodyType, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import BodyPartPreference, MIMESupport, SyncOptions
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import body_for, cut
from carrierpost.server.composing import mime_of
from carrierpost.server.mailbox import MailboxItem
from carrierpost.server.post import put_mime
from tests.server.phone import Phone, make_server
from tests.support.virtual import EPOCH, virtual

PLAIN, HTML, MIME = BodyType.PLAIN, BodyType.HTML, BodyType.MIME


def _mail(text: str, kind: BodyType = PLAIN, **values: Any) -> MailboxItem:
    data = Email(subject="Grüße", from_='"Bea" <bea@elm.example>', to="ada@larch.example", date_received=EPOCH)
    import msgspec

    return MailboxItem("2:1", msgspec.structs.replace(data, body=Body(type=kind, data=text), **values), 1, 0.0)


def _body(item: MailboxItem, *preferences: BodyPreference, support: MIMESupport | None = None) -> Body:
    body = body_for(item, preferences, support)
    assert body is not None
    return body


def _wants(kind: BodyType, size: int | None = None, **values: Any) -> BodyPreference:
    return BodyPreference(type=kind, truncation_size=size, **values)


@pytest.mark.parametrize(
    ("native", "preferences", "expected"),
    [
        (PLAIN, (), PLAIN),
        (HTML, (), PLAIN),
        (HTML, (_wants(PLAIN), _wants(HTML)), HTML),
        (PLAIN, (_wants(HTML), _wants(PLAIN)), PLAIN),
        (PLAIN, (_wants(HTML),), HTML),
        (HTML, (_wants(PLAIN),), PLAIN),
        (HTML, (_wants(BodyType.RTF),), PLAIN),
        (HTML, (_wants(MIME),), PLAIN),
    ],
)
def test_the_native_format_is_best(
    native: BodyType, preferences: tuple[BodyPreference, ...], expected: BodyType
) -> None:
    """What the item is kept in wins where the client takes it, then the client's favourite; plain is always there."""
    assert _body(_mail("<p>Tea</p>", native), *preferences).type == expected


def test_formats_are_made_from_each_other() -> None:
    """HTML loses its marks as plain text, and plain text keeps its lines and characters as HTML."""
    assert _body(_mail("<p>Tea &amp; cake</p>", HTML)).data.strip() == "Tea & cake"  # type: ignore[union-attr]
    assert "a &lt; b<br>\nc" in (_body(_mail("a < b\r\nc"), _wants(HTML)).data or "")


@pytest.mark.parametrize("size", range(12))
def test_texts_are_cut_between_characters(size: int) -> None:
    """No size cuts a character in two; the true size is told, and that it was cut."""
    body = _body(_mail("äö€😀z"), _wants(PLAIN, size))
    assert body.estimated_data_size == 12
    assert body.truncated is True
    assert "äö€😀z".startswith(body.data or "")
    assert len((body.data or "").encode()) <= size
    assert cut("äö€😀z", 12) == "äö€😀z"


def test_whole_texts_are_not_called_cut() -> None:
    """A text of just the size comes whole."""
    body = _body(_mail("12345"), _wants(PLAIN, 5))
    assert (body.truncated, body.data) == (False, "12345")


def test_all_or_none_gives_way_to_the_next_format() -> None:
    """Too big and not to be cut: the next format; where none fits, only the size, with its preview."""
    item = _mail("<p>" + "Tea " * 50 + "</p>", HTML)
    assert _body(item, _wants(HTML, 10, all_or_none=True), _wants(PLAIN)).type == PLAIN
    none = _body(item, _wants(HTML, 10, all_or_none=True), _wants(PLAIN, 9, all_or_none=True, preview=7))
    assert (none.data, none.truncated, none.preview) == (None, True, "Tea Tea")
    assert none.estimated_data_size is not None
    assert none.estimated_data_size >= 199
    assert _body(item, _wants(HTML, 10, all_or_none=True), _wants(PLAIN, 9)).data == "Tea Tea T"


def test_previews_count_characters() -> None:
    """A preview is plain text of so many characters, whatever they take on the wire, its lines joined."""
    body = _body(_mail("<p>äöü€</p><p>zwei</p>", HTML), _wants(HTML, 0, preview=6))
    assert body.preview == "äöü€ z"
    assert body.data == ""


@pytest.mark.parametrize(
    ("support", "message_class", "kind"),
    [
        (None, "IPM.Note", PLAIN),
        (MIMESupport.NEVER, "IPM.Note.SMIME", PLAIN),
        (MIMESupport.SIGNED_AND_ENCRYPTED, "IPM.Note", PLAIN),
        (MIMESupport.SIGNED_AND_ENCRYPTED, "IPM.Note.SMIME", MIME),
        (MIMESupport.SIGNED_AND_ENCRYPTED, "IPM.Note.SMIME.MultipartSigned", MIME),
        (MIMESupport.ALWAYS, "IPM.Note", MIME),
    ],
)
def test_messages_come_whole_where_that_is_wanted(
    support: MIMESupport | None, message_class: str, kind: BodyType
) -> None:
    """MIME needs leave: for all mail, or for what is signed or encrypted."""
    item = _mail("Tea", message_class=message_class)
    assert _body(item, _wants(PLAIN), _wants(MIME), support=support).type == kind


def test_a_message_comes_as_it_is() -> None:
    """Bytes that are no UTF-8 stay what they are; a cut message says so."""
    item = _mail("Tea")
    item.mime = b"Subject: \xe7a\r\n\r\nTea"
    body = _body(item, _wants(MIME), support=MIMESupport.ALWAYS)
    assert (body.opaque, body.data, body.truncated) == (item.mime, None, False)
    cut_off = _body(item, _wants(MIME, 12), support=MIMESupport.ALWAYS)
    assert (cut_off.opaque, cut_off.truncated, cut_off.estimated_data_size) == (item.mime[:12], True, len(item.mime))


def test_mail_that_never_was_a_message_gets_one() -> None:
    """It has the mail's headers, text in both forms and attachments, and is the same each time."""
    from carrierpost.protocol.classes import Attachment
    from carrierpost.server.mailbox import Attached

    attachment = Attachment(display_name="menü.txt", file_reference="2:1/0", content_id="pic@1")
    item = _mail("<p>Tea &amp; cake</p>", HTML, attachments=(attachment,))
    item.attached["2:1/0"] = Attached(b"Earl Grey", "text/plain")
    raw = mime_of(item)
    assert mime_of(item) == raw
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert (message["Subject"], message["From"], message["To"]) == (
        "Grüße", "Bea <bea@elm.example>", "ada@larch.example",
    )  # fmt: skip
    assert message["Message-ID"]
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    assert "Tea & cake" in parts["text/html"].get_content().replace("&amp;", "&")
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached["Content-ID"]) == ("menü.txt", "<pic@1>")
    assert attached.get_content().strip() == "Earl Grey"


@pytest.mark.parametrize("version", Version)
def test_versions_show_what_they_have(version: Version) -> None:
    """Previews came with 14.0, conversation parts with 14.1."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        phone.mailbox.deliver("Tea?", "At four.")
        await phone.folders()
        await phone.begin(FolderType.INBOX)
        part = BodyPartPreference(type=HTML, truncation_size=2000) if version >= Version.V14_1 else None
        options = SyncOptions(body_preferences=(_wants(PLAIN, 3, preview=100),), body_part_preference=part)
        answer = await phone.sync(FolderType.INBOX, options=(options,))
        assert answer is not None
        data = answer.commands[0].data  # type: ignore[union-attr]
        assert isinstance(data, Email)
        assert data.body is not None
        assert data.body.data == "At "
        assert data.body.preview == ("At four." if version >= Version.V14_0 else None)
        if version >= Version.V14_1:
            assert data.body_part is not None
            assert (data.body_part.status, data.body_part.type) == (1, HTML)
            assert "At four." in (data.body_part.data or "")
        else:
            assert data.body_part is None

    story()


@virtual
async def test_a_message_that_came_is_given_back() -> None:
    """What SendMail or a demonstration put in as MIME comes out the same."""
    phone = Phone(make_server())
    raw = b"From: bea@elm.example\r\nTo: ada@larch.example\r\nSubject: Tea\r\n\r\nAt four.\r\n"
    put_mime(phone.mailbox, phone.folder(FolderType.INBOX), raw, now=EPOCH)
    await phone.folders()
    await phone.begin(FolderType.INBOX, mime_support=MIMESupport.ALWAYS)
    options = SyncOptions(body_preferences=(_wants(MIME),), mime_support=MIMESupport.ALWAYS)
    answer = await phone.sync(FolderType.INBOX, options=(options,))
    assert answer is not None
    body = answer.commands[0].data.body  # type: ignore[union-attr]
    assert body is not None
    assert (body.data or "").encode() == raw
