"""
From rows of the database to notices and steps, and the columns that these are kept in.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from carrierpost.model import (
    NewNotice,
    Notice,
    NoticeKind,
    NoticeSettings,
    NoticeState,
    NoticeText,
    Step,
    TraceStep,
    Urgency,
)
from carrierpost.store.database import Row

__all__ = ["moment", "notice_of", "notice_row", "settings_json", "settings_of", "step_of", "step_row"]

_TEXT = msgspec.json.Decoder(NoticeText)
_SETTINGS = msgspec.json.Decoder(NoticeSettings)
_ENCODER = msgspec.json.Encoder()


def moment(value: dt.datetime) -> str:
    """
    Write a time as the columns of this room hold it: UTC, always with six digits of the second, so that the order of
    the text is that of time.
    """
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def notice_row(new: NewNotice, now: dt.datetime) -> tuple[Any, ...]:
    """
    Give the columns of a new notice.
    """
    return (
        new.token, new.device_id, new.account_id, str(new.kind), new.key, moment(new.due_at), moment(new.expires_at),
        _ENCODER.encode(new.text).decode() if new.text is not None else None, new.item_id, new.collection_id,
        str(new.urgency), new.collapse, new.reason, new.about,
        moment(new.news_at) if new.news_at is not None else None, moment(now),
    )  # fmt: skip


def notice_of(row: Row) -> Notice:
    """
    Read a notice, columns in the order of the schema.
    """
    return Notice(
        id=row[0],
        token=row[1],
        device_id=row[2],
        account_id=row[3],
        kind=NoticeKind(row[4]),
        key=row[5],
        state=NoticeState(row[6]),
        due_at=dt.datetime.fromisoformat(row[7]),
        expires_at=dt.datetime.fromisoformat(row[8]),
        text=_TEXT.decode(row[9]) if row[9] is not None else None,
        item_id=row[10],
        collection_id=row[11],
        urgency=Urgency(row[12]),
        collapse=row[13],
        reason=row[14],
        about=row[15],
        news_at=dt.datetime.fromisoformat(row[16]) if row[16] is not None else None,
        attempts=row[17],
        made_at=dt.datetime.fromisoformat(row[18]),
        settled_at=dt.datetime.fromisoformat(row[19]),
        sent_at=dt.datetime.fromisoformat(row[20]) if row[20] is not None else None,
        silent=bool(row[21]),
        joined=row[22],
        remark=row[23],
    )


def step_row(step: TraceStep) -> tuple[Any, ...]:
    """
    Give the columns of a step.
    """
    return (
        step.account_id, step.item_id, step.device_id, step.notice, str(step.step), moment(step.at), int(step.told),
        step.detail,
    )  # fmt: skip


def step_of(row: Row) -> TraceStep:
    """
    Read a step: account, item, device, notice, step, time, told, detail.
    """
    return TraceStep(
        account_id=row[0],
        item_id=row[1],
        device_id=row[2],
        notice=row[3],
        step=Step(row[4]),
        at=dt.datetime.fromisoformat(row[5]),
        told=bool(row[6]),
        detail=row[7],
    )


def settings_json(settings: NoticeSettings) -> str:
    """
    Write what was set on a device, without what belongs to its account.
    """
    return _ENCODER.encode(msgspec.structs.replace(settings, vips=frozenset())).decode()


def settings_of(data: str | None, vips: frozenset[str]) -> NoticeSettings:
    """
    Read what was set on a device, with what belongs to its account.
    """
    settings = _SETTINGS.decode(data) if data is not None else NoticeSettings()
    return msgspec.structs.replace(settings, vips=vips)
