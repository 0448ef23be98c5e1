"""
What to do next for an account. Pure: from what is stored and what the run knows to one step, with the reason.

The order is the protocol's: speak the same version, agree on the policy before the first folder list, synchronize what
is due, and only then hold a connection. What a Ping has just named comes before everything that can wait. While an
answer is in doubt no Ping is held at all, since a Ping acknowledges what was never received; what matters is polled.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from carrierpost.engine.pending import GONE
from carrierpost.engine.request import unsynchronized
from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.state import AccountRun
from carrierpost.engine.steps import (
    LONG,
    Acknowledge,
    AnswerMeeting,
    FetchFolders,
    Hold,
    Idle,
    MoveAway,
    Negotiate,
    Provision,
    RetryAside,
    SendMessage,
    SendOutbox,
    Step,
    Stop,
    SyncFolder,
    TellAttendees,
    TellDevice,
)
from carrierpost.engine.windows import Limits, ladder, next_window
from carrierpost.model import (
    Account,
    AccountState,
    Collection,
    Doubt,
    IntentKind,
    OutboxEntry,
    OutboxState,
    Progress,
    SetAside,
)
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version

__all__ = ["importance", "moving", "next_step", "pauses", "policy_due", "posting", "told"]


_IMPORTANCE = {
    kind: place
    for place, kind in enumerate(
        (
            FolderType.INBOX, FolderType.CALENDAR, FolderType.CONTACTS, FolderType.SENT_ITEMS, FolderType.USER_MAIL,
            FolderType.TASKS, FolderType.NOTES,
        )
    )
}  # fmt: skip
_BY_SYNC = (IntentKind.ADD, IntentKind.CHANGE, IntentKind.DELETE)
_MOST_MOVES = 50  # in one request
_LIVE = (FolderType.INBOX, FolderType.CALENDAR, FolderType.CONTACTS)


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
    outbox: Sequence[OutboxEntry] = (),
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
        outbox: what the server has still to be told.
    """
    if account.state is AccountState.STOPPED or (account.state is AccountState.WIPED and not account.wipe_owed):
        return Stop(account.reason)
    if account.wait_until is not None and account.wait_until > now:
        return Idle((account.wait_until - now).total_seconds(), account.reason)
    if run.not_before > monotonic:
        return Idle(run.not_before - monotonic, run.reason)
    if account.state is AccountState.WIPED:
        return Acknowledge(account.wipe_owed)
    if not run.negotiated:
        return Negotiate()
    if not account.server.get("policy_at"):
        return Provision()
    if not run.device_told and (account.version or Version.V14_1) < Version.V14_1:
        return TellDevice()
    limits = Limits.of(account.policy)
    able = [limits.applied(one) for one in collections if unsynchronized(one, account.version) is None]
    folders = _Folders(sorted(able, key=importance), run, settings, monotonic, told(outbox))
    outgoing = (
        folders.sending()
        or moving(outbox, run, monotonic)
        or answering(outbox, run, monotonic)
        or folders.inviting(outbox, limits)
        or posting(outbox, run, monotonic)
    )
    if outgoing is not None:
        return outgoing
    due = folders.due()
    if due is not None and (run.folder(due.id).woken or folders.holds_up(due)):
        return SyncFolder(due, limits)  # news first, and what a person waits to have told; the rest can wait
    if policy_due(account, settings, now):
        return Provision()
    if folders.list_is_due():
        return FetchFolders()
    if due is not None:
        return SyncFolder(due, limits)
    by_id = {one.id: one for one in able}
    for aside in asides:
        if aside.next_at is not None and aside.next_at <= now and _is_ready(aside, by_id):
            return RetryAside(by_id[aside.collection_id], aside, limits)
    moments = [(one.next_at - now).total_seconds() for one in asides if one.next_at is not None]
    return folders.wait([*moments, *pauses(outbox, run, monotonic)])


def policy_due(account: Account, settings: EngineSettings, now: dt.datetime) -> bool:
    """
    Tell whether the policy is to be agreed on: never done, or too long ago.
    """
    at = account.server.get("policy_at", "")
    return not at or now - dt.datetime.fromisoformat(at) >= dt.timedelta(hours=settings.policy_hours)


