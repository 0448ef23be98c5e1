"""
Time zones: blobs of Windows rules, Windows names, IANA zones ([MS-ASDTYPE] TimeZone).
"""

from __future__ import annotations

import base64
import datetime as dt
import struct
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from carrierpost.protocol.timezone import (
    Transition,
    ZoneRules,
    blob_of,
    read_blob,
    rules_of,
    tzinfo_of,
    write_blob,
    zone_name,
)

BERLIN_NAME = "W. Europe Standard Time"
BERLIN = ZoneRules(
    bias=-60,
    standard=Transition(10, 0, 5, 3),
    daylight=Transition(3, 0, 5, 2),
    daylight_bias=-60,
)
ZONES = [
    "Pacific/Pago_Pago", "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver",
    "America/Chicago", "America/New_York", "America/Halifax", "America/St_Johns", "America/Sao_Paulo",
    "America/Santiago", "Atlantic/Azores", "UTC", "Europe/London", "Europe/Berlin",
    "Europe/Athens", "Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon",
    "Asia/Bangkok", "Asia/Shanghai", "Australia/Perth", "Asia/Tokyo", "Australia/Adelaide",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Chatham",
    "Pacific/Apia", "Pacific/Kiritimati",
]  # fmt: skip


def _raw(bias: int, standard: tuple[int, ...], daylight: tuple[int, ...], *, name: str = "", gain: int = -60) -> str:
    """Make a blob by hand: 172 bytes, little endian."""
    data = struct.pack("<i", bias)
    data += name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<8H", *standard) + struct.pack("<i", 0)
    data += bytes(64) + struct.pack("<8H", *daylight) + struct.pack("<i", gain)
    assert len(data) == 172
    return base64.b64encode(data).decode()


def test_a_recorded_blob() -> None:
    """Bias -120, the last Sundays of October at 4 and of March at 3: Eastern Europe."""
    blob = _raw(-120, (0, 10, 0, 5, 4, 0, 0, 0), (0, 3, 0, 5, 3, 0, 0, 0))
    rules = read_blob(blob)
    assert rules == ZoneRules(
        bias=-120, standard=Transition(10, 0, 5, 4), daylight=Transition(3, 0, 5, 3), daylight_bias=-60
    )
    assert write_blob(rules) == blob
    zone, said = tzinfo_of(blob, default="America/New_York", year=2013)
    assert said
    assert dt.datetime(2013, 7, 1, tzinfo=zone).utcoffset() == dt.timedelta(hours=3)
    assert dt.datetime(2013, 12, 1, tzinfo=zone).utcoffset() == dt.timedelta(hours=2)


def test_TZ1_an_all_zero_blob_says_nothing() -> None:
    """The person's own zone is taken, and that it was taken is told."""
    zero = base64.b64encode(bytes(172)).decode()
    assert read_blob(zero) is None
    zone, said = tzinfo_of(zero, default="Europe/Berlin", year=2026)
    assert (str(zone), said) == ("Europe/Berlin", False)


@pytest.mark.parametrize("blob", [None, "", b"", "!", "AAAA", base64.b64encode(bytes(171)).decode(), "\u00e9"])
def test_what_is_no_blob_says_nothing(blob: str | bytes | None) -> None:
    """Absent, empty, no base64, too short."""
    assert read_blob(blob) is None
    assert tzinfo_of(blob, default="Asia/Tokyo", year=2026)[1] is False


def test_a_default_zone_that_does_not_exist_is_utc() -> None:
    """Better a wrong hour than no calendar."""
    assert tzinfo_of(None, default="Nowhere/Land", year=2026) == (dt.UTC, False)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_random_bytes_where_the_change_of_clocks_would_be(standard: bytes, daylight: bytes) -> None:
    """SOGo leaves them uninitialised for a zone without summer time; any bytes give a zone and no error."""
    data = struct.pack("<i", -540) + bytes(64) + standard + bytes(4) + bytes(64) + daylight + bytes(4)
    rules = read_blob(data)
    assert rules is not None
    zone, said = tzinfo_of(data, default="Europe/Berlin", year=2026)
    assert said
    assert dt.datetime(2026, 5, 5, tzinfo=zone).utcoffset() == dt.timedelta(hours=9)


