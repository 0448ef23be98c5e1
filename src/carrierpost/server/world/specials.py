"""
Mail that is no part of a conversation: drafts, junk, and an invitation that waits for an answer.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.protocol.classes import (
    Attendee,
    BusyStatus,
    Email,
    Event,
    MeetingMessageType,
    MeetingRequest,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.timezone import blob_of
from carrierpost.server.itip import global_object_id
from carrierpost.server.mailbox import MailboxItem
from carrierpost.server.world.conversation import ZONE, message_id
from carrierpost.server.world.desk import plain
from carrierpost.server.world.letters import Letter, thread_start, to_html
from carrierpost.server.world.office import Office
from carrierpost.server.world.people import Person

__all__ = ["fill_specials", "invite"]

_DRAFTS = (
    ("{project}: what we learnt", "three things that I would do differently:\n\n1. Ask about the tree first.\n2."),
    ("Presents", "Tomás,\n\nyou know that Yuki has her birthday next week? I thought of"),
)

_JUNK = (
    ("Concrete.Club", "win@concrete-club.example", "You have WON a mixer", "Claim your mixer within 24 hours!!!"),
    ("Account Team", "secure@birch-example.example", "Unusual login", "Confirm your password to keep your mailbox."),
    ("Dr. A. Fortune", "dr@fortune.example", "Confidential proposal", "I have a bridge to sell, very good price."),
    ("SEO heroes", "hello@seoheroes.example", "Be number one", "We looked at your page and have some ideas."),
    ("荷物センター", "info@parcel-fake.example", "お荷物のお届けについて", "下記のリンクをご確認ください。"),
)


def fill_specials(office: Office) -> None:
    """
    Put them into Mara's mailbox.
    """
    mailbox, chance = office.mailbox, office.chance
    for subject, text in _DRAFTS:
        letter = _simple(office, office.me, subject.format(project=office.people.projects[0].name), text, 30)
        (put,) = office.deliver(letter, folders={office.me: mailbox.folder(FolderType.DRAFTS)}, sent=False)
        office.amend(put.item, is_draft=True)
    for name, mail, subject, text in _JUNK:
        letter = _simple(office, Person(name, "", mail, name), subject, text, chance.uniform(5, 700))
        office.deliver(letter, folders={office.me: mailbox.folder("Junk Email")})
    host = office.people.projects[1].client
    invite(
        office,
        host,
        f"{office.people.projects[1].name}: night lighting, please come",
        4,
        office.now - dt.timedelta(hours=2),
    )


def _simple(office: Office, author: Person, subject: str, text: str, hours: float) -> Letter:
    moment = office.now - dt.timedelta(hours=hours)
    identifier = message_id(author, office.chance)
    to = (office.me,) if author is not office.me else (office.people.staff["tomas"],)
    return Letter(
        thread=thread_start(identifier, moment, office.chance.randbytes(16)),
        subject=subject,
        topic=subject,
        author=author,
        to=to,
        cc=(),
        moment=moment.astimezone(ZONE),
        text=text,
        html=to_html(text),
    )


def invite(
    office: Office, host: Person, subject: str, days: int, moment: dt.datetime
) -> tuple[MailboxItem, MailboxItem]:
    """
    Let somebody ask Mara to a meeting: a request in the Inbox, and its event, tentatively, in the calendar.

    Args:
        office: where.
        host: who asks.
        subject: the meeting's title.
        days: in how many days it takes place.
        moment: when the request is received.

    Returns:
        The request, and the event.
    """
    day = (moment.astimezone(ZONE) + dt.timedelta(days=days)).replace(minute=0, second=0, microsecond=0, hour=16)
    day += dt.timedelta(days=max(0, day.isoweekday() - 5) and 8 - day.isoweekday())
    start = day.astimezone(dt.UTC)
    end = start + dt.timedelta(hours=1)
    stamp = moment.astimezone(dt.UTC).replace(microsecond=0)
    uid = f"{office.chance.getrandbits(96):024x}@{host.address.rpartition('@')[2]}"
    zone = blob_of("Europe/Berlin", stamp.year)
    place = "Harbour office, first floor"
    letter = _simple(office, host, subject, "I would like to see the lamps with you after dark. Warm coats!", 0)
    letter = msgspec.structs.replace(letter, moment=moment.astimezone(ZONE))
    (put,) = office.deliver(letter)
    request = MeetingRequest(
        all_day_event=False,
        start_time=start,
        dt_stamp=stamp,
        end_time=end,
        instance_type=0,
        location=place,
        organizer=_address(host),
        reminder=15,
        response_requested=True,
        sensitivity=0,
        busy_status=1,
        time_zone=zone,
        global_obj_id=global_object_id(uid),
        uid=uid,
        disallow_new_time_proposal=False,
        meeting_message_type=MeetingMessageType.INITIAL_REQUEST,
    )
    assert isinstance(put.item.data, Email)
    office.amend(
        put.item,
        message_class="IPM.Schedule.Meeting.Request",
        content_class="urn:content-classes:calendarmessage",
        meeting_request=request,
    )
    event = Event(
        subject=subject,
        timezone=zone,
        uid=uid,
        dt_stamp=stamp,
        start_time=start,
        end_time=end,
        location=place,
        all_day_event=False,
        busy_status=BusyStatus.TENTATIVE,
        organizer_name=host.name,
        organizer_email=host.address,
        attendees=(Attendee(email=office.me.address, name=office.me.name, attendee_status=5, attendee_type=1),),
        meeting_status=3,
        response_requested=True,
        response_type=5,
        reminder=15,
        sensitivity=0,
        body=plain("I would like to see the lamps with you after dark. Warm coats!"),
    )
    return put.item, office.mailbox.add(office.mailbox.folder(FolderType.CALENDAR), event)


def _address(person: Person) -> str:
    """
    Write somebody's name and address as ActiveSync has them, undisguised.
    """
    return f'"{person.name}" <{person.address}>'
