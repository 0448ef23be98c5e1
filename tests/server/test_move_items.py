"""
MoveItems at the server: new ids, and what is refused.
"""

from __future__ import annotations

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.move_items import Move, MoveItemsRequest
from tests.server.phone import Phone, make_server
from tests.support.virtual import virtual

INBOX, JUNK = FolderType.INBOX, "Junk Email"


@virtual
async def test_a_moved_item_has_a_new_id_and_is_told_in_both_folders() -> None:
    """The answer names it; the next Sync shows it gone here and new there."""
    phone = Phone(make_server())
    mail = phone.mailbox.deliver("Plan", "text")
    await phone.folders()
    for folder in (INBOX, JUNK):
        await phone.begin(folder)
        await phone.all(folder)
    source, target = phone.folder(INBOX), phone.folder(JUNK)
    move = Move(src_msg_id=mail.server_id, src_fld_id=source.server_id, dst_fld_id=target.server_id)
    [moved] = (await phone.ask(MoveItemsRequest(moves=(move,)))).moved
    assert (moved.src_msg_id, moved.status, moved.dst_msg_id) == (mail.server_id, 3, next(iter(target.items)))
    gone, new = await phone.sync(INBOX), await phone.sync(JUNK)
    assert gone is not None
    assert new is not None
    assert [type(one).__name__ for one in (*gone.commands, *new.commands)] == ["Delete", "Add"]


@virtual
async def test_what_cannot_be_moved_is_said_item_by_item() -> None:
    """An unknown item or folder is 1, a target that is gone or of another class 2, the same folder 4."""
    phone = Phone(make_server())
    mail = phone.mailbox.deliver("Plan", "text")
    await phone.folders()
    inbox, junk, contacts = (phone.folder(one).server_id for one in (INBOX, JUNK, FolderType.CONTACTS))
    asked = [
        ("9:9", inbox, junk), (mail.server_id, "99", junk), (mail.server_id, inbox, "99"),
        (mail.server_id, inbox, contacts), (mail.server_id, inbox, inbox),
    ]  # fmt: skip
    moves = tuple(Move(src_msg_id=one, src_fld_id=source, dst_fld_id=target) for one, source, target in asked)
    answer = await phone.ask(MoveItemsRequest(moves=moves))
    assert [one.status for one in answer.moved] == [1, 1, 2, 2, 4]
    assert list(phone.folder(INBOX).items) == [mail.server_id]
