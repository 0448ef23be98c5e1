"""
An app's life: what can happen in which state, and what cannot.
"""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.delivery import TRANSITIONS, EventNotPossible, LifeEvent, after, lived, possible
from carrierpost.model import AppState, Platform
from tests.delivery.devices import NOON, life_of

E = LifeEvent
OPEN, GRACE, LEFT, ASLEEP, GONE = AppState


@pytest.mark.parametrize(
    ("platform", "story"),
    [
        (
            Platform.IOS,
            [
                (E.FOREGROUND, OPEN),
                (E.BACKGROUND, GRACE),
                (E.FOREGROUND, OPEN),
                (E.BACKGROUND, GRACE),
                (E.GRACE_ENDED, ASLEEP),
                (E.REFRESH_BEGUN, LEFT),
                (E.REFRESH_ENDED, ASLEEP),
                (E.PUSH_RECEIVED, LEFT),
                (E.SUSPENDED, ASLEEP),
                (E.TERMINATED, GONE),
                (E.PUSH_RECEIVED, GONE),
                (E.REFRESH_BEGUN, LEFT),
                (E.FOREGROUND, OPEN),
                (E.REFRESH_ENDED, OPEN),
            ],
        ),
        (
            Platform.ANDROID,
            [
                (E.FOREGROUND, OPEN),
                (E.BACKGROUND, LEFT),
                (E.SUSPENDED, ASLEEP),
                (E.PUSH_RECEIVED, LEFT),
                (E.TERMINATED, GONE),
                (E.PUSH_RECEIVED, LEFT),
            ],
        ),
        (
            Platform.DESKTOP,
            [
                (E.FOREGROUND, OPEN),
                (E.BACKGROUND, LEFT),
                (E.SUSPENDED, ASLEEP),
                (E.FOREGROUND, OPEN),
                (E.TERMINATED, GONE),
                (E.PUSH_RECEIVED, GONE),
            ],
        ),
    ],
)
def test_a_life_goes_as_told(platform: Platform, story: list[tuple[LifeEvent, AppState]]) -> None:
    """A life on each system, from the first opening on."""
    state = GONE
    for event, expected in story:
        state = after(platform, state, event)
        assert state is expected, event


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("state", AppState)
@pytest.mark.parametrize("event", LifeEvent)
def test_every_event_in_every_state_leads_somewhere_or_is_named(
    platform: Platform, state: AppState, event: LifeEvent
) -> None:
    """Any state with any event ends in a state of the table, or in an error that names both and what is possible."""
    rows = [one for one in TRANSITIONS if (one.platform, one.state, one.event) == (platform, state, event)]
    if rows:
        assert [after(platform, state, event)] == [one.to for one in rows]
        return
    with pytest.raises(EventNotPossible) as caught:
        after(platform, state, event)
    assert str(state) in str(caught.value)
    assert event.value in str(caught.value)
    assert caught.value.possible == possible(platform, state)


def test_grace_exists_on_ios_alone() -> None:
    """Nothing on Android or a desk leads to a grace period."""
    assert {one.platform for one in TRANSITIONS if one.to is GRACE} == {Platform.IOS}


@given(st.sampled_from(Platform), st.lists(st.sampled_from(LifeEvent)))
def test_an_app_can_always_be_opened_and_closed(platform: Platform, events: list[LifeEvent]) -> None:
    """Wherever a life has led, a person can open the app and the system can end it."""
    state = GONE
    for event in events:
        with contextlib.suppress(EventNotPossible):
            state = after(platform, state, event)
    assert after(platform, state, E.FOREGROUND) is OPEN
    assert after(platform, state, E.TERMINATED) is GONE


@given(st.sampled_from(Platform), st.lists(st.sampled_from([E.FOREGROUND, E.BACKGROUND, E.TERMINATED])))
def test_a_repeated_report_changes_nothing(platform: Platform, events: list[LifeEvent]) -> None:
    """A report whose answer was lost comes again, and leads where it led."""
    state = GONE
    for event in events:
        if event in possible(platform, state):
            state = after(platform, state, event)
            assert after(platform, state, event) is state


def test_repeated_leaving_does_not_prolong_the_grace_period() -> None:
    """`since` is when a state began, not when it was last reported; being seen is."""
    life = life_of(OPEN)
    left = lived(Platform.IOS, life, E.BACKGROUND, NOON + dt.timedelta(seconds=10))
    again = lived(Platform.IOS, left, E.BACKGROUND, NOON + dt.timedelta(seconds=25))
    assert again.since == NOON + dt.timedelta(seconds=10)
    assert again.last_seen == NOON + dt.timedelta(seconds=25)


def test_a_life_is_checked_when_it_is_made() -> None:
    """A charge of 130 percent and a time without a zone are refused with a sentence."""
    with pytest.raises(ValueError, match="130"):
        life_of(OPEN, battery=130)
    with pytest.raises(ValueError, match="zone"):
        life_of(OPEN, since=NOON.replace(tzinfo=None))
