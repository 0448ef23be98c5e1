"""
Time zones as ActiveSync says them: a blob of Windows rules ([MS-ASDTYPE] TimeZone), and IANA names for the rest of us.

A blob holds the present rules and usually a name. A Windows name is looked up; otherwise a zone is looked for that
follows the same rules; and where none does, the rules themselves are a zone. Windows names come from `icalendar`'s
table, everything about IANA zones from the system or `tzdata`.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import datetime as dt
import functools
import io
import struct
import zoneinfo
from collections.abc import Iterable, Mapping

import msgspec

__all__ = ["Transition", "ZoneRules", "blob_of", "read_blob", "rules_of", "tzinfo_of", "write_blob", "zone_name"]

_LAYOUT = struct.Struct("<i64s8Hi64s8Hi")
_MINUTE = dt.timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
_STEP = dt.timedelta(days=7)  # no law changes the clocks twice in a week
_LAST = 5


def _windows_to_olson() -> Mapping[str, str]:
    """
    Give zones by the names that Windows has for them.
    """
    # The calendar library is a tenth of a program's start, and few programs ever meet a zone.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON


@functools.cache
def _olson_to_windows() -> Mapping[str, str]:
    return {olson: windows for windows, olson in reversed(list(_windows_to_olson().items()))}


class Transition(msgspec.Struct, frozen=True):
    """
    When clocks are changed.

    Attributes:
        month: 1 to 12.
        weekday: 0 for Sunday to 6.
        nth: which of the month's weekdays, 1 to 4; 5 for the last. With a `year`, the day of the month.
        hour: in the time that is being left.
        minute: likewise.
        year: 0 for every year.
    """

    month: int
    weekday: int
    nth: int
    hour: int
    minute: int = 0
    year: int = 0


class ZoneRules(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a blob says.

    Attributes:
        bias: minutes to add to local standard time for UTC; west is positive.
        standard_name: the zone's name in winter, often the Windows name.
        daylight_name: the zone's name in summer.
        standard: when summer time ends, or `None` without summer time.
        daylight: when it begins, or `None`.
        standard_bias: minutes more to add in winter, nearly always 0.
        daylight_bias: minutes more to add in summer, nearly always -60.
    """

    bias: int
    standard_name: str = ""
    daylight_name: str = ""
    standard: Transition | None = None
    daylight: Transition | None = None
    standard_bias: int = 0
    daylight_bias: int = 0

    @property
    def behaviour(self) -> tuple[object, ...]:
        """
        What the rules do, whatever they are called.
        """
        if self.standard is None or self.daylight is None:
            return (self.bias + self.standard_bias,)
        return (self.bias, self.standard, self.daylight, self.standard_bias, self.daylight_bias)


def read_blob(blob: str | bytes | None) -> ZoneRules | None:
    """
    Read a blob.

    Args:
        blob: 172 bytes, or their base64.

    Returns:
        The rules; `None` when there is no blob, when it cannot be read, or when it is all zeros, which servers send
        that do not know the zone.
    """
    if not blob:
        return None
    try:
        data = base64.b64decode(blob) if isinstance(blob, str) else blob
    except (binascii.Error, ValueError):
        return None
    if len(data) < _LAYOUT.size or not any(data):
        return None
    values = _LAYOUT.unpack_from(data)
    bias, standard_name, standard = values[0], values[1], values[2:10]
    standard_bias, daylight_name, daylight, daylight_bias = values[10], values[11], values[12:20], values[20]
    return ZoneRules(
        bias=bias,
        standard_name=_name(standard_name),
        daylight_name=_name(daylight_name),
        standard=_transition(standard),
        daylight=_transition(daylight),
        standard_bias=standard_bias,
        daylight_bias=daylight_bias,
    )


