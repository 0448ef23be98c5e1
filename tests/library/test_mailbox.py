"""
The public face: a mailbox in a program of one's own, in front of a server on a real port.
"""

from __future__ import annotations

import datetime as dt
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

import carrierpost
from carrierpost import BackgroundExchange, Contact, ContentClass, Email, FolderType
from carrierpost.protocol.classes import Attachment, AttachmentMethod
from carrierpost.server import Attached
from tests.library.conftest import ALICE, BOB, Connecting


def _message(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"] = BOB, subject
    message.set_content("At four.")
    return message


async def test_mail_is_read(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """Connect, synchronize, list, read: newest first, by folder, with text."""
    for subject in ("First", "Second"):
        exchange_server.deliver("alice", subject, f"<p>Text of {subject}</p>", html=True)
    async with connecting() as mailbox:
        assert await mailbox.sync() == ()
        items = [item async for item in mailbox.items(FolderType.INBOX)]
        assert {item.data.subject for item in items if isinstance(item.data, Email)} == {"First", "Second"}
        assert await mailbox.text(items[0]) == f"Text of {items[0].data.subject}"  # type: ignore[union-attr]
        assert [item async for item in mailbox.items(kind=ContentClass.CONTACTS)] == []
        assert (await mailbox.item(items[0].id)) == items[0]
        found = await mailbox.search("second")
        assert [hit.item.data.subject for hit in found if isinstance(hit.item.data, Email)] == ["Second"]


async def test_folders_are_known_without_a_synchronization(connecting: Connecting) -> None:
    """They are asked for when nobody did; a folder is known by name, path, type or what it is, and not otherwise."""
    async with connecting() as mailbox:
        inbox = await mailbox.folder("inbox")
        assert inbox.type is FolderType.INBOX
        for which in (FolderType.INBOX, inbox, inbox.display_name, f"/{inbox.display_name}"):
            assert await mailbox.folder(which) == inbox
        assert (await mailbox.folder("sent items")).type is FolderType.SENT_ITEMS
        with pytest.raises(carrierpost.FolderRefused, match=r"no folder 'Attic'; known: .*Inbox"):
            await mailbox.folder("Attic")


async def test_whole_texts_and_attachments_are_fetched(
    exchange_server: BackgroundExchange, connecting: Connecting
) -> None:
    """What was truncated comes whole, and the bytes of a file as they are."""
    text = "All work and no play. " * 20_000
    server_id = exchange_server.deliver("alice", "Long", text)
    reference = f"{server_id}/0"
    file = Attachment(
        display_name="a.bin", file_reference=reference, method=AttachmentMethod.FILE, estimated_data_size=1000
    )

    def attach() -> None:
        mailbox = exchange_server.server.mailbox(ALICE)
        item = mailbox.folder(FolderType.INBOX).items[server_id]
        item.attached[reference] = Attached(b"\x00\xff" * 500, "application/octet-stream")
        mailbox.change(mailbox.folder(FolderType.INBOX), item, attachments=(file,))

    exchange_server.call(attach)
    async with connecting() as mailbox:
        await mailbox.sync()
        [item] = [item async for item in mailbox.items("Inbox")]
        assert len(await mailbox.text(item)) < len(text)
        assert not (await mailbox.fetch(item)).truncated
        assert (await mailbox.text(item)).strip() == text.strip()
        [attachment] = item.data.attachments or ()  # type: ignore[union-attr]
        assert await mailbox.attachment(item, attachment) == b"\x00\xff" * 500


@pytest.mark.parametrize("version", ["12.1", "16.1"])
async def test_messages_are_sent(exchange_server: BackgroundExchange, connecting: Connecting, version: str) -> None:
    """At once, without any synchronization; date, sender and message id are added, the given message stays as it is."""
    message = _message("Tea?")
    async with connecting(version=version) as mailbox:
        await mailbox.send(message)
    assert message.keys() == ["To", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    [arrived] = exchange_server.items("bob", FolderType.INBOX)
    assert isinstance(arrived, Email)
    assert (arrived.subject, arrived.from_ is not None and ALICE in arrived.from_) == ("Tea?", True)
    assert len(exchange_server.items("alice", FolderType.SENT_ITEMS)) == 1


async def test_message_that_is_refused_raises(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """With the server's reason; nothing was sent."""
    message = _message("To nobody")
    del message["To"]
    async with connecting() as mailbox:
        with pytest.raises(carrierpost.EditRefused, match="recipient"):
            await mailbox.send(message)
        assert await mailbox.sync() == ()
    assert exchange_server.items("alice", FolderType.SENT_ITEMS) == []


async def test_message_whose_answer_is_lost_is_looked_for(
    exchange_server: BackgroundExchange, connecting: Connecting
) -> None:
    """It went out, and nobody here can tell: that is said, and it is not sent again when it is found."""
    async with connecting() as mailbox:
        await mailbox.sync()
        exchange_server.ask_for("drop_after_commit on SendMail")
        with pytest.raises(carrierpost.SendUnsure):
            await mailbox.send(_message("Once"))
        await mailbox.sync()
    assert [one.subject for one in exchange_server.items("bob", FolderType.INBOX)] == ["Once"]  # type: ignore[union-attr]


async def test_items_are_changed(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """Here at once, at the server with the next synchronization: read, flagged, moved, deleted, added, changed."""
    for subject in ("Keep", "Move", "Delete"):
        exchange_server.deliver("alice", subject, "x")
    async with connecting() as mailbox:
        await mailbox.sync()
        mails = {item.data.subject: item async for item in mailbox.items("Inbox") if isinstance(item.data, Email)}
        await mailbox.mark_read(mails["Keep"])
        await mailbox.flag(mails["Keep"])
        await mailbox.delete(mails["Delete"])
        bea = await mailbox.add(FolderType.CONTACTS, Contact(first_name="Bea"))
        held = (await mailbox.item(mails["Keep"].id)).data
        assert isinstance(held, Email)
        assert held.read
        assert await mailbox.sync() == ()
        [there] = [one for one in exchange_server.items("alice", FolderType.INBOX) if one.subject == "Keep"]  # type: ignore[union-attr]
        assert isinstance(there, Email)
        assert there.read
        assert there.flag is not None
        assert len(exchange_server.items("alice", FolderType.INBOX)) == 2
        await mailbox.change(bea, last_name="Birch")
        await mailbox.sync()
        [contact] = exchange_server.items("alice", FolderType.CONTACTS)
        assert (contact.first_name, contact.last_name) == ("Bea", "Birch")  # type: ignore[union-attr]
        with pytest.raises(carrierpost.EditRefused):
            await mailbox.change(mails["Keep"], subject="Another")


async def test_mailbox_with_a_home_is_kept(
    tmp_path: Path, exchange_server: BackgroundExchange, connecting: Connecting
) -> None:
    """The second time no password is needed, nothing is fetched again, and the feed goes on where it was left."""
    exchange_server.deliver("alice", "Kept", "x")
    async with connecting(home=tmp_path) as mailbox:
        await mailbox.sync()
        reached = (await mailbox.account()).feed_position
    async with carrierpost.connect(ALICE.upper(), home=tmp_path) as mailbox:
        assert [item.data.subject async for item in mailbox.items("Inbox")] == ["Kept"]  # type: ignore[union-attr]
        await mailbox.sync()
        assert (await mailbox.account()).feed_position == reached
        with pytest.raises(carrierpost.HubBusy):
            async with carrierpost.connect(ALICE, home=tmp_path):
                pass
    with pytest.raises(carrierpost.SetupError, match="password is needed"):
        async with carrierpost.connect(BOB, home=tmp_path):
            pass


async def test_mailbox_without_a_home_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange_server: BackgroundExchange, connecting: Connecting
) -> None:
    """No file is made, and to the server it is one device however often it comes; a name makes it another one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CARRIERPOST_HOME", str(tmp_path / "home"))
    for device in ("", "", "worker-2"):
        async with connecting(device=device) as mailbox:
            await mailbox.sync()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing waits here
    assert len(exchange_server.call(lambda: set(exchange_server.server.devices))) == 2


async def test_wrong_password_says_so(connecting: Connecting) -> None:
    """Before anything else is tried."""
    with pytest.raises(carrierpost.HTTPStatusError, match="login name or password") as caught:
        async with connecting(password="wrong"):
            pass
    assert caught.value.status == 401


async def test_version_that_is_none_is_refused(connecting: Connecting) -> None:
    """With those that there are."""
    with pytest.raises(carrierpost.ProtocolError, match=r"choose one of 12\.1"):
        async with connecting(version="15.0"):
            pass


async def test_exchanges_are_traced(tmp_path: Path, connecting: Connecting) -> None:
    """Where it is wanted, and without the password."""
    async with connecting(trace=tmp_path / "trace") as mailbox:
        await mailbox.folders()
    files = list((tmp_path / "trace").iterdir())
    assert len(files) > 3
    assert not any(b"alice's password" in file.read_bytes() for file in files)


async def test_time_is_the_one_that_is_handed_in(connecting: Connecting) -> None:
    """A clock of one's own stamps what happens."""

    class Noon(carrierpost.SystemClock):
        def now(self) -> dt.datetime:
            return dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)

    async with connecting(clock=Noon()) as mailbox:
        await mailbox.sync()
        async for change in mailbox.watch(after=0):
            assert change.at == dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
            break
