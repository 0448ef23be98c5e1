"""
What to do next: tables of situations, and properties that hold in any.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.engine.heartbeat import Heartbeat
from carrierpost.engine.order import next_step
from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.state import AccountRun, FolderRun
from carrierpost.engine.steps import (
    FetchFolders,
    Hold,
    Idle,
    Negotiate,
    Provision,
    RetryAside,
    SendOutbox,
    Step,
    Stop,
    SyncFolder,
    TellAttendees,
    TellDevice,
)
from carrierpost.model import (
    Account,
    AccountState,
    Collection,
    IntentKind,
    OutboxEntry,
    OutboxState,
    Progress,
    SetAside,
)
from carrierpost.protocol.commands.folder_sync import FolderType, class_of_folder
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.version import Version
from tests.support.virtual import EPOCH

SETTINGS = EngineSettings()
NOW = 1000.0


def account(**values: Any) -> Account:
    """Make an account that has agreed on everything."""
    made = Account(
        id=1, address="a@b.example", login="a", url="https://h/x", device_id="D", version=Version.V16_1,
        hierarchy_key="1", server={"policy_at": EPOCH.isoformat()},
    )  # fmt: skip
    return msgspec.structs.replace(made, **values)


def folder(number: int, kind: FolderType = FolderType.USER_MAIL, **values: Any) -> Collection:
    """Make a complete folder."""
    made = Collection(
        id=number, account_id=1, server_id=str(number), parent_id="0", display_name=f"F{number}", type=kind,
        content_class=class_of_folder(kind), sync_key="5", progress=Progress.COMPLETE, window_applied=FilterType.ALL,
    )  # fmt: skip
    return msgspec.structs.replace(made, **values)


def run_of(*folders: Collection, **values: Any) -> AccountRun:
    """Make a run in which everything has just been synchronized."""
    made = AccountRun(Heartbeat.of(SETTINGS), negotiated=True, hierarchy_due=False, device_told=True, hierarchy_at=NOW)
    for one in folders:
        made.folders[one.id] = FolderRun(due=False, synced_at=NOW, asked_at=NOW)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def step(
    *folders: Collection,
    run: AccountRun,
    of: Account | None = None,
    asides: tuple[SetAside, ...] = (),
    after: float = 0,
    outbox: tuple[OutboxEntry, ...] = (),
) -> Step:
    """Decide."""
    now = EPOCH + dt.timedelta(seconds=after)
    return next_step(of or account(), folders, asides, run, SETTINGS, now=now, monotonic=NOW + after, outbox=outbox)


def entry(number: int, collection: Collection, state: OutboxState = OutboxState.QUEUED) -> OutboxEntry:
    """Make a change of an item that waits to be told."""
    return OutboxEntry(
        id=number, account_id=1, kind=IntentKind.CHANGE, client_id=f"c{number}", collection_id=collection.id,
        item_id=number, state=state, attempts=int(state is OutboxState.SENDING), queued_at=EPOCH,
    )  # fmt: skip


INBOX, CALENDAR, OTHER = folder(1, FolderType.INBOX), folder(2, FolderType.CALENDAR), folder(3)
ALL = (INBOX, CALENDAR, OTHER)


def test_the_order_of_a_first_connection() -> None:
    """Speak the same version, agree on the policy, tell what this is, fetch the list, fill folders, hold."""
    fresh = account(version=Version.V14_0, server={})
    assert step(run=AccountRun(Heartbeat.of(SETTINGS)), of=fresh) == Negotiate()
    run = run_of(*ALL, device_told=False, hierarchy_due=True)
    assert step(run=run, of=fresh) == Provision()
    agreed = account(version=Version.V14_0)
    assert step(run=run, of=agreed) == TellDevice()
    run.device_told = True
    assert step(*ALL, run=run, of=agreed) == FetchFolders()
    run.hierarchy_due = False
    run.folder(2).due = True
    assert isinstance(step(*ALL, run=run, of=agreed), SyncFolder)
    run.folder(2).due = False
    assert isinstance(step(*ALL, run=run, of=agreed), Hold)


def test_from_14_1_on_the_device_is_told_within_provision() -> None:
    """No command of its own."""
    assert not isinstance(step(run=run_of(device_told=False), of=account(version=Version.V14_1)), TellDevice)


@pytest.mark.parametrize("state", [AccountState.STOPPED, AccountState.WIPED])
def test_nothing_is_sent_for_an_account_that_is_stopped(state: AccountState) -> None:
    """Whatever is due."""
    assert step(*ALL, run=AccountRun(Heartbeat.of(SETTINGS)), of=account(state=state, reason="why")) == Stop("why")


def test_what_the_server_asked_for_goes_before_everything_of_our_own() -> None:
    """The wait that it named, then our own pause, with the reason of each."""
    until = EPOCH + dt.timedelta(seconds=500)
    waiting = account(state=AccountState.WAITING, reason="the server asked", wait_until=until)
    run = run_of(*ALL, negotiated=False, not_before=NOW + 50.0, reason="our pause")
    assert step(*ALL, run=run, of=waiting) == Idle(500.0, "the server asked")
    assert step(*ALL, run=run) == Idle(50.0, "our pause")


def test_news_come_before_what_can_wait() -> None:
    """A folder that a Ping named, then the policy's refresh, the folder list, other folders, what was set aside."""
    old = account(server={"policy_at": (EPOCH - dt.timedelta(days=2)).isoformat()})
    aside = SetAside(account_id=1, collection_id=3, server_id="x", reason="", attempts=1, first_at=EPOCH, next_at=EPOCH)
    run = run_of(*ALL, hierarchy_due=True)
    run.folder(3).due = run.folder(3).woken = run.folder(1).due = True
    seen: list[object] = []
    for _ in range(6):
        chosen = step(*ALL, run=run, of=old, asides=(aside,))
        seen.append(chosen.collection.id if isinstance(chosen, SyncFolder) else type(chosen))
        match chosen:
            case SyncFolder():
                run.folders[chosen.collection.id] = FolderRun(due=False, synced_at=NOW, asked_at=NOW)
            case Provision():
                old = account()
            case FetchFolders():
                run.hierarchy_due = False
            case RetryAside():
                aside = msgspec.structs.replace(aside, next_at=EPOCH + dt.timedelta(hours=2))
    assert seen == [3, Provision, FetchFolders, 1, RetryAside, Hold]


