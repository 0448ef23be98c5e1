"""
Windows: what may be said, what the policy allows, and the ladder of a first synchronisation.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.engine.windows import Limits, allowed_window, ladder, next_window
from carrierpost.model import Collection, Progress
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.server.views import WINDOWS

MAIL, CALENDAR, TASKS = ContentClass.EMAIL, ContentClass.CALENDAR, ContentClass.TASKS
F = FilterType


def folder(kind: ContentClass, window: FilterType, **values: object) -> Collection:
    """Make a folder of a class."""
    types = {MAIL: FolderType.INBOX, CALENDAR: FolderType.CALENDAR, TASKS: FolderType.TASKS}
    return Collection(
        id=1, account_id=1, server_id="1", parent_id="0", display_name="x", type=types.get(kind, FolderType.CONTACTS),
        content_class=kind, window=window, **values,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "window", "allowed"),
    [
        (MAIL, F.THREE_DAYS, F.THREE_DAYS),
        (MAIL, F.THREE_MONTHS, F.ALL),
        (MAIL, F.INCOMPLETE_TASKS, F.ALL),
        (CALENDAR, F.ONE_DAY, F.TWO_WEEKS),
        (CALENDAR, F.SIX_MONTHS, F.SIX_MONTHS),
        (TASKS, F.INCOMPLETE_TASKS, F.INCOMPLETE_TASKS),
        (TASKS, F.ONE_WEEK, F.ALL),
        (ContentClass.CONTACTS, F.ONE_WEEK, F.ALL),
        (ContentClass.NOTES, F.ONE_WEEK, F.ALL),
        (None, F.ONE_WEEK, F.ALL),
    ],
)
def test_a_window_is_said_as_the_class_can_say_it(kind: ContentClass | None, window: F, allowed: F) -> None:
    """The same or the next wider one, so that nothing a person wants is missing."""
    assert allowed_window(kind, window) is allowed


@pytest.mark.parametrize(
    ("limit", "wanted", "asked"),
    [(0, F.ALL, F.ALL), (2, F.ALL, F.THREE_DAYS), (2, F.ONE_DAY, F.ONE_DAY), (5, F.TWO_WEEKS, F.TWO_WEEKS),
     (6, F.ALL, F.ALL), (-1, F.ALL, F.ALL), (True, F.ALL, F.ALL), ("2", F.ALL, F.ALL), (None, F.ALL, F.ALL)],
)  # fmt: skip
def test_the_policy_narrows_and_never_widens(limit: object, wanted: F, asked: F) -> None:
    """MaxEmailAgeFilter 0 means no limit, and a value without sense is none."""
    if limit is True:
        asked = F.ONE_DAY  # what equals 1 means 1
    limits = Limits.of({"document": {"max_email_age_filter": limit}})
    assert limits.applied(folder(MAIL, wanted)).window is asked


@pytest.mark.parametrize(
    ("value", "plain"), [(None, None), (-1, None), (0, 0), (4096, 4096), ("1", None), (True, None)]
)
def test_sizes_of_the_policy(value: object, plain: int | None) -> None:
    """-1 is no limit, 0 the header only."""
    assert Limits.of({"document": {"max_email_body_truncation_size": value}}).plain == plain


@pytest.mark.parametrize("policy", [{}, {"document": None}, {"document": "odd"}, {"document": []}])
def test_no_policy_is_no_limit(policy: dict[str, object]) -> None:
    """Whatever is stored."""
    assert Limits.of(policy) == Limits()


@given(st.sampled_from([MAIL, CALENDAR]), st.sampled_from(list(F)), st.integers(-1, 9))
def test_what_is_asked_for_is_never_wider_than_the_limit(kind: ContentClass, wanted: F, limit: int) -> None:
    """In days that the server itself counts by."""
    name = "max_email_age_filter" if kind is MAIL else "max_calendar_age_filter"
    asked = Limits.of({"document": {name: limit}}).applied(folder(kind, wanted)).window
    assert asked in {MAIL: range(6), CALENDAR: (0, 4, 5, 6, 7)}[kind]
    sayable = {MAIL: range(1, 6), CALENDAR: (4, 5, 6, 7)}[kind]
    if limit in sayable:
        assert WINDOWS[asked] <= WINDOWS[F(limit)]


@given(st.sampled_from(list(F)), st.sampled_from([MAIL, CALENDAR, TASKS, ContentClass.CONTACTS]))
def test_the_ladder_climbs_to_the_window_and_ends_there(wanted: F, kind: ContentClass) -> None:
    """Each rung reaches further back than the one before; only mail has more than one."""
    rungs = ladder(wanted, kind)
    assert rungs[-1] is wanted
    reach = [WINDOWS.get(rung, 10**6) for rung in rungs]
    assert reach == sorted(set(reach))
    assert len(rungs) == 1 or kind is MAIL


@pytest.mark.parametrize(
    ("progress", "applied", "window", "asked"),
    [
        (Progress.NEW, None, F.ALL, F.THREE_DAYS),
        (Progress.FILLING, F.THREE_DAYS, F.ALL, F.THREE_DAYS),
        (Progress.FILLING, F.ONE_MONTH, F.ALL, F.ONE_MONTH),
        (Progress.FILLING, F.ONE_MONTH, F.ONE_WEEK, F.ONE_WEEK),
        (Progress.COMPLETE, F.ALL, F.THREE_DAYS, F.THREE_DAYS),
        (Progress.COMPLETE, F.THREE_DAYS, F.ALL, F.ALL),
        (Progress.MATCHING, F.THREE_DAYS, F.ALL, F.ALL),
    ],
)
def test_the_window_that_is_asked_for_next(progress: Progress, applied: F | None, window: F, asked: F) -> None:
    """First synchronisations climb; everything else asks for what is wanted."""
    collection = folder(MAIL, window, progress=progress, window_applied=applied)
    assert next_window(collection, use_ladder=True) is asked
    assert next_window(collection, use_ladder=False) is window
