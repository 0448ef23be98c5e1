"""
Mailboxes: what a program may do to them, and how it is noted.
"""

from __future__ import annotations

import asyncio

import pytest

from carrierpost.protocol.classes import Contact, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server import Mailbox
from carrierpost.server.mailbox import Attached
from tests.server.phone import ADA, make_server
from tests.support.virtual import virtual

INBOX = FolderType.INBOX


def _mailbox() -> Mailbox:
    return make_server().mailbox(ADA)


@virtual
async def test_folders_are_found_by_type_and_by_name() -> None:
    """A type is not mistaken for another, a name may be anything, and what is not there is said so."""
    mailbox = _mailbox()
    made = mailbox.create_folder("Plans")
    assert mailbox.folder(INBOX).display_name == "Inbox"
    assert mailbox.folder("Plans") is made
    for missing in ("2", "Nothing", FolderType.JOURNAL):
        with pytest.raises(KeyError):
            mailbox.folder(missing)


@virtual
async def test_items_keep_to_the_class_of_their_folder() -> None:
    """A contact in the Inbox is refused, and nothing is noted."""
    mailbox = _mailbox()
    number = mailbox.number
    with pytest.raises(ValueError, match="Inbox does not hold"):
        mailbox.add(mailbox.folder(INBOX), Contact(first_name="Bea"))
    assert mailbox.number == number


@virtual
async def test_each_change_is_noted_and_wakes_who_waits() -> None:
    """Adding, changing, moving and deleting take numbers in order; each completes what was asked for before it."""
    mailbox = _mailbox()
    inbox, trash = mailbox.folder(INBOX), mailbox.folder(FolderType.DELETED_ITEMS)

    async def woken(change: asyncio.Future[None]) -> bool:
        await asyncio.sleep(0)
        return change.done()

    change = mailbox.next_change()
    assert not await woken(change)
    item = mailbox.deliver("Tea")
    assert await woken(change)
    change = mailbox.next_change()
    revision = item.revision
    mailbox.change(inbox, item, read=True)
    assert await woken(change)
    assert item.revision > revision
    moved = mailbox.move(inbox, item, trash)
    assert moved.server_id != item.server_id
    mailbox.delete(trash, moved)
    numbers = [number for number, _ in (*inbox.log, *trash.log)]
    assert sorted(set(numbers)) == sorted(numbers)
    assert (inbox.items, trash.items) == ({}, {})
    assert inbox.last < trash.last == mailbox.number


@virtual
async def test_folders_go_with_what_is_in_them() -> None:
    """Folders below a deleted one go as well."""
    mailbox = _mailbox()
    top = mailbox.create_folder("Top")
    below = mailbox.create_folder("Below", parent_id=top.server_id)
    mailbox.create_folder("Deeper", parent_id=below.server_id)
    mailbox.delete_folder(top)
    assert not {"Top", "Below", "Deeper"} & {one.display_name for one in mailbox.folders.values()}


@virtual
async def test_attachments_move_with_their_mail() -> None:
    """Their reference stays good in the folder that the mail was moved to."""
    mailbox = _mailbox()
    inbox = mailbox.folder(INBOX)
    item = mailbox.add(inbox, Email(subject="Files"), attached={"2:1/0": Attached(b"x", "text/plain")})
    mailbox.move(inbox, item, mailbox.folder(FolderType.DELETED_ITEMS))
    found = mailbox.find_attached("2:1/0")
    assert found is not None
    assert found.content == b"x"
    assert mailbox.find_attached("2:1/1") is None