def _is_ready(aside: SetAside, by_id: dict[int, Collection]) -> bool:
    collection = by_id.get(aside.collection_id)
    return collection is not None and collection.progress is Progress.COMPLETE


class _Folders:
    """
    The folders of an account that can be synchronized, at one moment.
    """

    def __init__(
        self,
        folders: Sequence[Collection],
        run: AccountRun,
        settings: EngineSettings,
        monotonic: float,
        outbox: Mapping[int, Sequence[OutboxEntry]],
    ) -> None:
        self._folders = folders
        self._run = run
        self._settings = settings
        self._now = monotonic
        self._outbox = outbox
        # All of this is asked before each step, and an account may have thousands of folders.
        known = run.folders
        self._doubtful = any(one.id in known and known[one.id].in_doubt for one in folders) or (
            bool(outbox) and any(self._is_sending(one) for one in folders)
        )
        self._unwatched = self._beyond(run.most_folders) if run.most_folders else frozenset[int]()

    def _beyond(self, most: int) -> frozenset[int]:
        """
        Give the folders that no Ping can name any more, since it may name so many only.
        """
        wanted = self._run.wanted
        watched = [one for one in self._folders if self._minutes(one) == 0 and (wanted is None or one.id in wanted)]
        return frozenset(one.id for one in watched[most:])

    def _is_sending(self, collection: Collection) -> bool:
        """
        Tell whether something is on its way that the server may have got; it goes again before anything else.
        """
        return any(one.state is OutboxState.SENDING for one in self._outbox.get(collection.id, ()))

    def sending(self) -> SendOutbox | None:
        """
        Choose a folder of which the server is to be told something now.
        """
        for collection in self._folders if self._outbox else ():
            entries = self._outbox.get(collection.id)
            if not entries or collection.sync_key == "0":
                continue
            folder = self._run.folder(collection.id)
            if collection.progress is Progress.MATCHING or folder.not_before > self._now:
                continue
            if self._is_sending(collection) or (self._is_looked_through(collection) and not folder.in_doubt):
                return SendOutbox(collection, tuple(entries))
        return None

    def _is_looked_through(self, collection: Collection) -> bool:
        """
        Tell whether what is held of a folder is what the server has, as far as that can be known.

        Most items go whole when they are changed, and few servers tell that somebody else changed them meanwhile. So
        the folder is asked first, unless it was asked a moment ago: what others did is merged before it is overwritten.
        """
        folder = self._run.folder(collection.id)
        if not folder.sure:
            return False
        changes = any(one.kind is IntentKind.CHANGE for one in self._outbox.get(collection.id, ()))
        if not changes or collection.content_class is ContentClass.EMAIL:
            return True
        asked = folder.synced_at is not None and self._now - folder.synced_at <= self._settings.look_seconds
        return asked and not folder.due

    def inviting(self, outbox: Sequence[OutboxEntry], limits: Limits) -> TellAttendees | SyncFolder | None:
        """
        Choose the meeting whose attendees are to hear of it, but ask a calendar that is due before: a device that
        called the meeting off meanwhile has told them, and an invitation after that would have them believe in it.
        """
        telling = inviting(outbox)
        if telling is None:
            return None
        for one in self._folders:
            if one.id == telling.entry.collection_id and one.progress is Progress.COMPLETE and self._is_due(one):
                return SyncFolder(one, limits)
        return telling

    def list_is_due(self) -> bool:
        """
        Tell whether the folder list is to be fetched: somebody asked for it, or it is old.
        """
        if self._run.hierarchy_due:
            return True
        at = self._run.hierarchy_at
        return at is not None and self._now - at >= self._settings.sync_seconds

    def due(self) -> Collection | None:
        """
        Choose the folder whose turn it is: what a Ping has named, then what is complete but for news, then what is
        being filled, everywhere the most recent first.
        """
        due = [one for one in self._folders if self._is_due(one)]
        if not due:
            return None
        # The folders are in the order of their importance, and the first of equals is taken.
        chosen = min(due, key=self._rank)
        if chosen.progress is not Progress.COMPLETE:
            return self._stale() or chosen
        return chosen

    def _rank(self, collection: Collection) -> tuple[object, ...]:
        woken = self._run.folder(collection.id).woken
        return not woken, not self.holds_up(collection), _rung(collection)

    def holds_up(self, collection: Collection) -> bool:
        """
        Tell whether something is to be told once this folder has been looked through.
        """
        return collection.id in self._outbox and collection.progress is Progress.COMPLETE

    def _stale(self) -> Collection | None:
        """
        Give one of the most important folders that has not been asked for lately; others take long to fill.
        """
        since = self._now - self._settings.fresh_seconds
        for one in self._folders:
            if one.type not in _LIVE or not self._is_wanted(one):
                continue
            folder = self._run.folder(one.id)
            live = self._minutes(one) == 0 and one.progress is not Progress.NEW
            if live and folder.asked_at is not None and folder.asked_at <= since and folder.not_before <= self._now:
                return one
        return None

    def _minutes(self, collection: Collection) -> int:
        """
        Give how often a folder is checked. Manual is meant for devices: who watches an account from here, with nobody
        to say what its devices want, has asked for all of it.
        """
        return max(collection.minutes, 0) if self._run.wanted is None else collection.minutes

    def _is_wanted(self, collection: Collection) -> bool:
        """
        Tell whether a folder is to be asked for: by itself, or because something is to be told, or seen, there.
        """
        wanted, folder = self._run.wanted, self._run.folders.get(collection.id)
        return (
            wanted is None
            or collection.id in wanted
            or collection.id in self._outbox
            or (folder is not None and (folder.wished or folder.in_doubt))
        )

    def _turn(self, collection: Collection) -> float:
        """
        Give the monotonic time at which a folder becomes due.
        """
        if not self._is_wanted(collection):
            return float("inf")
        folder = self._run.folder(collection.id)
        if collection.doubt is Doubt.ACCEPTED and not folder.accepted:
            return self._now  # a person has just decided
        unsure = collection.id in self._outbox and not self._is_looked_through(collection)
        if folder.due or folder.synced_at is None or unsure or self._has_other_window(collection):
            return folder.not_before
        minutes = self._minutes(collection)
        if minutes < 0:
            return float("inf")
        if minutes > 0:
            return max(folder.synced_at + minutes * 60.0, folder.not_before)
        turn = folder.synced_at + self._settings.sync_seconds
        if folder.quiet_until > folder.synced_at:
            turn = min(turn, folder.quiet_until)
        if collection.id in self._unwatched:
            turn = min(turn, folder.synced_at + self._settings.unwatched_seconds)
        if self._doubtful:
            turn = min(turn, folder.synced_at + self._settings.poll_seconds)
        return max(turn, folder.not_before)

    def _has_other_window(self, collection: Collection) -> bool:
        if collection.progress is not Progress.COMPLETE or collection.window_applied is None:
            return False
        return next_window(collection, use_ladder=self._settings.ladder) != collection.window_applied

    def _is_due(self, collection: Collection) -> bool:
        return self._turn(collection) <= self._now

    def _is_watched(self, collection: Collection) -> bool:
        if self._run.wanted is not None and collection.id not in self._run.wanted:
            return False
        folder = self._run.folder(collection.id)
        return (
            self._minutes(collection) == 0
            and collection.progress is Progress.COMPLETE
            and not folder.due
            and folder.quiet_until <= self._now
            and collection.id not in self._unwatched
        )

    def wait(self, moments: Sequence[float]) -> Step:
        """
        Hold a connection over what is to be watched, or wait until something is due.

        Args:
            moments: seconds until other things are due.
        """
        turns = [LONG, *moments, *(self._turn(one) - self._now for one in self._folders)]
        nearest = max(min(turn for turn in turns if turn > 0), 1.0)
        watched = [] if self._doubtful else [one for one in self._folders if self._is_watched(one)]
        if self._doubtful:
            return Idle(nearest, "an answer was lost, and is asked for again before a connection is held")
        if not watched:
            return Idle(nearest, "no folder is watched at the moment")
        heartbeat = self._run.heartbeat
        seconds = int(min(heartbeat.seconds, max(nearest, heartbeat.least)))
        return Hold(tuple(watched), seconds, nearest if nearest < seconds else LONG)


