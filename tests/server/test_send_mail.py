"""
SendMail: delivery, copies, repetition, refusals.
"""

from __future__ import annotations

import pytest

from carrierpost.client.errors import ConnectionLost
from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_after_commit, drop_before_commit
from carrierpost.wbxml.pages import ComposeMail
from tests.server.phone import BEN, Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, SENT = FolderType.INBOX, FolderType.SENT_ITEMS


def _mail(to: str = BEN, client_id: str = "m1", *, head: str = "", **values: object) -> SendMailRequest:
    mime = f"From: ada@larch.example\r\nTo: {to}\r\n{head}Subject: Tea\r\n\r\nAt four.\r\n"
    return SendMailRequest(mime=mime.encode(), client_id=client_id, **values)  # type: ignore[arg-type]


async def _send(phone: Phone, request: SendMailRequest) -> tuple[int, int | None]:
    return status_of(await phone.raw("SendMail", request.encode(phone.version)))


@pytest.mark.parametrize("version", Version)
def test_a_message_reaches_its_recipient(version: Version) -> None:
    """It lies unread in the Inbox of the other, read in Sent Items where a copy was wanted, and success has no body."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        ben = phone.server.mailbox(BEN)
        assert await _send(phone, _mail(client_id="m1")) == (200, None)
        assert await _send(phone, _mail(client_id="m2", save_in_sent=False)) == (200, None)
        received = [one.data for one in ben.folder(INBOX).items.values()]
        assert [(one.subject, one.read) for one in received if isinstance(one, Email)] == [("Tea", False)] * 2
        [kept] = [one.data for one in phone.folder(SENT).items.values()]
        assert isinstance(kept, Email)
        assert (kept.subject, kept.read) == ("Tea", True)

    story()


@virtual
async def test_it_arrives_at_once_where_somebody_waits() -> None:
    """The recipient's held Ping is woken by the delivery itself."""
    import asyncio

    server = make_server()
    ada, ben = Phone(server), Phone(server, user=BEN)
    await ben.folders()
    await ben.begin(INBOX)
    ping = asyncio.ensure_future(ben.ping(INBOX, seconds=1800))
    while not server.holding:
        await asyncio.sleep(0)
    await _send(ada, _mail())
    assert (await ping).status == 2
    assert server.clock.monotonic() == 0


@virtual
async def test_BD8_a_repeated_message_is_sent_once() -> None:
    """The same client id again is 118, also when the first answer got lost; one that was never carried out is sent."""
    phone = Phone(make_server())
    ben = phone.server.mailbox(BEN).folder(INBOX)
    phone.server.faults.add(drop_before_commit(), command="SendMail")
    phone.server.faults.add(drop_after_commit(), command="SendMail")
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            await _send(phone, _mail())
    assert len(ben.items) == 1
    assert await _send(phone, _mail()) == (200, 118)
    assert len(ben.items) == 1
    assert await _send(Phone(phone.server, device_id="OTHER"), _mail()) == (200, None)


@virtual
async def test_BD9_hidden_recipients_stay_hidden() -> None:
    """Bcc is delivered, once to each, and stands in nobody's message."""
    phone = Phone(make_server())
    phone.server.add_user("cleo@larch.example", "secret")
    await _send(phone, _mail(head="Bcc: cleo@larch.example, BEN@larch.example\r\n"))
    for address in (BEN, "cleo@larch.example"):
        [item] = phone.server.mailbox(address).folder(INBOX).items.values()
        assert item.mime is not None
        assert b"bcc" not in item.mime.lower()
        assert b"cleo" not in item.mime


@pytest.mark.parametrize(
    ("mime", "status", "old"),
    [
        (b"", 107, 400),
        (b"no headers at all", 107, 400),
        (b"Subject: Tea\r\n\r\nAt four.", 119, 500),
        (b"To: nobody@larch.example\r\nSubject: Tea\r\n\r\nAt four.", 116, 500),
    ],
)
def test_messages_that_cannot_be_sent_are_refused(mime: bytes, status: int, old: int) -> None:
    """Each reason has its status, 12.1 its HTTP status; nothing is kept, and the client id is not used up."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        children = [ComposeMail.ClientId, "m1", ComposeMail.SaveInSentItems, None, ComposeMail.Mime, mime or None]
        assert status_of(await phone.post("SendMail", ComposeMail.SendMail, children)) == (200, status)
        before = Phone(phone.server, version=Version.V12_1, device_id="OLD")
        assert (await _send(before, SendMailRequest(mime=mime)))[0] == old
        assert not phone.folder(SENT).items
        assert await _send(phone, _mail(client_id="m1")) == (200, None)

    story()


@virtual
async def test_requests_have_to_be_whole() -> None:
    """No client id is 103, an account that a mailbox here does not have 166."""
    phone = Phone(make_server())
    mime = [ComposeMail.Mime, b"To: ben@larch.example\r\n\r\nx"]
    assert status_of(await phone.post("SendMail", ComposeMail.SendMail, mime)) == (200, 103)
    assert await _send(phone, _mail(account_id="other")) == (200, 166)
    assert not phone.server.mailbox(BEN).folder(INBOX).items


@virtual
async def test_sent_client_ids_are_remembered_for_a_while() -> None:
    """The memory is bounded, and has the newest."""
    phone = Phone(make_server())
    for number in range(1010):
        await _send(phone, _mail(client_id=f"m{number}", save_in_sent=False))
    assert len(phone.server.device("ada@larch.example").sent) == 1000
    assert await _send(phone, _mail(client_id="m1009")) == (200, 118)
