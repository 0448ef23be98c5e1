"""
A day or a month of a person's phone, described in a small TOML file.

    title = "A working day"
    start = 2026-03-03
    zone = "Europe/Berlin"

    [[open]]                          # the person opens the app
    at = "07:05"
    minutes = 6
    on = "weekdays"                   # or "weekends", "every day" (the default), or ["Mon", "Fri"]

    [[mail]]                          # a mail comes
    at = "09:12"
    subject = "Budget"

    [[mail]]                          # or several, spread by chance
    between = ["08:30", "17:30"]
    count = 14

    [[change]]                        # something about the phone changes
    at = "08:10"
    network = "cellular"

    [[close]]                         # the person closes the app for good
    at = "21:30"

Chance is handed in, so a story that is told twice with the same seed is the same story. The weeks before its first day
are told, too, for what the phone has learned by then (`learned_weeks`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from carrierpost.delivery.cadence import Habits
from carrierpost.delivery.errors import StoryError
from carrierpost.delivery.habit import Weekly
from carrierpost.model import Network

__all__ = ["Change", "Close", "Happening", "Mail", "Open", "Story", "learned", "read_story", "told"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMED_DAYS = {"every day": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekends": frozenset({5, 6})}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_MOST_DAYS, _MOST_MAILS = 366, 500

Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class _Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The base of what stands in the file.
    """

    on: Literal["every day", "weekdays", "weekends"] | tuple[Day, ...] = "every day"

    def falls_on(self, day: dt.date) -> bool:
        """
        Tell whether it happens on a day.
        """
        if isinstance(self.on, str):
            return day.weekday() in _NAMED_DAYS[self.on]
        return _DAYS[day.weekday()] in self.on


class Open(_Told, frozen=True, kw_only=True):
    """
    The person opens the app, and leaves it after some minutes.
    """

    at: str
    minutes: float = 3.0


class Mail(_Told, frozen=True, kw_only=True):
    """
    A mail comes at a time, or `count` of them come between two times.
    """

    at: str = ""
    between: tuple[str, str] | None = None
    count: int = 1
    subject: str = ""


class Change(_Told, frozen=True, kw_only=True):
    """
    Something about the phone changes.
    """

    at: str
    battery: int | None = None
    charging: bool | None = None
    low_power: bool | None = None
    network: Network | None = None
    roaming: bool | None = None

    def conditions(self) -> dict[str, Any]:
        """
        Give what changes, as `DeviceLife` calls it.
        """
        values = {name: getattr(self, name) for name in ("battery", "charging", "low_power", "network", "roaming")}
        return {name: value for name, value in values.items() if value is not None}


