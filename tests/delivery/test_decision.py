"""
How mail reaches a device: the whole table, and what overrides it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from carrierpost.delivery import RULES, DeliveryPolicy, Way, decide
from carrierpost.model import AppState, Channel, DeviceLife, Network, Platform
from tests.delivery.devices import NOON, device_of, life_of

IOS, ANDROID, DESKTOP = Platform.IOS, Platform.ANDROID, Platform.DESKTOP
OPEN, GRACE, LEFT, ASLEEP, GONE = AppState

BOTH = (False, True)
CHANNEL = {IOS: Channel.APNS, ANDROID: Channel.FCM, DESKTOP: Channel.WEB_PUSH}

# platform, state, background refresh, channel usable: the way, and words of the reason. Written out by hand from the
# promise, row by row, not derived from the product's own table.
TABLE = {
    (IOS, OPEN, False, False): (Way.LIVE, "open, whatever is set for the background"),
    (IOS, OPEN, False, True): (Way.LIVE, "open, whatever is set for the background"),
    (IOS, OPEN, True, False): (Way.LIVE, "open, whatever is set for the background"),
    (IOS, OPEN, True, True): (Way.LIVE, "open, whatever is set for the background"),
    (IOS, GRACE, False, False): (Way.LIVE, "just left, and iOS lets it go on for its grace period"),
    (IOS, GRACE, False, True): (Way.LIVE, "just left, and iOS lets it go on for its grace period"),
    (IOS, GRACE, True, False): (Way.LIVE, "just left, and iOS lets it go on for its grace period"),
    (IOS, GRACE, True, True): (Way.LIVE, "just left, and iOS lets it go on for its grace period"),
    (IOS, LEFT, False, False): (Way.NOTHING, "background app refresh is off; mail comes when it is opened"),
    (IOS, LEFT, False, True): (Way.NOTIFY, "in the background, and its notify channel wakes it"),
    (IOS, LEFT, True, False): (Way.REFRESH, "background app refresh lets it ask from time to time"),
    (IOS, LEFT, True, True): (Way.NOTIFY, "in the background, and its notify channel wakes it"),
    (IOS, ASLEEP, False, False): (Way.NOTHING, "background app refresh is off; mail comes when it is opened"),
    (IOS, ASLEEP, False, True): (Way.NOTIFY, "in the background, and its notify channel wakes it"),
    (IOS, ASLEEP, True, False): (Way.REFRESH, "background app refresh lets it ask from time to time"),
    (IOS, ASLEEP, True, True): (Way.NOTIFY, "in the background, and its notify channel wakes it"),
    (IOS, GONE, False, False): (Way.NOTHING, "closed, and iOS starts it for nobody but a person"),
    (IOS, GONE, False, True): (Way.NOTIFY, "closed, and iOS shows the notice without it"),
    (IOS, GONE, True, False): (Way.NOTHING, "closed, and iOS starts it for nobody but a person"),
    (IOS, GONE, True, True): (Way.NOTIFY, "closed, and iOS shows the notice without it"),
    (ANDROID, OPEN, False, False): (Way.LIVE, "the app is open"),
    (ANDROID, OPEN, False, True): (Way.LIVE, "the app is open"),
    (ANDROID, OPEN, True, False): (Way.LIVE, "the app is open"),
    (ANDROID, OPEN, True, True): (Way.LIVE, "the app is open"),
    (ANDROID, GRACE, False, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, GRACE, False, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, GRACE, True, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, GRACE, True, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, LEFT, False, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, LEFT, False, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, LEFT, True, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, LEFT, True, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, ASLEEP, False, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, ASLEEP, False, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, ASLEEP, True, False): (Way.LIVE, "where Android lets it stay connected"),
    (ANDROID, ASLEEP, True, True): (Way.NOTIFY, "the connection stays, and the notify channel wakes the device"),
    (ANDROID, GONE, False, False): (Way.LIVE, "closed, and Android lets its service stay connected"),
    (ANDROID, GONE, False, True): (Way.NOTIFY, "closed; the connection stays"),
    (ANDROID, GONE, True, False): (Way.LIVE, "closed, and Android lets its service stay connected"),
    (ANDROID, GONE, True, True): (Way.NOTIFY, "closed; the connection stays"),
    (DESKTOP, OPEN, False, False): (Way.LIVE, "the app is open"),
    (DESKTOP, OPEN, False, True): (Way.LIVE, "the app is open"),
    (DESKTOP, OPEN, True, False): (Way.LIVE, "the app is open"),
    (DESKTOP, OPEN, True, True): (Way.LIVE, "the app is open"),
    (DESKTOP, GRACE, False, False): (Way.LIVE, "not in front"),
    (DESKTOP, GRACE, False, True): (Way.LIVE, "not in front"),
    (DESKTOP, GRACE, True, False): (Way.LIVE, "not in front"),
    (DESKTOP, GRACE, True, True): (Way.LIVE, "not in front"),
    (DESKTOP, LEFT, False, False): (Way.LIVE, "not in front"),
    (DESKTOP, LEFT, False, True): (Way.LIVE, "not in front"),
    (DESKTOP, LEFT, True, False): (Way.LIVE, "not in front"),
    (DESKTOP, LEFT, True, True): (Way.LIVE, "not in front"),
    (DESKTOP, ASLEEP, False, False): (Way.NOTHING, "the computer sleeps"),
    (DESKTOP, ASLEEP, False, True): (Way.NOTIFY, "the computer sleeps; its channel keeps the notice"),
    (DESKTOP, ASLEEP, True, False): (Way.NOTHING, "the computer sleeps"),
    (DESKTOP, ASLEEP, True, True): (Way.NOTIFY, "the computer sleeps; its channel keeps the notice"),
    (DESKTOP, GONE, False, False): (Way.NOTHING, "the app is closed"),
    (DESKTOP, GONE, False, True): (Way.NOTIFY, "reaches the computer without it"),
    (DESKTOP, GONE, True, False): (Way.NOTHING, "the app is closed"),
    (DESKTOP, GONE, True, True): (Way.NOTIFY, "reaches the computer without it"),
}
CASES = list(itertools.product(Platform, AppState, BOTH, BOTH))


def _life(platform: Platform, state: AppState, *, refresh: bool, push: bool, **more: Any) -> DeviceLife:
    return life_of(state, background_refresh=refresh, channel=CHANNEL[platform] if push else None, **more)


@pytest.mark.parametrize(("platform", "state", "refresh", "push"), CASES)
def test_the_promise_holds_for_every_combination(
    platform: Platform, state: AppState, refresh: bool, push: bool
) -> None:
    """Each combination of platform, state, background refresh and channel is delivered as promised, and says why."""
    way, words = TABLE[platform, state, refresh, push]
    delivery = decide(device_of(platform), _life(platform, state, refresh=refresh, push=push), DeliveryPolicy(), NOON)
    assert delivery.way is way
    assert words in delivery.reason
    assert delivery.channel == (CHANNEL[platform] if way is Way.NOTIFY else None)
    assert delivery.holds == (way in {Way.LIVE, Way.NOTIFY})


def test_the_promise_has_a_row_for_every_combination() -> None:
    """The test's own table leaves nothing out."""
    assert set(TABLE) == set(CASES)


