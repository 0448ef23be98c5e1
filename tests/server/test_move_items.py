"""
MoveItems: new ids, what Sync shows of it, what is refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.move_items import Move, MoveItemsRequest
from carrierpost.protocol.version import Version
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, TRASH = FolderType.INBOX, FolderType.DELETED_ITEMS


async def _phone(version: Version = Version.V14_1) -> tuple[Phone, str]:
    phone = Phone(make_server(), version=version)
    item = phone.mailbox.deliver("Tea", "text")
    await phone.folders()
    for one in (INBOX, TRASH):
        await phone.begin(one)
        await phone.all(one)
    return phone, item.server_id


async def _move(phone: Phone, *moves: tuple[str, str, str]) -> list[tuple[int, str | None]]:
    request = MoveItemsRequest(
        moves=tuple(Move(src_msg_id=item, src_fld_id=source, dst_fld_id=target) for item, source, target in moves)
    )
    answer = await phone.ask(request)
    assert [one.src_msg_id for one in answer.moved] == [item for item, _, _ in moves]
    return [(one.status, one.dst_msg_id) for one in answer.moved]


@pytest.mark.parametrize("version", Version)
def test_a_moved_item_has_a_new_id(version: Version) -> None:
    """3 says that it went well; Sync then shows the item gone here and new there, under the id that was told."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        inbox, trash = phone.folder(INBOX), phone.folder(TRASH)
        [(status, moved)] = await _move(phone, (item, inbox.server_id, trash.server_id))
        assert status == 3
        assert list(trash.items) == [moved]
        await phone.all(INBOX)
        await phone.all(TRASH)
        assert phone.held[inbox.server_id] == {}
        held: Any = phone.held[trash.server_id]
        assert {key: one.subject for key, one in held.items()} == {moved: "Tea"}

    story()


@virtual
async def test_what_cannot_be_moved_is_named() -> None:
    """1 for a wrong source, 2 for a wrong destination, 4 for the same folder; the others are moved."""
    phone, item = await _phone()
    inbox, trash = phone.folder(INBOX).server_id, phone.folder(TRASH).server_id
    contacts, outbox = phone.folder(FolderType.CONTACTS), phone.folder(FolderType.OUTBOX).server_id
    contact = phone.mailbox.add(contacts, Contact(first_name="Bea"))
    found = await _move(
        phone,
        ("1:99", inbox, trash),
        (item, trash, inbox),
        (item, "999", inbox),
        (contact.server_id, contacts.server_id, "999"),
        (contact.server_id, contacts.server_id, contacts.server_id),
    )
    assert found == [(1, None), (1, None), (1, None), (5, None), (5, None)]
    found = await _move(phone, (item, inbox, contacts.server_id))
    found += await _move(phone, (item, inbox, "999"))
    found += await _move(phone, (item, inbox, outbox))
    found += await _move(phone, (item, inbox, inbox))
    assert found == [(2, None), (2, None), (2, None), (4, None)]
    assert list(phone.folder(INBOX).items) == [item]
    phone.server.refuses_item = lambda move: 7
    assert await _move(phone, (item, inbox, trash)) == [(7, None)]
    phone.server.refuses_item = None
    [(first, _), (again, _)] = await _move(phone, (item, inbox, trash), (item, inbox, trash))
    assert (first, again) == (3, 1)


@virtual
async def test_too_many_moves_are_refused() -> None:
    """A thousand are taken."""
    phone, item = await _phone()
    one = Move(src_msg_id=item, src_fld_id="1", dst_fld_id="1")
    for count, status in ((1000, None), (1001, 103)):
        request = MoveItemsRequest(moves=(one,) * count)
        assert status_of(await phone.raw("MoveItems", request.encode(phone.version))) == (200, status)
