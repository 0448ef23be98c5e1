"""
What to do next for an account. Pure: from what is stored and what the run knows to one step, with the reason.

The order is the protocol's: speak the same version, agree on the policy before the first folder list, synchronize what
is due, and only then hold a connection. A folder whose last answer is in doubt is never watched by a Ping, since a Ping
acknowledges what was never received.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from carrierpost.engine.request import unsynchronized
from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.state import AccountRun, FolderRun
from carrierpost.model import Account, AccountState, Collection, Progress, SetAside
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version

__all__ = ["FetchFolders", "Hold", "Idle", "Negotiate", "Provision", "RetryAside", "Step", "Stop", "SyncFolder",
           "TellDevice", "next_step"]  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """
    Nothing may be sent until a person has done something.
    """

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Negotiate:
    """
    Ask what the server speaks.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Provision:
    """
    Agree on the server's policy.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class TellDevice:
    """
    Tell the server what device this is, in a command of its own (before 14.1).
    """


@dataclasses.dataclass(frozen=True, slots=True)
class FetchFolders:
    """
    Ask for the folder list's changes.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class SyncFolder:
    """
    Ask for a folder's changes.
    """

    collection: Collection


@dataclasses.dataclass(frozen=True, slots=True)
class RetryAside:
    """
    Fetch an item that was set aside.
    """

    collection: Collection
    aside: SetAside


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """
    Hold a connection over folders, for at most so many seconds.
    """

    collections: tuple[Collection, ...]
    seconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Idle:
    """
    Send nothing for so many seconds.
    """

    seconds: float
    reason: str


Step = Stop | Negotiate | Provision | TellDevice | FetchFolders | SyncFolder | RetryAside | Hold | Idle

_IMPORTANCE = {
    kind: place
    for place, kind in enumerate(
        (
            FolderType.INBOX, FolderType.CALENDAR, FolderType.CONTACTS, FolderType.SENT_ITEMS, FolderType.USER_MAIL,
            FolderType.TASKS, FolderType.NOTES,
        )
    )
}  # fmt: skip
_LONG = 24 * 3600.0


def importance(collection: Collection) -> tuple[int, int]:
    """
    Rank a folder: the Inbox first, then calendar and contacts, then the rest.
    """
    return _IMPORTANCE.get(collection.type, len(_IMPORTANCE)), collection.id


def next_step(
    account: Account,
    collections: Sequence[Collection],
    asides: Sequence[SetAside],
    run: AccountRun,
    settings: EngineSettings,
    *,
    now: dt.datetime,
    monotonic: float,
) -> Step:
    """
    Decide what to do next.

    Args:
        account: as it is stored.
        collections: its folders as they are stored.
        asides: its items that are set aside.
        run: what the run knows besides.
        settings: what may be tuned.
        now: the time.
        monotonic: the clock's monotonic seconds.
    """
    if account.state in (AccountState.STOPPED, AccountState.WIPED):
        return Stop(account.reason)
    if account.wait_until is not None and account.wait_until > now:
        return Idle((account.wait_until - now).total_seconds(), account.reason)
    if run.not_before > monotonic:
        return Idle(run.not_before - monotonic, run.reason)
    if not run.negotiated:
        return Negotiate()
    if policy_due(account, settings, now):
        return Provision()
    if not run.device_told and (account.version or Version.V14_1) < Version.V14_1:
        return TellDevice()
    if run.hierarchy_due:
        return FetchFolders()
    wanted = sorted((one for one in collections if unsynchronized(one, account.version) is None), key=importance)
    for one in wanted:
        if _is_due(one, run.folder(one.id), settings, monotonic):
            return SyncFolder(one)
    by_id = {one.id: one for one in wanted}
    for aside in asides:
        if aside.next_at is not None and aside.next_at <= now and _is_ready(aside, by_id):
            return RetryAside(by_id[aside.collection_id], aside)
    return _wait(wanted, asides, run, settings, now=now, monotonic=monotonic)


def policy_due(account: Account, settings: EngineSettings, now: dt.datetime) -> bool:
    """
    Tell whether the policy is to be agreed on: never done, or too long ago.
    """
    at = account.server.get("policy_at", "")
    return not at or now - dt.datetime.fromisoformat(at) >= dt.timedelta(hours=settings.policy_hours)


def _is_ready(aside: SetAside, by_id: dict[int, Collection]) -> bool:
    collection = by_id.get(aside.collection_id)
    return collection is not None and collection.progress is Progress.COMPLETE


def _next_turn(collection: Collection, run: FolderRun, settings: EngineSettings) -> float:
    """
    Give the monotonic time at which a folder that is not due becomes so.
    """
    if run.synced_at is None:
        return run.not_before
    if collection.minutes < 0:
        return float("inf")
    if collection.minutes > 0:
        return max(run.synced_at + collection.minutes * 60.0, run.not_before)
    turn = run.synced_at + settings.sync_seconds
    return max(min(turn, run.quiet_until) if run.quiet_until > run.synced_at else turn, run.not_before)


def _is_due(collection: Collection, run: FolderRun, settings: EngineSettings, monotonic: float) -> bool:
    if run.not_before > monotonic:
        return False
    return run.due or _next_turn(collection, run, settings) <= monotonic


def _wait(
    wanted: Sequence[Collection],
    asides: Sequence[SetAside],
    run: AccountRun,
    settings: EngineSettings,
    *,
    now: dt.datetime,
    monotonic: float,
) -> Step:
    """
    Hold a connection over what is to be watched, or wait until something is due.
    """
    turns = [_LONG]
    watched = []
    for one in wanted:
        folder = run.folder(one.id)
        turn = folder.not_before if folder.due else _next_turn(one, folder, settings)
        turns.append(turn - monotonic)
        settled = not folder.due and not folder.in_doubt and one.progress is Progress.COMPLETE
        if one.minutes == 0 and settled and folder.quiet_until <= monotonic:
            watched.append(one)
    turns += [(one.next_at - now).total_seconds() for one in asides if one.next_at is not None]
    nearest = max(min(turn for turn in turns if turn > 0), 1.0)
    if not watched:
        return Idle(nearest, "no folder is watched at the moment")
    if run.most_folders is not None:
        watched = watched[: run.most_folders]
    seconds = run.heartbeat.seconds
    if nearest < run.heartbeat.least:
        return Idle(nearest, "a folder is tried again soon")
    return Hold(tuple(watched), int(min(seconds, nearest)))