def told(outbox: Sequence[OutboxEntry]) -> dict[int, list[OutboxEntry]]:
    """
    Sort what is said by Sync by folder: of each item only what comes first, since the rest depends on it.
    """
    found: dict[int, list[OutboxEntry]] = {}
    for entry in _first(outbox):
        if entry.kind in _BY_SYNC and entry.collection_id is not None:
            found.setdefault(entry.collection_id, []).append(entry)
    return found


def moving(outbox: Sequence[OutboxEntry], run: AccountRun, monotonic: float) -> MoveAway | None:
    """
    Choose the moves to be told now.
    """
    if run.post_not_before > monotonic:
        return None
    moves = [one for one in _first(outbox) if one.kind is IntentKind.MOVE]
    sending = [one for one in moves if one.state is OutboxState.SENDING]
    chosen = sending or moves
    return MoveAway(tuple(chosen[:_MOST_MOVES])) if chosen else None


def answering(outbox: Sequence[OutboxEntry], run: AccountRun, monotonic: float) -> AnswerMeeting | None:
    """
    Choose the answer to a meeting that is to be told, or looked for, now.
    """
    for entry in _first(outbox):
        if entry.kind is IntentKind.RESPOND and run.lookups.get(entry.id, (0.0, 0.0))[1] <= monotonic:
            return AnswerMeeting(entry)
    return None


