"""
The post office: whose name is on a message, what it refuses, and what it does with conversations and recipients.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.commands.sync import Add, SyncOptions
from carrierpost.protocol.version import Version
from carrierpost.server.heads import with_head
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, SENT, CACHE = FolderType.INBOX, FolderType.SENT_ITEMS, FolderType.RECIPIENT_CACHE
INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T0000{number:02}Z\r\n"
    "SEQUENCE:{sequence}\r\nDTSTART:20270101T100000Z\r\nDTEND:20270101T110000Z\r\n"
    "ORGANIZER:mailto:ada@larch.example\r\nATTENDEE:mailto:ben@larch.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _mime(*head: str, body: str = "At four.\r\n") -> bytes:
    return "\r\n".join([f"To: {BEN}", "Subject: Tea", "MIME-Version: 1.0", *head, "", body]).encode()


async def _send(phone: Phone, mime: bytes, client_id: str) -> tuple[int, int | None]:
    request = SendMailRequest(mime=mime, client_id=client_id)
    return status_of(await phone.raw("SendMail", request.encode(phone.version)))


def _got(phone: Phone) -> Any:
    return list(phone.server.mailbox(BEN).folder(INBOX).items.values())[-1]


@pytest.mark.parametrize("version", Version)
def test_a_message_comes_from_who_sent_it(version: Version) -> None:
    """Another author's name is replaced, one's own is kept as it is written; the body is not touched."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        await _send(phone, _mime("From: The Queen <queen@far.example>", "Sender: x@far.example"), "m1")
        assert _got(phone).data.from_ == "Ada Larch <ada@larch.example>"
        assert b"queen" not in _got(phone).mime
        await _send(phone, _mime('From: "Dr Ada" <ADA@larch.example>', body="caf\u00e9\r\n\r\n From: you\r\n"), "m2")
        assert _got(phone).data.from_ == '"Dr Ada" <ADA@larch.example>'
        assert _got(phone).mime.endswith("\r\n\r\ncaf\u00e9\r\n\r\n From: you\r\n".encode())
        assert b"Message-ID: <" in _got(phone).mime
        assert b"Date: " in _got(phone).mime

    story()


def test_heads_are_changed_without_touching_bodies() -> None:
    """Folded fields go whole, others stay, whatever the lines end in; a message without body gets none."""
    mime = b"A: 1\r\nBcc: x,\r\n y\r\nB: 2\r\n\r\nBcc: z\n\n"
    assert with_head(mime, without=["bcc"], fields=[("C", "3")]) == b"C: 3\r\nA: 1\r\nB: 2\r\n\r\nBcc: z\n\n"
    assert with_head(b"A: 1\nBcc: x\n\nt", without=["Bcc"]) == b"A: 1\n\nt"
    assert with_head(b"A: 1", fields=[("B", "2")]) == b"B: 2\r\nA: 1\r\n\r\n"


@pytest.mark.parametrize("version", Version)
def test_quotas_and_sizes_keep_mail_back(version: Version) -> None:
    """122 for too large a message, 115 where sending is over, 113 where the mailbox is full; nothing is delivered."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        large = _mime(body="x" * 2000)
        phone.mailbox.deliver("Old", "x" * 5000)
        old = version < Version.V14_0
        phone.server.most_message_size = 1000
        assert await _send(phone, large, "m1") == ((500, None) if old else (200, 122))
        phone.server.most_message_size = None
        phone.mailbox.send_quota = 5000
        assert await _send(phone, large, "m1") == ((500, None) if old else (200, 115))
        phone.mailbox.send_quota, phone.mailbox.quota = None, 6000
        assert await _send(phone, large, "m1") == ((507, None) if old else (200, 113))
        assert not phone.server.mailbox(BEN).folder(INBOX).items
        phone.mailbox.quota = 10_000
        assert await _send(phone, large, "m1") == (200, None)

    story()


@virtual
async def test_MR2_the_third_identical_invitation_is_refused() -> None:
    """Stamps make no difference, sequence numbers do; an hour later it is taken again."""
    phone = Phone(make_server())
    head = "Content-Type: text/calendar; method=REQUEST"

    async def invite(number: int, sequence: int = 0) -> int | None:
        body = INVITATION.format(number=number, sequence=sequence)
        return (await _send(phone, _mime(head, body=body), f"m{number}"))[1]

    assert [await invite(number) for number in range(4)] == [None, None, 120, 120]
    assert await invite(10, sequence=1) is None
    await phone.server.clock.sleep(3599)
    assert await invite(11) == 120
    await phone.server.clock.sleep(1)
    assert await invite(12) is None
    assert len(phone.server.post.posted) == 4


@virtual
async def test_mail_may_go_out_into_the_world() -> None:
    """People who are not here are unknown unless the server delivers outside; then what goes out is noted."""
    phone = Phone(make_server())
    mime = _mime("Cc: kay@far.example")
    assert await _send(phone, mime, "m1") == (200, 116)
    phone.server.delivers_outside = True
    assert await _send(phone, mime, "m1") == (200, None)
    [posted] = phone.server.post.posted
    assert (posted.sender, posted.recipients) == (ADA, (BEN, "kay@far.example"))
    assert _got(phone).data.subject == "Tea"


@virtual
async def test_BD4_a_message_inside_a_message_is_one_attachment() -> None:
    """Its text and files are not those of the message around it."""
    phone = Phone(make_server())
    inner = "From: x@far.example\r\nSubject: Inner\r\nContent-Type: text/html\r\n\r\n<p>inner</p>\r\n"
    parts = f"--b\r\n\r\nOuter.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}--b--\r\n"
    await _send(phone, _mime('Content-Type: multipart/mixed; boundary="b"', body=parts), "m1")
    got = _got(phone)
    assert got.data.body.data.strip() == "Outer."
    [attachment] = got.data.attachments
    assert (attachment.display_name, attachment.method) == ("Inner", 5)
    assert b"<p>inner</p>" in got.attached[attachment.file_reference].content


# -- the recipient information cache


@virtual
async def test_the_recipient_cache_knows_to_whom_one_writes() -> None:
    """Each send weighs; MaxItems limits what a device is told, the heaviest first; nobody writes into it."""
    phone = Phone(make_server(keeps_recipients=True))
    phone.server.add_user("cleo@larch.example", "x", name="Cleo")
    for number, to in enumerate(["Cleo <cleo@larch.example>", BEN, "cleo@larch.example"]):
        await _send(phone, f"To: {to}\r\nSubject: s\r\n\r\nx".encode(), f"m{number}")
    listed = [one for one in (await phone.folders()).changes.adds if one.type is CACHE]
    assert len(listed) == 1
    await phone.begin(CACHE)
    answer = await phone.sync(CACHE, options=(SyncOptions(max_items=1),))
    assert answer is not None
    [heaviest] = answer.commands
    data: Any = heaviest.data  # type: ignore[union-attr]
    assert (data.email1_address, data.file_as, data.alias, data.weighted_rank) == (
        "cleo@larch.example", "Cleo", "cleo", 2,
    )  # fmt: skip
    refused = await phone.sync(CACHE, commands=(Add(client_id="c", data=Contact(first_name="x")),))
    assert refused is not None
    assert (refused.status, len(phone.folder(CACHE).items)) == (4, 2)
