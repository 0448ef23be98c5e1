"""
The calendar: series of every kind with what became of single occurrences, meetings, whole days, other time zones.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo

import msgspec

from carrierpost.protocol.classes import (
    Attendee,
    BusyStatus,
    Event,
    EventException,
    Location,
    Recurrence,
    RecurrenceType,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.timezone import blob_of
from carrierpost.server.mailbox import MailboxFolder
from carrierpost.server.world.conversation import ZONE
from carrierpost.server.world.desk import plain
from carrierpost.server.world.office import Office
from carrierpost.server.world.people import Person
from carrierpost.server.world.plans import SERIES, SINGLES, WHOLE_DAYS, Series

__all__ = ["Agenda"]

_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)


class Agenda:
    """
    Fills the calendars.

    Args:
        office: whose.
        size: how many events and series there are to be with the one whose calendar is shown.
    """

    def __init__(self, office: Office, size: int) -> None:
        self._office = office
        self._chance: random.Random = office.chance
        self._size = size
        today = office.now.astimezone(ZONE)
        self._today = today.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        mailbox = office.mailbox
        self.work = mailbox.folder(FolderType.CALENDAR)
        self.family = mailbox.create_folder("Family", FolderType.USER_CALENDAR)

    def fill(self) -> None:
        """
        Put everything into the calendars.
        """
        for series in SERIES:
            self._add(self.family if series.family else self.work, self._series(series))
        for person in self._office.people.others[:8]:
            self._add(self.family if person.role == "friend" else self.work, self._birthday(person))
        for title, begin, days, busy in WHOLE_DAYS:
            self._add(self.work, self._whole(title, begin, days, busy))
        while len(self.work.items) + len(self.family.items) < self._size:
            event = self._single()
            self._add(self.family if event.subject in _AT_HOME else self.work, event)

    def _add(self, folder: MailboxFolder, event: Event) -> None:
        """
        Put an event into Mara's calendar, and a meeting also into those of the others who are asked to come.
        """
        self._office.mailbox.add(folder, event)
        asked = {one.email for one in event.attendees or ()}
        for person in self._office.people.staff.values():
            if person is not self._office.me and person.address in asked:
                mailbox = self._office.mailbox_of(person)
                mailbox.add(mailbox.folder(FolderType.CALENDAR), self._theirs(event))

    def _theirs(self, event: Event) -> Event:
        received = event.meeting_status | 2 if event.meeting_status is not None else None
        return msgspec.structs.replace(event, meeting_status=received, response_type=3, reminder=15)

    # -- one by one

    def _series(self, series: Series) -> Event:
        zone = zoneinfo.ZoneInfo(series.zone)
        first = self._first(series)
        start = (first + series.hour * 60 * _MINUTE).replace(tzinfo=zone).astimezone(dt.UTC)
        until = None
        if series.until is not None:
            until = (first + series.until * _DAY + series.hour * 60 * _MINUTE).replace(tzinfo=zone).astimezone(dt.UTC)
        event = Event(
            **self._common(series.title, series.place, series.zone),  # type: ignore[arg-type]  # names to values
            start_time=start,
            end_time=start + series.minutes * _MINUTE,
            all_day_event=False,
            busy_status=BusyStatus.BUSY,
            reminder=15 if series.hour else None,
            categories=(series.category,) if series.category else None,
            recurrence=msgspec.structs.replace(series.pattern, until=until),
        )
        event = self._invited(event, series.asked, series.organizer)
        return self._with_exceptions(event, series, zone)

    def _first(self, series: Series) -> dt.datetime:
        """
        Find the first day of a series' pattern, some months ago.
        """
        day = self._today - series.began * _DAY
        while not _fits(day.date(), series.pattern):
            day += _DAY
        return day

    def _with_exceptions(self, event: Event, series: Series, zone: dt.tzinfo) -> Event:
        """
        Cancel, move or change some occurrences about now.
        """
        if not series.exceptions or event.start_time is None or event.end_time is None:
            return event
        length = event.end_time - event.start_time
        day = event.start_time.astimezone(zone)
        days = []
        while day.replace(tzinfo=None) < self._today + 60 * _DAY:
            recent = day.replace(tzinfo=None) > self._today - 25 * _DAY
            if recent and _fits(day.date(), series.pattern):
                days.append(day.astimezone(dt.UTC))
            day = (day.replace(tzinfo=None) + _DAY).replace(tzinfo=zone)
        chosen = sorted(self._chance.sample(days, min(len(days), len(series.exceptions))))
        exceptions = []
        for original, kind in zip(chosen, series.exceptions, strict=False):
            stamp = self._stamp(original - 3 * _DAY)
            match kind:
                case "cancelled":
                    one = EventException(deleted=True, exception_start_time=original)
                case "moved":
                    start = original + self._chance.choice((60, 90, 120, 1440)) * _MINUTE
                    one = EventException(
                        exception_start_time=original, start_time=start, end_time=start + length, dt_stamp=stamp
                    )
                case _:
                    one = EventException(
                        exception_start_time=original,
                        start_time=original,
                        end_time=original + length,
                        subject=f"{event.subject} (with guests)",
                        location="Larch room",
                        dt_stamp=stamp,
                    )
            exceptions.append(one)
        return msgspec.structs.replace(event, exceptions=tuple(exceptions))

    def _birthday(self, person: Person) -> Event:
        day = self._today + self._chance.randint(-300, 60) * _DAY
        pattern = Recurrence(type=RecurrenceType.YEARLY, interval=1, day_of_month=day.day, month_of_year=day.month)
        return msgspec.structs.replace(
            self._days(f"{person.name}'s birthday", day, 1, BusyStatus.FREE), recurrence=pattern
        )

    def _whole(self, title: str, begin: int, days: int, busy: int) -> Event:
        return self._days(title, self._today + begin * _DAY, days, BusyStatus(busy))

    def _days(self, title: str, day: dt.datetime, days: int, busy: BusyStatus) -> Event:
        return Event(
            **self._common(title, "", "Europe/Berlin"),  # type: ignore[arg-type]  # names to values
            start_time=day.replace(tzinfo=ZONE).astimezone(dt.UTC),
            end_time=(day + days * _DAY).replace(tzinfo=ZONE).astimezone(dt.UTC),
            all_day_event=True,
            busy_status=busy,
            meeting_status=0,
        )

    def _single(self) -> Event:
        chance = self._chance
        title, place, asked, organizer, category = chance.choice(SINGLES)
        project = chance.choice(self._office.people.projects)
        begin = chance.choice((chance.randint(-330, -1), chance.randint(0, 14), chance.randint(0, 70)))
        day = self._today + begin * _DAY
        if day.isoweekday() > 5:
            day += (8 - day.isoweekday()) * _DAY
        zone = "Asia/Tokyo" if "Osaka" in title else "Europe/Berlin"
        hour = chance.choice((8, 9, 10, 11, 13, 14, 15, 16)) * 60 + chance.choice((0, 0, 30))
        start = (day + hour * _MINUTE).replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
        facts = {"project": project.name, "site": project.site, "client": project.client.name}
        event = Event(
            **self._common(title.format(**facts), place.format(**facts), zone),  # type: ignore[arg-type]  # as above
            start_time=start,
            end_time=start + chance.choice((30, 45, 60, 60, 90, 120)) * _MINUTE,
            all_day_event=False,
            busy_status=BusyStatus.BUSY,
            reminder=chance.choice((15, 15, 30, 60, None)),
            categories=(category,) if category else None,
        )
        invited = tuple(project.client.address if one == "client" else one for one in asked)
        event = self._invited(event, invited, organizer)
        if invited and chance.random() < 0.08:
            event = msgspec.structs.replace(
                event, subject=f"Cancelled: {event.subject}", busy_status=BusyStatus.FREE, meeting_status=7
            )
        return event

    def _common(self, title: str, place: str, zone: str) -> dict[str, object]:
        chance = self._chance
        values: dict[str, object] = {
            "subject": title,
            "timezone": blob_of(zone, self._office.now.year),
            "uid": f"{chance.getrandbits(96):024x}@birch.example",
            "dt_stamp": self._stamp(self._office.now - chance.uniform(2, 200) * _DAY),
            "sensitivity": 0,
        }
        if place:
            values["location"] = place
        if place == "Osaka":
            values["place"] = Location(
                display_name=place, city="Osaka", country="Japan", latitude="34.7", longitude="135.5"
            )
        if chance.random() < 0.35:
            values["body"] = plain("Agenda:\n- what was decided last time\n- what is new\n- who does it")
        return values

    def _invited(self, event: Event, asked: tuple[str, ...], organizer: str) -> Event:
        """
        Make an event a meeting, with what everybody has answered.
        """
        me = self._office.me
        if not asked:
            return msgspec.structs.replace(
                event, meeting_status=0, organizer_name=me.name, organizer_email=me.address, response_type=0
            )
        people = [self._person(one) for one in asked]
        host = me if organizer == "me" else people[0]
        attendees = tuple(
            Attendee(
                email=one.address,
                name=one.name,
                attendee_status=3 if one is host else self._chance.choices((3, 2, 4, 5), (7, 1, 1, 2))[0],
                attendee_type=2 if number > 2 else 1,
            )
            for number, one in enumerate((*people, me) if host is not me else people)
        )
        answered = event.dt_stamp + 5 * 60 * _MINUTE if host is not me and event.dt_stamp is not None else None
        return msgspec.structs.replace(
            event,
            organizer_name=host.name,
            organizer_email=host.address,
            attendees=attendees,
            meeting_status=1 if host is me else 3,
            response_requested=True,
            response_type=1 if host is me else 3,
            appointment_reply_time=answered,
        )

    def _person(self, which: str) -> Person:
        people = self._office.people
        if which in people.staff:
            return people.staff[which]
        for one in people.others:
            if which == one.address:
                return one
        return people.somebody(which, "en", self._chance)

    def _stamp(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(dt.UTC).replace(microsecond=0)


_AT_HOME = ("Dentist", "School concert", "Dinner with the neighbours")


def _fits(day: dt.date, pattern: Recurrence) -> bool:
    """
    Tell whether a pattern, taken every time, falls on a day.
    """
    bit = 1 << day.isoweekday() % 7
    match pattern.type:
        case RecurrenceType.DAILY if not pattern.day_of_week:
            return True
        case RecurrenceType.DAILY | RecurrenceType.WEEKLY:
            return bool((pattern.day_of_week or 0) & bit)
        case RecurrenceType.MONTHLY:
            return day.day == pattern.day_of_month
        case RecurrenceType.YEARLY:
            return (day.day, day.month) == (pattern.day_of_month, pattern.month_of_year)
    nth = 5 if (day + 7 * _DAY).month != day.month and pattern.week_of_month == 5 else (day.day - 1) // 7 + 1
    right = bool((pattern.day_of_week or 0) & bit) and nth == pattern.week_of_month
    return right and pattern.month_of_year in (None, day.month)
