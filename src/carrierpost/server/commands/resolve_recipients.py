"""
ResolveRecipients as a server does it: from the address list and the user's contacts ([MS-ASCMD] ResolveRecipients).
"""

from __future__ import annotations

import datetime as dt

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.resolve_recipients import (
    Availability,
    AvailabilityWindow,
    CertificateRetrieval,
    Certificates,
    Recipient,
    RecipientPicture,
    RecipientType,
    ResolvedRecipient,
    ResolveOptions,
    ResolveRecipientsRequest,
    ResolveRecipientsResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.text import split_addresses
from carrierpost.protocol.version import Version
from carrierpost.server.availability import merged_free_busy, widened
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.directory import begins_with, people_like, pictured
from carrierpost.server.mailbox import Mailbox

__all__ = ["resolve_recipients"]

_MOST_TEXTS, _LONGEST_TEXT, _MOST_SUGGESTED = 100, 256, 20
_LONGEST_SPAN, _DEFAULT_SPAN = dt.timedelta(days=42), dt.timedelta(days=7)
_PROTOCOL_ERROR = 5
_RESOLVED, _AMBIGUOUS, _CUT, _NOBODY = 1, 2, 3, 4
_NO_CERTIFICATE, _LIMIT = 7, 8
_NO_FREE_BUSY = 163


async def resolve_recipients(context: Context) -> Payload:
    """
    Say who is meant by each text.

    Raises:
        Refusal: too many texts, too long ones, or too long a time for free/busy (5).
    """
    request = context.read(ResolveRecipientsRequest.decode)
    options = request.options or ResolveOptions()
    if len(request.to) > _MOST_TEXTS or any(len(one) > _LONGEST_TEXT for one in request.to):
        raise Refusal(_PROTOCOL_ERROR)
    span = _span(options.availability) if context.version >= Version.V14_0 else None
    responses = tuple(_resolved(context, one, options, span) for one in request.to)
    return ResolveRecipientsResponse(responses=responses).encode(context.version)


def _span(window: AvailabilityWindow | None) -> tuple[dt.datetime, dt.datetime] | None:
    if window is None or window.start_time is None:
        return None
    start, end = widened(window.start_time, window.end_time or window.start_time + _DEFAULT_SPAN)
    if not start < end <= start + _LONGEST_SPAN:
        raise Refusal(_PROTOCOL_ERROR)
    return start, end


def _resolved(
    context: Context, text: str, options: ResolveOptions, span: tuple[dt.datetime, dt.datetime] | None
) -> ResolvedRecipient:
    found = _meant(context, text)
    most = _MOST_SUGGESTED if options.max_ambiguous_recipients is None else options.max_ambiguous_recipients
    shown = found[:1] if len(found) == 1 else found[:most]
    status = _NOBODY if not found else _RESOLVED if len(found) == 1 else _CUT if len(shown) < len(found) else _AMBIGUOUS
    if status != _RESOLVED:
        span = None  # whose time it is has to be known first
    pictures = _pictures(context, shown, options)
    recipients = tuple(
        _recipient(context, one, options, span, picture) for one, picture in zip(shown, pictures, strict=True)
    )
    return ResolvedRecipient(to=text, status=status, recipient_count=len(found) or None, recipients=recipients)


_Meant = tuple[RecipientType, str, str]
"""Where somebody was found, their name and their address."""


def _meant(context: Context, text: str) -> list[_Meant]:
    """
    Find whom a text may mean; an address that is known means nobody else.
    """
    people = people_like(context.server.mailboxes.values(), text)
    found: list[_Meant] = [(RecipientType.GAL, one.name, one.address) for one in people]
    listed = {address for _, _, address in found}
    for item in context.mailbox.folder(FolderType.CONTACTS).items.values():
        data = item.data
        if not isinstance(data, Contact):
            continue
        name = data.file_as or " ".join(filter(None, (data.first_name, data.last_name)))
        for value in (data.email1_address, data.email2_address, data.email3_address):
            for _, address in split_addresses(value):
                known = begins_with(text, name, data.first_name, data.last_name, data.company_name, address)
                if known and address.lower() not in listed:
                    listed.add(address.lower())
                    found.append((RecipientType.CONTACT, name or address, address))
    exact = [one for one in found if one[2].lower() == text.strip().lower()]
    return exact or found


def _mailbox_of(context: Context, one: _Meant) -> Mailbox | None:
    return context.server.mailboxes.get(one[2].lower())


def _pictures(context: Context, shown: list[_Meant], options: ResolveOptions) -> list[RecipientPicture | None]:
    if context.version < Version.V14_1 or options.picture is None:
        return [None] * len(shown)
    nobody = Mailbox("", context.server.clock)
    told = pictured([_mailbox_of(context, one) or nobody for one in shown], options.picture)
    return [None if one is None else RecipientPicture(status=one[0], data=one[1]) for one in told]


def _recipient(
    context: Context,
    one: _Meant,
    options: ResolveOptions,
    span: tuple[dt.datetime, dt.datetime] | None,
    picture: RecipientPicture | None,
) -> Recipient:
    mailbox = _mailbox_of(context, one)
    availability = None
    if span is not None:
        if mailbox is None:
            availability = Availability(status=_NO_FREE_BUSY)
        else:
            availability = Availability(merged_free_busy=merged_free_busy(mailbox, *span))
    return Recipient(
        type=one[0],
        display_name=one[1],
        email_address=one[2],
        availability=availability,
        certificates=_certificates(mailbox, options),
        picture=picture,
    )


def _certificates(mailbox: Mailbox | None, options: ResolveOptions) -> Certificates | None:
    """
    Give somebody's certificates. The shortened form is not made here; who asks for it hears that there is none.
    """
    if options.certificate_retrieval in (None, CertificateRetrieval.NONE):
        return None
    known = mailbox.certificates if mailbox is not None else ()
    if not known or options.certificate_retrieval is CertificateRetrieval.MINI:
        return Certificates(status=_NO_CERTIFICATE, certificate_count=0, recipient_count=1)
    most = len(known) if options.max_certificates is None else options.max_certificates
    status = _LIMIT if most < len(known) else _RESOLVED
    return Certificates(
        status=status, certificate_count=len(known), recipient_count=1, certificates=known[:most] or None
    )
