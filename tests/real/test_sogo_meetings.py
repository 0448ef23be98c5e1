"""
Meetings by way of a real SOGo: two people, each with a hub, one invites and the other answers.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carrierpost.engine import Editor
from carrierpost.formats.invitation import read_invitation
from carrierpost.formats.message_in import read_message
from carrierpost.model import Item
from carrierpost.protocol.classes import Attendee, ContentClass, Email, Event
from carrierpost.protocol.classes.calendar import EventException
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.classes.recurrence import Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import UserResponse
from tests.real.conftest import RealStack, RealUser
from tests.real.hub import RealHub, real_hub
from tests.real.outside import Outside

pytestmark = pytest.mark.real

START = dt.datetime(2031, 5, 5, 9, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
async def hers(real_stack: RealStack, newcomer: RealUser, tmp_path: Path) -> AsyncIterator[RealHub]:
    """Give the hub of a fresh mailbox, whose person invites."""
    async with real_hub(tmp_path / "hers", real_stack, newcomer) as made:
        yield made


@pytest.fixture
async def his(real_stack: RealStack, guest: RealUser, tmp_path: Path) -> AsyncIterator[RealHub]:
    """Give the hub of somebody who is invited."""
    async with real_hub(tmp_path / "his", real_stack, guest) as made:
        yield made


def _editor(hub: RealHub) -> Editor:
    return Editor(hub.store, hub.account.id, clock=hub.hub.clock, chance=hub.hub.chance, wake=hub.runner.wake)


async def _until_held(hub: RealHub, kind: ContentClass, title: str) -> Item:
    """Synchronize until an item is there; mail between mailboxes takes a moment."""
    for _ in range(12):
        await hub.sync()
        if held := await hub.held(kind, title):
            return held[0]
        await asyncio.sleep(1)
    raise AssertionError(f"{title} does not come")


async def _nothing_left(hub: RealHub) -> None:
    assert [(one.kind, one.state, one.reason) for one in await hub.store.outbox(hub.account.id)] == []


async def _invite(hub: RealHub, guest: str, title: str) -> Item:
    await hub.sync()
    event = Event(
        subject=title, start_time=START, end_time=START + HOUR, location="Harbour",
        attendees=(Attendee(email=guest, name="Gus Guest"),),
    )  # fmt: skip
    edited = await _editor(hub).add((await hub.folder(FolderType.CALENDAR)).id, event)
    await hub.sync()
    await _nothing_left(hub)
    assert edited.item is not None
    return await hub.store.item(edited.item.id)


@pytest.mark.parametrize("response", [UserResponse.ACCEPT, UserResponse.DECLINE])
async def test_an_invitation_is_answered_and_the_answer_seen(
    hers: RealHub, his: RealHub, real_stack: RealStack, response: UserResponse
) -> None:
    """Gus gets one invitation and answers it from his Inbox; the organizer gets one answer, and sees it."""
    title = f"Lamps {uuid.uuid4().hex[:10]}"
    event = await _invite(hers, his.user.email, title)
    request = await _until_held(his, ContentClass.EMAIL, title)
    assert isinstance(request.data, Email)
    assert request.data.meeting_request is not None
    await _editor(his).respond(request.id, response)  # SOGo writes to the organizer itself
    await his.sync()
    await _nothing_left(his)

    outside = Outside(real_stack, hers.user)
    for _ in range(15):
        if told := outside.uids(title):
            break
        await asyncio.sleep(1)
    assert len(told) == 1
    with outside.imap() as imap:
        _, answer = imap.uid("FETCH", told[0], "(BODY.PEEK[])")
    reply = read_invitation(read_message(answer[0][1]))
    assert reply is not None
    assert reply.method == "REPLY"
    status = 3 if response is UserResponse.ACCEPT else 4
    assert reply.answered_by is not None
    assert reply.answered_by.attendee_status == status
    await hers.sync()
    now = (await hers.store.item(event.id)).data
    assert isinstance(now, Event)
    assert [one.attendee_status for one in now.attendees or ()] == [status]


async def test_a_meeting_is_moved_and_called_off(hers: RealHub, his: RealHub, real_stack: RealStack) -> None:
    """Gus hears of the new place and of the end, each once, with rising numbers."""
    title = f"Wicks {uuid.uuid4().hex[:10]}"
    event = await _invite(hers, his.user.email, title)
    await _until_held(his, ContentClass.EMAIL, title)
    await _editor(hers).change(event.id, location="Pier")
    await hers.sync()
    await _editor(hers).delete(event.id)
    await hers.sync()
    await _nothing_left(hers)
    await _until_held(his, ContentClass.EMAIL, f"Canceled: {title}")
    outside = Outside(real_stack, his.user)
    told = []
    with outside.imap() as imap:
        for uid in outside.uids(title):
            _, answer = imap.uid("FETCH", uid, "(BODY.PEEK[])")
            invitation = read_invitation(read_message(answer[0][1]))
            assert invitation is not None
            told.append((invitation.method, invitation.sequence))
    assert told == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]


async def test_a_new_series_has_its_exceptions(
    hers: RealHub, real_stack: RealStack, newcomer: RealUser, tmp_path: Path
) -> None:
    """One occurrence is moved and one does not take place, in a series that was made here; another device sees both."""
    title = f"Watch {uuid.uuid4().hex[:10]}"
    await hers.sync()
    series = Event(
        subject=title, start_time=START, end_time=START + HOUR,
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=4),
        exceptions=(
            EventException(
                exception_start_time=START + DAY, start_time=START + DAY + 2 * HOUR, end_time=START + DAY + 3 * HOUR,
                subject=title,
            ),
            EventException(exception_start_time=START + 2 * DAY, deleted=True),
        ),
    )  # fmt: skip
    await _editor(hers).add((await hers.folder(FolderType.CALENDAR)).id, series)
    await hers.sync()
    await _nothing_left(hers)
    async with real_hub(tmp_path / "other", real_stack, newcomer) as other:
        held = await _until_held(other, ContentClass.CALENDAR, title)
        assert isinstance(held.data, Event)
        starts = [one.start for one in occurrences(held.data, START - DAY, START + 9 * DAY)]
    assert starts == [START, START + DAY + 2 * HOUR, START + 3 * DAY]
