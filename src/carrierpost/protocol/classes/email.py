"""
Mail ([MS-ASEMAIL]).
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated

from carrierpost.protocol.classes.airsyncbase import (
    Attachment,
    Body,
    BodyPart,
    BodyType,
    DeletedAttachment,
    Location,
    NewAttachment,
)
from carrierpost.protocol.classes.recurrence import MeetingRecurrence
from carrierpost.protocol.record import At, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSyncBase, Calendar, ComposeMail, Email2, MeetingResponse, RightsManagement, Tasks
from carrierpost.wbxml.pages import Email as Page

__all__ = [
    "Email",
    "Flag",
    "FlagStatus",
    "Forwardee",
    "Importance",
    "MeetingMessageType",
    "MeetingRequest",
    "RightsLicense",
]


class Importance(enum.IntEnum):
    """
    How important the sender thinks a message is; absent means normal.
    """

    LOW = 0
    NORMAL = 1
    HIGH = 2


class FlagStatus(enum.IntEnum):
    """
    The state of a follow-up flag.
    """

    CLEARED = 0
    COMPLETE = 1
    ACTIVE = 2


class Flag(Record, frozen=True):
    """
    A follow-up flag. An empty one means that there is none.

    Attributes:
        status: its state.
        flag_type: the words shown, `Flag for follow up`.
        complete_time: when the message was marked complete.
        date_completed: the day it was completed.
        start_date: local start.
        utc_start_date: the same in UTC.
        due_date: local due time.
        utc_due_date: the same in UTC.
        reminder_set: whether a reminder is set.
        reminder_time: when it goes off.
        subject: the flag's own subject.
        ordinal_date: order in a list, first part.
        sub_ordinal_date: order in a list, second part.

    """

    subject: Annotated[str | None, At(Tasks.Subject)] = None
    status: Annotated[FlagStatus | None, At(Page.Status)] = None
    flag_type: Annotated[str | None, At(Page.FlagType)] = None
    date_completed: Annotated[dt.datetime | None, At(Tasks.DateCompleted)] = None
    complete_time: Annotated[dt.datetime | None, At(Page.CompleteTime)] = None
    start_date: Annotated[dt.datetime | None, At(Tasks.StartDate)] = None
    due_date: Annotated[dt.datetime | None, At(Tasks.DueDate)] = None
    utc_start_date: Annotated[dt.datetime | None, At(Tasks.UtcStartDate)] = None
    utc_due_date: Annotated[dt.datetime | None, At(Tasks.UtcDueDate)] = None
    reminder_set: Annotated[bool | None, At(Tasks.ReminderSet)] = None
    reminder_time: Annotated[dt.datetime | None, At(Tasks.ReminderTime)] = None
    ordinal_date: Annotated[dt.datetime | None, At(Tasks.OrdinalDate)] = None
    sub_ordinal_date: Annotated[str | None, At(Tasks.SubOrdinalDate)] = None


class MeetingMessageType(enum.IntEnum):
    """
    What a meeting message is; an answer is offered only for the first two kinds.
    """

    SILENT_UPDATE = 0
    INITIAL_REQUEST = 1
    FULL_UPDATE = 2
    INFORMATIONAL_UPDATE = 3
    OUTDATED = 4
    DELEGATORS_COPY = 5
    DELEGATED = 6


class Forwardee(Record, frozen=True):
    """
    Somebody to whom a meeting is forwarded (16.0 and later).

    Attributes:
        email: mail address.
        name: name.

    """

    email: Annotated[str | None, At(ComposeMail.Email)] = None
    name: Annotated[str | None, At(ComposeMail.Name)] = None


class MeetingRequest(Record, frozen=True):
    """
    The meeting that a message is about.

    Attributes:
        all_day_event: whether it lasts whole days.
        start_time: start, UTC.
        dt_stamp: when the request was made.
        end_time: end, UTC.
        instance_type: 0 single, 1 series, 2 an occurrence, 3 an exception, 4 an occurrence without its series.
        location: the place (14.1 and older).
        place: the place in parts (16.0 and later).
        organizer: who invites.
        recurrence_id: which occurrence is meant.
        reminder: minutes before the start.
        response_requested: whether an answer is wanted.
        recurrences: the pattern of a series.
        sensitivity: 0 normal to 3 confidential.
        busy_status: 0 free, 1 tentative, 2 busy, 3 away, 4 elsewhere.
        time_zone: the zone blob, base64.
        global_obj_id: the meeting's id, base64 (14.1 and older).
        uid: the meeting's id (16.0 and later).
        disallow_new_time_proposal: whether other times may not be proposed.
        meeting_message_type: what the message is (14.1 and later).
        forwardees: to whom the meeting was forwarded (16.0 and later).
        proposed_start_time: another start that an attendee proposes (16.1).
        proposed_end_time: another end that an attendee proposes (16.1).

    """

    all_day_event: Annotated[bool | None, At(Page.AllDayEvent)] = None
    start_time: Annotated[dt.datetime | None, At(Page.StartTime)] = None
    dt_stamp: Annotated[dt.datetime | None, At(Page.DtStamp)] = None
    end_time: Annotated[dt.datetime | None, At(Page.EndTime)] = None
    instance_type: Annotated[int | None, At(Page.InstanceType)] = None
    location: Annotated[str | None, At(Page.Location)] = None
    place: Annotated[Location | None, At(AirSyncBase.Location)] = None
    organizer: Annotated[str | None, At(Page.Organizer)] = None
    recurrence_id: Annotated[dt.datetime | None, At(Page.RecurrenceId)] = None
    reminder: Annotated[int | None, At(Page.Reminder)] = None
    response_requested: Annotated[bool | None, At(Page.ResponseRequested)] = None
    recurrences: Annotated[tuple[MeetingRecurrence, ...] | None, At(Page.Recurrences, item=Page.Recurrence)] = None
    sensitivity: Annotated[int | None, At(Page.Sensitivity)] = None
    busy_status: Annotated[int | None, At(Page.BusyStatus)] = None
    time_zone: Annotated[str | None, At(Page.TimeZone)] = None
    global_obj_id: Annotated[str | None, At(Page.GlobalObjId)] = None
    uid: Annotated[str | None, At(Calendar.UID, since=Version.V16_0)] = None
    disallow_new_time_proposal: Annotated[bool | None, At(Page.DisallowNewTimeProposal)] = None
    meeting_message_type: Annotated[MeetingMessageType | None, At(Email2.MeetingMessageType)] = None
    forwardees: Annotated[tuple[Forwardee, ...] | None, At(ComposeMail.Forwardees, item=ComposeMail.Forwardee)] = None
    proposed_start_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedStartTime)] = None
    proposed_end_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedEndTime)] = None


class RightsLicense(Record, frozen=True):
    """
    What a rights-managed message allows ([MS-ASRM]).
    """

    owner: Annotated[bool | None, At(RightsManagement.Owner)] = None
    reply_allowed: Annotated[bool | None, At(RightsManagement.ReplyAllowed)] = None
    reply_all_allowed: Annotated[bool | None, At(RightsManagement.ReplyAllAllowed)] = None
    forward_allowed: Annotated[bool | None, At(RightsManagement.ForwardAllowed)] = None
    edit_allowed: Annotated[bool | None, At(RightsManagement.EditAllowed)] = None
    export_allowed: Annotated[bool | None, At(RightsManagement.ExportAllowed)] = None
    extract_allowed: Annotated[bool | None, At(RightsManagement.ExtractAllowed)] = None
    print_allowed: Annotated[bool | None, At(RightsManagement.PrintAllowed)] = None
    modify_recipients_allowed: Annotated[bool | None, At(RightsManagement.ModifyRecipientsAllowed)] = None
    programmatic_access_allowed: Annotated[bool | None, At(RightsManagement.ProgrammaticAccessAllowed)] = None
    content_expiry_date: Annotated[dt.datetime | None, At(RightsManagement.ContentExpiryDate)] = None
    content_owner: Annotated[str | None, At(RightsManagement.ContentOwner)] = None
    template_id: Annotated[str | None, At(RightsManagement.TemplateID)] = None
    template_name: Annotated[str | None, At(RightsManagement.TemplateName)] = None
    template_description: Annotated[str | None, At(RightsManagement.TemplateDescription)] = None


class Email(Record, frozen=True):
    """
    A message.

    Attributes:
        to: recipients, an address list.
        cc: recipients of copies, an address list.
        from_: the author, an address.
        sender: who sent it for the author.
        bcc: hidden recipients, of drafts and sent mail (16.0 and later).
        subject: the subject.
        reply_to: where answers go; addresses divided by semicolons.
        date_received: when the mailbox received it.
        display_to: names of the recipients, for lists.
        thread_topic: the subject of the conversation.
        importance: absent means normal.
        read: whether it has been read.
        attachments: what is attached.
        new_attachments: what a client attaches (16.0 and later).
        deleted_attachments: what a client takes away (16.0 and later).
        body: the text.
        body_part: what it adds to its conversation (14.1 and later).
        native_body_type: the format in which the server keeps the text.
        message_class: `IPM.Note`, `IPM.Schedule.Meeting.Request`...
        meeting_request: the meeting it is about.
        internet_cpid: the code page of the original, 65001 for UTF-8.
        flag: the follow-up flag.
        content_class: `urn:content-classes:message`...
        categories: its categories (14.0 and later).
        conversation_id: 16 bytes, the same in all folders (14.0 and later).
        conversation_index: place in the conversation (14.0 and later).
        last_verb_executed: 1 replied, 2 replied to all, 3 forwarded.
        last_verb_execution_time: when.
        received_as_bcc: whether one was a hidden recipient.
        um_caller_id: the caller of a voice message.
        um_user_notes: remarks on a voice message.
        account_id: the account of a server that has several (14.1 and later).
        is_draft: whether it is a draft (16.0 and later).
        rights: what a rights-managed message allows.
        cleared: fields that came empty.
        other: elements that are not known, as a WBXML document.

    """

    to: Annotated[str | None, At(Page.To)] = None
    cc: Annotated[str | None, At(Page.Cc)] = None
    from_: Annotated[str | None, At(Page.From)] = None
    sender: Annotated[str | None, At(Email2.Sender)] = None
    bcc: Annotated[str | None, At(Email2.Bcc)] = None
    subject: Annotated[str | None, At(Page.Subject)] = None
    reply_to: Annotated[str | None, At(Page.ReplyTo)] = None
    date_received: Annotated[dt.datetime | None, At(Page.DateReceived)] = None
    display_to: Annotated[str | None, At(Page.DisplayTo)] = None
    thread_topic: Annotated[str | None, At(Page.ThreadTopic)] = None
    importance: Annotated[Importance | None, At(Page.Importance)] = None
    read: Annotated[bool | None, At(Page.Read)] = None
    attachments: Annotated[tuple[Attachment, ...] | None, At(AirSyncBase.Attachments, item=AirSyncBase.Attachment)] = (
        None
    )
    new_attachments: Annotated[
        tuple[NewAttachment, ...] | None, At(AirSyncBase.Attachments, item=AirSyncBase.Add, since=Version.V16_0)
    ] = None
    deleted_attachments: Annotated[
        tuple[DeletedAttachment, ...] | None, At(AirSyncBase.Attachments, item=AirSyncBase.Delete, since=Version.V16_0)
    ] = None
    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    body_part: Annotated[BodyPart | None, At(AirSyncBase.BodyPart)] = None
    message_class: Annotated[str | None, At(Page.MessageClass)] = None
    meeting_request: Annotated[MeetingRequest | None, At(Page.MeetingRequest)] = None
    internet_cpid: Annotated[str | None, At(Page.InternetCPID)] = None
    flag: Annotated[Flag | None, At(Page.Flag)] = None
    content_class: Annotated[str | None, At(Page.ContentClass)] = None
    native_body_type: Annotated[BodyType | None, At(AirSyncBase.NativeBodyType)] = None
    um_caller_id: Annotated[str | None, At(Email2.UmCallerID)] = None
    um_user_notes: Annotated[str | None, At(Email2.UmUserNotes)] = None
    conversation_id: Annotated[bytes | None, At(Email2.ConversationId)] = None
    conversation_index: Annotated[bytes | None, At(Email2.ConversationIndex)] = None
    last_verb_executed: Annotated[int | None, At(Email2.LastVerbExecuted)] = None
    last_verb_execution_time: Annotated[dt.datetime | None, At(Email2.LastVerbExecutionTime)] = None
    received_as_bcc: Annotated[bool | None, At(Email2.ReceivedAsBcc)] = None
    categories: Annotated[tuple[str, ...] | None, At(Page.Categories, item=Page.Category)] = None
    account_id: Annotated[str | None, At(Email2.AccountId)] = None
    is_draft: Annotated[bool | None, At(Email2.IsDraft)] = None
    rights: Annotated[RightsLicense | None, At(RightsManagement.RightsManagementLicense)] = None
    cleared: frozenset[str] = frozenset()
    other: bytes | None = None
