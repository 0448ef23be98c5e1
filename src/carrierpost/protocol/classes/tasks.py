"""
Tasks ([MS-ASTASK]).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from carrierpost.protocol.classes.airsyncbase import Body, BodyType
from carrierpost.protocol.classes.email import Importance
from carrierpost.protocol.classes.recurrence import TaskRecurrence
from carrierpost.protocol.record import At, Record
from carrierpost.wbxml.pages import AirSyncBase, Tasks

__all__ = ["Task"]


class Task(Record, frozen=True):
    """
    Something to do. Local and UTC dates always come as pairs.

    Attributes:
        body: its text.
        subject: what is to be done.
        importance: how important it is.
        utc_start_date: start, UTC.
        start_date: start on the clock where the task was made, written as if it were UTC.
        utc_due_date: when it is due, UTC.
        due_date: when it is due on the clock where the task was made.
        categories: its categories.
        recurrence: the pattern of a repeating task.
        complete: whether it is done.
        date_completed: when it was done.
        sensitivity: 0 normal, 1 personal, 2 private, 3 confidential.
        reminder_set: whether a reminder is set.
        reminder_time: when it goes off.
        ordinal_date: order in a list, first part.
        sub_ordinal_date: order in a list, second part.
        native_body_type: the format in which the server keeps the text.
        cleared: fields that came empty.
        other: elements that are not known, as a WBXML document.

    """

    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    subject: Annotated[str | None, At(Tasks.Subject)] = None
    importance: Annotated[Importance | None, At(Tasks.Importance)] = None
    utc_start_date: Annotated[dt.datetime | None, At(Tasks.UtcStartDate)] = None
    start_date: Annotated[dt.datetime | None, At(Tasks.StartDate)] = None
    utc_due_date: Annotated[dt.datetime | None, At(Tasks.UtcDueDate)] = None
    due_date: Annotated[dt.datetime | None, At(Tasks.DueDate)] = None
    categories: Annotated[tuple[str, ...] | None, At(Tasks.Categories, item=Tasks.Category)] = None
    recurrence: Annotated[TaskRecurrence | None, At(Tasks.Recurrence)] = None
    complete: Annotated[bool | None, At(Tasks.Complete)] = None
    date_completed: Annotated[dt.datetime | None, At(Tasks.DateCompleted)] = None
    sensitivity: Annotated[int | None, At(Tasks.Sensitivity)] = None
    reminder_set: Annotated[bool | None, At(Tasks.ReminderSet)] = None
    reminder_time: Annotated[dt.datetime | None, At(Tasks.ReminderTime)] = None
    ordinal_date: Annotated[dt.datetime | None, At(Tasks.OrdinalDate)] = None
    sub_ordinal_date: Annotated[str | None, At(Tasks.SubOrdinalDate)] = None
    native_body_type: Annotated[BodyType | None, At(AirSyncBase.NativeBodyType)] = None
    cleared: frozenset[str] = frozenset()
    other: bytes | None = None
