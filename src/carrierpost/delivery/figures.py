"""
What a simulated story comes to, in figures and words.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from carrierpost.delivery.simulation import Course, Notice

__all__ = ["CLASSES", "Figures", "class_of_wait", "figures_of", "told_in_words", "wait_in_words"]

AT_ONCE = dt.timedelta(minutes=1)

CLASSES = (
    ("at once", AT_ONCE),
    ("within 15 minutes", dt.timedelta(minutes=15)),
    ("within an hour", dt.timedelta(hours=1)),
    ("within 4 hours", dt.timedelta(hours=4)),
    ("later", None),
)
"""How long mail waits, from best to worst; what was not noticed at all is among the last."""


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """
    A course in figures.

    Attributes:
        mails: how many came.
        classes: how many of them waited how long, one number for each of `CLASSES`.
        unnoticed: how many were not noticed by the end.
        half: the wait that half of them did not exceed; `None` when it is not over by the end.
        most: the wait that nine in ten did not exceed, likewise.
        longest: the longest wait, likewise.
    """

    mails: int
    classes: tuple[int, ...]
    unnoticed: int
    half: dt.timedelta | None
    most: dt.timedelta | None
    longest: dt.timedelta | None


def figures_of(course: Course) -> Figures:
    """
    Count.
    """
    waits = sorted((one.wait for one in course.notices), key=lambda wait: (wait is None, wait or dt.timedelta()))
    numbers = [class_of_wait(one) for one in waits]
    return Figures(
        mails=len(waits),
        classes=tuple(numbers.count(number) for number in range(len(CLASSES))),
        unnoticed=sum(1 for one in waits if one is None),
        half=_share(waits, 0.5),
        most=_share(waits, 0.9),
        longest=waits[-1] if waits else None,
    )


def class_of_wait(wait: dt.timedelta | None) -> int:
    """
    Tell which of `CLASSES` a wait belongs to.
    """
    for number, (_, most) in enumerate(CLASSES):
        if most is None or (wait is not None and wait <= most):
            return number
    raise AssertionError("the last class has no limit")


def _share(waits: Sequence[dt.timedelta | None], share: float) -> dt.timedelta | None:
    if not waits:
        return None
    return waits[max(0, -(-len(waits) * int(share * 100) // 100) - 1)]


def wait_in_words(wait: dt.timedelta | None) -> str:
    """
    Write a wait as a person reads it: `at once`, `25 min`, `3 h 20`, `2 days 4 h`.
    """
    if wait is None:
        return "not by the end"
    if wait <= AT_ONCE:
        return "at once"
    minutes = round(wait.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days {hours % 24} h"
    return f"{hours} h {minutes:02}" if hours else f"{minutes} min"


def told_in_words(notice: Notice, zone: dt.tzinfo) -> str:
    """
    Write when a mail was noticed: `at once`, `09:41 (29 min)`.
    """
    if notice.noticed is None or notice.wait is None:
        return "not by the end"
    words = wait_in_words(notice.wait)
    if words == "at once":
        return words
    noticed, arrived = notice.noticed.astimezone(zone), notice.arrived.astimezone(zone)
    day = "" if noticed.date() == arrived.date() else f"{noticed:%a} "
    return f"{day}{noticed:%H:%M} ({words})"
