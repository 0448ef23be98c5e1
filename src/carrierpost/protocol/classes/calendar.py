"""
Events ([MS-ASCAL]).

The two generations of the protocol say places and exceptions differently. Inside the hub there is one form, that of
an `Event` as declared here: the place is a name (`location`), with its parts beside it where they are known, and an
exception is known by `exception_start_time`. `normalise` brings what a server sent into this form and `express`
brings it into the words of a version, so nothing else needs to know.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated

import msgspec

from carrierpost.protocol.classes.airsyncbase import (
    Attachment,
    Body,
    BodyType,
    DeletedAttachment,
    Location,
    NewAttachment,
)
from carrierpost.protocol.classes.recurrence import Recurrence
from carrierpost.protocol.record import At, Form, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSyncBase, Calendar, MeetingResponse

__all__ = ["Attendee", "BusyStatus", "Event", "EventException", "express", "normalise"]


class BusyStatus(enum.IntEnum):
    """
    How an event's time is shown to others.
    """

    FREE = 0
    TENTATIVE = 1
    BUSY = 2
    AWAY = 3
    WORKING_ELSEWHERE = 4


class Attendee(Record, frozen=True):
    """
    Somebody invited.

    Attributes:
        email: mail address.
        name: name.
        attendee_status: 0 unknown, 2 tentative, 3 accepted, 4 declined, 5 no answer.
        attendee_type: 1 required, 2 optional, 3 resource.
        proposed_start_time: another start that the attendee proposes (16.1).
        proposed_end_time: another end that the attendee proposes (16.1).

    """

    email: Annotated[str | None, At(Calendar.Email)] = None
    name: Annotated[str | None, At(Calendar.Name)] = None
    attendee_status: Annotated[int | None, At(Calendar.AttendeeStatus)] = None
    attendee_type: Annotated[int | None, At(Calendar.AttendeeType)] = None
    proposed_start_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedStartTime, form=Form.COMPACT)] = None
    proposed_end_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedEndTime, form=Form.COMPACT)] = None


class EventException(Record, frozen=True):
    """
    An occurrence of a series that is deleted or differs. What is absent is as in the series.

    Attributes:
        deleted: the occurrence does not take place.
        exception_start_time: the start that it would have by the series' pattern, UTC.
        instance_id: the same, as 16.0 and later write it; absent once normalised.
        subject: as in `Event`, like all that follow.
        cleared: fields that came empty, and so are removed from this occurrence.

    """

    deleted: Annotated[bool | None, At(Calendar.Deleted)] = None
    exception_start_time: Annotated[dt.datetime | None, At(Calendar.ExceptionStartTime, form=Form.COMPACT)] = None
    instance_id: Annotated[dt.datetime | None, At(AirSyncBase.InstanceId, form=Form.COMPACT)] = None
    subject: Annotated[str | None, At(Calendar.Subject)] = None
    start_time: Annotated[dt.datetime | None, At(Calendar.StartTime, form=Form.COMPACT)] = None
    end_time: Annotated[dt.datetime | None, At(Calendar.EndTime, form=Form.COMPACT)] = None
    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    location: Annotated[str | None, At(Calendar.Location)] = None
    place: Annotated[Location | None, At(AirSyncBase.Location)] = None
    categories: Annotated[tuple[str, ...] | None, At(Calendar.Categories, item=Calendar.Category)] = None
    sensitivity: Annotated[int | None, At(Calendar.Sensitivity)] = None
    busy_status: Annotated[BusyStatus | None, At(Calendar.BusyStatus)] = None
    all_day_event: Annotated[bool | None, At(Calendar.AllDayEvent)] = None
    reminder: Annotated[int | None, At(Calendar.Reminder)] = None
    dt_stamp: Annotated[dt.datetime | None, At(Calendar.DtStamp, form=Form.COMPACT)] = None
    meeting_status: Annotated[int | None, At(Calendar.MeetingStatus)] = None
    attendees: Annotated[
        tuple[Attendee, ...] | None, At(Calendar.Attendees, item=Calendar.Attendee, since=Version.V14_0)
    ] = None
    appointment_reply_time: Annotated[dt.datetime | None, At(Calendar.AppointmentReplyTime, form=Form.COMPACT)] = None
    response_type: Annotated[int | None, At(Calendar.ResponseType)] = None
    online_meeting_conf_link: Annotated[str | None, At(Calendar.OnlineMeetingConfLink)] = None
    online_meeting_external_link: Annotated[str | None, At(Calendar.OnlineMeetingExternalLink)] = None
    attachments: Annotated[
        tuple[Attachment, ...] | None,
        At(AirSyncBase.Attachments, item=AirSyncBase.Attachment, since=Version.V16_0),
    ] = None
    cleared: frozenset[str] = frozenset()


class Event(Record, frozen=True):
    """
    An event or a series of events.

    Attributes:
        timezone: the zone blob, base64; `carrierpost.protocol.timezone` reads it.
        all_day_event: whether it lasts whole days.
        busy_status: how its time is shown to others.
        organizer_name: who organises it.
        organizer_email: their address.
        dt_stamp: when it was last changed.
        end_time: end, UTC, exclusive.
        location: the place's name.
        place: the place in parts, where known.
        reminder: minutes before the start.
        sensitivity: 0 normal, 1 personal, 2 private, 3 confidential.
        subject: the title.
        start_time: start, UTC.
        uid: its id in the whole world, as in iCalendar.
        client_uid: the id that the client gave it (16.0 and later).
        meeting_status: sum of 1 meeting, 2 received, 4 cancelled.
        attendees: who is invited.
        categories: its categories.
        recurrence: the pattern of a series.
        exceptions: occurrences that differ.
        response_requested: whether an answer is wanted (14.0 and later).
        appointment_reply_time: when the user answered (14.0 and later).
        response_type: 0 none, 1 organizer, 2 tentative, 3 accepted, 4 declined, 5 no answer (14.0 and later).
        disallow_new_time_proposal: whether other times may not be proposed (14.0 and later).
        online_meeting_conf_link: address of an online meeting (14.1 and later).
        online_meeting_external_link: the same for outsiders (14.1 and later).
        attachments: what is attached (16.0 and later).
        new_attachments: what a client attaches (16.0 and later).
        deleted_attachments: what a client takes away (16.0 and later).
        body: its text.
        native_body_type: the format in which the server keeps the text.
        cleared: fields that came empty.
        other: elements that are not known, as a WBXML document.

    """

    timezone: Annotated[str | None, At(Calendar.Timezone)] = None
    all_day_event: Annotated[bool | None, At(Calendar.AllDayEvent)] = None
    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    busy_status: Annotated[BusyStatus | None, At(Calendar.BusyStatus)] = None
    organizer_name: Annotated[str | None, At(Calendar.OrganizerName)] = None
    organizer_email: Annotated[str | None, At(Calendar.OrganizerEmail)] = None
    dt_stamp: Annotated[dt.datetime | None, At(Calendar.DtStamp, form=Form.COMPACT)] = None
    end_time: Annotated[dt.datetime | None, At(Calendar.EndTime, form=Form.COMPACT)] = None
    location: Annotated[str | None, At(Calendar.Location)] = None
    place: Annotated[Location | None, At(AirSyncBase.Location)] = None
    reminder: Annotated[int | None, At(Calendar.Reminder)] = None
    sensitivity: Annotated[int | None, At(Calendar.Sensitivity)] = None
    subject: Annotated[str | None, At(Calendar.Subject)] = None
    start_time: Annotated[dt.datetime | None, At(Calendar.StartTime, form=Form.COMPACT)] = None
    uid: Annotated[str | None, At(Calendar.UID)] = None
    client_uid: Annotated[str | None, At(Calendar.ClientUid)] = None
    meeting_status: Annotated[int | None, At(Calendar.MeetingStatus)] = None
    attendees: Annotated[tuple[Attendee, ...] | None, At(Calendar.Attendees, item=Calendar.Attendee)] = None
    categories: Annotated[tuple[str, ...] | None, At(Calendar.Categories, item=Calendar.Category)] = None
    recurrence: Annotated[Recurrence | None, At(Calendar.Recurrence)] = None
    exceptions: Annotated[tuple[EventException, ...] | None, At(Calendar.Exceptions, item=Calendar.Exception)] = None
    response_requested: Annotated[bool | None, At(Calendar.ResponseRequested)] = None
    appointment_reply_time: Annotated[dt.datetime | None, At(Calendar.AppointmentReplyTime, form=Form.COMPACT)] = None
    response_type: Annotated[int | None, At(Calendar.ResponseType)] = None
    disallow_new_time_proposal: Annotated[bool | None, At(Calendar.DisallowNewTimeProposal)] = None
    online_meeting_conf_link: Annotated[str | None, At(Calendar.OnlineMeetingConfLink)] = None
    online_meeting_external_link: Annotated[str | None, At(Calendar.OnlineMeetingExternalLink)] = None
    attachments: Annotated[
        tuple[Attachment, ...] | None,
        At(AirSyncBase.Attachments, item=AirSyncBase.Attachment, since=Version.V16_0),
    ] = None
    new_attachments: Annotated[
        tuple[NewAttachment, ...] | None, At(AirSyncBase.Attachments, item=AirSyncBase.Add, since=Version.V16_0)
    ] = None
    deleted_attachments: Annotated[
        tuple[DeletedAttachment, ...] | None, At(AirSyncBase.Attachments, item=AirSyncBase.Delete, since=Version.V16_0)
    ] = None
    native_body_type: Annotated[BodyType | None, At(AirSyncBase.NativeBodyType)] = None
    cleared: frozenset[str] = frozenset()
    other: bytes | None = None


def normalise(event: Event) -> Event:
    """
    Bring an event as a server sent it into the hub's form, the same for both generations.
    """
    if changes := _named(event):
        event = msgspec.structs.replace(event, **changes)
    if event.exceptions:
        event = msgspec.structs.replace(event, exceptions=tuple(map(_normal_exception, event.exceptions)))
    return event


def _normal_exception(exception: EventException) -> EventException:
    changes: dict[str, object] = {}
    if exception.instance_id is not None:
        changes |= {"instance_id": None, "exception_start_time": exception.instance_id}
    changes |= _named(exception)
    return msgspec.structs.replace(exception, **changes) if changes else exception


def _named(event: Event | EventException) -> dict[str, object]:
    """
    Give the place's name and, where there is more than that, its parts; an empty place is none, as an empty name is.
    """
    place = event.place
    if place is None:
        return {"location": "", "cleared": event.cleared - {"place"}} if "place" in event.cleared else {}
    bare = Location(display_name=place.display_name)
    return {"location": place.display_name or "", "place": None if place == bare else place}


def express(event: Event, version: Version) -> Event:
    """
    Bring an event from the hub's form into that of a version.
    """
    changes: dict[str, object] = {}
    if version < Version.V16_0:
        if event.location is None and event.place is not None:
            changes["location"] = event.place.display_name or ""
        if event.exceptions:
            changes["exceptions"] = tuple(map(_earlier_exception, event.exceptions))
        return msgspec.structs.replace(event, **changes) if changes else event
    if event.location is not None and event.place is None:
        changes["place"] = Location(display_name=event.location)
    if event.exceptions:
        changes["exceptions"] = tuple(map(_later_exception, event.exceptions))
    return msgspec.structs.replace(event, **changes) if changes else event


def _earlier_exception(exception: EventException) -> EventException:
    if exception.location is not None or exception.place is None:
        return exception
    return msgspec.structs.replace(exception, location=exception.place.display_name or "")


def _later_exception(exception: EventException) -> EventException:
    changes: dict[str, object] = {}
    if exception.exception_start_time is not None:
        changes |= {"instance_id": exception.exception_start_time, "exception_start_time": None}
    if exception.location is not None and exception.place is None:
        changes["place"] = Location(display_name=exception.location)
    return msgspec.structs.replace(exception, **changes) if changes else exception
