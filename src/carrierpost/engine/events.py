"""
What the engine tells while it works: for progress bars, live views and logs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from carrierpost.model import Change, Collection

__all__ = ["Committed", "Event", "Phase", "Progressed", "Waiting"]


@dataclasses.dataclass(frozen=True, slots=True)
class Phase:
    """
    What is being done now.

    Attributes:
        text: a few words for a person.
    """

    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Progressed:
    """
    A folder's first synchronisation, or its matching, has come further.

    Attributes:
        collection: the folder, as it is now.
        done: items taken over so far.
        estimated: items that there are, as the server estimates; 0 when unknown.
        finished: whether it is complete.
    """

    collection: Collection
    done: int
    estimated: int
    finished: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """
    Something is in the store.

    Attributes:
        changes: as they stand in the feed.
        monotonic: the clock's monotonic seconds when they were committed.
    """

    changes: tuple[Change, ...]
    monotonic: float


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """
    The engine waits: for news, or because it has to.

    Attributes:
        seconds: at most how long.
        reason: why, in a sentence.
        held: whether a connection is held, so that news comes at once.
        until: until when, or `None`.
    """

    seconds: float
    reason: str
    held: bool = False
    until: dt.datetime | None = None


Event = Phase | Progressed | Committed | Waiting