class Close(_Told, frozen=True, kw_only=True):
    """
    The person closes the app for good, until it is opened again.
    """

    at: str


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What stands in the file.

    Attributes:
        title: what it is called.
        start: the first day.
        days: how many days it goes on.
        zone: the phone's zone, an IANA name.
        seed: another number makes another chance.
        grace_seconds: how long iOS lets the app go on that was left.
        learned_weeks: how many such weeks the phone has known this person.
        open: when the app is opened.
        mail: when mail comes.
        change: when something about the phone changes.
        close: when the app is closed.
    """

    start: dt.date
    title: str = "A story"
    days: int = 1
    zone: str = "UTC"
    seed: int = 1
    grace_seconds: float = 30.0
    learned_weeks: int = 4
    open: tuple[Open, ...] = ()
    mail: tuple[Mail, ...] = ()
    change: tuple[Change, ...] = ()
    close: tuple[Close, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """
    One thing that happens.

    Attributes:
        at: when, UTC.
        what: the entry of the story that tells it.
    """

    at: dt.datetime
    what: Open | Mail | Change | Close


def read_story(text: str) -> Story:
    """
    Read a story.

    Raises:
        StoryError: it is not TOML, or says something that cannot be; names the place.
    """
    try:
        story = msgspec.convert(tomllib.loads(text), Story)
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"this is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise StoryError(_in_words(str(error))) from None
    _check(story)
    return story


def _in_words(complaint: str) -> str:
    """
    Turn a complaint of the library into one that names the place as the file shows it.
    """
    said, _, path = complaint.partition(" - at `$")
    place = re.sub(r"\[(\d+)\]", lambda match: f" number {int(match[1]) + 1}", path.rstrip("`").lstrip("."))
    said = said.replace("Object contains unknown field", "there is no setting called")
    said = said.replace("Object missing required field", "this has to be said:")
    return f"{place.replace('.', ', ')}: {said}" if place else said


def _check(story: Story) -> None:
    if not 1 <= story.days <= _MOST_DAYS:
        raise StoryError(f"days: a story goes on for 1 to {_MOST_DAYS} days, not {story.days}")
    if not 0 <= story.learned_weeks <= 52:
        raise StoryError(f"learned_weeks: 0 to 52 weeks can be learned from, not {story.learned_weeks}")
    if not 0 <= story.grace_seconds <= 600:
        raise StoryError(f"grace_seconds: a system gives 0 to 600 seconds, not {story.grace_seconds:g}")
    try:
        ZoneInfo(story.zone)
    except (KeyError, OSError, ValueError):  # not found, a directory, not a name
        raise StoryError(f"zone: {story.zone!r} is no time zone; write it as in Europe/Berlin") from None
    for kind in ("open", "change", "close"):
        for number, one in enumerate(getattr(story, kind), 1):
            _time(one.at, f"{kind} number {number}, at")
    for number, opened in enumerate(story.open, 1):
        if not 0 < opened.minutes <= 24 * 60:
            raise StoryError(f"open number {number}, minutes: more than 0 and at most 1440, not {opened.minutes:g}")
    for number, change in enumerate(story.change, 1):
        if change.battery is not None and not 0 <= change.battery <= 100:
            raise StoryError(f"change number {number}, battery: 0 to 100 percent, not {change.battery}")
    for number, mail in enumerate(story.mail, 1):
        _check_mail(mail, f"mail number {number}")


def _check_mail(mail: Mail, place: str) -> None:
    if bool(mail.at) == (mail.between is not None):
        raise StoryError(f'{place}: say either at = "09:12" or between = ["08:30", "17:30"]')
    if not 1 <= mail.count <= _MOST_MAILS:
        raise StoryError(f"{place}, count: 1 to {_MOST_MAILS} mails, not {mail.count}")
    if mail.between is None:
        _time(mail.at, f"{place}, at")
        return
    first, last = (_time(one, f"{place}, between") for one in mail.between)
    if first >= last:
        raise StoryError(f"{place}, between: {mail.between[0]} is not before {mail.between[1]}")


def _time(text: str, place: str) -> dt.time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise StoryError(f'{place}: {text!r} is no time of day; write it as in "07:05"')
    return dt.time(int(match[1]), int(match[2]))


def told(story: Story, chance: Callable[[], float]) -> tuple[Happening, ...]:
    """
    Tell a story: everything that happens in it, in order.

    Args:
        story: the story.
        chance: gives numbers from 0 up to 1.
    """
    return tuple(sorted(_tell(story, 0, story.days, chance), key=lambda one: one.at))


def learned(story: Story, chance: Callable[[], float]) -> Habits:
    """
    Give what the phone has learned of the person before the story begins.
    """
    zone = ZoneInfo(story.zone)
    before = sorted(_tell(story, -7 * story.learned_weeks, 0, chance), key=lambda one: one.at)
    opened, mail = Weekly(), Weekly()
    for one in before:
        if isinstance(one.what, Open):
            opened = opened.noted(one.at.astimezone(zone))
        elif isinstance(one.what, Mail):
            mail = mail.noted(one.at.astimezone(zone))
    return Habits(opened, mail)


def _tell(story: Story, first: int, last: int, chance: Callable[[], float]) -> Iterator[Happening]:
    zone = ZoneInfo(story.zone)
    for number in range(first, last):
        day = story.start + dt.timedelta(days=number)
        entries: tuple[Open | Mail | Change | Close, ...] = (*story.open, *story.mail, *story.change, *story.close)
        for one in entries:
            if not one.falls_on(day):
                continue
            if isinstance(one, Mail) and one.between is not None:
                begin, end = (_moment(day, text, zone) for text in one.between)
                for _ in range(one.count):
                    yield Happening(begin + (end - begin) * chance(), one)
            else:
                for _ in range(one.count if isinstance(one, Mail) else 1):
                    yield Happening(_moment(day, one.at, zone), one)


def _moment(day: dt.date, text: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, _time(text, "at"), zone).astimezone(dt.UTC)
