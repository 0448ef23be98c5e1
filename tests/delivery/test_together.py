"""
What the devices of one account mean for the hub.
"""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from carrierpost.delivery import DeliveryPolicy, Known, Way, decide, plan_account
from carrierpost.model import AppState, Channel, DeviceSettings, FolderType, Platform
from tests.delivery.devices import NOON, device_of, folder, life_of

POLICY = DeliveryPolicy()
INBOX = folder(1, FolderType.INBOX, "Inbox")
CALENDAR = folder(2, FolderType.CALENDAR, "Calendar")
PROJECTS = folder(3, FolderType.USER_MAIL, "Projects")
NEWS = folder(4, FolderType.USER_MAIL, "News", 30)
OLD = folder(5, FolderType.USER_MAIL, "Old", -1)
FOLDERS = (INBOX, CALENDAR, PROJECTS, NEWS, OLD)


def _phone(number: int, state: AppState, *, auto_refresh: bool = True, platform: Platform = Platform.IOS) -> Known:
    life = life_of(state, background_refresh=False)
    return Known(device_of(platform, number), life, DeviceSettings(auto_refresh=auto_refresh))


@pytest.mark.parametrize("platforms", list(itertools.product(Platform, repeat=2)))
def test_connection_is_held_exactly_while_a_device_wants_it(platforms: tuple[Platform, Platform]) -> None:
    """Two devices in any states: held if and only if at least one of them wants it."""
    for states in itertools.product(AppState, repeat=2):
        known = [
            _phone(number, state, platform=platform)
            for number, (state, platform) in enumerate(zip(states, platforms, strict=True), 1)
        ]
        plan = plan_account(known, FOLDERS, POLICY, NOON)
        assert plan.holds == any(decide(one.device, one.life, POLICY, NOON).holds for one in known)
        assert plan.held == ((1, 2, 3) if plan.holds else ())


def test_account_without_devices_is_left_alone() -> None:
    """Nobody to tell, nothing to hold."""
    plan = plan_account([], FOLDERS, POLICY, NOON)
    assert (plan.holds, plan.turns, plan.until, plan.reason) == (False, (), None, "the account has no device")


def test_nobody_wanting_it_is_explained() -> None:
    """The reason of the one device stands for why the connection is not held."""
    plan = plan_account([_phone(1, AppState.SUSPENDED)], FOLDERS, POLICY, NOON)
    assert not plan.holds
    assert plan.turns == ()
    assert "background app refresh is off" in plan.reason


def test_plan_changes_when_the_grace_period_ends() -> None:
    """The hub knows when to look again, and then lets go."""
    phone = _phone(1, AppState.GRACE)
    plan = plan_account([phone], FOLDERS, POLICY, NOON)
    assert plan.holds
    assert plan.until == NOON + dt.timedelta(seconds=30)
    assert not plan_account([phone], FOLDERS, POLICY, plan.until).holds


def test_folders_with_a_frequency_come_at_their_time() -> None:
    """Push folders are held, those with a frequency are due in turn, manual ones never by themselves."""
    reports = folder(6, FolderType.USER_MAIL, "Reports", 240)
    asked = {4: NOON - dt.timedelta(minutes=12), 6: NOON - dt.timedelta(minutes=300)}
    plan = plan_account([_phone(1, AppState.FOREGROUND)], (*FOLDERS, reports), POLICY, NOON, asked=asked)
    assert [(one.collection_id, one.at) for one in plan.turns] == [
        (6, NOON - dt.timedelta(minutes=60)),
        (4, NOON + dt.timedelta(minutes=18)),
    ]
    assert plan.turns[1].reason == "News is checked every 30 minutes"


def test_folder_that_was_never_asked_for_is_due() -> None:
    """A frequency that was just chosen begins at once."""
    plan = plan_account([_phone(1, AppState.FOREGROUND)], FOLDERS, POLICY, NOON)
    assert [(one.collection_id, one.at) for one in plan.turns] == [(4, NOON)]


def test_auto_refresh_off_on_one_device_takes_nothing_from_another() -> None:
    """Folders are held for whoever wants them: the union over the devices that want the connection, and only those."""
    modest = _phone(1, AppState.FOREGROUND, auto_refresh=False)
    assert plan_account([modest], FOLDERS, POLICY, NOON).held == (1, 2)
    greedy_open = _phone(2, AppState.FOREGROUND)
    assert plan_account([modest, greedy_open], FOLDERS, POLICY, NOON).held == (1, 2, 3)
    greedy_asleep = _phone(2, AppState.SUSPENDED)
    plan = plan_account([modest, greedy_asleep], FOLDERS, POLICY, NOON)
    assert plan.held == (1, 2)
    assert plan.turns == ()


def test_nothing_set_to_push_holds_nothing() -> None:
    """A connection over no folder is none, and the plan says why."""
    plan = plan_account([_phone(1, AppState.FOREGROUND)], (NEWS, OLD), POLICY, NOON)
    assert not plan.holds
    assert "no folder is set to push" in plan.reason


def test_sleeping_phone_with_a_channel_is_told_while_the_laptop_streams() -> None:
    """Each device has a way of its own; the connection serves both."""
    laptop = _phone(1, AppState.FOREGROUND, platform=Platform.DESKTOP)
    phone = Known(device_of(Platform.IOS, 2), life_of(AppState.TERMINATED, channel=Channel.APNS))
    plan = plan_account([laptop, phone], FOLDERS, POLICY, NOON)
    assert {number: one.way for number, one in plan.deliveries.items()} == {1: Way.LIVE, 2: Way.NOTIFY}
    assert plan.reason.startswith("held for desktop 1, ios 2")