def test_folders_are_filled_with_what_is_recent_first() -> None:
    """The first rung of every folder, by importance, then the second; a complete folder that is due before all."""
    new = [msgspec.structs.replace(one, progress=Progress.NEW, window_applied=None, sync_key="0") for one in ALL]
    second = folder(4, progress=Progress.FILLING, window_applied=FilterType.ONE_MONTH)
    complete = folder(5)
    run = AccountRun(Heartbeat.of(SETTINGS), negotiated=True, hierarchy_due=False, device_told=True, hierarchy_at=NOW)
    order = []
    left = [second, *new, complete]
    while left:
        chosen = step(*left, run=run)
        assert isinstance(chosen, SyncFolder)
        order.append(chosen.collection.id)
        left = [one for one in left if one.id != chosen.collection.id]
    assert order == [5, 1, 2, 3, 4]


def test_a_folder_in_doubt_ends_all_watching_until_it_is_settled() -> None:
    """No Ping, since it acknowledges for every folder; the others are polled each minute."""
    run = run_of(*ALL)
    run.folder(3).in_doubt = run.folder(3).due = True
    run.folder(3).not_before = NOW + 500.0
    chosen = step(*ALL, run=run)
    assert isinstance(chosen, Idle)
    assert chosen.seconds == SETTINGS.poll_seconds
    polled = step(*ALL, run=run, after=SETTINGS.poll_seconds)
    assert isinstance(polled, SyncFolder)
    assert polled.collection.id == 1


