"""
Occurrences of a series that differ, in both generations.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.protocol.classes import Contact, Event, EventException, Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import Add, Change, Delete, ItemResponse
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Calendar
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

CALENDAR, CONTACTS = FolderType.CALENDAR, FolderType.CONTACTS
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = EPOCH.replace(hour=10, minute=0, second=0, microsecond=0) + 7 * DAY
SERIES = Event(
    subject="Walk", start_time=TEN, end_time=TEN + HOUR, recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=5)
)
FROM_16 = [Version.V16_0, Version.V16_1]


async def _phone(version: Version, data: Any = SERIES, which: FolderType = CALENDAR) -> tuple[Phone, Any]:
    phone = Phone(make_server(), version=version)
    await phone.folders()
    await phone.begin(which)
    await phone.all(which)
    await phone.sync(which, commands=(Add(client_id="c", data=data),))
    [item] = phone.folder(which).items.values()
    return phone, item


async def _one(phone: Phone, command: Any, which: FolderType = CALENDAR) -> ItemResponse | None:
    answer = await phone.sync(which, commands=(command,))
    assert answer is not None
    return answer.responses[0] if answer.responses else None


async def _status(phone: Phone, command: Any, which: FolderType = CALENDAR) -> int:
    response = await _one(phone, command, which)
    return 1 if response is None else response.status


@pytest.mark.parametrize("version", Version)
def test_RC1_both_generations_say_the_same_series(version: Version) -> None:
    """One occurrence moved, one deleted: as exceptions inside up to 14.1, one by one by InstanceId from 16.0 on."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        moved = {"start_time": TEN + DAY + HOUR, "end_time": TEN + DAY + 2 * HOUR, "subject": "Run"}
        if version >= Version.V16_0:
            change = Change(server_id=item.server_id, instance_id=TEN + DAY, data=Event(**moved))  # type: ignore[arg-type]
            assert await _status(phone, change) == 1
            assert await _status(phone, Delete(server_id=item.server_id, instance_id=TEN + 2 * DAY)) == 1
        else:
            exceptions = (
                EventException(exception_start_time=TEN + DAY, **moved),  # type: ignore[arg-type]
                EventException(exception_start_time=TEN + 2 * DAY, deleted=True),
            )
            data = Event(
                subject="Walk", start_time=TEN, end_time=TEN + HOUR, recurrence=SERIES.recurrence, exceptions=exceptions
            )
            assert await _status(phone, Change(server_id=item.server_id, data=data)) == 1
        first, second = item.data.exceptions
        assert (first.exception_start_time, first.start_time, first.subject) == (TEN + DAY, TEN + DAY + HOUR, "Run")
        assert (second.exception_start_time, second.deleted) == (TEN + 2 * DAY, True)
        assert item.data.subject == "Walk"
        assert await phone.sync(CALENDAR) is None
        for other in (Version.V14_1, Version.V16_1):
            reader = Phone(phone.server, version=other, device_id=f"READ{int(other)}")
            await reader.folders()
            await reader.begin(CALENDAR)
            await reader.all(CALENDAR)
            [read] = reader.held[phone.folder(CALENDAR).server_id].values()
            said: Any = read
            told = [(one.exception_start_time, one.deleted or False, one.subject) for one in said.exceptions]
            assert told == [(TEN + DAY, False, "Run"), (TEN + 2 * DAY, True, None)]

    story()


@pytest.mark.parametrize("version", Version)
def test_exceptions_that_a_change_leaves_out_stay(version: Version) -> None:
    """A Change without Exceptions keeps them; one that moves a series forgets them from 16.0 on."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        gone = EventException(exception_start_time=TEN + DAY, deleted=True)
        phone.mailbox.change(phone.folder(CALENDAR), item, exceptions=(gone,))
        await phone.all(CALENDAR)
        same = Event(subject="Stroll", start_time=TEN, end_time=TEN + HOUR, recurrence=SERIES.recurrence)
        assert await _status(phone, Change(server_id=item.server_id, data=same)) == 1
        assert (item.data.subject, item.data.exceptions) == ("Stroll", (gone,))
        later = Event(start_time=TEN + HOUR, end_time=TEN + 2 * HOUR, recurrence=SERIES.recurrence)
        assert await _status(phone, Change(server_id=item.server_id, data=later)) == 1
        assert bool(item.data.exceptions) is (version < Version.V16_0)

    story()


@pytest.mark.parametrize("version", FROM_16)
def test_an_empty_recurrence_makes_a_single_event(version: Version) -> None:
    """And then there are no occurrences to name."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        single = Event(cleared=frozenset({"recurrence"}))
        assert await _status(phone, Change(server_id=item.server_id, data=single)) == 1
        assert item.data.recurrence is None
        assert await _status(phone, Delete(server_id=item.server_id, instance_id=TEN)) == 6
        assert phone.folder(CALENDAR).items

    story()


