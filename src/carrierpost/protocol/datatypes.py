"""
The protocol's simple types as text: booleans, integers, times, dates and byte arrays ([MS-ASDTYPE]).

Reading is lenient where real peers are odd (an empty boolean is true, both forms of time are read everywhere);
writing has one form each. All times are UTC; a `datetime` without zone is refused when it is written.
"""

from __future__ import annotations

import base64
import datetime as dt

__all__ = [
    "NO_DATE_FROM",
    "NO_DATE_UNTIL",
    "format_base64",
    "format_compact",
    "format_date",
    "format_dotted",
    "format_range",
    "parse_base64",
    "parse_boolean",
    "parse_date",
    "parse_datetime",
    "parse_integer",
    "parse_opaque",
    "parse_range",
]

NO_DATE_UNTIL = 1601
"""Times before this year mean "none" in MAPI stores."""
NO_DATE_FROM = 4500
"""Times after this year mean "none" (1 January 4501 is MAPI's own mark)."""


def parse_boolean(value: object) -> bool:
    """
    Read a boolean; an empty element is true.

    Raises:
        ValueError: neither `0` nor `1`, nor empty.

    """
    if value == "1":
        return True
    if value == "0":
        return False
    if value is None:
        return True
    text = _text(value).lower()
    if text in ("1", "true", ""):
        return True
    if text in ("0", "false"):
        return False
    raise ValueError(f"{text[:40]!r} is no boolean (0 or 1)")


def parse_integer(value: object) -> int:
    """
    Read a decimal number, blanks around it allowed.

    Raises:
        ValueError: no number, or one of more than 20 digits.

    """
    if type(value) is str and len(value) <= 20 and value.isdecimal():
        return int(value)
    text = _text(value)
    if len(text) > 20:
        raise ValueError(f"{text[:20]!r}... is too long for a number")
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"{text!r} is no number")
    return int(text)


def parse_datetime(value: object) -> dt.datetime:
    """
    Read a time in either form, with or without milliseconds, `Z`, or time part.

    Returns:
        A time with zone UTC.

    Raises:
        ValueError: no time, or one of the far years that mean "none".

    """
    text = _text(value)
    try:
        moment = dt.datetime.fromisoformat(text)  # in C, and right for what every sane server sends
        if moment.tzinfo is not dt.UTC:
            moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        try:
            moment = _from_digits(text.replace("-", "").replace(":", "").rstrip("Zz"))
        except ValueError:
            raise ValueError(f"{text[:40]!r} is no date and time") from None
    if not NO_DATE_UNTIL <= moment.year <= NO_DATE_FROM:
        raise ValueError(f"{text[:40]!r} stands for no date")
    return moment


def _from_digits(digits: str) -> dt.datetime:
    day, _, clock = digits.partition("T")
    clock, _, fraction = clock.partition(".")
    if len(day) != 8 or len(clock) not in (0, 4, 6) or not (text := day + clock).isdecimal() or not text.isascii():
        raise ValueError(digits)
    microsecond = int((fraction + "000000")[:6]) if fraction else 0
    clock = clock.ljust(6, "0")
    return dt.datetime(
        int(day[:4]),
        int(day[4:6]),
        int(day[6:]),
        int(clock[:2]),
        int(clock[2:4]),
        min(int(clock[4:]), 59),  # a leap second is the last one we can say
        microsecond,
        tzinfo=dt.UTC,
    )


def format_dotted(moment: dt.datetime) -> str:
    """
    Write `2026-11-24T21:00:00.000Z`.

    Raises:
        ValueError: the time has no zone.

    """
    return _utc(moment).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def format_compact(moment: dt.datetime) -> str:
    """
    Write `20261124T210000Z`.

    Raises:
        ValueError: the time has no zone.

    """
    return f"{_utc(moment):%Y%m%dT%H%M%SZ}".rjust(16, "0")


def parse_date(value: object) -> dt.date:
    """
    Read a date whose time part has no meaning, as in a birthday ([MS-ASCNTC] Birthday).

    A time of 00:00 or 11:59 (what servers write) gives the date as it stands. Any other time comes from a server
    that stored local midnight, and is rounded to the nearest midnight.

    Raises:
        ValueError: no date.

    """
    moment = parse_datetime(value)
    if (moment.hour, moment.minute) in ((0, 0), (11, 59)):
        return moment.date()
    return (moment + dt.timedelta(hours=12)).date()


def format_date(day: dt.date) -> str:
    """
    Write a date with the time 11:59 UTC, which both kinds of reader take for the same day.
    """
    return f"{day.isoformat()}T11:59:00.000Z"


def parse_opaque(value: object) -> bytes:
    """
    Read a byte array; text is taken as UTF-8.

    Raises:
        ValueError: the element has children.

    """
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    raise ValueError("bytes expected, child elements found")


def parse_base64(value: object) -> bytes:
    """
    Read base64 text, line breaks allowed; bytes are taken as they are.

    Raises:
        ValueError: no base64.

    """
    if isinstance(value, bytes):
        return value
    text = "".join(_text(value).split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise ValueError(f"no base64: {error}") from None


def format_base64(data: bytes) -> str:
    """
    Write bytes as base64 text on one line.
    """
    return base64.b64encode(data).decode("ascii")


def parse_range(text: str) -> tuple[int, int] | None:
    """
    Read `0-99`: first and last, inclusive; `None` when it is no range.
    """
    first, dash, last = text.partition("-")
    if not dash or not first.isdecimal() or not last.isdecimal() or len(text) > 40:
        return None
    return int(first), int(last)


def format_range(span: tuple[int, int]) -> str:
    """
    Write first and last, inclusive, as `0-99`.
    """
    return f"{span[0]}-{span[1]}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, str):
        return value.strip()
    raise ValueError("text expected, child elements found")


def _utc(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without zone cannot be sent; give it one")
    return moment if moment.tzinfo is dt.UTC else moment.astimezone(dt.UTC)
