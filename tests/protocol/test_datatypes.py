"""
Simple types as text ([MS-ASDTYPE]).
"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol import datatypes
from tests.protocol.strategies import compact_times, times


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (None, True),
        ("", True),
        ("1", True),
        (" 1 ", True),
        ("TRUE", True),
        (b"1", True),
        ("0", False),
        ("false", False),
    ],
)
def test_booleans(text: object, value: bool) -> None:
    """An empty element is true; blanks, words and bytes are understood."""
    assert datatypes.parse_boolean(text) is value


@pytest.mark.parametrize("text", ["2", "-1", "no", "01", []])
def test_what_is_no_boolean(text: object) -> None:
    """Is not guessed."""
    with pytest.raises(ValueError):
        datatypes.parse_boolean(text)


@pytest.mark.parametrize(("text", "value"), [("0", 0), (" 42\n", 42), ("-60", -60), (b"7", 7), ("007", 7)])
def test_numbers(text: object, value: int) -> None:
    """Decimal, blanks around them allowed."""
    assert datatypes.parse_integer(text) == value


@pytest.mark.parametrize(
    "text", [None, "", " ", "x", "1.5", "0x1", "1_000", "--1", "-", "\u00b2", "9" * 21, "9" * 5000, []]
)
def test_what_is_no_number(text: object) -> None:
    """Nothing that only Python takes for one; and no long ones, which would cost time."""
    with pytest.raises(ValueError):
        datatypes.parse_integer(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20261124T210000Z", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        ("2026-11-24T21:00:00.000Z", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        ("2026-11-24T21:00:00.5Z", dt.datetime(2026, 11, 24, 21, 0, 0, 500000, tzinfo=dt.UTC)),
        ("2026-11-24T21:00:00", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        ("2026-11-24T22:00:00+01:00", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        ("2026-11-24", dt.datetime(2026, 11, 24, tzinfo=dt.UTC)),
        ("20261124", dt.datetime(2026, 11, 24, tzinfo=dt.UTC)),
        ("20261124T2100Z", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        ("20161231T235960Z", dt.datetime(2016, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        (" 20261124T210000Z ", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
        (b"20261124T210000Z", dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)),
    ],
)
def test_times_in_all_forms(text: object, value: dt.datetime) -> None:
    """Dotted and compact, with and without milliseconds, Z and time part; a leap second is the one before."""
    assert datatypes.parse_datetime(text) == value


@pytest.mark.parametrize(
    "text",
    [None, "", "tomorrow", "2026-13-01T00:00:00Z", "20261124T250000Z", "4501-01-01T00:00:00.000Z",
     "1600-12-31T23:59:59Z", "0001-01-01T00:00:00+23:00", "2026112\u0662T210000Z", []],
)  # fmt: skip
def test_what_is_no_time(text: object) -> None:
    """Among them the far years by which mailboxes say that there is none."""
    with pytest.raises(ValueError):
        datatypes.parse_datetime(text)


@given(times)
def test_dotted_times_come_back(moment: dt.datetime) -> None:
    """To the millisecond."""
    text = datatypes.format_dotted(moment)
    assert len(text) == 24
    assert datatypes.parse_datetime(text) == moment


@given(compact_times)
def test_compact_times_come_back(moment: dt.datetime) -> None:
    """To the second."""
    text = datatypes.format_compact(moment)
    assert len(text) == 16
    assert datatypes.parse_datetime(text) == moment


def test_known_answers() -> None:
    """Another zone is turned into UTC, small years keep their zeros."""
    berlin = dt.datetime(2026, 11, 24, 22, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert datatypes.format_dotted(berlin) == "2026-11-24T21:00:00.000Z"
    assert datatypes.format_compact(berlin) == "20261124T210000Z"
    old = dt.datetime(987, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert datatypes.format_dotted(old) == "0987-01-02T03:04:05.000Z"
    assert datatypes.format_compact(old) == "09870102T030405Z"


def test_a_time_without_zone_is_not_written() -> None:
    """Neither way."""
    naive = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - the fault to be found
    for write in (datatypes.format_dotted, datatypes.format_compact):
        with pytest.raises(ValueError, match="zone"):
            write(naive)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1969-12-31T11:59:00.000Z", dt.date(1969, 12, 31)),
        ("1969-12-31T00:00:00.000Z", dt.date(1969, 12, 31)),
        ("1969-12-31", dt.date(1969, 12, 31)),
        ("19691231T000000Z", dt.date(1969, 12, 31)),
        ("1969-12-30T22:00:00.000Z", dt.date(1969, 12, 31)),
        ("1969-12-30T12:00:00.000Z", dt.date(1969, 12, 31)),
        ("1969-12-31T08:00:00.000Z", dt.date(1969, 12, 31)),
    ],
)
def test_TZ6_the_day_of_a_birthday(text: str, day: dt.date) -> None:
    """Midnight and 11:59 are the day itself; another time is somebody's local midnight."""
    assert datatypes.parse_date(text) == day


@given(st.dates(dt.date(1601, 1, 1), dt.date(4500, 12, 31)), st.integers(-11, 12))
def test_TZ6_a_birthday_is_the_same_in_all_zones(day: dt.date, hours: int) -> None:
    """What is written here is read here as the same day, and so is local midnight of any server."""
    assert datatypes.parse_date(datatypes.format_date(day)) == day
    midnight = dt.datetime.combine(day, dt.time(), dt.timezone(dt.timedelta(hours=hours)))
    if 1601 < day.year < 4500:
        assert datatypes.parse_date(datatypes.format_dotted(midnight)) == day


@given(st.binary())
def test_base64_comes_back(data: bytes) -> None:
    """Also with line breaks, and without the padding."""
    text = datatypes.format_base64(data)
    assert datatypes.parse_base64(text) == data
    assert datatypes.parse_base64(text.rstrip("=")) == data
    assert datatypes.parse_base64("\r\n".join(text)) == data


@pytest.mark.parametrize("text", ["no*base64", "a", "=", "\u00e9\u00e9\u00e9\u00e9", []])
def test_what_is_no_base64(text: object) -> None:
    """Is refused rather than read as something else."""
    with pytest.raises(ValueError):
        datatypes.parse_base64(text)


def test_byte_arrays() -> None:
    """Bytes as they are, text as UTF-8, nothing as no bytes."""
    assert datatypes.parse_opaque(b"\x00") == b"\x00"
    assert datatypes.parse_opaque("\u00e9") == "\u00e9".encode()
    assert datatypes.parse_opaque(None) == b""
    with pytest.raises(ValueError):
        datatypes.parse_opaque([])


_ANY: st.SearchStrategy[object] = st.none() | st.text() | st.binary() | st.just([])
_PARSERS = [
    datatypes.parse_base64, datatypes.parse_boolean, datatypes.parse_date, datatypes.parse_datetime,
    datatypes.parse_integer, datatypes.parse_opaque,
]  # fmt: skip


@given(_ANY)
def test_anything_is_read_or_refused(value: object) -> None:
    """By ValueError, which costs a field and not the item."""
    for parse in _PARSERS:
        try:
            parse(value)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - most inputs are refused, some are not