@pytest.mark.parametrize(("platform", "state", "refresh", "push"), CASES)
def test_exactly_one_rule_fits(platform: Platform, state: AppState, refresh: bool, push: bool) -> None:
    """The product's rules neither overlap nor leave a gap, so their order means nothing."""
    fitting = [one for one in RULES if one.fits(platform, state, notified=push, refreshed=refresh)]
    assert len(fitting) == 1


@pytest.mark.parametrize("platform", Platform)
def test_power_and_network_change_no_way(platform: Platform) -> None:
    """Low power, the kind of network and roaming leave the way as it is; where they matter, the reason says so."""
    for state, refresh, push, low_power, network, roaming in itertools.product(
        AppState, BOTH, BOTH, BOTH, Network, BOTH
    ):
        life = _life(platform, state, refresh=refresh, push=push, low_power=low_power, network=network, roaming=roaming)
        delivery = decide(device_of(platform), life, DeliveryPolicy(), NOON)
        way = TABLE[platform, state, refresh, push][0]
        assert delivery.way is way
        assert ("low power mode" in delivery.reason) == (low_power and way is Way.REFRESH)
        assert ("no network" in delivery.reason) == (network is Network.NONE and way is not Way.NOTHING)
        assert ("roaming" in delivery.reason) == (roaming and way is Way.REFRESH and network is not Network.NONE)


