"""
Time zones between ActiveSync and iCalendar: blobs of Windows rules to a TZID with its VTIMEZONE, and back
([MS-ASDTYPE] TimeZone, [RFC 5545] 3.6.5).

A TZID is an IANA name where the rules are those of a known zone, which readers look up themselves; the VTIMEZONE
beside it holds the rules for those that do not. What comes in is an IANA name, a Windows name, either of them after
somebody's prefix, or nothing but rules.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from carrierpost.formats.contentlines import Component
from carrierpost.protocol.timezone import Transition, ZoneRules, blob_of, read_blob, rules_of, write_blob, zone_name

__all__ = ["iana_name", "read_zone", "tzid_of", "write_zone"]

_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST = 5

# Zones that Windows has got since the table in `icalendar` was made, and old names that are still sent.
_NEWER = {
    "Qyzylorda Standard Time": "Asia/Qyzylorda",
    "South Sudan Standard Time": "Africa/Juba",
    "Sao Tome Standard Time": "Africa/Sao_Tome",
    "Sudan Standard Time": "Africa/Khartoum",
    "Yukon Standard Time": "America/Whitehorse",
    "Volgograd Standard Time": "Europe/Volgograd",
    "Mid-Atlantic Standard Time": "Atlantic/South_Georgia",
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Mexico Standard Time": "America/Mexico_City",
    "Mexico Standard Time 2": "America/Chihuahua",
    "Malay Peninsula Standard Time": "Asia/Kuala_Lumpur",
    "Armenian Standard Time": "Asia/Yerevan",
    "Coordinated Universal Time": "Etc/UTC",
    "tzone://Microsoft/Utc": "Etc/UTC",
}


def iana_name(tzid: str) -> str | None:
    """
    Give the IANA zone that a TZID names: itself, a Windows name, or either at the end of a longer one.
    """
    tzid = tzid.strip().strip('"')
    for name in (tzid, WINDOWS_TO_OLSON.get(tzid, ""), _NEWER.get(tzid, "")):
        if name and _is_zone(name):
            return name
    parts = tzid.split("/")
    for start in range(1, len(parts)):  # /freeassociation.sourceforge.net/Europe/Berlin
        name = "/".join(parts[start:])
        if "/" in name and _is_zone(name):
            return name
    return None


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def tzid_of(blob: str | None, default: str, year: int) -> tuple[str, ZoneRules]:
    """
    Give the TZID of a blob's zone, and its rules.

    Args:
        blob: as ActiveSync has it.
        default: IANA name of the person's zone, for a blob that says nothing.
        year: the event's year.
    """
    rules = read_blob(blob)
    if rules is None:
        name = default if _is_zone(default) else "Etc/UTC"
        return name, rules_of(name, year)
    name = zone_name(rules, year, prefer=(default,)) or rules.standard_name or "Zone of the event"
    return name.replace('"', ""), rules


def write_zone(tzid: str, rules: ZoneRules) -> Component:
    """
    Write a VTIMEZONE of rules.
    """
    zone = Component("VTIMEZONE")
    zone.add("TZID", tzid)
    standard = -(rules.bias + rules.standard_bias)
    summer = -(rules.bias + rules.daylight_bias)
    if rules.standard is None or rules.daylight is None or rules.standard.year or rules.daylight.year:
        zone.children.append(_phase("STANDARD", None, standard, standard))
    else:
        zone.children.append(_phase("STANDARD", rules.standard, summer, standard))
        zone.children.append(_phase("DAYLIGHT", rules.daylight, standard, summer))
    return zone


def _phase(name: str, one: Transition | None, before: int, after: int) -> Component:
    phase = Component(name)
    if one is None:
        phase.add("DTSTART", "19700101T000000")
    else:
        phase.add("DTSTART", f"1970{_day(one):%m%d}T{one.hour:02d}{one.minute:02d}00")
        nth = -1 if one.nth == _LAST else one.nth
        phase.add("RRULE", f"FREQ=YEARLY;BYDAY={nth}{_DAYS[one.weekday]};BYMONTH={one.month}")
    phase.add("TZOFFSETFROM", _offset(before))
    phase.add("TZOFFSETTO", _offset(after))
    return phase


def _day(one: Transition) -> dt.date:
    """
    Give the day of a change in 1970, the first year that every reader knows.
    """
    first = dt.date(1970, one.month, 1)
    day = first + dt.timedelta(days=(one.weekday - first.isoweekday()) % 7 + 7 * (one.nth - 1))
    return day if day.month == one.month else day - dt.timedelta(days=7)


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def read_zone(tzid: str, definition: Component | None, year: int) -> str | None:
    """
    Give the blob of a TZID.

    Args:
        tzid: the name.
        definition: its VTIMEZONE, where there is one.
        year: the event's year.

    Returns:
        The blob, or `None` when neither name nor definition say which zone is meant.
    """
    name = iana_name(tzid)
    if name is None and definition is not None:
        name = iana_name(definition.text("X-LIC-LOCATION")) if definition.first("X-LIC-LOCATION") else None
    if name is not None:
        return blob_of(name, year)
    rules = _rules(tzid, definition, year) if definition is not None else None
    return write_blob(rules) if rules is not None else None


def _rules(tzid: str, definition: Component, year: int) -> ZoneRules | None:
    """
    Read the rules that hold in a year; `None` for a definition whose rules have no form in a blob.
    """
    current: dict[str, Component] = {}
    for phase in definition.children:
        begun = phase.text("DTSTART")[:4]
        if phase.name in ("STANDARD", "DAYLIGHT") and begun.isdecimal() and int(begun) <= year:
            held = current.get(phase.name)
            if held is None or held.text("DTSTART") <= phase.text("DTSTART"):
                current[phase.name] = phase
    standard, daylight = current.get("STANDARD"), current.get("DAYLIGHT")
    if standard is None or (offset := _minutes(standard.text("TZOFFSETTO"))) is None:
        return None
    if daylight is None or not daylight.first("RRULE"):
        return ZoneRules(bias=-offset, standard_name=tzid[:31], daylight_name=tzid[:31])
    begin, end = _transition(daylight), _transition(standard)
    summer = _minutes(daylight.text("TZOFFSETTO"))
    if begin is None or end is None or summer is None:
        return None
    return ZoneRules(
        bias=-offset,
        standard_name=tzid[:31],
        daylight_name=tzid[:31],
        standard=end,
        daylight=begin,
        daylight_bias=offset - summer,
    )


def _minutes(text: str) -> int | None:
    digits = text[1:5]
    if text[:1] not in ("+", "-") or len(digits) != 4 or not digits.isdecimal():
        return None
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes


def _transition(phase: Component) -> Transition | None:
    parts = dict(piece.partition("=")[::2] for piece in phase.text("RRULE").upper().split(";"))
    day, start = parts.get("BYDAY", ""), phase.text("DTSTART")
    if day[-2:] not in _DAYS or not parts.get("BYMONTH", "").isdecimal() or not start[9:13].isdecimal():
        return None
    nth = {"-1": _LAST, "1": 1, "2": 2, "3": 3, "4": 4, "+1": 1, "+2": 2, "+3": 3, "+4": 4}.get(day[:-2])
    if nth is None or parts.get("FREQ") != "YEARLY" or "UNTIL" in parts:
        return None
    return Transition(int(parts["BYMONTH"]), _DAYS.index(day[-2:]), nth, int(start[9:11]), int(start[11:13]))
