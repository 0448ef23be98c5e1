"""
What is asked and changed at a SOGo there and then, through the public face: folders, searches, people, free/busy.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from email.message import EmailMessage
from typing import Any

import pytest

import carrierpost
from carrierpost import ContentClass, Email, FolderType, FreeBusy, Mailbox
from carrierpost.engine.folders import path_of
from tests.real.conftest import RealStack, RealUser
from tests.real.outside import Outside, message

pytestmark = pytest.mark.real


@pytest.fixture
def tag() -> str:
    """Make a word that nothing else in the mailbox has."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
def outside(real_stack: RealStack) -> Outside:
    """Alice's mailbox as other programs see it."""
    return Outside(real_stack, real_stack.user("alice"))


def connected(stack: RealStack, user: RealUser, **options: Any) -> AbstractAsyncContextManager[Mailbox]:
    """Open a user's mailbox over TLS, and keep nothing."""
    return carrierpost.connect(
        user.email, password=user.password, server=stack.eas_url_tls, ca_file=stack.tls_ca, **options
    )


@pytest.fixture
async def alice(real_stack: RealStack) -> AsyncIterator[Mailbox]:
    """Alice's mailbox, held in memory and synchronized."""
    async with connected(real_stack, real_stack.user("alice"), device=uuid.uuid4().hex) as mailbox:
        assert await mailbox.sync() == ()
        yield mailbox


async def _paths(mailbox: Mailbox) -> set[str]:
    every = await mailbox.folders()
    return {path_of(one, every) for one in every}


async def test_folders_are_made_renamed_and_deleted(alice: Mailbox, real_stack: RealStack, tag: str) -> None:
    """Another hub of the same user sees each step, and the next synchronization here tells nothing twice."""
    user = real_stack.user("alice")
    folder = await alice.create_folder(f"made-{tag}")
    before = (await alice.account()).feed_position
    await alice.sync()
    assert (await alice.account()).feed_position == before
    async with connected(real_stack, user, device=f"other-{tag}") as other:
        assert f"made-{tag}" in await _paths(other)
        await alice.rename_folder(folder, f"renamed-{tag}")
        await other.sync()
        assert {f"renamed-{tag}", f"made-{tag}"} & await _paths(other) == {f"renamed-{tag}"}
        await alice.delete_folder(folder)
        await alice.sync()
        await other.sync()
        for mailbox in (alice, other):
            assert not any(tag in path and not path.startswith("Trash") for path in await _paths(mailbox))


async def test_a_folder_of_the_mailbox_cannot_be_deleted(alice: Mailbox) -> None:
    """It is refused before the server is asked."""
    with pytest.raises(carrierpost.FolderRefused, match="belongs to the mailbox"):
        await alice.delete_folder("inbox")


async def test_a_name_that_is_taken_is_refused(alice: Mailbox, tag: str) -> None:
    """With the server's reason; the first folder stays."""
    folder = await alice.create_folder(f"twice-{tag}")
    try:
        with pytest.raises((carrierpost.FolderRefused, carrierpost.ProtocolError)):
            await alice.create_folder(f"twice-{tag}")
        await alice.sync()
        assert sum(path == f"twice-{tag}" for path in await _paths(alice)) == 1
    finally:
        await alice.delete_folder(folder)


async def test_mail_is_found_at_the_server(alice: Mailbox, outside: Outside, tag: str) -> None:
    """What is held is known again; what has come since is found, too."""
    outside.deliver(message(outside.user.email, f"held {tag}", "Known here."))
    await alice.sync()
    outside.deliver(message(outside.user.email, f"new {tag}", "Not fetched yet."))
    found = {one.subject: one async for one in alice.search_server(tag, folder=FolderType.INBOX)}
    assert set(found) == {f"held {tag}", f"new {tag}"}
    [item] = [one async for one in alice.items(FolderType.INBOX) if getattr(one.data, "subject", "") == f"held {tag}"]
    assert (found[f"held {tag}"].item_id, found[f"new {tag}"].item_id) == (item.id, None)


async def test_people_are_found(alice: Mailbox, real_stack: RealStack) -> None:
    """Bob, by the beginning of his name, in the address list."""
    bob = real_stack.user("bob")
    found = {one.email_address async for one in alice.people(bob.name.split()[0])}
    assert bob.email in found


async def test_it_is_told_when_people_are_free(alice: Mailbox, outside: Outside, tag: str) -> None:
    """An event of Alice's own, one hour long at noon, in a day of half hours."""
    day = dt.datetime(2027, 3, 2, tzinfo=dt.UTC)
    outside.put_event(
        f"b-{tag}",
        f"UID:b-{tag}\r\nSUMMARY:busy {tag}\r\nDTSTART:20270302T120000Z\r\nDTEND:20270302T130000Z\r\n",
    )
    [told] = await alice.busy([outside.user.email], day, day + dt.timedelta(days=1))
    assert told.reason == ""
    busy = [number for number, kind in enumerate(told.slots) if kind is FreeBusy.BUSY]
    assert (len(told.slots), busy) == (48, [24, 25])


async def test_a_message_sent_by_the_library_is_seen_by_who_watches(
    alice: Mailbox, real_stack: RealStack, tag: str
) -> None:
    """Alice sends; Bob's program, which watches, is told at once and can read it."""
    bob = real_stack.user("bob")
    async with connected(real_stack, bob, device=f"bob-{tag}") as mailbox:
        await mailbox.sync()
        seen = (await mailbox.account()).feed_position
        async with aclosing(mailbox.watch(after=seen)) as changes, asyncio.timeout(90):
            mail = EmailMessage()
            mail["To"], mail["Subject"] = bob.email, f"library {tag}"
            mail.set_content("Straight from a program.")
            await alice.send(mail)
            async for change in changes:
                if change.announce and change.item_id is not None:
                    item = await mailbox.item(change.item_id)
                    if isinstance(item.data, Email) and item.data.subject == f"library {tag}":
                        break
        assert "Straight from a program." in await mailbox.text(item)
    await alice.sync()
    sent = [one async for one in alice.items(FolderType.SENT_ITEMS, kind=ContentClass.EMAIL)]
    assert f"library {tag}" in {getattr(one.data, "subject", "") for one in sent}


async def test_out_of_office_is_told_or_refused_in_a_sentence(alice: Mailbox) -> None:
    """Whether SOGo has it depends on how it is set up; either way nothing breaks, and a refusal is one of ours."""
    try:
        told = await alice.out_of_office()
    except (carrierpost.NoOof, carrierpost.ProtocolError) as error:
        pytest.skip(f"this SOGo tells nothing of it: {error}")
    assert told.state in carrierpost.OofState
