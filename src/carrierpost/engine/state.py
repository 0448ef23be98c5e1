"""
What a runner knows besides what is stored: failures, pauses, doubts. All of it may be lost without harm.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from carrierpost.engine.heartbeat import Heartbeat
from carrierpost.model import Passage

__all__ = ["AccountRun", "FolderRun"]


@dataclasses.dataclass(slots=True)
class FolderRun:
    """
    One folder's run.

    Attributes:
        due: whether it is to be synchronized.
        in_doubt: an answer was lost, could not be read or was not believed, so the old key has to be repeated before
            anything else, and before any Ping.
        sure: the key is known to be the server's last one: something sent with an older one would be taken for a
            repetition, and not be done.
        singly: tell the server one thing at a time, because several were refused together.
        failures: failures in a row.
        not_before: monotonic seconds before which it is left alone.
        reason: why it is left alone.
        window_size: changes to ask for.
        most: changes to ask for at most until what proved too large is through, or `None`.
        estimate: items that the server says there are, `None` when unknown.
        counted: whether the server was asked how many there are.
        done: items taken over in this first synchronisation or matching.
        more: the server's last word was that there is more.
        unsure: answers in a row that claimed to be the end though there should be more.
        cuts: connections in a row that broke, or fell silent, before the answer was complete.
        bare: ask for no texts, because what came with them was too large to arrive.
        hollow: answers in a row that brought nothing though they said there was something.
        resyncs: how often in a row the server lost its place, without the folder having become complete in between.
        newest: when the newest mail was received that was held, all news told, as the server lost its place.
        woken: a Ping named the folder and nothing has been found yet.
        heard_at: when it did, until what it named is through.
        passage: how the answer that is being taken over came here.
        false_alarms: how often in a row a Ping named it for nothing.
        wished: a person wishes to see what is in it, whether or not it is asked for by itself.
        quiet_until: monotonic seconds until which it is not watched by Ping, because of false alarms.
        asked_at: monotonic seconds of the last request, or `None`.
        synced_at: monotonic seconds of the last complete synchronisation, or `None`.
        doubted_since: monotonic seconds since which the server says that everything is gone, or `None`.
        accepted: a person has said that everything is gone, and that is being carried out.
    """

    due: bool = True
    in_doubt: bool = False
    sure: bool = False
    singly: bool = False
    failures: int = 0
    not_before: float = 0.0
    reason: str = ""
    window_size: int = 100
    most: int | None = None
    estimate: int | None = None
    counted: bool = False
    done: int = 0
    more: bool = False
    unsure: int = 0
    cuts: int = 0
    bare: bool = False
    hollow: int = 0
    resyncs: int = 0
    newest: dt.datetime | None = None
    woken: bool = False
    heard_at: dt.datetime | None = None
    passage: Passage | None = None
    false_alarms: int = 0
    wished: bool = False
    quiet_until: float = 0.0
    asked_at: float | None = None
    synced_at: float | None = None
    doubted_since: float | None = None
    accepted: bool = False


@dataclasses.dataclass(slots=True)
class AccountRun:
    """
    An account's run.

    Attributes:
        heartbeat: the interval of Ping.
        negotiated: whether the server was asked what it speaks.
        hierarchy_due: whether the folder list is to be fetched.
        device_told: whether the server knows what device this is.
        failures: failures in a row that concern the whole account.
        failed_at: which step failed last; only its success ends the row.
        faults: folders in a row on which the server failed with HTTP 500; many are no folder's fault.
        not_before: monotonic seconds before which nothing is sent.
        reason: why nothing is sent.
        most_folders: folders that one Ping may name, or `None`.
        window_size: changes to ask of a folder at first.
        odd_pings: Pings in a row that were answered at once and said nothing new.
        hierarchy_at: monotonic seconds at which the folder list was fetched, or `None`.
        hierarchy_doubted_since: monotonic seconds since which most folders are said to be gone, or `None`.
        posted: monotonic seconds at which items were made at the server lately, the oldest first.
        post_not_before: monotonic seconds before which nothing is moved.
        lookups: messages that may have been sent, by entry: since when they are looked for, and when to look again, in
            monotonic seconds.
        untold: how often the server could not be told that the account was wiped.
        waits: the account's state may be that it waits, so a step that works has to take that back.
        folders: the folders' runs by collection id.
        wanted: ids of the folders that are asked for by themselves; `None` for all that are not set to manual.
    """

    heartbeat: Heartbeat
    negotiated: bool = False
    hierarchy_due: bool = True
    device_told: bool = False
    failures: int = 0
    failed_at: str = ""
    faults: int = 0
    not_before: float = 0.0
    reason: str = ""
    most_folders: int | None = None
    window_size: int = 100
    odd_pings: int = 0
    hierarchy_at: float | None = None
    hierarchy_doubted_since: float | None = None
    posted: list[float] = dataclasses.field(default_factory=list)
    post_not_before: float = 0.0
    lookups: dict[int, tuple[float, float]] = dataclasses.field(default_factory=dict)
    untold: int = 0
    waits: bool = False
    folders: dict[int, FolderRun] = dataclasses.field(default_factory=dict)
    wanted: frozenset[int] | None = None

    def folder(self, collection_id: int) -> FolderRun:
        """
        Give a folder's run, a new one if there is none yet.
        """
        found = self.folders.get(collection_id)
        if found is None:
            found = self.folders[collection_id] = FolderRun(window_size=self.window_size)
        return found
