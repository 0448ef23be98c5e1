"""
ItemOperations: items whole, attachments whole, in parts and as parts.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.classes import BodyPreference, BodyType, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.item_operations import (
    EmptyFolderContents,
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    MoveConversation,
)
from carrierpost.protocol.commands.sync import MIMESupport
from carrierpost.protocol.message import ContentType
from carrierpost.protocol.multipart import split_parts
from carrierpost.protocol.version import Version
from carrierpost.server.mailbox import MailboxItem
from carrierpost.server.post import put_mime
from carrierpost.wbxml.pages import AirSync, ItemOperations
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX = FolderType.INBOX
RAW = b"""From: bea@elm.example\r
To: ada@larch.example\r
Subject: Files\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=cut\r
\r
--cut\r
Content-Type: text/plain\r
\r
See below.\r
--cut\r
Content-Type: application/octet-stream\r
Content-Disposition: attachment; filename=ten.bin\r
Content-Transfer-Encoding: base64\r
\r
AAECAwQFBgcICQ==\r
--cut\r
Content-Type: text/plain\r
Content-Disposition: attachment; filename=empty.txt\r
\r
\r
--cut--\r
"""
TEN = bytes(range(10))


def _phone(version: Version = Version.V14_1) -> tuple[Phone, MailboxItem, list[str]]:
    """Make a phone whose Inbox has a mail with two attachments."""
    phone = Phone(make_server(), version=version)
    item = put_mime(phone.mailbox, phone.folder(INBOX), RAW, now=EPOCH)
    assert isinstance(item.data, Email)
    return phone, item, [one.file_reference or "" for one in item.data.attachments or ()]


async def _fetch(phone: Phone, *wanted: FetchItem, multipart: bool = False) -> tuple[FetchedItem, ...]:
    return (await phone.ask(ItemOperationsRequest(fetches=wanted, multipart=multipart))).fetched


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("multipart", [False, True], ids=["inline", "multipart"])
def test_attachments_come_byte_for_byte(version: Version, multipart: bool) -> None:
    """Inline as base64 or as a part of its own, with its type, and without a range that nobody asked for."""

    @virtual
    async def story() -> None:
        phone, _, [reference, _empty] = _phone(version)
        request = ItemOperationsRequest(fetches=(FetchItem(file_reference=reference),) * 2, multipart=multipart)
        answer = await phone.raw("ItemOperations", request.encode(version))
        assert answer.headers["content-type"] == str(ContentType.MULTIPART if multipart else ContentType.WBXML)
        for fetched in await _fetch(phone, *request.fetches, multipart=multipart):
            assert (fetched.status, fetched.content, fetched.range, fetched.total) == (1, TEN, None, None)
            assert fetched.content_type == "application/octet-stream"

    story()


@pytest.mark.parametrize(
    ("asked", "content", "given"),
    [((0, 3), TEN[:4], (0, 3)), ((8, 99), TEN[8:], (8, 9)), ((9, 9), TEN[9:], (9, 9)), ((0, 9), TEN, (0, 9))],
)
def test_attachments_come_in_ranges(asked: tuple[int, int], content: bytes, given: tuple[int, int]) -> None:
    """The range in the answer is the one that is there, and the total is told."""

    @virtual
    async def story() -> None:
        phone, _, [reference, _empty] = _phone()
        [fetched] = await _fetch(phone, FetchItem(file_reference=reference, range=asked))
        assert (fetched.content, fetched.range, fetched.total) == (content, given, 10)

    story()


@virtual
async def test_what_cannot_be_had_is_named_one_by_one() -> None:
    """15 for a wrong reference, 8 beyond the end, 10 for an empty file, 6 for no such item, 9 without library."""
    phone, item, [reference, empty] = _phone()
    inbox = phone.folder(INBOX).server_id
    fetched = await _fetch(
        phone,
        FetchItem(file_reference="no:such/file"),
        FetchItem(file_reference=reference, range=(10, 20)),
        FetchItem(file_reference=reference, range=(5, 2)),
        FetchItem(file_reference=empty),
        FetchItem(collection_id=inbox, server_id="2:99"),
        FetchItem(collection_id=phone.folder(FolderType.SENT_ITEMS).server_id, server_id=item.server_id),
        FetchItem(file_reference=reference),
        FetchItem(link_id="\\\\files\\plan.txt"),
    )
    assert [one.status for one in fetched] == [15, 8, 8, 10, 6, 6, 1, 9]
    assert [one.file_reference for one in fetched[:4]] == ["no:such/file", reference, reference, empty]
    assert fetched[4].server_id == "2:99"


@pytest.mark.parametrize("multipart", [False, True], ids=["inline", "multipart"])
@pytest.mark.parametrize("version", Version)
def test_items_come_whole_in_the_wanted_form(version: Version, multipart: bool) -> None:
    """The body as text, cut where that is asked, or the message itself."""

    @virtual
    async def story() -> None:
        phone, item, _ = _phone(version)
        inbox = phone.folder(INBOX).server_id

        async def body(*preferences: BodyPreference, support: MIMESupport | None = None) -> Any:
            wanted = FetchItem(
                collection_id=inbox, server_id=item.server_id, body_preferences=preferences, mime_support=support
            )
            [fetched] = await _fetch(phone, wanted, multipart=multipart)
            assert isinstance(fetched.data, Email)
            assert fetched.data.subject == "Files"
            return fetched.data.body

        assert (await body(BodyPreference(type=BodyType.PLAIN))).data.strip() == "See below."
        short = await body(BodyPreference(type=BodyType.PLAIN, truncation_size=3))
        assert (short.data, short.truncated) == ("See", True)
        message = await body(BodyPreference(type=BodyType.MIME), support=MIMESupport.ALWAYS)
        assert message.data.encode() == RAW

    story()


@virtual
async def test_bodies_travel_in_parts_of_their_own() -> None:
    """A multipart answer names the body's part instead of holding it; bytes that are no text survive that way, too."""
    phone, item, [reference, _empty] = _phone()
    wanted = FetchItem(
        collection_id=phone.folder(INBOX).server_id,
        server_id=item.server_id,
        body_preferences=(BodyPreference(type=BodyType.PLAIN),),
    )
    request = ItemOperationsRequest(fetches=(wanted, FetchItem(file_reference=reference)), multipart=True)
    answer = await phone.raw("ItemOperations", request.encode(phone.version))
    document, body, content = split_parts(answer.body)
    assert body.strip() == b"See below."
    assert content == TEN
    assert b"See below." not in document


