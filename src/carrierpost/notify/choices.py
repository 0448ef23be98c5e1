"""
What people choose about being told, read from what they write and written as they read it. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from carrierpost.model import QuietHours
from carrierpost.notify.people import bare

__all__ = ["checked_vips", "quiet_hours_of", "quiet_hours_text"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VIP = re.compile(r"[^\s@<>,;\"]*@[^\s@<>,;\"]+")
_QUIET = re.compile(r"(\d{1,2}(?::\d{2})?)\s*-\s*(\d{1,2}(?::\d{2})?)(?:\s+(\S.*))?")
_LONGEST_ADDRESS = 320


def checked_vips(addresses: Iterable[str]) -> frozenset[str]:
    """
    Read addresses of very important people: whole ones, or `@domain` for all of one.

    Raises:
        ValueError: one is neither; says which.
    """
    found = set()
    for one in addresses:
        if len(one) > _LONGEST_ADDRESS or not _VIP.fullmatch(bare(one)):
            raise ValueError(f"{one[:_LONGEST_ADDRESS]!r} is no address; give bea@elm.example, or @elm.example for all")
        found.add(bare(one))
    return frozenset(found)


def quiet_hours_of(text: str) -> QuietHours:
    """
    Read quiet hours: `22:00-07:00`, `22-7 mon-thu`, `0-0 sat,sun`. Without days they begin on every day.

    Raises:
        ValueError: they cannot be read; says how they are written.
    """
    match = _QUIET.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} are no quiet hours; write them as 22:00-07:00, or '22:00-07:00 mon-fri'")
    start, end, days = match.groups()
    return QuietHours(_time(start), _time(end), _days(days) if days else frozenset(range(7)))


def quiet_hours_text(one: QuietHours) -> str:
    """
    Write quiet hours in a form that can be read again.
    """
    hours = f"{one.start:%H:%M}-{one.end:%H:%M}"
    return hours if len(one.days) == len(_DAYS) else f"{hours} {','.join(_DAYS[day] for day in sorted(one.days))}"


def _time(text: str) -> dt.time:
    hour, _, minute = text.partition(":")
    try:
        return dt.time(int(hour), int(minute or 0))
    except ValueError:
        raise ValueError(f"{text} is no time of the day; write it as 22:00") from None


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", text)):
        first, _, last = part.partition("-")
        begin, end = _day(first), _day(last or first)
        found |= {(begin + one) % len(_DAYS) for one in range((end - begin) % len(_DAYS) + 1)}
    return frozenset(found)


def _day(text: str) -> int:
    for number, name in enumerate(_DAYS):
        if text[:3] == name and text.isalpha():
            return number
    raise ValueError(f"{text!r} is no day of the week; they are {', '.join(_DAYS)}")
