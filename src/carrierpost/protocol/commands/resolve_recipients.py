"""
ResolveRecipients: who is meant, are they free, what are their certificates ([MS-ASCMD] 2.2.1.15 ResolveRecipients).
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.commands.looking import PictureLimits, decode_pictures, encode_pictures
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in, text_in
from carrierpost.protocol.record import At, Form, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import ResolveRecipients

__all__ = [
    "SLOT",
    "Availability",
    "AvailabilityWindow",
    "CertificateRetrieval",
    "Certificates",
    "FreeBusy",
    "Recipient",
    "RecipientPicture",
    "RecipientType",
    "ResolveOptions",
    "ResolveRecipientsRequest",
    "ResolveRecipientsResponse",
    "ResolvedRecipient",
    "free_busy",
]

SLOT = dt.timedelta(minutes=30)
"""The time that one digit of free/busy stands for."""


class CertificateRetrieval(enum.IntEnum):
    """
    Which certificates are wanted.
    """

    NONE = 1
    FULL = 2
    MINI = 3


class RecipientType(enum.IntEnum):
    """
    Where somebody was found.
    """

    GAL = 1
    CONTACT = 2


class FreeBusy(enum.IntEnum):
    """
    What somebody is doing for half an hour; of several, the highest is told.
    """

    FREE = 0
    TENTATIVE = 1
    BUSY = 2
    AWAY = 3
    NO_DATA = 4


class AvailabilityWindow(Record, frozen=True):
    """
    The time for which free/busy is wanted (14.0 and later): up to 42 days, best from and to full half hours.

    Attributes:
        start_time: its start.
        end_time: its end.
    """

    start_time: Annotated[dt.datetime | None, At(ResolveRecipients.StartTime)] = None
    end_time: Annotated[dt.datetime | None, At(ResolveRecipients.EndTime)] = None


class ResolveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is wanted about the recipients.

    Attributes:
        certificate_retrieval: their certificates.
        max_certificates: most certificates of each, up to 9999.
        max_ambiguous_recipients: most suggestions for each, up to 9999.
        availability: when they are free (14.0 and later).
        picture: their pictures (14.1 and later).
    """

    certificate_retrieval: CertificateRetrieval | None = None
    max_certificates: int | None = None
    max_ambiguous_recipients: int | None = None
    availability: AvailabilityWindow | None = None
    picture: PictureLimits | None = None


class Availability(Record, frozen=True):
    """
    When somebody is free.

    Attributes:
        status: 1 for success, 160 to 163 otherwise; see `carrierpost.protocol.status`.
        merged_free_busy: a digit for each half hour that was begun, from the start of the window on; see `free_busy`.
    """

    status: Annotated[int, At(ResolveRecipients.Status)] = 1
    merged_free_busy: Annotated[str | None, At(ResolveRecipients.MergedFreeBusy)] = None


class Certificates(Record, frozen=True):
    """
    Somebody's certificates.

    Attributes:
        status: 1 for success, 7 no valid one, 8 no more are given.
        certificate_count: how many there are.
        recipient_count: members of a list.
        certificates: in DER form.
        mini_certificates: in the shortened form.
    """

    status: Annotated[int | None, At(ResolveRecipients.Status)] = None
    certificate_count: Annotated[int | None, At(ResolveRecipients.CertificateCount)] = None
    recipient_count: Annotated[int | None, At(ResolveRecipients.RecipientCount)] = None
    certificates: Annotated[tuple[bytes, ...] | None, At(ResolveRecipients.Certificate, form=Form.BASE64)] = None
    mini_certificates: Annotated[tuple[bytes, ...] | None, At(ResolveRecipients.MiniCertificate, form=Form.BASE64)] = (
        None
    )


class RecipientPicture(Record, frozen=True):
    """
    Somebody's picture, or why there is none.

    Attributes:
        status: 1 for success, 173 no picture, 174 too large, 175 no more are given.
        data: the picture's bytes, mostly JPEG.
    """

    status: Annotated[int | None, At(ResolveRecipients.Status)] = None
    data: Annotated[bytes | None, At(ResolveRecipients.Data)] = None


class Recipient(Record, frozen=True):
    """
    Somebody who may be meant.

    Attributes:
        type: where they were found.
        display_name: the name shown.
        email_address: the mail address.
        availability: when they are free, where it was asked for (14.0 and later).
        certificates: their certificates, where they were asked for.
        picture: their picture, where it was asked for (14.1 and later).
    """

    type: Annotated[RecipientType | None, At(ResolveRecipients.Type)] = None
    display_name: Annotated[str | None, At(ResolveRecipients.DisplayName)] = None
    email_address: Annotated[str | None, At(ResolveRecipients.EmailAddress)] = None
    availability: Annotated[Availability | None, At(ResolveRecipients.Availability)] = None
    certificates: Annotated[Certificates | None, At(ResolveRecipients.Certificates)] = None
    picture: Annotated[RecipientPicture | None, At(ResolveRecipients.Picture)] = None


