"""
Pauses after failures.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.engine.backoff import pause


class Fixed(random.Random):
    """Chance that is none."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        """Give always the same."""
        return self._value


@pytest.mark.parametrize(
    ("failures", "least", "most"), [(1, 1, 2), (2, 2, 4), (3, 4, 8), (8, 128, 256), (9, 150, 300), (10**6, 150, 300)]
)
def test_it_doubles_up_to_a_limit_and_is_spread_over_half_of_its_length(failures: int, least: int, most: int) -> None:
    """Also after a million failures."""
    assert pause(failures, Fixed(0.0)) == least
    assert pause(failures, Fixed(1.0)) == most


@given(st.integers(-5, 10**9), st.integers(), st.floats(0.1, 100), st.floats(100, 10_000))
def test_it_is_never_nothing_and_never_more_than_the_limit(failures: int, seed: int, first: float, most: float) -> None:
    """Whatever number of failures is given."""
    seconds = pause(failures, random.Random(seed), first=first, most=most)
    assert first / 2 <= seconds <= most
