"""
The documents that the codec is measured on, made here.
"""

from __future__ import annotations

import random
from typing import Any

from carrierpost import wbxml
from carrierpost.wbxml.pages import (
    AirSync,
    AirSyncBase,
    Calendar,
    Contacts,
    Contacts2,
    Email,
    Email2,
    FolderHierarchy,
    Ping,
)

__all__ = ["documents"]

_PLAIN = [
    "meeting",
    "report",
    "lunch",
    "budget",
    "train",
    "window",
    "garden",
    "invoice",
    "harbour",
    "letter",
    "answer",
    "project",
    "signed",
]
_ACCENTED = [*_PLAIN, "Köln", "façade", "grüße", "señor", "Łódź"]
_WORDS = _ACCENTED


def _sentence(chance: random.Random, words: int, vocabulary: list[str] = _ACCENTED) -> str:
    return " ".join(chance.choice(vocabulary) for _ in range(words)).capitalize() + "."


def _sync(adds: list[list[Any]]) -> bytes:
    commands: list[Any] = []
    for number, data in enumerate(adds):
        commands += (AirSync.Add, [AirSync.ServerId, f"5:{number}", AirSync.ApplicationData, data])
    collection = [
        AirSync.SyncKey, "1745", AirSync.CollectionId, "5", AirSync.Status, "1",
        AirSync.MoreAvailable, None, AirSync.Commands, commands,
    ]  # fmt: skip
    return wbxml.encode(AirSync.Sync, [AirSync.Collections, [AirSync.Collection, collection]])


def _mail(chance: random.Random) -> list[Any]:
    # One body in four has letters beyond ASCII: those cost CPython's decoder far more than a copy.
    vocabulary = _ACCENTED if chance.random() < 0.25 else _PLAIN
    body = ""
    while len(body) < 4000:
        body += _sentence(chance, chance.randint(4, 14), vocabulary) + chance.choice((" ", " ", "\r\n"))
    return [
        Email.To, '"Ada Lindqvist" <ada@example.org>',
        Email.From, '"Jörg Brandt" <joerg@example.org>',
        Email.Subject, _sentence(chance, 6),
        Email.DateReceived, f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T08:30:00.000Z",
        Email.DisplayTo, "Ada Lindqvist",
        Email.ThreadTopic, _sentence(chance, 6),
        Email.Importance, "1",
        Email.Read, chance.choice("01"),
        AirSyncBase.Body, [
            AirSyncBase.Type, "1", AirSyncBase.EstimatedDataSize, str(len(body)), AirSyncBase.Truncated, "0",
            AirSyncBase.Data, body,
        ],
        Email.MessageClass, "IPM.Note",
        Email.InternetCPID, "65001",
        Email.Flag, None,
        Email.ContentClass, "urn:content-classes:message",
        AirSyncBase.NativeBodyType, "1",
        Email2.ConversationId, chance.randbytes(16),
        Email2.ConversationIndex, chance.randbytes(5),
        Email.Categories, None,
    ]  # fmt: skip


def _contact(chance: random.Random) -> list[Any]:
    return [
        Contacts.FileAs, _sentence(chance, 2), Contacts.FirstName, chance.choice(_WORDS),
        Contacts.LastName, chance.choice(_WORDS), Contacts.CompanyName, _sentence(chance, 3),
        Contacts.Department, chance.choice(_WORDS), Contacts.JobTitle, _sentence(chance, 2),
        Contacts.Email1Address, "a.name@example.org", Contacts.Email2Address, "b.name@example.org",
        Contacts.MobilePhoneNumber, "+49 151 0000000", Contacts.BusinessPhoneNumber, "+49 221 000000",
        Contacts.HomePhoneNumber, "+49 221 000001", Contacts.BusinessAddressStreet, _sentence(chance, 2),
        Contacts.BusinessAddressCity, "Köln", Contacts.BusinessAddressPostalCode, "50667",
        Contacts.BusinessAddressCountry, "Germany", Contacts.Birthday, "1979-04-12T11:59:00.000Z",
        Contacts2.NickName, chance.choice(_WORDS), Contacts2.IMAddress, "im@example.org",
        Contacts.WebPage, "https://example.org", Contacts.Categories, [Contacts.Category, "Friends"],
        AirSyncBase.Body, [AirSyncBase.Type, "1", AirSyncBase.Data, _sentence(chance, 20)],
    ]  # fmt: skip


def _event(chance: random.Random) -> list[Any]:
    attendees: list[Any] = []
    for _ in range(4):
        attendees += (Calendar.Attendee, [
            Calendar.Email, "guest@example.org", Calendar.Name, _sentence(chance, 2),
            Calendar.AttendeeStatus, "3", Calendar.AttendeeType, "1",
        ])  # fmt: skip
    return [
        Calendar.Timezone, "xP///w" + "A" * 222, Calendar.DtStamp, "20260102T080000Z",
        Calendar.StartTime, "20260302T090000Z", Calendar.Subject, _sentence(chance, 5),
        Calendar.UID, chance.randbytes(28).hex().upper(), Calendar.OrganizerName, "Ada Lindqvist",
        Calendar.OrganizerEmail, "ada@example.org", Calendar.Attendees, attendees,
        Calendar.EndTime, "20260302T100000Z", Calendar.Location, _sentence(chance, 2),
        AirSyncBase.Body, [AirSyncBase.Type, "1", AirSyncBase.Data, _sentence(chance, 30)],
        Calendar.Recurrence, [
            Calendar.Type, "1", Calendar.Interval, "2", Calendar.DayOfWeek, "2", Calendar.Occurrences, "12",
        ],
        Calendar.Sensitivity, "0", Calendar.BusyStatus, "2", Calendar.AllDayEvent, "0",
        Calendar.Reminder, "15", Calendar.MeetingStatus, "1",
    ]  # fmt: skip


def documents(seed: int = 7) -> dict[str, bytes]:
    """
    Make the documents, always the same ones for a seed.

    Returns:
        Name and encoded document.

    """
    chance = random.Random(seed)
    folders: list[Any] = [FolderHierarchy.Count, "40"]
    for number in range(40):
        folders += (FolderHierarchy.Add, [
            FolderHierarchy.ServerId, str(number), FolderHierarchy.ParentId, "0",
            FolderHierarchy.DisplayName, chance.choice(_WORDS), FolderHierarchy.Type, "12",
        ])  # fmt: skip
    return {
        "100 mails of 4 KB": _sync([_mail(chance) for _ in range(100)]),
        "200 contacts": _sync([_contact(chance) for _ in range(200)]),
        "100 events": _sync([_event(chance) for _ in range(100)]),
        "40 folders": wbxml.encode(
            FolderHierarchy.FolderSync,
            [FolderHierarchy.Status, "1", FolderHierarchy.SyncKey, "1", FolderHierarchy.Changes, folders],
        ),
        "Ping": wbxml.encode(Ping.Ping, [Ping.Status, "2", Ping.Folders, [Ping.Folder, "5"]]),
    }