def test_a_month_that_is_none_means_that_clocks_are_not_changed() -> None:
    """The same with what SOGo was seen to send."""
    blob = _raw(-330, (48, 60000, 9, 77, 99, 99, 1, 1), (0, 0, 0, 0, 0, 0, 0, 0), gain=0)
    rules = read_blob(blob)
    assert rules is not None
    assert (rules.standard, rules.daylight) == (None, None)
    zone, said = tzinfo_of(blob, default="UTC", year=2026)
    assert said
    assert dt.datetime(2026, 10, 9, 12, tzinfo=zone).utcoffset() == dt.timedelta(hours=5, minutes=30)


@given(st.binary(min_size=172, max_size=172))
def test_any_blob_gives_a_zone(data: bytes) -> None:
    """Whatever it says, times can be computed in it."""
    zone, _ = tzinfo_of(data, default="Europe/Berlin", year=2026)
    for month in (1, 4, 7, 10):
        offset = dt.datetime(2026, month, 1, tzinfo=zone).utcoffset()
        assert offset is not None
        assert abs(offset) < dt.timedelta(days=1)


@pytest.mark.parametrize("name", ZONES)
def test_a_blob_of_a_zone_leads_back_to_what_it_does(name: str) -> None:
    """Not always to the same name, but to the same clocks, through the year and both changes."""
    zone, said = tzinfo_of(blob_of(name, 2026), default="UTC", year=2026)
    assert said
    real = zoneinfo.ZoneInfo(name)
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    while moment.year == 2026:
        assert moment.astimezone(zone).utcoffset() == moment.astimezone(real).utcoffset(), moment
        moment += dt.timedelta(hours=6)


@pytest.mark.parametrize("windows", sorted(WINDOWS_TO_OLSON))
def test_windows_names_lead_to_zones(windows: str) -> None:
    """A blob with the name and the rules of a zone that Windows knows is that zone."""
    olson = WINDOWS_TO_OLSON[windows]
    rules = rules_of(olson, 2026)
    named = ZoneRules(
        bias=rules.bias,
        standard_name=windows,
        standard=rules.standard,
        daylight=rules.daylight,
        standard_bias=rules.standard_bias,
        daylight_bias=rules.daylight_bias,
    )
    assert zone_name(named, 2026) == olson


def test_a_name_does_not_stand_against_the_rules() -> None:
    """Names are localised, kept from elsewhere, or invented; clocks are not."""
    lying = ZoneRules(bias=-540, standard_name=BERLIN_NAME)
    found = zone_name(lying, 2026)
    assert found is not None
    assert rules_of(found, 2026).behaviour == rules_of("Asia/Tokyo", 2026).behaviour
    unnamed = ZoneRules(bias=-60, standard_name="Mitteleurop\u00e4ische Zeit", standard=BERLIN.standard,
                        daylight=BERLIN.daylight, daylight_bias=-60)  # fmt: skip
    assert zone_name(unnamed, 2026) == "Europe/Berlin"


def test_ones_own_zone_comes_first() -> None:
    """Many zones follow the rules of Berlin."""
    assert zone_name(BERLIN, 2026) == "Europe/Berlin"
    assert zone_name(BERLIN, 2026, prefer=("Europe/Paris",)) == "Europe/Paris"
    assert zone_name(BERLIN, 2026, prefer=("Asia/Tokyo", "Nowhere/Land")) == "Europe/Berlin"