@pytest.mark.parametrize(
    ("minutes", "after", "due"), [(15, 899, False), (15, 901, True), (-1, 10**6, False), (0, 6 * 3600 + 1, True)]
)
def test_each_folder_has_its_own_frequency(minutes: int, after: float, due: bool) -> None:
    """For devices: every so many minutes, never by itself, or live and to be sure every six hours."""
    one = folder(3, minutes=minutes)
    chosen = step(
        one,
        run=run_of(one, hierarchy_at=None, wanted=frozenset({3})),
        after=after,
        of=account(server={"policy_at": "2100-01-01T00:00:00+00:00"}),
    )
    assert isinstance(chosen, SyncFolder) is due


def test_what_nobody_wants_is_not_asked_for() -> None:
    """Not by itself and not by Ping; but when a person wishes to see it, or an answer of it is in doubt, it is."""
    other = folder(3)
    run = run_of(INBOX, other, wanted=frozenset({1}))
    run.folder(3).due = True
    chosen = step(INBOX, other, run=run)
    assert isinstance(chosen, Hold)
    assert [one.id for one in chosen.collections] == [1]
    for name in ("wished", "in_doubt"):
        setattr(run.folder(3), name, True)
        chosen = step(INBOX, other, run=run)
        assert isinstance(chosen, SyncFolder)
        assert chosen.collection.id == 3
        setattr(run.folder(3), name, False)


def test_who_watches_without_devices_watches_what_is_manual_too() -> None:
    """At a terminal nobody decides for a device: all folders are held, but for those with a frequency of their own."""
    quiet, timed = folder(3, minutes=-1), folder(4, minutes=15)
    chosen = step(INBOX, quiet, timed, run=run_of(INBOX, quiet, timed))
    assert isinstance(chosen, Hold)
    assert [one.id for one in chosen.collections] == [1, 3]


def test_a_window_that_was_changed_makes_a_folder_due() -> None:
    """By a person or by the policy; the step carries the window as it is allowed."""
    wished = msgspec.structs.replace(INBOX, window=FilterType.ONE_WEEK)
    chosen = step(wished, run=run_of(wished))
    assert isinstance(chosen, SyncFolder)
    limited = account(policy={"document": {"max_email_age_filter": 2}})
    chosen = step(INBOX, run=run_of(INBOX), of=limited)
    assert isinstance(chosen, SyncFolder)
    assert chosen.collection.window is FilterType.THREE_DAYS


kinds = st.sampled_from(list(FolderType))
folders = st.builds(
    lambda number, kind, progress, minutes, applied: folder(
        number, kind, progress=progress, minutes=minutes, window_applied=applied,
        sync_key="0" if progress is Progress.NEW else "7",
    ),
    st.integers(1, 30), kinds, st.sampled_from(list(Progress)), st.sampled_from([0, 0, 0, 15, -1]),
    st.sampled_from([None, FilterType.ALL, FilterType.THREE_DAYS]),
)  # fmt: skip
times = st.one_of(st.none(), st.floats(0, 3 * NOW))
folder_runs = st.builds(
    FolderRun, due=st.booleans(), in_doubt=st.booleans(), not_before=st.floats(0, 3 * NOW), woken=st.booleans(),
    quiet_until=st.floats(0, 3 * NOW), synced_at=times, asked_at=times,
)  # fmt: skip
runs = st.builds(
    AccountRun, st.just(Heartbeat.of(SETTINGS)), negotiated=st.booleans(), hierarchy_due=st.booleans(),
    device_told=st.booleans(), not_before=st.sampled_from([0.0, 0.0, NOW + 5]),
    most_folders=st.sampled_from([None, None, 1, 3]), hierarchy_at=times,
    folders=st.dictionaries(st.integers(1, 30), folder_runs, max_size=30),
)  # fmt: skip