@virtual
async def test_an_occurrence_is_changed_again_and_again() -> None:
    """What a second Change does not name stays as the first one made it; an empty element takes it away."""
    phone, item = await _phone(Version.V16_1)
    for values in ({"subject": "Run"}, {"location": "Park"}, {"cleared": frozenset({"subject"})}):
        change = Change(server_id=item.server_id, instance_id=TEN + DAY, data=Event(**values))
        assert await _status(phone, change) == 1
    [one] = item.data.exceptions
    assert (one.subject, one.location) == ("", "Park")


@virtual
async def test_RC8_a_deleted_occurrence_stays_deleted() -> None:
    """It cannot be deleted again or changed: 8. A time at which there is no occurrence is 8 as well."""
    phone, item = await _phone(Version.V16_1)
    gone = Delete(server_id=item.server_id, instance_id=TEN + DAY)
    assert [await _status(phone, gone), await _status(phone, gone)] == [1, 8]
    change = Change(server_id=item.server_id, instance_id=TEN + DAY, data=Event(subject="x"))
    assert await _status(phone, change) == 8
    for moment in (TEN + HOUR, TEN + 5 * DAY, TEN - DAY):
        assert await _status(phone, Delete(server_id=item.server_id, instance_id=moment)) == 8
    assert len(item.data.exceptions) == 1


@pytest.mark.parametrize("version", FROM_16)
@pytest.mark.ungrammatical("writes what no server takes")
def test_what_an_occurrence_cannot_say_is_6(version: Version) -> None:
    """A zone, a pattern, whole days where the series has hours, and Exceptions in a list."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        for data in (Event(timezone="AAAA"), Event(recurrence=SERIES.recurrence), Event(all_day_event=True)):
            change = Change(server_id=item.server_id, instance_id=TEN, data=data)
            assert await _status(phone, change) == 6
        listed = Event(subject="x", exceptions=(EventException(exception_start_time=TEN, deleted=True),))
        assert await _status(phone, Change(server_id=item.server_id, data=listed)) == 6
        assert not item.data.exceptions

    story()


@virtual
async def test_an_occurrence_is_not_deleted_by_a_change() -> None:
    """Deleted inside such a Change is 6."""
    phone, item = await _phone(Version.V16_1)
    folder = phone.folder(CALENDAR).server_id
    change = [AirSync.ServerId, item.server_id, AirSyncBase.InstanceId, f"{TEN:%Y%m%dT%H%M%SZ}"]
    change += [AirSync.ApplicationData, [Calendar.Deleted, "1"]]
    head = [AirSync.SyncKey, phone.keys[folder], AirSync.CollectionId, folder]
    body = [AirSync.Collection, [*head, AirSync.Commands, [AirSync.Change, change]]]
    answer = await phone.post("Sync", AirSync.Sync, [AirSync.Collections, body])
    assert status_of(answer) == (200, None)
    assert b"\x4e\x036\x00\x01" in answer.body
    assert not item.data.exceptions


@pytest.mark.parametrize("version", [one for one in Version if one < Version.V16_0])
@pytest.mark.ungrammatical("names occurrences before 16.0")
def test_occurrences_are_not_named_before_16_0(version: Version) -> None:
    """A Change or Delete with InstanceId is 6, and the series is as it was."""

    @virtual
    async def story() -> None:
        phone, item = await _phone(version)
        change = Change(server_id=item.server_id, instance_id=TEN, data=Event(subject="x"))
        assert await _status(phone, change) == 6
        assert await _status(phone, Delete(server_id=item.server_id, instance_id=TEN)) == 6
        assert item.data.subject == "Walk"
        assert phone.folder(CALENDAR).items

    story()


@virtual
async def test_only_series_have_occurrences() -> None:
    """6 for a contact and for a single event."""
    phone, contact = await _phone(Version.V16_1, Contact(first_name="x"), CONTACTS)
    assert await _status(phone, Delete(server_id=contact.server_id, instance_id=TEN), CONTACTS) == 6
    single, item = await _phone(Version.V16_1, Event(subject="x", start_time=TEN, end_time=TEN + HOUR))
    assert await _status(single, Change(server_id=item.server_id, instance_id=TEN, data=Event(subject="y"))) == 6
    assert await _status(single, Delete(server_id=item.server_id, instance_id=TEN)) == 6


@virtual
async def test_RC6_occurrences_of_whole_days_are_named_by_the_date() -> None:
    """Midnight UTC of the day."""
    midnight = TEN.replace(hour=0)
    whole = Event(
        subject="Fair", start_time=midnight, end_time=midnight + DAY, all_day_event=True,
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, day_of_week=1 << (midnight.isoweekday() % 7), occurrences=4),
    )  # fmt: skip
    phone, item = await _phone(Version.V16_1, whole)
    assert await _status(phone, Delete(server_id=item.server_id, instance_id=midnight + 7 * DAY)) == 1
    assert await _status(phone, Delete(server_id=item.server_id, instance_id=midnight + 8 * DAY)) == 8
