"""
When the next background refresh is: what must always hold, and what a person is told.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.delivery.cadence import Habits, NextRefresh, RefreshMemory, next_refresh
from carrierpost.delivery.habit import Weekly
from carrierpost.delivery.settings import RefreshPolicy
from carrierpost.model import AppState, DeviceLife, Network
from tests.delivery.devices import NOON, life_of

BERLIN = ZoneInfo("Europe/Berlin")
POLICY = RefreshPolicy()
PLAIN = life_of(AppState.SUSPENDED)
DAY = dt.timedelta(days=1)

lives = st.builds(
    life_of,
    st.just(AppState.SUSPENDED),
    low_power=st.booleans(),
    charging=st.booleans(),
    battery=st.none() | st.integers(0, 100),
    network=st.sampled_from([one for one in Network if one is not Network.NONE]),
    roaming=st.booleans(),
)


def _week(seed: int, often: float) -> Weekly:
    """
    Learn a few weeks of something that happens now and then.
    """
    chance, week, moment = random.Random(seed), Weekly(), NOON - 28 * DAY
    while moment < NOON:
        moment += dt.timedelta(minutes=chance.expovariate(often / 60))
        week = week.noted(moment.astimezone(BERLIN))
    return week


WEEKS = [Weekly(), _week(1, 0.2), _week(2, 2.0), _week(3, 12.0)]
habits = st.builds(Habits, st.sampled_from(WEEKS), st.sampled_from(WEEKS))


@st.composite
def memories(draw: st.DrawFn) -> RefreshMemory:
    """
    Give the memory of a device that has kept to the rules so far.
    """
    gaps = draw(st.lists(st.integers(15, 120), max_size=40))
    moments = [NOON - dt.timedelta(minutes=sum(gaps[index:])) for index in range(len(gaps))]
    memory = RefreshMemory(NOON - DAY)
    for moment in moments:
        memory = memory.refreshed(moment, draw(st.integers(0, 3)))
    return memory


def _next(memory: RefreshMemory, habits: Habits, life: DeviceLife, policy: RefreshPolicy = POLICY) -> NextRefresh:
    return next_refresh(memory, habits, life, policy, NOON, BERLIN)


def _at(memory: RefreshMemory, habits: Habits, life: DeviceLife, policy: RefreshPolicy = POLICY) -> dt.datetime:
    at = _next(memory, habits, life, policy).at
    assert at is not None
    return at


@given(
    habits,
    lives,
    st.integers(1, 60),
    st.sampled_from([15.0, 20.0, 45.0]),
    st.randoms(use_true_random=False),
)
def test_floor_and_budget_hold_for_days(
    habits: Habits, life: DeviceLife, budget: int, floor: float, chance: random.Random
) -> None:
    """Three days of refreshing when told: never two within the floor, never more in any 24 hours than the budget."""
    policy = RefreshPolicy(floor_minutes=floor, usual_minutes=45.0, daily_budget=budget)
    memory, now, done = RefreshMemory(NOON), NOON, [NOON - DAY]
    while now < NOON + 3 * DAY:
        at = next_refresh(memory, habits, life, policy, now, BERLIN).at
        assert at is not None
        assert at >= now
        assert at - done[-1] >= dt.timedelta(minutes=floor)
        assert sum(1 for one in done if at - one < DAY) < budget
        done.append(at)
        memory, now = memory.refreshed(at, chance.randint(0, 2)), at


@given(memories(), habits, lives)
def test_same_question_same_answer(memory: RefreshMemory, habits: Habits, life: DeviceLife) -> None:
    """Nothing but what is handed in decides; and the answer keeps floor and budget whatever happened before."""
    first = _next(memory, habits, life)
    assert first == _next(memory, habits, life)
    assert first.at is not None
    assert first.at >= NOON
    if memory.done:
        assert first.at - memory.done[-1] >= dt.timedelta(minutes=15)
    assert sum(1 for one in memory.done if first.at - one < DAY) < POLICY.daily_budget


@given(memories(), habits, lives)
def test_saving_never_makes_it_more_frequent(memory: RefreshMemory, habits: Habits, life: DeviceLife) -> None:
    """Low power, less battery, no charger, roaming and the mobile network never bring the next refresh forward."""
    replace: Any = msgspec.structs.replace
    pairs = [
        (replace(life, low_power=False), replace(life, low_power=True)),
        (replace(life, charging=True), replace(life, charging=False)),
        (replace(life, roaming=False), replace(life, roaming=True)),
        (replace(life, network=Network.WIFI), replace(life, network=Network.CELLULAR)),
        (replace(life, battery=80), replace(life, battery=40)),
        (replace(life, battery=40), replace(life, battery=5)),
    ]
    for better, worse in pairs:
        assert _at(memory, habits, better) <= _at(memory, habits, worse)


@given(memories(), habits, lives)
def test_empty_refreshes_and_a_used_budget_never_bring_it_forward(
    memory: RefreshMemory, habits: Habits, life: DeviceLife
) -> None:
    """Finding nothing again, or having less left for the day, is no reason to hurry."""
    found = dataclasses.replace(memory, found=(*memory.found, 1)[-6:])
    nothing = dataclasses.replace(memory, found=(*memory.found, 0)[-6:])
    assert _at(found, habits, life) <= _at(nothing, habits, life)
    smaller = RefreshPolicy(daily_budget=20)
    assert _at(memory, habits, life, POLICY) <= _at(memory, habits, life, smaller)


@given(memories(), lives)
def test_more_of_everything_never_puts_it_off(memory: RefreshMemory, life: DeviceLife) -> None:
    """Somebody who opens the app more often, or gets more mail, is not refreshed later."""
    assert _at(memory, Habits(opened=_EVEN_OFTEN), life) <= _at(memory, Habits(opened=_EVEN_RARE), life)
    assert _at(memory, Habits(mail=_EVEN_OFTEN), life) <= _at(memory, Habits(mail=_EVEN_RARE), life)


def _even(often: int) -> Weekly:
    week = Weekly()
    for hour in range(24 * 7):
        for _ in range(often):
            week = week.noted((NOON - 7 * DAY + dt.timedelta(hours=hour)).astimezone(BERLIN))
    return week


_EVEN_RARE, _EVEN_OFTEN = _even(1), _even(8)


def test_without_a_network_it_waits() -> None:
    """Nobody can foresee when a network comes; it is said that it is waited for."""
    planned = _next(RefreshMemory(NOON), Habits(), msgspec.structs.replace(PLAIN, network=Network.NONE))
    assert planned.at is None
    assert planned.reason == "next as soon as it can, because there is no network now"


def test_nothing_known_means_the_usual_time() -> None:
    """On the first day there is nothing to go by."""
    planned = _next(RefreshMemory(NOON), Habits(), PLAIN)
    assert planned.at == NOON + dt.timedelta(minutes=40)
    assert planned.reason == "next about 13:40, as usual"  # in Berlin


def test_reason_names_what_made_it_so() -> None:
    """The sentence has the time in the device's zone, and the factors, the strongest first."""
    lunch = Weekly()
    for day in range(1, 28):
        for minutes in (0, 20, 45):
            lunch = lunch.noted((NOON - day * DAY + dt.timedelta(minutes=minutes)).astimezone(BERLIN))
    memory = RefreshMemory(NOON - dt.timedelta(minutes=10), found=(0, 2))
    planned = _next(memory, Habits(opened=lunch), msgspec.structs.replace(PLAIN, low_power=True))
    assert planned.at is not None
    assert planned.reason == (
        f"next about {planned.at.astimezone(BERLIN):%H:%M}: sooner because you often open the app at this time"
        " and the last refresh found mail; later because low power mode is on"
    )
    assert [one.name for one in planned.factors] == ["low power", "habit", "found"]


