"""
What a device gets to see of a folder: filters, conversations, options that stay.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.protocol.classes import Event, Recurrence, RecurrenceType, Task
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType, SyncOptions
from carrierpost.protocol.version import Version
from carrierpost.server.views import WINDOWS
from tests.server.phone import Phone, make_server
from tests.support.virtual import EPOCH, virtual

INBOX, CALENDAR, TASKS = FolderType.INBOX, FolderType.CALENDAR, FolderType.TASKS
DAY = dt.timedelta(days=1)


def _kinds(answer: Any) -> list[tuple[str, str]]:
    return [(type(one).__name__, one.server_id) for one in answer.commands]


@pytest.mark.parametrize("chosen", [one for one in FilterType if 1 <= one <= 5])
def test_mail_is_as_old_as_the_filter_lets_it(chosen: FilterType) -> None:
    """A mail of the last day of the window comes, one a day older does not."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        days = WINDOWS[chosen] * DAY
        inside = phone.mailbox.deliver("Inside", received=EPOCH - days + dt.timedelta(hours=1))
        phone.mailbox.deliver("Outside", received=EPOCH - days - dt.timedelta(hours=1))
        await phone.folders()
        inbox = await phone.begin(INBOX, filter_type=chosen)
        await phone.all(INBOX)
        assert list(phone.held[inbox]) == [inside.server_id]

    story()


@virtual
async def test_calendars_keep_what_is_to_come() -> None:
    """Events of the future, series without end and series that end in the window come; what is over does not."""
    phone = Phone(make_server())
    weekly = Recurrence(type=RecurrenceType.WEEKLY, day_of_week=2)

    def event(subject: str, days: int, **values: Any) -> str:
        start = EPOCH + days * DAY
        data = Event(subject=subject, start_time=start, end_time=start + dt.timedelta(hours=1), **values)
        return phone.mailbox.add(phone.folder(CALENDAR), data).server_id

    wanted = {
        event("next year", 400),
        event("last week", -7),
        event("series without end", -900, recurrence=weekly),
        event("series that ended lately", -900, recurrence=_until(weekly, EPOCH - 3 * DAY)),
    }
    event("last year", -300)
    event("series that ended long ago", -900, recurrence=_until(weekly, EPOCH - 300 * DAY))
    await phone.folders()
    calendar = await phone.begin(CALENDAR, filter_type=FilterType.TWO_WEEKS)
    await phone.all(CALENDAR)
    assert set(phone.held[calendar]) == wanted


def _until(series: Recurrence, moment: dt.datetime) -> Recurrence:
    import msgspec

    return msgspec.structs.replace(series, until=moment)


@virtual
async def test_tasks_that_are_done_leave_the_window() -> None:
    """With the filter for what is to be done, a task that gets done is softly deleted, not deleted."""
    phone = Phone(make_server())
    folder = phone.folder(TASKS)
    todo = phone.mailbox.add(folder, Task(subject="To do", complete=False))
    phone.mailbox.add(folder, Task(subject="Done", complete=True))
    await phone.folders()
    tasks = await phone.begin(TASKS, filter_type=FilterType.INCOMPLETE_TASKS)
    await phone.all(TASKS)
    assert list(phone.held[tasks]) == [todo.server_id]
    phone.mailbox.change(folder, todo, complete=True)
    assert _kinds(await phone.sync(TASKS)) == [("SoftDelete", todo.server_id)]


@virtual
async def test_SK12_changing_the_filter_moves_items_in_and_out() -> None:
    """Three days, everything, three days: the old mail comes as an Add, goes as a SoftDelete, and there is no loop."""
    phone = Phone(make_server())
    new = phone.mailbox.deliver("New")
    old = phone.mailbox.deliver("Old", received=EPOCH - 30 * DAY)
    await phone.folders()
    inbox = await phone.begin(INBOX, filter_type=FilterType.THREE_DAYS)
    assert _kinds(await phone.sync(INBOX)) == [("Add", new.server_id)]
    everything, few = (SyncOptions(filter_type=one) for one in (FilterType.ALL, FilterType.THREE_DAYS))
    assert _kinds(await phone.sync(INBOX, options=(everything,))) == [("Add", old.server_id)]
    assert _kinds(await phone.sync(INBOX, options=(few,))) == [("SoftDelete", old.server_id)]
    assert await phone.sync(INBOX, options=(few,)) is None
    assert list(phone.held[inbox]) == [new.server_id]
    assert len(phone.folder(INBOX).items) == 2


@virtual
async def test_SK12_options_stay_until_new_ones_come() -> None:
    """A request without options keeps them; one with options replaces all of them."""
    phone = Phone(make_server())
    phone.mailbox.deliver("Old", received=EPOCH - 30 * DAY)
    await phone.folders()
    await phone.begin(INBOX, filter_type=FilterType.THREE_DAYS)
    assert await phone.sync(INBOX) is None
    assert await phone.sync(INBOX, window_size=5) is None
    answer = await phone.sync(INBOX, options=(SyncOptions(),))
    assert answer is not None
    assert len(answer.commands) == 1


@virtual
async def test_time_moves_items_out_of_the_window() -> None:
    """A mail that was new three days ago leaves softly, and a change of one that is outside is no news."""
    phone = Phone(make_server())
    item = phone.mailbox.deliver("Ages")
    await phone.folders()
    await phone.begin(INBOX, filter_type=FilterType.THREE_DAYS)
    await phone.all(INBOX)
    await phone.server.clock.sleep(4 * 24 * 3600)
    assert _kinds(await phone.sync(INBOX)) == [("SoftDelete", item.server_id)]
    phone.mailbox.change(phone.folder(INBOX), item, read=True)
    assert (await phone.ping(INBOX, seconds=60)).status == 1
    assert await phone.sync(INBOX) is None


@pytest.mark.parametrize("version", [one for one in Version if one >= Version.V14_0])
def test_conversations_come_whole(version: Version) -> None:
    """With ConversationMode an old mail comes along when its conversation reaches into the window, or begins to."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        month = EPOCH - 30 * DAY
        asked = phone.mailbox.deliver("Question", received=month, conversation_id=b"A" * 16)
        answered = phone.mailbox.deliver("Re: Question", conversation_id=b"A" * 16)
        sleeping = phone.mailbox.deliver("Sleeping", received=month, conversation_id=b"B" * 16)
        phone.mailbox.deliver("Alone", received=month, conversation_id=b"C" * 16)
        await phone.folders()
        inbox = await phone.begin(INBOX, filter_type=FilterType.THREE_DAYS)
        await phone.all(INBOX)
        assert set(phone.held[inbox]) == {answered.server_id}
        await phone.all(INBOX, conversation_mode=True)
        assert set(phone.held[inbox]) == {answered.server_id, asked.server_id}
        woken = phone.mailbox.deliver("Re: Sleeping", conversation_id=b"B" * 16)
        assert (await phone.ping(INBOX, seconds=60)).status == 2
        await phone.all(INBOX)
        assert set(phone.held[inbox]) == {answered.server_id, asked.server_id, woken.server_id, sleeping.server_id}
        await phone.all(INBOX, conversation_mode=False)
        assert set(phone.held[inbox]) == {answered.server_id, woken.server_id}

    story()
