"""
Mail read whole by a program: conversations, the source, protected mail, attachments to disk.
"""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

import carrierpost
from carrierpost import BackgroundExchange, Email, FileProgress, FolderType, Keyring
from tests.library.conftest import ALICE, BOB, Connecting
from tests.support.keys import authority, identity


def _message(text: str = "At four.") -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"] = BOB, "Tea?"
    message.set_content(text)
    message.add_attachment(b"leaves" * 1000, maintype="application", subtype="x", filename="../tea.bin")
    return message


async def test_attachments_are_saved_with_their_progress(
    exchange_server: BackgroundExchange, connecting: Connecting, tmp_path: Path
) -> None:
    """The file has the safe part of its name; the progress ends with the whole."""
    async with connecting() as mailbox:
        await mailbox.send(_message())
    told: list[FileProgress] = []
    async with connecting(BOB) as mailbox:
        await mailbox.sync()
        [item] = [item async for item in mailbox.items("Inbox")]
        assert isinstance(item.data, Email)
        [attachment] = item.data.attachments or ()
        file = await mailbox.save_attachment(item, attachment, tmp_path, on_progress=told.append)
        assert b"filename=" in await mailbox.source(item)
    assert file == tmp_path / "tea.bin"
    assert file.read_bytes() == b"leaves" * 1000
    assert told[-1].done == told[-1].total == 6000


async def test_protected_mail_is_sent_and_opened(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """Signed and encrypted by one program, opened and judged by another; what lacks a certificate is not sent."""
    alice, bob, trusted = identity(ALICE, "Alice"), identity(BOB, "Bob"), (authority().certificate,)
    async with connecting() as mailbox:
        with pytest.raises(carrierpost.CannotProtect, match="no key"):
            await mailbox.send(_message(), sign=True)
        await mailbox.change_keyring(lambda held: held.joined(Keyring(identities=(alice,))))
        with pytest.raises(carrierpost.CannotProtect, match=f"certificate of {BOB}"):
            await mailbox.send(_message(), encrypt=True)
        await mailbox.change_keyring(lambda held: held.joined(Keyring(people=(bob.certificate,))))
        await mailbox.send(_message(), sign=True, encrypt=True)
    assert len(exchange_server.items("bob", FolderType.INBOX)) == 1
    async with connecting(BOB) as mailbox:
        await mailbox.sync()
        [item] = [item async for item in mailbox.items("Inbox")]
        closed = await mailbox.letter(item)
        assert "no key of yours" in closed.problem
        await mailbox.change_keyring(lambda held: Keyring(identities=(bob,), authorities=trusted))
        letter = await mailbox.letter(item)
    assert letter.encrypted
    assert (letter.message.text or "").strip() == "At four."
    assert [one.name for one in letter.message.files] == ["tea.bin"]
    assert [(one.verdict, one.signer) for one in letter.signatures] == [(carrierpost.Verdict.GOOD, f"Alice <{ALICE}>")]


async def test_conversations_are_given(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """Those of all folders or of one, and the mails of each."""
    for subject in ("Tea?", "Re: Tea?", "Plans"):
        exchange_server.deliver("alice", subject, "text")
    async with connecting(version="12.1") as mailbox:
        await mailbox.sync()
        inbox = await mailbox.folder("Inbox")
        found = {one.newest.data.subject: one async for one in mailbox.threads(inbox.id)}  # type: ignore[union-attr]
        assert sorted(one.count for one in found.values()) == [1, 2]
        assert [one async for one in mailbox.threads()] == list(found.values())
        tea = next(one for one in found.values() if one.count == 2)
        assert len(await mailbox.thread(tea.newest)) == 2
