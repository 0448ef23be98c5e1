"""
How far back and how much: what a person wants, what a class of items can say, what the server's policy allows. Pure.

A first synchronisation of mail climbs a ladder of windows, so that what a person looks for first arrives first and a
huge mailbox can be used long before it is complete.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import msgspec

from carrierpost.model import Collection, Progress
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.sync import FilterType

__all__ = ["Limits", "allowed_window", "ladder", "next_window"]

_EVER = 100_000
_REACH = {
    FilterType.ONE_DAY: 1,
    FilterType.THREE_DAYS: 3,
    FilterType.ONE_WEEK: 7,
    FilterType.TWO_WEEKS: 14,
    FilterType.ONE_MONTH: 31,
    FilterType.THREE_MONTHS: 92,
    FilterType.SIX_MONTHS: 183,
    FilterType.ALL: _EVER,
}
"""Days that each window reaches back."""

_SAYABLE = {
    ContentClass.EMAIL: tuple(FilterType(number) for number in range(6)),
    ContentClass.CALENDAR: tuple(FilterType(number) for number in (0, 4, 5, 6, 7)),
    ContentClass.TASKS: (FilterType.ALL, FilterType.INCOMPLETE_TASKS),
}
"""Windows that each class knows ([MS-ASCMD] FilterType); the others have none."""

_RUNGS = (FilterType.THREE_DAYS, FilterType.ONE_MONTH)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """
    What the server's policy allows a client to ask for ([MS-ASPROV] EASProvisionDoc).

    Attributes:
        email: the widest window of mail.
        calendar: the widest window of events.
        plain: most bytes of a mail's plain text, or `None` for no limit; 0 means header only.
        html: the same for HTML.
        html_allowed: whether mail may be had as HTML at all.
        attachments_allowed: whether attachments may be fetched at all.
        attachment: bytes of the largest attachment that may be fetched, or `None` for no limit.
    """

    email: FilterType = FilterType.ALL
    calendar: FilterType = FilterType.ALL
    plain: int | None = None
    html: int | None = None
    html_allowed: bool = True
    attachments_allowed: bool = True
    attachment: int | None = None

    @classmethod
    def of(cls, policy: Mapping[str, object]) -> Limits:
        """
        Read the limits from an account's policy, as it is stored; what is absent or senseless is no limit.
        """
        document = policy.get("document")
        if not document:
            return _NO_LIMITS
        values: Mapping[str, object] = document if isinstance(document, Mapping) else {}
        return cls(
            email=_window(ContentClass.EMAIL, values.get("max_email_age_filter")),
            calendar=_window(ContentClass.CALENDAR, values.get("max_calendar_age_filter")),
            plain=_size(values.get("max_email_body_truncation_size")),
            html=_size(values.get("max_email_html_body_truncation_size")),
            html_allowed=values.get("allow_html_email") is not False,
            attachments_allowed=values.get("attachments_enabled") is not False,
            attachment=_size(values.get("max_attachment_size")) or None,
        )

    def forbids_attachment(self, size: int | None) -> str | None:
        """
        Say why an attachment may not be fetched; `None` for one that may.

        Args:
            size: its bytes as the server estimates them, or `None` when unknown.
        """
        if not self.attachments_allowed:
            return "the server's policy does not allow this device to fetch attachments; ask your administrator"
        if self.attachment is not None and size is not None and size > self.attachment:
            return (
                f"the server's policy allows this device attachments of up to {self.attachment} bytes; this has {size}"
            )
        return None

    def applied(self, collection: Collection) -> Collection:
        """
        Give a folder as it is to be asked for: with the window that its class can say and the policy allows.
        """
        if collection.window is FilterType.ALL and self is _NO_LIMITS:
            return collection  # by far the most common case, and asked for each folder before each step
        window = allowed_window(collection.content_class, collection.window)
        most = {ContentClass.EMAIL: self.email, ContentClass.CALENDAR: self.calendar}.get(
            collection.content_class or ContentClass.NOTES, FilterType.ALL
        )
        if _REACH.get(most, _EVER) < _REACH.get(window, _EVER):
            window = most
        return collection if window is collection.window else msgspec.structs.replace(collection, window=window)


_NO_LIMITS = Limits()


def _window(kind: ContentClass, value: object) -> FilterType:
    known = [one for one in _SAYABLE[kind] if one == value and isinstance(value, int)]
    return known[0] if known else FilterType.ALL


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def allowed_window(content_class: ContentClass | None, window: FilterType) -> FilterType:
    """
    Give a window as a class of items can say it: the same, or the next wider one.
    """
    sayable = _SAYABLE.get(content_class) if content_class is not None else None
    if sayable is None or window not in _REACH:
        return window if sayable is not None and window in sayable else FilterType.ALL
    return min((one for one in sayable if _REACH.get(one, 0) >= _REACH[window]), key=_REACH.__getitem__)


@functools.lru_cache(maxsize=64)
def ladder(wanted: FilterType, content_class: ContentClass | None) -> tuple[FilterType, ...]:
    """
    List the windows of a first synchronisation: recent mail first, then further back.
    """
    if content_class is not ContentClass.EMAIL:
        return (wanted,)
    reach = _REACH.get(wanted, _EVER)
    return (*(rung for rung in _RUNGS if _REACH[rung] < reach), wanted)


def next_window(collection: Collection, *, use_ladder: bool) -> FilterType:
    """
    Give the window to ask for next.

    Args:
        collection: the folder; `window_applied` is the window whose items are held completely, or are being fetched.
        use_ladder: whether a first synchronisation takes recent mail first.
    """
    if not use_ladder or collection.progress not in (Progress.NEW, Progress.FILLING):
        return collection.window
    rungs = ladder(collection.window, collection.content_class)
    if collection.window_applied is None:
        return rungs[0]
    return collection.window_applied if collection.window_applied in rungs else collection.window
