"""
Attachments that clients add to drafts and events, and take away again (16.0 and later; [MS-ASAIRS] Attachments).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from carrierpost.protocol.classes import Attachment, AttachmentMethod, DeletedAttachment, Email, Event, NewAttachment
from carrierpost.server.mailbox import Attached, MailboxItem

__all__ = ["attach"]


def attach(
    item: MailboxItem, new: Sequence[NewAttachment] | None, deleted: Sequence[DeletedAttachment] | None
) -> tuple[Attachment, ...]:
    """
    Add attachments to an item's properties, and take others away; whoever calls notes the change.

    Returns:
        What the client is told: its own ids with the references that the attachments have now.
    """
    data = item.data
    assert isinstance(data, Email | Event)
    gone = {one.file_reference for one in deleted or ()}
    for reference in gone:
        item.attached.pop(reference or "", None)
    kept = [one for one in data.attachments or () if one.file_reference not in gone]
    told = []
    for one in new or ():
        reference = _reference(item)
        content = one.content or b""
        item.attached[reference] = Attached(content, one.content_type or "application/octet-stream")
        made = Attachment(
            display_name=one.display_name or "attachment",
            file_reference=reference,
            method=one.method or AttachmentMethod.FILE,
            estimated_data_size=len(content),
            content_id=one.content_id,
            content_location=one.content_location,
            is_inline=one.is_inline,
        )
        kept.append(made)
        told.append(Attachment(file_reference=reference, client_id=one.client_id))
    item.data = msgspec.structs.replace(
        data, attachments=tuple(kept) or None, new_attachments=None, deleted_attachments=None
    )
    return tuple(told)


def _reference(item: MailboxItem) -> str:
    """
    Make a reference that the item never had: one more than the highest.
    """
    numbers = [int(one.rpartition("/")[2]) for one in item.attached]
    return f"{item.server_id}/{max(numbers, default=-1) + 1}"