def test_grace_period_ends_by_itself() -> None:
    """On iOS the stream goes on for as long as the system gives, to the second, although nothing more is heard."""
    life = life_of(GRACE, background_refresh=False)
    policy = DeliveryPolicy(grace_seconds=45)
    ends = NOON + dt.timedelta(seconds=45)
    before = decide(device_of(IOS), life, policy, ends - dt.timedelta(microseconds=1))
    assert before.way is Way.LIVE
    assert before.until == ends
    after = decide(device_of(IOS), life, policy, ends)
    assert after.way is Way.NOTHING
    assert after.reason.startswith("the grace period is over")


def test_grace_period_is_thirty_seconds_unless_said_otherwise() -> None:
    """The default is what systems usually give."""
    assert decide(device_of(IOS), life_of(GRACE), DeliveryPolicy(), NOON).until == NOON + dt.timedelta(seconds=30)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channel": None}, "no notify channel is set up"),
        ({"channel_allowed": False}, "turned off for the app in the device's settings"),
        ({"channel": Channel.WEBHOOK}, "the administrator does not allow the channel webhook"),
        ({"channel": Channel.FCM}, "the channel fcm does not reach ios"),
    ],
)
def test_channel_that_cannot_be_used_is_named(change: dict[str, Any], words: str) -> None:
    """Whatever stands in the way of a notice is said, so that somebody can mend it."""
    life = life_of(ASLEEP, **{"background_refresh": False, "channel": Channel.APNS, **change})
    policy = DeliveryPolicy(channels=frozenset(Channel) - {Channel.WEBHOOK})
    delivery = decide(device_of(IOS), life, policy, NOON)
    assert delivery.way is Way.NOTHING
    assert words in delivery.reason


def test_open_app_is_told_nothing_of_channels() -> None:
    """A missing channel is no reason for anything while the app is open."""
    assert "channel" not in decide(device_of(IOS), life_of(OPEN), DeliveryPolicy(), NOON).reason


def test_device_that_falls_silent_is_no_longer_open() -> None:
    """A phone whose battery died while the app was open is not streamed to for ever."""
    life = life_of(OPEN, channel=Channel.APNS)
    device, policy = device_of(IOS), DeliveryPolicy(silence_seconds=600)
    first = decide(device, life, policy, NOON + dt.timedelta(seconds=599))
    assert (first.way, first.until) == (Way.LIVE, NOON + dt.timedelta(seconds=600))
    later = decide(device, life, policy, NOON + dt.timedelta(seconds=600))
    assert later.way is Way.NOTIFY
    assert "silent since" in later.reason


@pytest.mark.parametrize("platform", Platform)
def test_forgotten_device_holds_no_connection(platform: Platform) -> None:
    """A device in a drawer does not make the hub hold its account's connection for ever."""
    life = _life(platform, GONE, refresh=True, push=True)
    at = NOON + dt.timedelta(days=30)
    assert decide(device_of(platform), life, DeliveryPolicy(), at - dt.timedelta(seconds=1)).holds
    assert not decide(device_of(platform), life, DeliveryPolicy(), at).holds


def test_decision_holds_until_it_says() -> None:
    """Whoever asks again before `until` hears the same."""
    for platform, state, refresh, push in CASES:
        life = _life(platform, state, refresh=refresh, push=push)
        first = decide(device_of(platform), life, DeliveryPolicy(), NOON)
        assert first.until is not None
        again = decide(device_of(platform), life, DeliveryPolicy(), first.until - dt.timedelta(microseconds=1))
        assert again == first
