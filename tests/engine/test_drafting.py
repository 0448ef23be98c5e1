"""
Drafts and hidden recipients: what is kept, what goes out, and what nobody but the author sees.
"""

from __future__ import annotations

import random

import pytest

from carrierpost.engine import EditRefused
from carrierpost.engine.drafting import attached, drafts_folder, send_draft
from carrierpost.formats.headers import Address
from carrierpost.formats.message import Draft, File
from carrierpost.formats.message_out import write_message
from carrierpost.model import Item, OutboxEntry
from carrierpost.protocol.classes import Body, BodyType, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from tests.support.hub import ADDRESS, PASSWORD, Bench, bench
from tests.support.virtual import virtual

BEA, CARL = "bea@larch.example", "carl@larch.example"
ALL = pytest.mark.parametrize("version", list(Version))


async def begun(made: Bench) -> None:
    for one in (BEA, CARL):
        made.server.add_user(one, PASSWORD)
    await made.new_runner().sync_once()


async def drafted(made: Bench, **values: object) -> Item:
    """Keep a draft to Bea, hidden to Carl."""
    folder = await drafts_folder(made.store, made.account_id)
    letter = Email(
        to=BEA, bcc=CARL, subject="Plan", body=Body(type=BodyType.PLAIN, data="first"),
        new_attachments=attached((File("plan.txt", "text/plain", b"larch"),), random.Random(1)),
    )  # fmt: skip
    edited = await made.editor.add(folder.id, letter)
    assert edited.item is not None
    return edited.item


async def sent(made: Bench, item: Item) -> OutboxEntry:
    return await send_draft(made.store, made.editor, item.id, clock=made.clock, chance=random.Random(2))


def received(made: Bench, address: str, which: FolderType = FolderType.INBOX) -> list[bytes]:
    folder = made.server.mailbox(address).folder(which)
    return [one.mime or b"" for one in folder.items.values()]


@ALL
@virtual
async def test_S3_a_draft_is_kept_changed_and_sent(version: Version) -> None:
    """
    From 16.0 on through the Drafts folder of the server; before, the draft is kept here alone. Either way it reaches
    its recipients once, as it was changed, with what was attached, and is no draft any more on any side.
    """
    async with bench(version=version) as made:
        await begun(made)
        item = await drafted(made)
        await made.runner.sync_once()
        at_server = made.mailbox.folder(FolderType.DRAFTS).items
        assert len(at_server) == (version >= Version.V16_0)
        await made.editor.change(item.id, body=Body(type=BodyType.PLAIN, data="second"))
        await made.runner.sync_once()
        await sent(made, item)
        await made.runner.sync_once()
        await made.runner.sync_once()
        assert await made.store.outbox(made.account_id) == ()
        assert len(at_server) == 0
        assert await made.held(FolderType.DRAFTS) == ()
        for address in (BEA, CARL):
            [mime] = received(made, address)
            assert b"second" in mime
            assert b"first" not in mime
            assert b"plan.txt" in mime
        assert len(received(made, ADDRESS, FolderType.SENT_ITEMS)) == 1


@virtual
async def test_S3_a_draft_that_was_never_told_is_sent_at_once() -> None:
    """Made and sent without a synchronization in between, in both ways, it goes out once."""
    for version in (Version.V14_1, Version.V16_1):
        async with bench(version=version) as made:
            await begun(made)
            await sent(made, await drafted(made))
            await made.runner.sync_once()
            await made.runner.sync_once()
            assert len(received(made, BEA)) == 1
            assert await made.held(FolderType.DRAFTS) == ()
            assert await made.store.outbox(made.account_id) == ()


@virtual
async def test_what_is_no_draft_or_goes_to_nobody_is_not_sent() -> None:
    """The person hears why, and nothing is queued."""
    async with bench() as made:
        made.mailbox.deliver("Plan", "text")
        await begun(made)
        [mail] = await made.held(FolderType.INBOX)
        with pytest.raises(EditRefused, match="only a draft"):
            await sent(made, mail)
        folder = await drafts_folder(made.store, made.account_id)
        edited = await made.editor.add(folder.id, Email(subject="Plan"))
        assert edited.item is not None
        with pytest.raises(EditRefused, match="nobody to send it to"):
            await sent(made, edited.item)


@ALL
@virtual
async def test_hidden_recipients_stay_hidden(version: Version) -> None:
    """Nobody who gets the mail can tell of the hidden one, who gets it too; the copy among what was
    sent keeps it, and from 16.0 on it is told.
    """
    async with bench(version=version) as made:
        await begun(made)
        letter = Draft(from_=Address(ADDRESS), to=(Address(BEA),), bcc=(Address(CARL),), subject="Plan", text="text")
        await made.editor.send(write_message(letter, date=made.clock.now(), chance=b"x" * 16))
        await made.runner.sync_once()
        for address in (BEA, CARL):
            [mime] = received(made, address)
            assert b"carl" not in mime.lower()
        [copy] = made.mailbox.folder(FolderType.SENT_ITEMS).items.values()
        assert isinstance(copy.data, Email)
        assert copy.data.bcc == CARL
        await made.runner.sync_once()
        [held] = await made.held(FolderType.SENT_ITEMS)
        assert isinstance(held.data, Email)
        assert held.data.bcc == (CARL if version >= Version.V16_0 else None)
