"""
What is to be written together about notices.

The notifier and the dispatcher decide, as values of these classes; the store carries them out in one transaction, or
refuses the whole.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model.notice import NewNotice, NoticeKind, NoticeState, TraceStep

__all__ = ["NoticeCommit", "NoticeMove", "NoticeWithdrawal"]


class NoticeWithdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """
    What need not be told any more, or is to be taken away from the devices that were told.

    Attributes:
        item_id: the item whose notices are meant.
        reason: why, in half a sentence.
        kinds: which notices; empty for all.
        keep: keys of notices that stay as they are.
        renew: those to be kept that still wait are forgotten, because they are made anew.
    """

    item_id: int
    reason: str
    kinds: frozenset[NoticeKind] = frozenset()
    keep: frozenset[str] = frozenset()
    renew: bool = False


class NoticeCommit(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything that was decided on a piece of an account's feed.

    Attributes:
        account_id: the account.
        after: the number up to which the feed had been decided on; if the store holds another, the commit is refused.
        position: the number up to which it is now.
        notices: what devices are to be told; of one whose key its device was told before, nothing is written.
        withdrawals: what they need not be told any more.
        steps: the trace of the decisions, also of those against.
        expires_at: from when on nobody is told of a withdrawal, UTC.
    """

    account_id: int
    after: int
    position: int
    expires_at: dt.datetime
    notices: tuple[NewNotice, ...] = ()
    withdrawals: tuple[NoticeWithdrawal, ...] = ()
    steps: tuple[TraceStep, ...] = ()


class NoticeMove(msgspec.Struct, frozen=True, kw_only=True):
    """
    How far a notice has come.

    Attributes:
        notice_id: the notice.
        state: its new state.
        step: what is noted of it in its trace.
        due_at: when it is to be tried, for `NoticeState.WAITING`; `None` leaves that as it is.
        detail: why or how, in a sentence.
        silent: for `NoticeState.HANDED`, whether the device shows nothing of it.
        joined: for `NoticeState.HANDED`, the token of the notice that speaks for this one; empty when it does itself.
    """

    notice_id: int
    state: NoticeState
    step: TraceStep | None = None
    due_at: dt.datetime | None = None
    detail: str = ""
    silent: bool = False
    joined: str = ""
