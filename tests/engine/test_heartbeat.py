"""
Learning how long a connection may be held: tables and properties of a pure value.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.engine.heartbeat import AT_ONCE, Heartbeat
from carrierpost.engine.settings import EngineSettings


def answered(heartbeat: Heartbeat, times: int) -> Heartbeat:
    """Answer so many Pings at the end of their time."""
    for _ in range(times):
        heartbeat = heartbeat.answered(heartbeat.seconds)
    return heartbeat


@pytest.mark.parametrize(
    ("before", "held", "silent", "seconds", "ceiling"),
    [
        (Heartbeat(480), 510.0, True, 240, 480),  # given up after interval and margin
        (Heartbeat(480), 240.0, True, 120, 240),
        (Heartbeat(480), 5.0, True, 480, 0),  # the network was simply away
        (Heartbeat(480), 60.0, False, 480, 0),  # seen to break, once
        (Heartbeat(480, suspect=60), 60.0, False, 60, 60),  # and again after the same time
        (Heartbeat(480, suspect=400), 60.0, False, 480, 0),  # after another time: no rule
        (Heartbeat(60, least=60), 90.0, True, 60, 60),
        (Heartbeat(600, ceiling=300), 600.0, True, 300, 300),
    ],
)
def test_a_cut_shortens_the_interval_when_it_means_something(
    before: Heartbeat, held: float, silent: bool, seconds: int, ceiling: int
) -> None:
    """A silent drop at once, a break that was seen the second time; never below the least."""
    after = before.cut(held, silent=silent)
    assert (after.seconds, after.ceiling) == (seconds, ceiling)


def test_it_grows_after_two_answers_in_time_up_to_the_limit() -> None:
    """480, 480, 600, 600, 720 ... 3540, and no further."""
    seen = [answered(Heartbeat(480), times).seconds for times in range(6)]
    assert seen == [480, 480, 600, 600, 720, 720]
    assert answered(Heartbeat(480), 1000).seconds == 3540


def test_an_early_answer_teaches_nothing() -> None:
    """News after a minute do not show that ten minutes would have been carried."""
    before = Heartbeat(480, good=1)
    assert before.answered(60.0) == before


def test_a_ceiling_is_respected_for_long_and_then_forgiven() -> None:
    """Half a day of answers below it, then it is tried again."""
    below = Heartbeat(360, ceiling=480)
    assert answered(below, 40).seconds == 360
    assert answered(below, 60).seconds > 360


@pytest.mark.parametrize(
    ("before", "nearest", "seconds"), [(Heartbeat(480), 300, 300), (Heartbeat(480), 900, 900), (Heartbeat(30), 60, 60)]
)
def test_a_limit_is_adopted(before: Heartbeat, nearest: int, seconds: int) -> None:
    """In either direction, and kept to from then on."""
    after = before.limited(nearest)
    assert after.seconds == seconds
    assert after.least <= seconds <= after.most
    shrunk = after.cut(after.seconds + 30.0, silent=True)
    assert shrunk.seconds >= after.least
    assert answered(after, 500).seconds <= after.most


def test_it_begins_with_what_was_learned_within_the_limits() -> None:
    """A stored value out of range, of an older release perhaps, is brought into it."""
    settings = EngineSettings()
    assert Heartbeat.of(settings).seconds == settings.heartbeat
    assert Heartbeat.of(settings, learned=900, ceiling=1200) == Heartbeat(900, 1200, settings.least_heartbeat, 3540)
    assert Heartbeat.of(settings, learned=1).seconds == settings.least_heartbeat
    assert Heartbeat.of(settings, learned=10**9).seconds == settings.most_heartbeat


events = st.one_of(
    st.tuples(st.just("answered"), st.floats(0, 4000)),
    st.tuples(st.just("silent"), st.floats(0, 4000)),
    st.tuples(st.just("seen"), st.floats(0, 4000)),
    st.tuples(st.just("limited"), st.integers(1, 7200)),
)


@given(st.lists(events, max_size=60))
def test_whatever_happens_the_interval_stays_possible(story: list[tuple[str, float]]) -> None:
    """Positive, within the limits that the server named last, below a known ceiling unless nothing less is allowed."""
    heartbeat = Heartbeat.of(EngineSettings())
    for what, value in story:
        before = heartbeat
        match what:
            case "answered":
                heartbeat = heartbeat.answered(min(value, heartbeat.seconds))
                assert heartbeat.seconds >= before.seconds
            case "limited":
                heartbeat = heartbeat.limited(int(value))
                assert heartbeat.seconds == int(value)
            case _:
                heartbeat = heartbeat.cut(value, silent=what == "silent")
                assert heartbeat.seconds <= max(before.seconds, before.least)
                if value < AT_ONCE:
                    assert heartbeat == before
        assert 1 <= heartbeat.least <= heartbeat.most
        assert 1 <= heartbeat.seconds <= heartbeat.most
