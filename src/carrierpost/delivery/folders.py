"""
How often a folder is checked, and the two faces of that setting.

There is one setting, `Collection.minutes`: 0 holds a connection over the folder, a positive number asks every so many
minutes, -1 asks only when a person does. iOS shows it as a list to tick (Settings > Auto Refresh), Android as a choice
for each folder (Sync options > Check frequency). Ticked means: refreshes by itself, in whatever way, so a tick on the
one device never undoes what was chosen on the other.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

import msgspec

from carrierpost.model import Collection, DeviceSettings, FolderType

__all__ = ["CHOICES", "FROM_START", "MANUAL", "PUSH", "Tick", "auto_refresh_list", "first_minutes", "frequency",
           "minutes_of", "oftener", "refreshes", "set_frequency", "set_ticked"]  # fmt: skip

PUSH = 0
MANUAL = -1
CHOICES = (PUSH, 5, 15, 30, 60, 240, MANUAL)
"""What Check frequency offers."""

FROM_START = frozenset({FolderType.INBOX, FolderType.CALENDAR, FolderType.CONTACTS})
"""Folders that are ticked before anybody has chosen."""

_MOST = 7 * 24 * 60


@dataclasses.dataclass(frozen=True, slots=True)
class Tick:
    """
    A line of the Auto Refresh list.

    Attributes:
        collection_id: the folder.
        name: what it is called.
        ticked: whether it refreshes by itself.
        remark: what the tick alone does not say; empty for nothing.
    """

    collection_id: int
    name: str
    ticked: bool
    remark: str


def first_minutes(folder_type: FolderType) -> int:
    """
    Give the check frequency of a folder that nobody has chosen one for.
    """
    return PUSH if folder_type in FROM_START else MANUAL


def refreshes(collection: Collection, settings: DeviceSettings) -> bool:
    """
    Tell whether a folder refreshes by itself on a device: it is ticked, and Auto Refresh is on or it is one of the
    three that are ticked from the start.
    """
    if collection.content_class is None or collection.minutes < 0:
        return False
    return settings.auto_refresh or collection.type in FROM_START


def auto_refresh_list(collections: Iterable[Collection]) -> tuple[Tick, ...]:
    """
    Show the iOS face: every folder that can be synchronized, the three from the start first, then by name.
    """
    usable = [one for one in collections if one.content_class is not None]
    ordered = sorted(usable, key=lambda one: (one.type not in FROM_START, one.display_name.casefold(), one.id))
    return tuple(
        Tick(one.id, one.display_name, one.minutes >= 0, frequency(one.minutes) if one.minutes > 0 else "")
        for one in ordered
    )


def set_ticked(collection: Collection, *, ticked: bool) -> Collection:
    """
    Tick a folder, or take the tick away, as the iOS face does. Ticking one that refreshes already changes nothing.
    """
    if ticked == (collection.minutes >= 0):
        return collection
    return msgspec.structs.replace(collection, minutes=PUSH if ticked else MANUAL)


def set_frequency(collection: Collection, minutes: int) -> Collection:
    """
    Choose a frequency, as the Android face does.

    Raises:
        ValueError: it is neither push (0), manual (-1) nor between a minute and a week.
    """
    if minutes not in (PUSH, MANUAL) and not 1 <= minutes <= _MOST:
        raise ValueError(
            f"a folder cannot be checked every {minutes} minutes; give 0 for push, -1 for manual, or 1 to {_MOST}"
        )
    return msgspec.structs.replace(collection, minutes=minutes)


def frequency(minutes: int) -> str:
    """
    Write a frequency as a person reads it.
    """
    if minutes == PUSH:
        return "push"
    if minutes < 0:
        return "manual"
    if minutes == 60:
        return "every hour"
    return f"every {minutes // 60} hours" if minutes % 60 == 0 else f"every {minutes} minutes"


def minutes_of(text: str) -> int:
    """
    Read a frequency as a person writes it: `push`, `15m`, `1h`, `manual`.

    Raises:
        ValueError: it is none; says how they are written.
    """
    word = text.strip().lower()
    if word in ("push", "manual"):
        return PUSH if word == "push" else MANUAL
    match = re.fullmatch(r"(\d{1,5})(m|h)", word, re.ASCII)
    minutes = int(match[1]) * (60 if match[2] == "h" else 1) if match is not None else 0
    if not 1 <= minutes <= _MOST:
        raise ValueError(f"{text!r} is no frequency; write push, manual, or how often, up to a week: 15m, 1h")
    return minutes


def oftener(minutes: int, than: int) -> bool:
    """
    Tell whether a frequency is more often than another: push is oftener than any minutes, and these than manual.
    """
    return minutes != than and (than == MANUAL or 0 <= minutes < than)