class ResolvedRecipient(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who is meant by one text.

    Attributes:
        to: the text.
        status: 1 somebody, 2 one of several, 3 one of more than are listed, 4 nobody.
        recipient_count: how many there are, where told.
        recipients: those who may be meant.
    """

    to: str
    status: int = 1
    recipient_count: int | None = None
    recipients: tuple[Recipient, ...] = ()


class ResolveRecipientsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success; see `carrierpost.protocol.status`.
        responses: one for each text.
    """

    status: int = 1
    responses: tuple[ResolvedRecipient, ...] = ()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = [ResolveRecipients.Status, str(self.status)]
        for one in self.responses:
            inner: list[Any] = [ResolveRecipients.To, one.to, ResolveRecipients.Status, str(one.status)]
            if one.recipient_count is not None:
                inner += (ResolveRecipients.RecipientCount, str(one.recipient_count))
            for each in one.recipients:
                inner += (ResolveRecipients.Recipient, record.encode(each, version))
            children += (ResolveRecipients.Response, inner)
        return body_of(ResolveRecipients.ResolveRecipients, children)


class ResolveRecipientsRequest(Request[ResolveRecipientsResponse], frozen=True, kw_only=True):
    """
    Ask who is meant.

    Attributes:
        to: names or addresses, or the beginnings of some; 1 to 100, of up to 256 characters.
        options: what is wanted about them; `None` for names and addresses alone.
    """

    name: ClassVar[str] = "ResolveRecipients"

    to: tuple[str, ...]
    options: ResolveOptions | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = [part for one in self.to for part in (ResolveRecipients.To, one)]
        if self.options is not None:
            children += (ResolveRecipients.Options, _encode_options(self.options, version) or None)
        return body_of(ResolveRecipients.ResolveRecipients, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> ResolveRecipientsRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no ResolveRecipients.
            MalformedRequest: nobody is asked about, or the time for free/busy cannot be read.
        """
        value = decode_body(cls.name, payload, ResolveRecipients.ResolveRecipients, notes)
        to = tuple(one for one in wbxml.find_all(value, ResolveRecipients.To) if isinstance(one, str) and one)
        if not to:
            raise MalformedRequest(cls.name, 5, "nobody is asked about")
        options = wbxml.find(value, ResolveRecipients.Options)
        return cls(to=to, options=None if options is wbxml.ABSENT else _decode_options(options, notes))

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> ResolveRecipientsResponse:
        """
        Decode the answer. Texts are answered in the order of the request, where the server does not repeat them.

        Raises:
            UnreadableAnswer: no ResolveRecipients.
        """
        value = decode_body(self.name, payload, ResolveRecipients.ResolveRecipients, notes)
        found = wbxml.find_all(value, ResolveRecipients.Response)
        asked = (*self.to, *("" for _ in found))
        return ResolveRecipientsResponse(
            status=status_in(value, ResolveRecipients.Status, notes),
            responses=tuple(_resolved(one, text, notes) for one, text in zip(found, asked, strict=False)),
        )


def _encode_options(options: ResolveOptions, version: Version) -> list[Any]:
    children: list[Any] = []
    if options.certificate_retrieval is not None:
        children += (ResolveRecipients.CertificateRetrieval, str(int(options.certificate_retrieval)))
    if options.max_certificates is not None:
        children += (ResolveRecipients.MaxCertificates, str(options.max_certificates))
    if options.max_ambiguous_recipients is not None:
        children += (ResolveRecipients.MaxAmbiguousRecipients, str(options.max_ambiguous_recipients))
    if options.availability is not None and version >= Version.V14_0:
        children += (ResolveRecipients.Availability, record.encode(options.availability, version))
    if options.picture is not None and version >= Version.V14_1:
        children += encode_pictures(ResolveRecipients, options.picture)
    return children


def _decode_options(value: wbxml.Value, notes: Notes) -> ResolveOptions:
    wanted = number_in(value, ResolveRecipients.CertificateRetrieval, notes)
    window = wbxml.find(value, ResolveRecipients.Availability)
    return ResolveOptions(
        certificate_retrieval=CertificateRetrieval(wanted) if wanted in set(CertificateRetrieval) else None,
        max_certificates=number_in(value, ResolveRecipients.MaxCertificates, notes),
        max_ambiguous_recipients=number_in(value, ResolveRecipients.MaxAmbiguousRecipients, notes),
        availability=None if window is wbxml.ABSENT else _window_of(window),
        picture=decode_pictures(ResolveRecipients, value, notes),
    )


def _window_of(value: wbxml.Value) -> AvailabilityWindow:
    notes = Notes()
    window = record.decode(AvailabilityWindow, value, notes)
    if notes or window.start_time is None:
        reason = notes[0].reason if notes else "StartTime is missing"
        raise MalformedRequest(ResolveRecipientsRequest.name, 5, reason)
    return window


def _resolved(value: wbxml.Value, asked: str, notes: Notes) -> ResolvedRecipient:
    return ResolvedRecipient(
        to=text_in(value, ResolveRecipients.To, notes) or asked,
        status=status_in(value, ResolveRecipients.Status, notes),
        recipient_count=number_in(value, ResolveRecipients.RecipientCount, notes),
        recipients=tuple(
            record.decode(Recipient, one, notes) for one in wbxml.find_all(value, ResolveRecipients.Recipient)
        ),
    )


def free_busy(merged: str) -> tuple[FreeBusy, ...]:
    """
    Tell what the digits of `Availability.merged_free_busy` mean; one that is none stands for no data.
    """
    return tuple(FreeBusy(int(one)) if one in "01234" else FreeBusy.NO_DATA for one in merged)
