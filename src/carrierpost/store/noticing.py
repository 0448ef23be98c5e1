"""
Decisions about notices carried out inside a transaction: what is queued, what is taken back, and its trace.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.model import (
    NewNotice,
    Notice,
    NoticeCommit,
    NoticeKind,
    NoticeMove,
    NoticeState,
    NoticeWithdrawal,
    Step,
    TraceStep,
    Urgency,
)
from carrierpost.store.database import Transaction
from carrierpost.store.errors import StaleCommit
from carrierpost.store.notice_rows import moment, notice_of, notice_row, step_row

__all__ = ["commit_notices", "move_notice", "put_steps"]

_TOLD = {NoticeState.HANDED, NoticeState.ACCEPTED, NoticeState.RECEIVED, NoticeState.SHOWN}
_UNSEEN = {NoticeKind.BADGE, NoticeKind.WITHDRAWAL, NoticeKind.CANARY}
"""Kinds of which nothing stays on a screen that could be taken away."""


def commit_notices(transaction: Transaction, commit: NoticeCommit, now: dt.datetime) -> tuple[Notice, ...]:
    """
    Write what was decided on a piece of a feed; see `NoticeStore.commit_notices`.
    """
    rows = transaction.rows("notify_position", commit.account_id)
    held = rows[0][0] if rows else 0
    if held != commit.after:
        raise StaleCommit(f"the feed was decided on up to {held} already, and not up to {commit.after}")
    if commit.position != held:
        transaction.rows("put_notify_position", commit.account_id, commit.position)
    made = []
    for withdrawal in commit.withdrawals:
        made += _withdraw(transaction, withdrawal, commit.expires_at, now)
    for new in commit.notices:
        made += [notice_of(row) for row in transaction.rows("add_notice", *notice_row(new, now))]
    put_steps(transaction, commit.steps)
    return tuple(made)


def _withdraw(
    transaction: Transaction, withdrawal: NoticeWithdrawal, expires_at: dt.datetime, now: dt.datetime
) -> list[Notice]:
    made: list[Notice] = []
    for notice in map(notice_of, transaction.rows("notices_of_item", withdrawal.item_id)):
        if notice.kind in _UNSEEN or (withdrawal.kinds and notice.kind not in withdrawal.kinds):
            continue
        if notice.key in withdrawal.keep:
            if withdrawal.renew and notice.state is NoticeState.WAITING:
                transaction.rows("forget_notice", notice.id)
            continue
        if notice.state is not NoticeState.WAITING and notice.state not in _TOLD:
            continue
        transaction.rows("withdraw_notice", moment(now), withdrawal.reason, notice.id)
        step = TraceStep(
            account_id=notice.account_id,
            step=Step.WITHDRAWN,
            at=now,
            item_id=notice.item_id,
            device_id=notice.device_id,
            notice=notice.token,
            detail=withdrawal.reason,
        )
        put_steps(transaction, (step,))
        if notice.state in _TOLD and not _speaks_for_others(transaction, notice):
            values = notice_row(_taking_away(transaction, notice, withdrawal.reason, expires_at, now), now)
            made += [notice_of(row) for row in transaction.rows("add_notice", *values)]
    return made


def _speaks_for_others(transaction: Transaction, notice: Notice) -> bool:
    """
    Tell whether the message that told of it also told of something that is still to be seen.
    """
    [(count,)] = transaction.rows("spoken_for", notice.joined or notice.token)
    return bool(count)


def _taking_away(
    transaction: Transaction, notice: Notice, reason: str, expires_at: dt.datetime, now: dt.datetime
) -> NewNotice:
    spoke = [notice_of(row) for row in transaction.rows("notice", notice.joined)] if notice.joined else []
    shown = spoke[0] if spoke else notice
    return NewNotice(
        device_id=notice.device_id,
        account_id=notice.account_id,
        kind=NoticeKind.WITHDRAWAL,
        key=f"withdrawal:{notice.token}",
        token=f"{notice.token}-w",
        due_at=now,
        expires_at=expires_at,
        item_id=notice.item_id,
        collection_id=notice.collection_id,
        urgency=Urgency.LOW,
        reason=reason,
        about=shown.collapse or shown.token,
        news_at=now,
    )


def move_notice(transaction: Transaction, move: NoticeMove, now: dt.datetime) -> list[Notice]:
    """
    Note how far a notice has come.

    Returns:
        The notice, or nothing when it was settled or withdrawn meanwhile.
    """
    if move.step is not None:
        put_steps(transaction, (move.step,))
    at = moment(now)
    match move.state:
        case NoticeState.HANDED:
            rows = transaction.rows("hand_notice", at, int(move.silent), move.joined, move.notice_id)
        case NoticeState.WAITING:
            due = moment(move.due_at) if move.due_at is not None else None
            rows = transaction.rows("requeue_notice", due, at, move.detail, move.notice_id)
        case _:
            rows = transaction.rows("settle_notice", str(move.state), at, move.detail, move.notice_id)
    return list(map(notice_of, rows))


def put_steps(transaction: Transaction, steps: tuple[TraceStep, ...]) -> None:
    """
    Add steps to the trace.
    """
    if steps:
        transaction.each("add_step", list(map(step_row, steps)))