def _name(raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace").split("\0", 1)[0].strip()


def _transition(parts: tuple[int, ...]) -> Transition | None:
    year, month, weekday, nth, hour, minute = parts[:6]
    if not 1 <= month <= 12:
        return None
    return Transition(month, weekday % 7, max(1, min(nth, 31 if year else _LAST)), hour % 24, minute % 60, year)


def write_blob(rules: ZoneRules) -> str:
    """
    Write rules as a blob.

    Returns:
        The base64 of 172 bytes.
    """
    data = _LAYOUT.pack(
        rules.bias,
        rules.standard_name[:31].encode("utf-16-le"),
        *_parts(rules.standard),
        rules.standard_bias,
        rules.daylight_name[:31].encode("utf-16-le"),
        *_parts(rules.daylight),
        rules.daylight_bias,
    )
    return base64.b64encode(data).decode("ascii")


def _parts(one: Transition | None) -> tuple[int, ...]:
    if one is None:
        return (0,) * 8
    return one.year, one.month, one.weekday, one.nth, one.hour, one.minute, 0, 0


def blob_of(name: str, year: int) -> str:
    """
    Write the blob of a zone as it is in a year.

    Args:
        name: IANA name.
        year: the year whose rules are written.

    Raises:
        ValueError: there is no zone of this name.
    """
    return write_blob(rules_of(name, year))


@functools.lru_cache(maxsize=2048)
def rules_of(name: str, year: int) -> ZoneRules:
    """
    Give the rules of a zone as they are in a year.

    Args:
        name: IANA name.
        year: the year.

    Raises:
        ValueError: there is no zone of this name.
    """
    zone = _zone(name)
    if zone is None:
        raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Berlin")
    windows = _olson_to_windows().get(name, name)[:31]
    changes = _changes(zone, year)
    if len(changes) != 2:
        # None, or a change of law: what holds at the end of the year.
        offset = _offset(zone, dt.datetime(year, 12, 31, tzinfo=dt.UTC))
        return ZoneRules(bias=-offset, standard_name=windows, daylight_name=windows)
    begin, end = sorted(changes, key=lambda change: change[2] < change[1])  # to summer time first
    return ZoneRules(
        bias=-begin[1],
        standard_name=windows,
        daylight_name=windows.replace("Standard", "Daylight"),
        standard=_rule(zone, end, year),
        daylight=_rule(zone, begin, year),
        daylight_bias=begin[1] - begin[2],
    )


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(zone: dt.tzinfo, moment: dt.datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)


def _changes(zone: dt.tzinfo, year: int) -> list[tuple[dt.datetime, int, int]]:
    """
    List a year's changes of offset: when (UTC), and the minutes before and after.
    """
    found = []
    moment = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    before = _offset(zone, moment)
    while moment.year == year:
        following = moment + _STEP
        after = _offset(zone, following)
        if after != before:
            found.append((_when(zone, moment, following, after), before, after))
        moment, before = following, after
    return [change for change in found if change[0].year == year]


def _when(zone: dt.tzinfo, earlier: dt.datetime, later: dt.datetime, after: int) -> dt.datetime:
    """
    Find the minute of a change between two moments.
    """
    while later - earlier > _MINUTE:
        middle = earlier + (later - earlier) // _MINUTE // 2 * _MINUTE
        if _offset(zone, middle) == after:
            later = middle
        else:
            earlier = middle
    return later


def _rule(zone: dt.tzinfo, change: tuple[dt.datetime, int, int], year: int) -> Transition:
    """
    Say a change as a rule; the last weekday when it is the last in the years to come as well.
    """
    moment, before, _ = change
    wall = (moment + dt.timedelta(minutes=before)).replace(tzinfo=None)
    days = [wall.date()]
    for later in range(year + 1, year + 6):
        same = [
            (when + dt.timedelta(minutes=old)).date()
            for when, old, _ in _changes(zone, later)
            if (when + dt.timedelta(minutes=old)).month == wall.month
        ]
        days += same
    last = all(day.day > calendar.monthrange(day.year, day.month)[1] - 7 for day in days)
    nth = _LAST if last else (wall.day - 1) // 7 + 1
    return Transition(wall.month, (wall.weekday() + 1) % 7, nth, wall.hour, wall.minute)


def zone_name(rules: ZoneRules, year: int, *, prefer: Iterable[str] = ()) -> str | None:
    """
    Find the IANA zone that rules mean.

    Args:
        rules: what a blob says.
        year: the year for which the rules are meant.
        prefer: zones that are taken before others which follow the same rules, above all the person's own.

    Returns:
        A name, or `None` when no zone follows these rules.
    """
    for name in prefer:
        if _zone(name) is not None and rules_of(name, year).behaviour == rules.behaviour:
            return name
    for name in (rules.standard_name, _windows_to_olson().get(rules.standard_name, "")):
        if "/" in name and _zone(name) is not None and rules_of(name, year).behaviour == rules.behaviour:
            return name
    return _by_behaviour(year).get(rules.behaviour)


@functools.lru_cache(maxsize=16)
def _by_behaviour(year: int) -> dict[tuple[object, ...], str]:
    """
    Index the zones that Windows knows by what they do in a year; the better known names win.
    """
    found: dict[tuple[object, ...], str] = {}
    common = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles", "Etc/UTC")
    for name in (*common, *_windows_to_olson().values()):
        if _zone(name) is not None:
            found.setdefault(rules_of(name, year).behaviour, name)
    return found


def tzinfo_of(blob: str | bytes | None, *, default: str, year: int) -> tuple[dt.tzinfo, bool]:
    """
    Give the zone that a blob means.

    Args:
        blob: as in `read_blob`.
        default: IANA name of the person's zone, for a blob that says nothing.
        year: the year of the event.

    Returns:
        The zone, and whether the blob said which; `False` means that the default was taken.
    """
    rules = read_blob(blob)
    if rules is None:
        return _zone(default) or dt.UTC, False
    name = zone_name(rules, year, prefer=(default,))
    if name is not None:
        return _zone(name) or dt.UTC, True
    return _from_rules(rules), True


def _from_rules(rules: ZoneRules) -> dt.tzinfo:
    """
    Make a zone of rules that no known zone follows.
    """
    standard = -(rules.bias + rules.standard_bias)
    if rules.standard is None or rules.daylight is None or rules.standard.year or rules.daylight.year:
        return dt.timezone(standard * _MINUTE) if abs(standard) < _DAY_MINUTES else dt.UTC
    summer = -(rules.bias + rules.daylight_bias)
    if abs(standard) >= _DAY_MINUTES or abs(summer) >= _DAY_MINUTES:
        return dt.UTC
    # The rules as POSIX says them, which like Windows counts in the time that is being left.
    names = f"<STD>{_posix_offset(standard)}<DST>{_posix_offset(summer)}"
    posix = f"{names},{_posix(rules.daylight)},{_posix(rules.standard)}"
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(_tzif(standard * 60, posix)), key=posix)


def _posix_offset(minutes: int) -> str:
    sign = "-" if minutes > 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def _posix(one: Transition) -> str:
    return f"M{one.month}.{one.nth}.{one.weekday}/{one.hour}:{one.minute:02d}"


def _tzif(offset: int, posix: str) -> bytes:
    """
    Write a zone file without history: one offset (seconds), and the rules for ever after (RFC 9636).
    """
    block = struct.pack(">4sc15x6I", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">iBB4s", offset, 0, 0, b"STD\0")
    return block + block + f"\n{posix}\n".encode("ascii")
