"""
ResolveRecipients: who is meant, when they are free, what their certificates are.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.protocol.classes import BusyStatus, Contact, Event, EventException, Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.resolve_recipients import (
    AvailabilityWindow,
    CertificateRetrieval,
    ResolveOptions,
    ResolveRecipientsRequest,
)
from carrierpost.protocol.version import Version
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = EPOCH.replace(hour=10, minute=0, second=0, microsecond=0)


def _phone(version: Version = Version.V14_1) -> Phone:
    phone = Phone(make_server(), version=version)
    contacts = phone.folder(FolderType.CONTACTS)
    phone.mailbox.add(contacts, Contact(file_as="Benno Far", email1_address='"Benno" <benno@far.example>'))
    phone.mailbox.add(contacts, Contact(file_as="Ben at home", email1_address=BEN, email2_address="b@home.example"))
    return phone


async def _resolve(phone: Phone, *to: str, **options: Any) -> Any:
    request = ResolveRecipientsRequest(to=to, options=ResolveOptions(**options) if options else None)
    answer = await phone.ask(request)
    assert answer.status == 1
    assert [one.to for one in answer.responses] == list(to)
    return answer.responses


@pytest.mark.parametrize("version", Version)
def test_texts_mean_people(version: Version) -> None:
    """One is 1, several 2, more than are listed 3, nobody 4; an address means nobody but its owner."""

    @virtual
    async def story() -> None:
        phone = _phone(version)
        exact, several, nobody = await _resolve(phone, BEN, "ben", "zoe")
        assert (exact.status, [one.email_address for one in exact.recipients]) == (1, [BEN])
        assert several.status == 2
        listed = [(int(one.type), one.display_name, one.email_address) for one in several.recipients]
        assert listed == [
            (1, "Ben Larch", BEN),
            (2, "Benno Far", "benno@far.example"),
            (2, "Ben at home", "b@home.example"),
        ]
        assert (nobody.status, nobody.recipients) == (4, ())
        [cut] = await _resolve(phone, "ben", max_ambiguous_recipients=1)
        assert (cut.status, cut.recipient_count, len(cut.recipients)) == (3, 3, 1)

    story()


@virtual
async def test_questions_have_bounds() -> None:
    """A hundred texts of 256 characters are taken, and 42 days of free/busy; more is 5."""
    phone = _phone()

    async def status(*to: str, **options: Any) -> int | None:
        request = ResolveRecipientsRequest(to=to, options=ResolveOptions(**options))
        return status_of(await phone.raw("ResolveRecipients", request.encode(phone.version)))[1]

    assert await status(*["x"] * 100) == 1
    assert await status(*["x"] * 101) == 5
    assert await status("x" * 257) == 5
    for days, told in ((42, 1), (43, 5), (-1, 5)):
        window = AvailabilityWindow(start_time=TEN, end_time=TEN + days * DAY)
        assert await status("x", availability=window) == told


EVENTS = (
    Event(start_time=TEN, end_time=TEN + HOUR, busy_status=BusyStatus.BUSY),
    Event(start_time=TEN + 45 * MINUTE, end_time=TEN + 80 * MINUTE, busy_status=BusyStatus.AWAY),
    Event(start_time=TEN + 2 * HOUR, end_time=TEN + 150 * MINUTE, busy_status=BusyStatus.TENTATIVE),
    Event(start_time=TEN + 3 * HOUR, end_time=TEN + 4 * HOUR, busy_status=BusyStatus.FREE),
    Event(start_time=TEN + 3 * HOUR, end_time=TEN + 4 * HOUR, busy_status=BusyStatus.BUSY, meeting_status=7),
)


@pytest.mark.parametrize("version", Version)
def test_others_calendars_tell_when_they_are_free(version: Version) -> None:
    """A digit for each half hour, the highest of several; what was cancelled does not count; 12.1 does not know it."""

    @virtual
    async def story() -> None:
        phone = _phone(version)
        ben = phone.server.mailbox(BEN)
        for event in EVENTS:
            ben.add(ben.folder(FolderType.CALENDAR), event)
        window = AvailabilityWindow(start_time=TEN - HOUR, end_time=TEN + 4 * HOUR)
        found, group, outside = await _resolve(phone, BEN, "ben", "benno", availability=window)
        told = found.recipients[0].availability
        if version < Version.V14_0:
            assert told is None
            return
        assert (told.status, told.merged_free_busy) == (1, "0023301000")
        assert group.recipients[0].availability is None
        stranger = outside.recipients[0].availability
        assert (stranger.status, stranger.merged_free_busy) == (163, None)

    story()


@virtual
async def test_free_busy_follows_series_and_whole_days() -> None:
    """With their exceptions; a time that is no full half hour is widened; without an end a week is told."""
    phone = _phone()
    ben = phone.server.mailbox(BEN)
    gone = EventException(exception_start_time=TEN + DAY, deleted=True)
    moved = EventException(
        exception_start_time=TEN + 2 * DAY, start_time=TEN + 2 * DAY + HOUR, end_time=TEN + 2 * DAY + 2 * HOUR,
        busy_status=BusyStatus.AWAY,
    )  # fmt: skip
    series = Event(
        start_time=TEN, end_time=TEN + HOUR, recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=4),
        exceptions=(gone, moved), busy_status=BusyStatus.BUSY,
    )  # fmt: skip
    ben.add(ben.folder(FolderType.CALENDAR), series)

    async def told(start: dt.datetime, end: dt.datetime | None) -> str:
        window = AvailabilityWindow(start_time=start, end_time=end)
        [found] = await _resolve(phone, BEN, availability=window)
        text: str = found.recipients[0].availability.merged_free_busy
        return text

    assert await told(TEN, TEN + 2 * HOUR) == "2200"
    assert await told(TEN + DAY, TEN + DAY + 2 * HOUR) == "0000"
    assert await told(TEN + 2 * DAY, TEN + 2 * DAY + 2 * HOUR) == "0033"
    assert await told(TEN + 10 * MINUTE, TEN + 70 * MINUTE) == "220"
    assert len(await told(TEN, None)) == 7 * 48
    midnight = TEN.replace(hour=0) + 9 * DAY
    ben.add(
        ben.folder(FolderType.CALENDAR),
        Event(start_time=midnight, end_time=midnight + DAY, all_day_event=True, busy_status=BusyStatus.AWAY),
    )
    assert await told(midnight - HOUR, midnight + DAY + HOUR) == "00" + "3" * 48 + "00"


@virtual
async def test_certificates_come_where_there_are_some() -> None:
    """7 for nobody's, 8 where there are more than are wanted; none unless asked for; no shortened ones."""
    phone = _phone()
    phone.server.mailbox(BEN).certificates = (b"one", b"two")
    full = CertificateRetrieval.FULL
    ben, ada, far = await _resolve(phone, BEN, ADA, "benno", certificate_retrieval=full)
    told = ben.recipients[0].certificates
    assert (told.status, told.certificate_count, told.certificates) == (1, 2, (b"one", b"two"))
    assert [one.recipients[0].certificates.status for one in (ada, far)] == [7, 7]
    [cut] = await _resolve(phone, BEN, certificate_retrieval=full, max_certificates=1)
    told = cut.recipients[0].certificates
    assert (told.status, told.certificates) == (8, (b"one",))
    [mini] = await _resolve(phone, BEN, certificate_retrieval=CertificateRetrieval.MINI)
    assert mini.recipients[0].certificates.status == 7
    [none] = await _resolve(phone, BEN, certificate_retrieval=CertificateRetrieval.NONE)
    assert none.recipients[0].certificates is None


@pytest.mark.parametrize("version", Version)
def test_pictures_came_with_14_1(version: Version) -> None:
    """One has one, another has none."""

    @virtual
    async def story() -> None:
        phone = _phone(version)
        phone.server.mailbox(BEN).picture = b"jpeg"
        ben, far = await _resolve(phone, BEN, "benno", picture=PictureLimits())
        told = [one.recipients[0].picture for one in (ben, far)]
        if version < Version.V14_1:
            assert told == [None, None]
        else:
            assert [(one.status, one.data) for one in told] == [(1, b"jpeg"), (173, None)]

    story()
