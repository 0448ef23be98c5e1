"""
What a runner knows besides what is stored: failures, pauses, doubts. All of it may be lost without harm.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.heartbeat import Heartbeat

__all__ = ["AccountRun", "FolderRun"]


@dataclasses.dataclass(slots=True)
class FolderRun:
    """
    One folder's run.

    Attributes:
        due: whether it is to be synchronized.
        in_doubt: an answer was lost or could not be read, so the old key has to be repeated before anything else.
        failures: failures in a row.
        not_before: monotonic seconds before which it is left alone.
        reason: why it is left alone.
        window_size: changes to ask for.
        estimate: items that the server says there are, 0 when unknown.
        done: items taken over in this first synchronisation or matching.
        hollow: answers in a row that brought nothing though they said there was something.
        woken: a Ping named the folder and nothing has been found yet.
        false_alarms: how often in a row a Ping named it for nothing.
        quiet_until: monotonic seconds until which it is not watched by Ping, because of false alarms.
        synced_at: monotonic seconds of the last complete synchronisation, or `None`.
        doubted_since: monotonic seconds since which the server says that everything is gone, or `None`.
    """

    due: bool = True
    in_doubt: bool = False
    failures: int = 0
    not_before: float = 0.0
    reason: str = ""
    window_size: int = 100
    estimate: int = 0
    done: int = 0
    hollow: int = 0
    woken: bool = False
    false_alarms: int = 0
    quiet_until: float = 0.0
    synced_at: float | None = None
    doubted_since: float | None = None


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
        not_before: monotonic seconds before which nothing is sent.
        reason: why nothing is sent.
        most_folders: folders that one Ping may name, or `None`.
        folders: the folders' runs by collection id.
    """

    heartbeat: Heartbeat
    negotiated: bool = False
    hierarchy_due: bool = True
    device_told: bool = False
    failures: int = 0
    not_before: float = 0.0
    reason: str = ""
    most_folders: int | None = None
    folders: dict[int, FolderRun] = dataclasses.field(default_factory=dict)

    def folder(self, collection_id: int) -> FolderRun:
        """
        Give a folder's run, a new one if there is none yet.
        """
        return self.folders.setdefault(collection_id, FolderRun())
