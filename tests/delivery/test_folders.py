"""
Check frequency: one setting, two faces.
"""

from __future__ import annotations

import pytest

from carrierpost.delivery.folders import (
    CHOICES,
    MANUAL,
    PUSH,
    auto_refresh_list,
    first_minutes,
    frequency,
    minutes_of,
    oftener,
    refreshes,
    set_frequency,
    set_ticked,
)
from carrierpost.model import Collection, DeviceSettings, FolderType
from tests.delivery.devices import folder


def _fresh() -> list[Collection]:
    kinds = [
        (FolderType.USER_MAIL, "Zebras"),
        (FolderType.INBOX, "Inbox"),
        (FolderType.USER_MAIL, "archive"),
        (FolderType.CALENDAR, "Calendar"),
        (FolderType.CONTACTS, "Contacts"),
        (FolderType.SENT_ITEMS, "Sent"),
        (FolderType.UNKNOWN, "Sync Issues"),
    ]
    return [folder(number, kind, name, first_minutes(kind)) for number, (kind, name) in enumerate(kinds, 1)]


def test_three_are_ticked_from_the_start() -> None:
    """Auto Refresh lists every mailbox; Inbox, Calendar and Contacts are ticked before anybody has chosen."""
    ticks = auto_refresh_list(_fresh())
    assert [(one.name, one.ticked) for one in ticks] == [
        ("Calendar", True),
        ("Contacts", True),
        ("Inbox", True),
        ("archive", False),
        ("Sent", False),
        ("Zebras", False),
    ]


def test_a_tick_and_a_frequency_are_the_same_setting() -> None:
    """What iOS ticks, Android shows as push; what Android sets to every 15 minutes, iOS shows ticked, with a remark."""
    zebras = _fresh()[0]
    ticked = set_ticked(zebras, ticked=True)
    assert ticked.minutes == PUSH
    quarter = set_frequency(ticked, 15)
    [tick] = auto_refresh_list([quarter])
    assert (tick.ticked, tick.remark) == (True, "every 15 minutes")
    assert set_ticked(quarter, ticked=True).minutes == 15  # ticking again does not undo the choice
    assert set_ticked(quarter, ticked=False).minutes == MANUAL


def test_auto_refresh_off_takes_away_and_never_adds() -> None:
    """Off, only those of the three that are still ticked refresh by themselves; the ticks stay for when it is on."""
    folders = _fresh()
    folders[0] = set_ticked(folders[0], ticked=True)
    folders[4] = set_ticked(folders[4], ticked=False)
    on = [one.display_name for one in folders if refreshes(one, DeviceSettings())]
    off = [one.display_name for one in folders if refreshes(one, DeviceSettings(auto_refresh=False))]
    assert on == ["Zebras", "Inbox", "Calendar"]
    assert off == ["Inbox", "Calendar"]


@pytest.mark.parametrize("minutes", [-2, 0.5, 10_081, 1_000_000])
def test_senseless_frequency_is_refused(minutes: int) -> None:
    """Every -2 minutes or once in two years is no check frequency; the sentence says what is."""
    with pytest.raises(ValueError, match="give 0 for push, -1 for manual"):
        set_frequency(_fresh()[0], minutes)


def test_choices_read_like_a_menu() -> None:
    """Check frequency offers push, some intervals, and manual."""
    assert [frequency(one) for one in CHOICES] == [
        "push",
        "every 5 minutes",
        "every 15 minutes",
        "every 30 minutes",
        "every hour",
        "every 4 hours",
        "manual",
    ]
    assert all(set_frequency(_fresh()[0], one).minutes == one for one in CHOICES)


def test_a_frequency_is_read_as_a_person_writes_it() -> None:
    """Words, minutes and hours up to a week; anything else says how it is written."""
    read = {"push": PUSH, "Manual": MANUAL, "15m": 15, "1h": 60, " 168h ": 10080}
    assert {text: minutes_of(text) for text in read} == read
    for wrong in ("", "0m", "15", "169h", "-5m", "hourly"):
        with pytest.raises(ValueError, match="write push, manual"):
            minutes_of(wrong)


def test_push_is_oftener_than_minutes_and_these_than_manual() -> None:
    """In this order each is oftener than what comes after it, and none than itself."""
    order = [PUSH, 1, 15, 60, MANUAL]
    for place, one in enumerate(order):
        assert [oftener(one, other) for other in order] == [place < there for there in range(len(order))]