@pytest.mark.ungrammatical("asks for nothing")
@virtual
async def test_requests_have_bounds() -> None:
    """More than a hundred operations are too much (11); none, or one that names nothing, is refused (2, 6)."""
    phone, _, [reference, _empty] = _phone()
    fetch = FetchItem(file_reference=reference)
    assert len(await _fetch(phone, *(fetch,) * 100)) == 100
    request = ItemOperationsRequest(fetches=(fetch,) * 101)
    assert status_of(await phone.raw("ItemOperations", request.encode(phone.version))) == (200, 11)
    assert status_of(await phone.post("ItemOperations", ItemOperations.ItemOperations, [])) == (200, 2)
    empty = [ItemOperations.EmptyFolderContents, [AirSync.CollectionId, "999"]]
    both = empty * 101
    assert status_of(await phone.post("ItemOperations", ItemOperations.ItemOperations, both)) == (200, 11)
    [nothing] = await _fetch(phone, FetchItem())
    assert nothing.status == 6


# -- folders emptied, conversations moved


@pytest.mark.parametrize("version", Version)
def test_a_folder_is_emptied_for_ever(version: Version) -> None:
    """Its items are gone, and on demand the folders in it; what is not there is 6, the recipient cache 5."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(keeps_recipients=True), version=version)
        mailbox, trash = phone.mailbox, phone.folder(FolderType.DELETED_ITEMS)
        inner = mailbox.create_folder("Inner", FolderType.USER_MAIL, trash.server_id)
        for folder in (trash, inner):
            mailbox.deliver("Old", "x", folder=folder)
        await phone.folders()

        async def empty(folder: str, *, deep: bool = False) -> int:
            wanted = EmptyFolderContents(collection_id=folder, delete_sub_folders=deep)
            answer = await phone.ask(ItemOperationsRequest(empties=(wanted,)))
            return answer.emptied[0].status

        assert await empty(trash.server_id) == 1
        assert (trash.items, len(inner.items)) == ({}, 1)
        assert await empty(trash.server_id, deep=True) == 1
        assert inner.server_id not in mailbox.folders
        assert await empty("999") == 6
        assert await empty(phone.folder(FolderType.RECIPIENT_CACHE).server_id) == 5
        deleted = (await phone.folders()).changes.deletes
        assert [one.server_id for one in deleted] == [inner.server_id]

    story()


@pytest.mark.parametrize("version", Version)
def test_a_conversation_is_moved_and_followed(version: Version) -> None:
    """All its messages go but the sent ones, and what comes later goes there at once; 12.1 has no conversations."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        mailbox, inbox = phone.mailbox, phone.folder(INBOX)
        first = phone.server.post.receive(mailbox, b"From: x@larch.example\r\nSubject: Tea\r\n\r\nx")
        other = phone.server.post.receive(mailbox, b"From: x@larch.example\r\nSubject: Coffee\r\n\r\nx")
        assert isinstance(first.data, Email)
        named = first.data.conversation_id or b""
        sent = mailbox.deliver("Tea", "x", folder=phone.folder(FolderType.SENT_ITEMS), conversation_id=named)
        target = mailbox.create_folder("Tea")
        move = MoveConversation(conversation_id=named, dst_fld_id=target.server_id)
        if version < Version.V14_0:
            inner = [ItemOperations.ConversationId, named, ItemOperations.DstFldId, target.server_id]
            children = [ItemOperations.Move, [*inner, ItemOperations.Options, [ItemOperations.MoveAlways, None]]]
            answer = await phone.post("ItemOperations", ItemOperations.ItemOperations, children)
            assert status_of(answer) == (200, 2)
            return
        [moved] = (await phone.ask(ItemOperationsRequest(moves=(move,)))).moved
        assert (moved.status, moved.conversation_id) == (1, named)
        assert list(inbox.items) == [other.server_id]
        assert len(target.items) == 1
        assert sent.server_id in phone.folder(FolderType.SENT_ITEMS).items
        phone.server.post.receive(mailbox, b"From: x@larch.example\r\nSubject: Re: Tea\r\n\r\nx")
        assert (len(inbox.items), len(target.items)) == (1, 2)

    story()


@virtual
@pytest.mark.ungrammatical("leaves out what is needed")
async def test_conversations_that_cannot_be_moved_are_named() -> None:
    """155 without MoveAlways, 156 for a folder that takes none, 6 for none that is there."""
    phone = Phone(make_server())
    item = phone.mailbox.deliver("Tea", "x", conversation_id=b"c" * 16)
    target = phone.mailbox.create_folder("Tea").server_id
    cases = [
        (b"c" * 16, target, False, 155),
        (b"c" * 16, phone.folder(FolderType.DRAFTS).server_id, True, 156),
        (b"c" * 16, phone.folder(FolderType.CONTACTS).server_id, True, 156),
        (b"c" * 16, "999", True, 156),
        (b"d" * 16, target, True, 6),
    ]
    moves = tuple(
        MoveConversation(conversation_id=one, dst_fld_id=folder, move_always=always) for one, folder, always, _ in cases
    )
    answer = await phone.ask(ItemOperationsRequest(moves=moves))
    assert [one.status for one in answer.moved] == [status for *_, status in cases]
    assert list(phone.folder(INBOX).items) == [item.server_id]
