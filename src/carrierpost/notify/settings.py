"""
What an administrator may tune about notices.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

__all__ = ["NotifySettings"]


@dataclasses.dataclass(frozen=True, slots=True)
class NotifySettings:
    """
    How notices are made, sent and kept.

    Attributes:
        late_after: news older than this are told in one summary and not one by one; it is what came while the hub was
            off, or could not reach the mail server.
        old_after: a mail that was received longer ago than this is no news: it was moved, not sent.
        mail_life: for how long a mail is worth a notice.
        badge_life: for how long a number on an icon is worth telling.
        canary_life: how long a test notice is waited for.
        reminders_ahead: how far ahead reminders are put into the queue.
        spacing: least time between two things that one device shows for one account; what comes sooner joins the next.
        silent_an_hour: how often in an hour a device is woken without showing anything. Apple allows two or three.
        send_timeout: how long a channel may take with one notice.
        first_pause: how long to wait after a first failure; it doubles from there.
        longest_pause: the longest wait after failures.
        at_once: notices on their way at the same time, for each gateway.
        keep: how long notices and their traces are kept.
        most_steps: how many steps of traces are kept at most.
        most_notices: how many settled notices are kept at most.

    Raises:
        ValueError: one is not above zero.
    """

    late_after: dt.timedelta = dt.timedelta(hours=1)
    old_after: dt.timedelta = dt.timedelta(days=3)
    mail_life: dt.timedelta = dt.timedelta(days=1)
    badge_life: dt.timedelta = dt.timedelta(hours=12)
    canary_life: dt.timedelta = dt.timedelta(minutes=10)
    reminders_ahead: dt.timedelta = dt.timedelta(hours=36)
    spacing: dt.timedelta = dt.timedelta(seconds=1)
    silent_an_hour: int = 2
    send_timeout: dt.timedelta = dt.timedelta(seconds=20)
    first_pause: dt.timedelta = dt.timedelta(seconds=5)
    longest_pause: dt.timedelta = dt.timedelta(minutes=15)
    at_once: int = 16
    keep: dt.timedelta = dt.timedelta(days=30)
    most_steps: int = 200_000
    most_notices: int = 50_000

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not value > type(value)():
                raise ValueError(f"{field.name} is {value}; it has to be above zero")