@given(
    st.lists(folders, max_size=12, unique_by=lambda one: one.id),
    runs,
    st.sampled_from(list(Version)),
    st.booleans(),
)
def test_in_any_situation_the_step_is_allowed(
    collections: list[Collection], run: AccountRun, version: Version, agreed: bool
) -> None:
    """
    No folder list before the policy, no Ping over what is incomplete, due, in doubt or not to be synchronized, nothing
    before its pause is over, no wait without an end or of no length.
    """
    of = account(version=version, server={"policy_at": EPOCH.isoformat()} if agreed else {})
    doubtful = [one.id for one in collections if run.folder(one.id).in_doubt]
    chosen = step(*collections, run=run, of=of)
    match chosen:
        case SyncFolder():
            assert agreed
            assert run.folder(chosen.collection.id).not_before <= NOW
            assert chosen.collection.content_class is not None
        case FetchFolders() | TellDevice():
            assert agreed
        case Hold():
            assert agreed
            assert len(chosen.collections) <= (run.most_folders or 100)
            for one in chosen.collections:
                assert one.progress is Progress.COMPLETE
                assert not run.folder(one.id).due
                assert not run.folder(one.id).in_doubt
                assert one.minutes == 0
            usable = {one.id for one in collections if _usable(one, version)}
            assert not usable & set(doubtful)
            assert chosen.seconds >= 1
            assert chosen.recheck >= 1.0
        case Idle():
            assert 0 < chosen.seconds <= 86400.0
            assert chosen.reason or run.not_before > NOW


def _usable(collection: Collection, version: Version) -> bool:
    from carrierpost.engine.request import unsynchronized

    return unsynchronized(collection, version) is None


def test_SK4_what_may_have_reached_the_server_goes_again_before_its_folder_is_asked() -> None:
    """
    After a restart nothing is known of the folder's key. What merely waits is told once the folder was looked through;
    what was on its way goes first, with the same key, however much else is due: a Sync in between would use the key up.
    """
    run = AccountRun(Heartbeat.of(SETTINGS), negotiated=True, hierarchy_due=False, device_told=True, hierarchy_at=NOW)
    waits = step(*ALL, run=run, outbox=(entry(1, OTHER),))
    assert isinstance(waits, SyncFolder)
    on_its_way = entry(2, OTHER, OutboxState.SENDING)
    assert step(*ALL, run=run, outbox=(entry(1, OTHER), on_its_way)) == SendOutbox(OTHER, (on_its_way, entry(1, OTHER)))
    run.folder(OTHER.id).in_doubt = True  # its answer was lost
    assert isinstance(step(*ALL, run=run, outbox=(on_its_way,)), SendOutbox)


def test_SK5_no_ping_while_something_is_on_its_way() -> None:
    """The folder is left alone for a while after a failure; a Ping meanwhile would acknowledge the lost answer."""
    run = run_of(*ALL)
    run.folder(OTHER.id).not_before = NOW + 60
    assert isinstance(step(*ALL, run=run, outbox=(entry(1, OTHER),)), Hold)
    found = step(*ALL, run=run, outbox=(entry(1, OTHER, OutboxState.SENDING),))
    assert isinstance(found, Idle)
    assert "answer was lost" in found.reason


def test_MR2_a_calendar_that_is_due_is_asked_before_anybody_is_invited() -> None:
    """Who called the meeting off elsewhere has told its guests; an invitation after that would be believed."""
    wish = msgspec.structs.replace(entry(7, CALENDAR), kind=IntentKind.INVITE)
    assert step(*ALL, run=run_of(*ALL), outbox=(wish,)) == TellAttendees(wish)
    resumed = run_of(INBOX, OTHER)
    chosen = step(*ALL, run=resumed, outbox=(wish,))
    assert isinstance(chosen, SyncFolder)
    assert chosen.collection == CALENDAR
    resumed.folder(CALENDAR.id).not_before = NOW + 60  # it cannot be asked now, and guests do not wait for that
    assert step(*ALL, run=resumed, outbox=(wish,)) == TellAttendees(wish)
