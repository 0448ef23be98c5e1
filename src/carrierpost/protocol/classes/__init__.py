"""
The classes of items, every field typed: mail, contacts, events, tasks, notes.

All fields may be absent (`None`): servers send partial changes, and clients ask for parts.
"""

from carrierpost.protocol.classes.airsyncbase import (
    Attachment,
    AttachmentMethod,
    Body,
    BodyPart,
    BodyPreference,
    BodyType,
    DeletedAttachment,
    Location,
    NewAttachment,
)
from carrierpost.protocol.classes.calendar import Attendee, BusyStatus, Event, EventException
from carrierpost.protocol.classes.contacts import Contact
from carrierpost.protocol.classes.email import (
    Email,
    Flag,
    FlagStatus,
    Forwardee,
    Importance,
    MeetingMessageType,
    MeetingRequest,
    RightsLicense,
)
from carrierpost.protocol.classes.item import (
    ApplicationData,
    ContentClass,
    class_of,
    decode_item,
    differences,
    encode_item,
    identity,
    infer_class,
    merge,
    record_of,
)
from carrierpost.protocol.classes.notes import NoteItem
from carrierpost.protocol.classes.recurrence import (
    MeetingRecurrence,
    Pattern,
    Recurrence,
    RecurrenceType,
    TaskRecurrence,
)
from carrierpost.protocol.classes.tasks import Task

__all__ = [
    "ApplicationData",
    "Attachment",
    "AttachmentMethod",
    "Attendee",
    "Body",
    "BodyPart",
    "BodyPreference",
    "BodyType",
    "BusyStatus",
    "Contact",
    "ContentClass",
    "DeletedAttachment",
    "Email",
    "Event",
    "EventException",
    "Flag",
    "FlagStatus",
    "Forwardee",
    "Importance",
    "Location",
    "MeetingMessageType",
    "MeetingRecurrence",
    "MeetingRequest",
    "NewAttachment",
    "NoteItem",
    "Pattern",
    "Recurrence",
    "RecurrenceType",
    "RightsLicense",
    "Task",
    "TaskRecurrence",
    "class_of",
    "decode_item",
    "differences",
    "encode_item",
    "identity",
    "infer_class",
    "merge",
    "record_of",
]
