"""
Recurrence patterns to RRULEs and back ([MS-ASCAL] Recurrence, [RFC 5545] 3.3.10).

The two languages overlap; where they do not, nothing is stretched. A rule that was put into a pattern is expanded
together with it, and taken only if both give the same days for as far as one looks.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, Literal

from dateutil import rrule

from carrierpost.protocol.classes import Recurrence, RecurrenceType
from carrierpost.protocol.classes.recurrence import Pattern, problems, rule_of

__all__ = ["read_rule", "write_rule"]

DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_WEEKDAYS = {
    "MO": rrule.MO,
    "TU": rrule.TU,
    "WE": rrule.WE,
    "TH": rrule.TH,
    "FR": rrule.FR,
    "SA": rrule.SA,
    "SU": rrule.SU,
}
_FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_COMPARED = 120  # occurrences that pattern and rule must have in common
_MOST = 999  # of what a pattern counts
_ALL_DAYS = 127


def write_rule(pattern: Pattern, until: str | None) -> str:
    """
    Write a pattern.

    Args:
        pattern: a pattern without `problems`.
        until: its end in the form that suits the series' start, or `None`.

    Raises:
        ValueError: the pattern has problems.
    """
    if wrong := problems(pattern):
        raise ValueError("; ".join(wrong))
    mask = pattern.day_of_week or 0
    days = ",".join(name for place, name in enumerate(DAYS) if mask >> place & 1)
    parts: list[str] = []
    match pattern.type:
        case RecurrenceType.DAILY if not mask:
            parts.append("FREQ=DAILY")
        case RecurrenceType.DAILY | RecurrenceType.WEEKLY:
            parts += ["FREQ=WEEKLY", f"BYDAY={days}", f"WKST={DAYS[pattern.first_day_of_week or 0]}"]
        case RecurrenceType.MONTHLY | RecurrenceType.YEARLY:
            parts.append(f"FREQ={'MONTHLY' if pattern.type is RecurrenceType.MONTHLY else 'YEARLY'}")
            last = pattern.day_of_month or 1
            # The 31st means the last day in months that are shorter; a rule would leave these out.
            parts.append(f"BYMONTHDAY={','.join(map(str, range(28, last + 1))) if last > 28 else last}")
            parts += ["BYSETPOS=-1"] if last > 28 else []
        case _:
            parts.append(f"FREQ={'MONTHLY' if pattern.type is RecurrenceType.MONTHLY_NTH else 'YEARLY'}")
            nth = -1 if pattern.week_of_month == 5 else pattern.week_of_month
            parts += [f"BYDAY={nth}{days}"] if "," not in days else [f"BYDAY={days}", f"BYSETPOS={nth}"]
    if pattern.type in (RecurrenceType.YEARLY, RecurrenceType.YEARLY_NTH):
        parts.append(f"BYMONTH={pattern.month_of_year}")
    if (pattern.interval or 1) > 1:
        parts.append(f"INTERVAL={pattern.interval}")
    if pattern.occurrences:
        parts.append(f"COUNT={pattern.occurrences}")
    elif until is not None:
        parts.append(f"UNTIL={until}")
    return ";".join(parts)


def read_rule(text: str, start: dt.datetime) -> tuple[Recurrence, str | None]:
    """
    Read a rule.

    Args:
        text: the RRULE's value.
        start: the series' first start as wall-clock time without zone.

    Returns:
        The pattern without its end, and the value of UNTIL as it stands.

    Raises:
        ValueError: ActiveSync has no pattern that means the same; the reason is a half sentence about the rule.
    """
    parts = _parts(text)
    interval, count = _number(parts, "INTERVAL", 1), _number(parts, "COUNT", None)
    for name, value in (("INTERVAL", interval), ("COUNT", count)):
        if value is not None and not 1 <= value <= _MOST:
            raise ValueError(f"it has {name}={value}, and 1 to {_MOST} can be said")
    pattern = _pattern(parts, start, interval or 1)
    rule = _rule(parts, start, interval or 1)
    _compare(pattern, rule, start)
    if count is not None:
        pattern = _replaced(pattern, occurrences=count)
    return pattern, parts.get("UNTIL")


def _replaced(pattern: Recurrence, **changes: Any) -> Recurrence:
    values = {name: getattr(pattern, name) for name in pattern.__struct_fields__}
    return Recurrence(**{**values, **changes})


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in text.upper().strip(";").split(";"):
        name, mark, value = piece.partition("=")
        if not mark or name in parts:
            raise ValueError(f"{piece[:40]!r} in it cannot be read")
        parts[name.strip()] = value.strip()
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(
            f"it repeats {parts.get('FREQ', 'without FREQ')[:20]}, and days, weeks, months and years can be said"
        )
    if odd := sorted(set(parts) - _KNOWN):
        raise ValueError(f"{', '.join(odd)[:60]} cannot be said")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("it has both COUNT and UNTIL")
    return parts


def _number(parts: dict[str, str], name: str, default: int | None) -> int | None:
    numbers = _numbers(parts, name)
    if len(numbers) > 1:
        raise ValueError(f"it has several values for {name}")
    return numbers[0] if numbers else default


def _numbers(parts: dict[str, str], name: str) -> list[int]:
    if name not in parts:
        return []
    pieces = parts[name].split(",")
    if not all(piece.lstrip("+-").isdecimal() and len(piece) < 6 for piece in pieces):
        raise ValueError(f"{name}={parts[name][:40]} cannot be read")
    return [int(piece) for piece in pieces]


def _days(parts: dict[str, str]) -> list[tuple[int | None, str]]:
    found: list[tuple[int | None, str]] = []
    for piece in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        nth, name = piece[:-2], piece[-2:]
        if name not in _WEEKDAYS or (nth and not nth.lstrip("+-").isdecimal()) or len(nth) > 3:
            raise ValueError(f"BYDAY={parts['BYDAY'][:40]} cannot be read")
        found.append((int(nth) if nth else None, name))
    return found


def _pattern(parts: dict[str, str], start: dt.datetime, interval: int) -> Recurrence:
    """
    Put the rule into the pattern that is nearest; `_compare` judges whether it means the same.
    """
    frequency, days = parts["FREQ"], _days(parts)
    _refuse_mixtures(parts, days)
    mask = sum(1 << DAYS.index(name) for name in {name for _, name in days})
    if frequency == "DAILY" and not days:
        return Recurrence(type=RecurrenceType.DAILY, interval=interval)
    if frequency in ("DAILY", "WEEKLY"):
        if frequency == "DAILY" and interval > 1:
            raise ValueError("every so many days, but only on some days of the week, cannot be said")
        mask = mask or 1 << start.isoweekday() % 7
        first = DAYS.index(parts.get("WKST", "MO")) if parts.get("WKST", "MO") in DAYS else 1
        # Where the week begins matters only when weeks are left out.
        return Recurrence(
            type=RecurrenceType.WEEKLY,
            interval=interval,
            day_of_week=mask,
            first_day_of_week=first if interval > 1 and mask.bit_count() > 1 else None,
        )
    yearly = frequency == "YEARLY"
    month = _number(parts, "BYMONTH", start.month) if yearly else None
    if days:
        nth = {number for number, _ in days if number is not None} or set(_numbers(parts, "BYSETPOS"))
        if len(nth) != 1 or (place := nth.pop()) not in (-1, 1, 2, 3, 4):
            raise ValueError("it names weekdays of a month in a way that cannot be said")
        kind = RecurrenceType.YEARLY_NTH if yearly else RecurrenceType.MONTHLY_NTH
        week = 5 if place == -1 else place
        return Recurrence(type=kind, interval=interval, week_of_month=week, day_of_week=mask, month_of_year=month)
    numbers = _numbers(parts, "BYMONTHDAY") or [start.day]
    kind = RecurrenceType.YEARLY if yearly else RecurrenceType.MONTHLY
    return Recurrence(type=kind, interval=interval, day_of_month=_day(numbers), month_of_year=month)


_MIXTURES = {
    "DAILY": {"BYMONTHDAY", "BYMONTH", "BYSETPOS"},
    "WEEKLY": {"BYMONTHDAY", "BYMONTH", "BYSETPOS"},
    "MONTHLY": {"BYMONTH"},
    "YEARLY": set[str](),
}


def _refuse_mixtures(parts: dict[str, str], days: list[tuple[int | None, str]]) -> None:
    """
    Refuse rules of several conditions, some of which never come true and would be looked for to the end of time.
    """
    odd = set(parts) & _MIXTURES[parts["FREQ"]]
    numbered = any(nth is not None for nth, _ in days)
    if days and "BYMONTHDAY" in parts:
        odd.add("BYDAY with BYMONTHDAY")
    if "BYSETPOS" in parts and (numbered or (not days and _numbers(parts, "BYSETPOS") != [-1])):
        odd.add("BYSETPOS")
    if odd:
        raise ValueError(f"{', '.join(sorted(odd))} in a {parts['FREQ'].lower()} rule cannot be said")


def _day(numbers: list[int]) -> int:
    day = 31 if numbers == [-1] else max(numbers)
    if not 1 <= day <= 31:
        raise ValueError(f"day {day} of a month cannot be said")
    return day


def _rule(parts: dict[str, str], start: dt.datetime, interval: int) -> rrule.rrule:
    """
    Make the rule as the specification of iCalendar means it, without an end.
    """
    arguments: dict[str, Any] = {"interval": interval, "wkst": _WEEKDAYS.get(parts.get("WKST", "MO"), rrule.MO)}
    if days := _days(parts):
        arguments["byweekday"] = [_WEEKDAYS[name](nth) if nth else _WEEKDAYS[name] for nth, name in days]
    for name, argument in (("BYMONTHDAY", "bymonthday"), ("BYMONTH", "bymonth"), ("BYSETPOS", "bysetpos")):
        if numbers := _numbers(parts, name):
            arguments[argument] = numbers
    try:
        return rrule.rrule(_FREQUENCIES[parts["FREQ"]], dtstart=start, **arguments)
    except ValueError as error:
        raise ValueError(f"it cannot be followed: {error}") from None


def _compare(pattern: Recurrence, rule: rrule.rrule, start: dt.datetime) -> None:
    wanted = list(itertools.islice(_within(rule, start), _COMPARED))
    said = list(itertools.islice(_within(rule_of(pattern, start), start), _COMPARED))
    if wanted != said:
        first = next((one for one, other in itertools.zip_longest(wanted, said) if one != other), None)
        other = next((other for one, other in itertools.zip_longest(wanted, said) if one != other), None)
        where = min(moment for moment in (first, other) if moment is not None)
        raise ValueError(f"the nearest pattern gives other days, from {where:%Y-%m-%d} on")
    if not wanted or wanted[0] != start:
        raise ValueError("its first start is not one of its own days")


def _within(rule: rrule.rrule, start: dt.datetime) -> Any:
    """
    Give a rule's starts in the years that matter; a rule that never comes true would be looked at to the end of time.
    """
    return itertools.takewhile(lambda moment: moment.year < start.year + 150, rule)
