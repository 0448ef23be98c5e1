"""
Notes ([MS-ASNOTE]; 14.0 and later).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from carrierpost.protocol.classes.airsyncbase import Body, BodyType
from carrierpost.protocol.record import At, Form, Record
from carrierpost.wbxml.pages import AirSyncBase, Notes

__all__ = ["NoteItem"]


class NoteItem(Record, frozen=True):
    """
    A note.

    Attributes:
        subject: its title.
        message_class: begins with `IPM.StickyNote`.
        last_modified_date: when it was last changed.
        categories: its categories.
        body: its text.
        native_body_type: the format in which the server keeps the text.
        cleared: fields that came empty.
        other: elements that are not known, as a WBXML document.

    """

    subject: Annotated[str | None, At(Notes.Subject)] = None
    message_class: Annotated[str | None, At(Notes.MessageClass)] = None
    last_modified_date: Annotated[dt.datetime | None, At(Notes.LastModifiedDate, form=Form.COMPACT)] = None
    categories: Annotated[tuple[str, ...] | None, At(Notes.Categories, item=Notes.Category)] = None
    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    native_body_type: Annotated[BodyType | None, At(AirSyncBase.NativeBodyType)] = None
    cleared: frozenset[str] = frozenset()
    other: bytes | None = None