def test_known_rules() -> None:
    """North, south, none, and half an hour of summer time."""
    assert rules_of("Europe/Berlin", 2026).behaviour == BERLIN.behaviour
    sydney = rules_of("Australia/Sydney", 2026)
    assert (sydney.bias, sydney.daylight_bias) == (-600, -60)
    assert (sydney.standard, sydney.daylight) == (Transition(4, 0, 1, 3), Transition(10, 0, 1, 2))
    assert rules_of("Asia/Tokyo", 2026).behaviour == (-540,)
    assert rules_of("Australia/Lord_Howe", 2026).daylight_bias == -30
    pacific = rules_of("America/Los_Angeles", 2026)
    assert (pacific.bias, pacific.daylight, pacific.standard) == (
        480,
        Transition(3, 0, 2, 2),
        Transition(11, 0, 1, 2),
    )
    with pytest.raises(ValueError, match=r"'Europe/Berlim' is no time zone; use a name such as"):
        rules_of("Europe/Berlim", 2026)


ODD = [
    ("north", Transition(10, 0, 5, 4), Transition(3, 0, 5, 3), -60),
    ("south", Transition(4, 0, 1, 3), Transition(10, 0, 1, 2), -60),
    ("midnight", Transition(10, 0, 5, 0), Transition(3, 0, 5, 0), -60),
    ("half an hour", Transition(4, 6, 2, 2, 30), Transition(9, 6, 3, 1, 30), -30),
    ("winter time", Transition(3, 0, 5, 1), Transition(10, 0, 5, 2), 60),
]


@pytest.mark.parametrize(("standard", "daylight", "gain"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_TZ4_rules_that_no_zone_follows_are_followed(standard: Transition, daylight: Transition, gain: int) -> None:
    """Both changes happen at the minute that the blob says, in the time that is being left."""
    rules = ZoneRules(bias=-97, standard=standard, daylight=daylight, daylight_bias=gain)
    assert zone_name(rules, 2026) is None
    zone, said = tzinfo_of(write_blob(rules), default="UTC", year=2026)
    assert said
    winter, summer = dt.timedelta(minutes=97), dt.timedelta(minutes=97 - gain)
    for rule, before, after in ((daylight, winter, summer), (standard, summer, winter)):
        moment = _nth(rule, 2026) - before
        assert (moment - dt.timedelta(minutes=1)).replace(tzinfo=dt.UTC).astimezone(zone).utcoffset() == before
        assert moment.replace(tzinfo=dt.UTC).astimezone(zone).utcoffset() == after


def _nth(rule: Transition, year: int) -> dt.datetime:
    """Give the wall clock of a change, counted day by day."""
    days = [
        day
        for day in (dt.date(year, rule.month, 1) + dt.timedelta(days=n) for n in range(31))
        if day.month == rule.month and (day.weekday() + 1) % 7 == rule.weekday
    ]
    day = days[-1] if rule.nth == 5 else days[rule.nth - 1]
    return dt.datetime.combine(day, dt.time(rule.hour, rule.minute))


def test_changes_of_a_single_year_are_no_rule() -> None:
    """[MS-ASDTYPE] A year in the dates makes them absolute; the time in winter is kept then."""
    blob = _raw(-97, (2026, 10, 0, 25, 3, 0, 0, 0), (2026, 3, 0, 29, 2, 0, 0, 0))
    zone, said = tzinfo_of(blob, default="UTC", year=2026)
    assert said
    assert dt.datetime(2026, 7, 1, tzinfo=zone).utcoffset() == dt.timedelta(minutes=97)


_rules = st.builds(
    ZoneRules,
    bias=st.integers(-900, 900),
    standard_name=st.text("abc \u00e9\u4e2d", max_size=31).map(str.strip),
    daylight_name=st.text("abc \u00e9\u4e2d", max_size=31).map(str.strip),
    standard=st.none()
    | st.builds(Transition, st.integers(1, 12), st.integers(0, 6), st.integers(1, 5), st.integers(0, 23)),
    daylight=st.none()
    | st.builds(Transition, st.integers(1, 12), st.integers(0, 6), st.integers(1, 5), st.integers(0, 23)),
    standard_bias=st.integers(-120, 120),
    daylight_bias=st.integers(-120, 120),
).filter(lambda rules: rules != ZoneRules(bias=0))


@given(_rules)
def test_rules_come_back(rules: ZoneRules) -> None:
    """Names of 31 characters at most."""
    assert read_blob(write_blob(rules)) == rules