def test_floor_and_budget_are_told() -> None:
    """When a limit decides, the sentence says which."""
    eager = Habits(opened=_EVEN_OFTEN, mail=_EVEN_OFTEN)
    charging = msgspec.structs.replace(PLAIN, charging=True)
    planned = _next(RefreshMemory(NOON, found=(3,)), eager, charging)
    assert planned.at == NOON + dt.timedelta(minutes=15)
    assert planned.reason.endswith("; no sooner than 15 minutes after the last")
    memory = RefreshMemory(NOON - DAY)
    for number in range(8):
        memory = memory.refreshed(NOON - dt.timedelta(minutes=15 * (8 - number)), 1)
    used = _next(memory, eager, charging, RefreshPolicy(daily_budget=8))
    assert used.at == NOON - dt.timedelta(hours=2) + DAY
    assert "tomorrow" in used.reason
    assert used.reason.endswith("; the 8 refreshes of a day are used up until then")


def test_a_morning_person_is_refreshed_before_the_morning() -> None:
    """Through the night it is rare; shortly before the app is usually opened, it is done."""
    opened = Weekly()
    for day in range(1, 29):
        morning = dt.datetime(2026, 3, 2, 7, 0, tzinfo=BERLIN) - day * DAY
        for minutes in (0, 15, 40):
            opened = opened.noted(morning + dt.timedelta(minutes=minutes))
    now = dt.datetime(2026, 3, 2, 0, 0, tzinfo=BERLIN)
    memory, done = RefreshMemory(now), []
    while now < dt.datetime(2026, 3, 2, 8, 0, tzinfo=BERLIN):
        at = next_refresh(memory, Habits(opened=opened), PLAIN, POLICY, now, BERLIN).at
        assert at is not None
        now = at.astimezone(BERLIN)
        memory = memory.refreshed(now, 0)
        done.append(now)
    night = [one for one in done if one.hour < 6]
    morning_ones = [one for one in done if 6 <= one.hour < 8]
    assert len(night) <= 3
    assert len(morning_ones) >= 2


@pytest.mark.parametrize("numbers", [{"floor_minutes": 10}, {"usual_minutes": 5}, {"daily_budget": 0}])
def test_policy_that_no_system_grants_is_refused(numbers: dict[str, Any]) -> None:
    """A floor below 15 minutes, numbers out of order and a budget of nothing are errors with a sentence."""
    with pytest.raises(ValueError, match="_"):
        RefreshPolicy(**numbers)