def inviting(outbox: Sequence[OutboxEntry]) -> TellAttendees | None:
    """
    Choose the meeting whose attendees are to hear of it: one of which the server knows all that a person did, or one
    that is gone there, so that nobody has to hear of it.
    """
    concerned = Counter(entry.item_id for entry in outbox if not _is_too_late(entry))
    for entry in outbox:
        if entry.kind is IntentKind.INVITE and entry.state is OutboxState.QUEUED and concerned[entry.item_id] == 1:
            return TellAttendees(entry)
    return None


def _is_too_late(entry: OutboxEntry) -> bool:
    """
    Tell whether an entry is kept only to say that somebody had deleted its item before.
    """
    return entry.state is OutboxState.REFUSED and entry.reason == GONE


def posting(outbox: Sequence[OutboxEntry], run: AccountRun, monotonic: float) -> SendMessage | None:
    """
    Choose the message to be sent or looked for now; one that may have been sent keeps no other back.
    """
    for entry in outbox:
        sending = entry.state is OutboxState.SENDING and run.lookups.get(entry.id, (0.0, 0.0))[1] <= monotonic
        if entry.kind is IntentKind.SEND and (entry.state is OutboxState.QUEUED or sending):
            return SendMessage(entry)
    return None


def pauses(outbox: Sequence[OutboxEntry], run: AccountRun, monotonic: float) -> list[float]:
    """
    Give the seconds until something of the outbox that has to wait is due.
    """
    waiting = {one.id for one in outbox if one.state is OutboxState.SENDING or one.kind is IntentKind.RESPOND}
    found = [again - monotonic for entry_id, (_, again) in run.lookups.items() if entry_id in waiting]
    if any(one.kind is IntentKind.MOVE for one in _first(outbox)):
        found.append(run.post_not_before - monotonic)
    return found


def _precedence(entry: OutboxEntry) -> tuple[int, int]:
    """
    Say what comes before what about one item: what is on its way, then what gives it the id that the rest needs.
    """
    if entry.state is OutboxState.SENDING:
        return 0, entry.id
    return {IntentKind.ADD: 1, IntentKind.MOVE: 2, IntentKind.INVITE: 4}.get(entry.kind, 3), entry.id


def _first(outbox: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """
    Leave out what was refused, and what depends on something that comes before it.
    """
    found: list[OutboxEntry] = []
    items: set[int] = set()
    for entry in sorted(outbox, key=_precedence):
        if entry.state in (OutboxState.REFUSED, OutboxState.UNKNOWN):
            if entry.kind is IntentKind.ADD and entry.item_id is not None:
                items.add(entry.item_id)  # the server does not have what the rest is about
            continue
        if entry.item_id is not None:
            if entry.item_id in items:
                continue
            items.add(entry.item_id)
        found.append(entry)
    return found


def _rung(collection: Collection) -> int:
    """
    Tell how far down a folder's next answer reaches: 0 for news, then the steps of the ladder.
    """
    if collection.progress is Progress.COMPLETE:
        return 0
    rungs = ladder(collection.window, collection.content_class)
    applied = collection.window_applied
    return 1 + (rungs.index(applied) if applied in rungs and collection.progress is Progress.FILLING else 0)
