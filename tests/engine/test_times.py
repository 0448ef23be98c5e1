"""
Events from end to end: zones, whole days, series and their exceptions, in both generations of the protocol.
"""

from __future__ import annotations

import base64
import datetime as dt
import zoneinfo

import pytest

from carrierpost.protocol.classes import Event, EventException
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.classes.recurrence import Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.timezone import blob_of
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import Bench, bench
from tests.support.virtual import virtual

BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
CALENDAR = FolderType.CALENDAR


def at(zone: str, *when: int) -> dt.datetime:
    """Give a moment of wall-clock time in a zone, as UTC."""
    return dt.datetime(*when, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)  # type: ignore[arg-type, misc]


async def held_event(made: Bench, event: Event) -> Event:
    """Put an event into the mailbox, synchronize, and give it as the hub holds it."""
    made.mailbox.add(made.mailbox.folder(CALENDAR), event)
    assert await made.new_runner().sync_once() == ()
    [item] = await made.held(CALENDAR)
    assert isinstance(item.data, Event)
    return item.data


@BOTH
@virtual
async def test_TZ1_a_zone_of_zeros_means_the_persons_own_zone(version: Version) -> None:
    """A weekly meeting at nine keeps nine o'clock in Berlin over the change of clocks."""
    async with bench(version=version) as made:
        event = Event(
            subject="Nine", uid="u", timezone=base64.b64encode(bytes(172)).decode(),
            start_time=at("Europe/Berlin", 2026, 3, 23, 9), end_time=at("Europe/Berlin", 2026, 3, 23, 10),
            recurrence=Recurrence(type=RecurrenceType.WEEKLY, occurrences=3, day_of_week=2),
        )  # fmt: skip
        held = await held_event(made, event)
        found = occurrences(held, at("UTC", 2026, 3, 1), at("UTC", 2026, 5, 1), default_zone="Europe/Berlin")
        assert [one.start.astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).hour for one in found] == [9, 9, 9]
        assert len({one.start.astimezone(dt.UTC).hour for one in found}) == 2


@BOTH
@pytest.mark.parametrize(
    "zone", ["Pacific/Pago_Pago", "America/New_York", "UTC", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati"]
)
@virtual
async def test_TZ3_a_whole_day_stays_that_day(version: Version, zone: str) -> None:
    """East and west of UTC, in both generations: the date is the one that was meant."""
    async with bench(version=version) as made:
        event = Event(
            subject="Day", uid="u", all_day_event=True, timezone=blob_of(zone, 2026),
            start_time=at(zone, 2026, 6, 15), end_time=at(zone, 2026, 6, 16),
        )  # fmt: skip
        held = await held_event(made, event)
        [one] = occurrences(held, at("UTC", 2026, 6, 1), at("UTC", 2026, 7, 1), default_zone=zone)
        assert one.all_day
        assert one.start.date() == dt.date(2026, 6, 15)


@BOTH
@virtual
async def test_TZ4_a_series_keeps_its_hour_over_both_changes_of_clocks(version: Version) -> None:
    """Daily at 8:30 in New York from February to December."""
    async with bench(version=version) as made:
        zone = "America/New_York"
        event = Event(
            subject="Stand-up", uid="u", start_time=at(zone, 2026, 2, 2, 8, 30), end_time=at(zone, 2026, 2, 2, 8, 45),
            timezone=blob_of(zone, 2026), recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1),
        )  # fmt: skip
        held = await held_event(made, event)
        found = occurrences(held, at(zone, 2026, 2, 2), at(zone, 2026, 12, 1), default_zone="UTC")
        local = [one.start.astimezone(zoneinfo.ZoneInfo(zone)) for one in found]
        assert len(local) == 302
        assert {(one.hour, one.minute) for one in local} == {(8, 30)}


@BOTH
@pytest.mark.parametrize("end", [None, dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)], ids=["no end", "no length"])
@virtual
async def test_TZ8_an_event_without_end_or_length_is_kept(version: Version, end: dt.datetime | None) -> None:
    """It takes place at its start."""
    async with bench(version=version) as made:
        start = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
        held = await held_event(made, Event(subject="Point", uid="u", start_time=start, end_time=end))
        [one] = occurrences(held, start - dt.timedelta(days=1), start + dt.timedelta(days=1))
        assert one.start.astimezone(dt.UTC) == start


@virtual
async def test_RC1_RC6_exceptions_are_the_same_in_both_generations() -> None:
    """A moved, a cancelled and a renamed occurrence, of a timed and of an all-day series: one form inside the hub."""
    seen = []
    for version in (Version.V14_1, Version.V16_1):
        async with bench(version=version) as made:
            zone = "Europe/Berlin"
            series = Event(
                subject="Weekly", uid="u", start_time=at(zone, 2026, 6, 1, 9), end_time=at(zone, 2026, 6, 1, 10),
                timezone=blob_of(zone, 2026),
                recurrence=Recurrence(type=RecurrenceType.WEEKLY, occurrences=4, day_of_week=2),
                exceptions=(
                    EventException(exception_start_time=at(zone, 2026, 6, 8, 9), deleted=True),
                    EventException(
                        exception_start_time=at(zone, 2026, 6, 15, 9), start_time=at(zone, 2026, 6, 16, 14),
                        end_time=at(zone, 2026, 6, 16, 15), subject="Moved",
                    ),
                ),
            )  # fmt: skip
            held = await held_event(made, series)
            found = occurrences(held, at(zone, 2026, 6, 1), at(zone, 2026, 7, 1), default_zone=zone)
            seen.append([(one.start.astimezone(dt.UTC), one.subject) for one in found])
    assert seen[0] == seen[1]
    assert [start.day for start, _ in seen[0]] == [1, 16, 22]
    assert [subject for _, subject in seen[0]] == ["Weekly", "Moved", "Weekly"]


@BOTH
@virtual
async def test_RC8_a_cancelled_occurrence_stays_away_after_a_resynchronisation(version: Version) -> None:
    """The server loses its place; the exception is still there."""
    async with bench(version=version) as made:
        start = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
        series = Event(
            subject="Daily", uid="u", start_time=start, end_time=start + dt.timedelta(hours=1),
            recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=3, interval=1),
            exceptions=(EventException(exception_start_time=start + dt.timedelta(days=1), deleted=True),),
        )  # fmt: skip
        await held_event(made, series)
        made.server.faults.add(faults.reject_key(), command="Sync", times=10)
        await made.runner.sync_once()
        made.server.faults.clear()
        await made.runner.sync_once()
        [item] = await made.held(CALENDAR)
        assert isinstance(item.data, Event)
        found = occurrences(item.data, start, start + dt.timedelta(days=30))
        assert [one.start.day for one in found] == [1, 3]


@BOTH
@virtual
async def test_RC5_exceptions_of_an_event_that_does_not_repeat_change_nothing(version: Version) -> None:
    """Servers are known to send such; the event takes place as it says."""
    async with bench(version=version) as made:
        start = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
        event = Event(
            subject="Once", uid="u", start_time=start, end_time=start + dt.timedelta(hours=1),
            exceptions=(EventException(exception_start_time=start, deleted=True),),
        )  # fmt: skip
        held = await held_event(made, event)
        assert len(occurrences(held, start, start + dt.timedelta(days=1))) == 1
