"""
What holds for all tests: Hypothesis profiles (`HYPOTHESIS_PROFILE` chooses one), and the grammar of the protocol.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.grammar import LISTENER, listening

_UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", deadline=None, max_examples=60, derandomize=True, suppress_health_check=_UNHURRIED)
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, suppress_health_check=_UNHURRIED, print_blob=True
)
settings.register_profile("long", deadline=None, max_examples=2000, suppress_health_check=_UNHURRIED, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session", autouse=True)
def _listened_to() -> Iterator[None]:
    """
    Hold what is said in all tests against the grammar.
    """
    with listening():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """
    Fail the test in which a client or the server broke the grammar, unless it says that it does so on purpose.
    """
    LISTENER.take()  # what fixtures said belongs to the test before
    yield
    found = LISTENER.take()
    for marker in item.iter_markers("ungrammatical"):
        found = [one for one in found if marker.args[1:] and not any(part in one for part in marker.args[1:])]
    if found:
        pytest.fail("against the grammar of the protocol:\n" + "\n".join(found), pytrace=False)
