"""
Writing mail: messages, answers and forwards, with their files.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.formats.message import Draft, File
from carrierpost.formats.message_out import write_message
from carrierpost.model import SendMode
from carrierpost.protocol.classes import Contact, ContentClass, Email
from carrierpost.web.api.mail import OutboxRow, mail_of, outbox_row
from carrierpost.web.once import once
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views.mail import PersonView, people

__all__ = ["operations"]

operations = Operations()

_LARGEST = 70_000_000  # octets of a request: 50 MB of files in base64
_SUGGESTED = 8

AddressText = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Recipients = Annotated[tuple[AddressText, ...], msgspec.Meta(max_length=1000)]


class FileDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file to go with a message.

    Attributes:
        name: what it is called.
        type: its media type.
        data: its octets, in base64.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    type: Annotated[str, msgspec.Meta(max_length=200)] = "application/octet-stream"
    data: bytes


class MailDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message to be sent.

    Attributes:
        to: recipients, each as `ada@example.org` or `Ada <ada@example.org>`.
        cc: recipients of copies.
        bcc: hidden recipients.
        subject: the subject.
        text: its text.
        html: the same as HTML, or `None`.
        files: what goes with it.
        mode: what it is to another message; the mail server adds that to it.
        source: that message, for anything but a new one.
    """

    to: Recipients = ()
    cc: Recipients = ()
    bcc: Recipients = ()
    subject: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    text: Annotated[str, msgspec.Meta(max_length=5_000_000)] = ""
    html: Annotated[str, msgspec.Meta(max_length=10_000_000)] | None = None
    files: Annotated[tuple[FileDraft, ...], msgspec.Meta(max_length=100)] = ()
    mode: Literal["new", "reply", "reply-all", "forward"] = "new"
    source: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)] | None = None


class PeopleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whom to look for: the beginning of a name or an address.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@operations("POST", "/accounts/{account_id}/mail", status=202, problems=(409, 422), largest_body=_LARGEST)
async def write_mail(call: Call, account_id: int, body: MailDraft) -> OutboxRow:
    """
    Put a message into the outbox; it leaves as soon as the mail server can be reached.

    With an `Idempotency-Key` the same request can be repeated when its answer was lost: it is queued once.
    """
    account, hub = call.account(account_id), call.office.hub
    draft = Draft(
        from_=Address(account.address, ""),
        to=_addresses(body.to),
        cc=_addresses(body.cc),
        bcc=_addresses(body.bcc),
        subject=body.subject,
        text=body.text,
        html=body.html,
        files=tuple(File(one.name, one.type or "application/octet-stream", one.data) for one in body.files),
    )
    if not (draft.to or draft.cc or draft.bcc):
        raise Problem(422, "no-recipient", "the message is for nobody; give at least one address")
    source = await _source(call, account_id, body)

    async def send() -> OutboxRow:
        mime = write_message(draft, date=hub.clock.now(), chance=hub.chance.randbytes(16))
        editor = call.office.editor(account_id)
        return outbox_row(await editor.send(mime, mode=_MODES[body.mode], source_item=source))

    digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()
    return await once(call, account.id, digest, OutboxRow, send)


_MODES = {"new": SendMode.NEW, "reply": SendMode.REPLY, "reply-all": SendMode.REPLY, "forward": SendMode.FORWARD}


async def _source(call: Call, account_id: int, body: MailDraft) -> int | None:
    """
    Give the message that this one belongs to.

    Raises:
        Problem: there is none, or it is not said.
    """
    if body.mode == "new":
        return None
    if body.source is None:
        raise Problem(422, "no-source", "say to which message this belongs, as source")
    return (await mail_of(call, account_id, body.source)).id


def _addresses(texts: tuple[str, ...]) -> tuple[Address, ...]:
    """
    Read recipients.

    Raises:
        Problem: one of them is no address.
    """
    found: list[Address] = []
    for text in texts:
        several = parse_addresses(text)
        if not several or any("@" not in one.address.strip("@") for one in several):
            raise Problem(422, "no-address", f"{text!r} is no mail address; write it as ada@example.org")
        found += several
    return tuple(found)


@operations("GET", "/accounts/{account_id}/people")
async def suggest_people(call: Call, account_id: int, query: PeopleQuery) -> tuple[PersonView, ...]:
    """
    Suggest whom one may mean: contacts first, then the mail server's address list where it can be asked.
    """
    account, store = call.account(account_id), call.office.hub.store
    wanted = query.text.casefold().split()
    found: dict[str, PersonView] = {}
    for item in await store.items(account.id, content_class=ContentClass.CONTACTS):
        contact = item.data
        assert isinstance(contact, Contact)
        name = " ".join(part for part in (contact.first_name, contact.last_name) if part) or contact.file_as or ""
        for field in (contact.email1_address, contact.email2_address, contact.email3_address):
            for one in people(field, most=1):
                text = f"{name} {contact.company_name or ''} {one.address}".casefold()
                if all(word in text for word in wanted):
                    found.setdefault(one.address.casefold(), PersonView(name or one.name, one.address))
        if len(found) >= _SUGGESTED:
            break
    if len(found) < _SUGGESTED:
        await _from_recent_mail(call, account.id, wanted, found)
    return tuple(found.values())[:_SUGGESTED]


async def _from_recent_mail(call: Call, account_id: int, wanted: list[str], found: dict[str, PersonView]) -> None:
    """
    Add those who wrote lately.
    """
    for item in await call.office.hub.store.items(account_id, content_class=ContentClass.EMAIL, limit=300):
        assert isinstance(item.data, Email)
        for one in people(item.data.from_, most=1):
            text = f"{one.name} {one.address}".casefold()
            if one.address and all(word in text for word in wanted):
                found.setdefault(one.address.casefold(), one)
        if len(found) >= _SUGGESTED:
            return
