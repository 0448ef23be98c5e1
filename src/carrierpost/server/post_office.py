"""
Mail on its way from one mailbox to others: what is refused, who gets it, who is answered.

There is no other server to talk to. Mail for people who are not here is refused, or noted as gone out where the server
is told to take it.
"""

from __future__ import annotations

import datetime as dt
import email
import email.message
import email.policy
import email.utils
import hashlib
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.text import split_addresses
from carrierpost.server.heads import with_head
from carrierpost.server.mailbox import Mailbox, MailboxItem
from carrierpost.server.out_of_office import answer_to
from carrierpost.server.post import Opened, header_text, open_mime, put
from carrierpost.server.recipients import remember

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["PostOffice", "Posted"]

_MOST_NOTED = 10_000
_HOUR = 3600.0
_SAME_INVITATIONS = 2  # of one kind that are taken within an hour
_RECIPIENTS = ("To", "Cc", "Bcc")


class Posted(msgspec.Struct, frozen=True):
    """
    A message that was taken.

    Attributes:
        sender: the address of the mailbox that it came from.
        recipients: addresses that it went to.
        mime: the message as they got it.
    """

    sender: str
    recipients: tuple[str, ...]
    mime: bytes


class PostOffice:
    """
    Takes mail and delivers it.

    Attributes:
        posted: what was taken, the latest ten thousand.
    """

    def __init__(self, server: ExchangeServer) -> None:
        self._server = server
        self.posted: deque[Posted] = deque(maxlen=_MOST_NOTED)
        self._invitations: dict[bytes, deque[float]] = {}

    def submit(self, sender: Mailbox, mime: bytes, *, save: bool) -> int:
        """
        Deliver a message to everybody it names, Bcc included, whose header nobody else gets to see.

        It comes from the mailbox's own address, whatever it says.

        Args:
            sender: the mailbox that it comes from.
            mime: the message.
            save: keep a copy in Sent Items.

        Returns:
            1, or the status that refuses it: 107 for no message, 119 without recipient, 116 for one that is unknown,
            113 for a full mailbox, 115 for one that may not send any more, 122 for too large a message, 120 for an
            invitation that was sent too often.
        """
        message = email.message_from_bytes(mime, policy=email.policy.compat32)
        recipients = _recipients(message)
        status = self._refusal(sender, message, mime, recipients)
        if status != 1:
            return status
        hidden = header_text(message, "Bcc")
        sent = self._as_sent(sender, message, mime)
        opened = open_mime(sent, now=self._server.clock.now())
        if save:
            data = self._server.meetings.described(sender, opened)
            put(sender, sender.folder(FolderType.SENT_ITEMS), opened, read=True, bcc=hidden or None, **data)
        self.posted.append(Posted(sender.address, recipients, sent))
        shown = {one for name in ("To", "Cc") for one in _addresses(message, name)}
        for one in recipients:
            if (mailbox := self._server.mailboxes.get(one)) is not None:
                self.receive(mailbox, opened, hidden=one not in shown)
        if self._server.keeps_recipients:
            remember(sender, message)
        return 1

    def receive(self, mailbox: Mailbox, mime: bytes | Opened, *, hidden: bool = False) -> MailboxItem:
        """
        Put a message into an Inbox as it arrives: meetings go to the calendar, and whoever is away answers.

        Args:
            mailbox: who gets it.
            mime: the message.
            hidden: who gets it is not named in it.
        """
        now = self._server.clock.now()
        opened = open_mime(mime, now=now) if isinstance(mime, bytes) else mime
        values = self._server.meetings.arrived(mailbox, opened)
        home = mailbox.folders.get(mailbox.conversation_homes.get(opened.data.conversation_id or b"", ""))
        folder = home or mailbox.folder(FolderType.INBOX)
        item = put(mailbox, folder, opened, received_as_bcc=hidden or None, **values)
        self._answer_for(mailbox, opened, now)
        return item

    def _answer_for(self, mailbox: Mailbox, opened: Opened, now: dt.datetime) -> None:
        addresses = [address for _, address in split_addresses(opened.data.from_) if address]
        if not addresses:
            return
        head = email.message_from_bytes(opened.mime, policy=email.policy.compat32)
        answer = answer_to(mailbox, head, addresses[0], now)
        if answer is None:
            return
        self.posted.append(Posted(mailbox.address, (addresses[0].lower(),), answer))
        other = self._server.mailboxes.get(addresses[0].lower())
        if other is not None:
            self.receive(other, answer)

    # -- what is refused

    def _refusal(
        self, sender: Mailbox, message: email.message.Message, mime: bytes, recipients: tuple[str, ...]
    ) -> int:
        if not message.keys():
            return 107
        if not recipients:
            return 119
        if not self._server.delivers_outside and any(one not in self._server.mailboxes for one in recipients):
            return 116
        if self._server.most_message_size is not None and len(mime) > self._server.most_message_size:
            return 122
        if sender.send_quota is not None and sender.size() > sender.send_quota:
            return 115
        if sender.quota is not None and sender.size() + len(mime) > sender.quota:
            return 113
        return 120 if self._is_repeated(sender, message, recipients) else 1

    def _is_repeated(self, sender: Mailbox, message: email.message.Message, recipients: tuple[str, ...]) -> bool:
        """
        Tell whether the same invitation was sent too often, as clients in a loop do; stamps and ids do not count.
        """
        said = _invitation_in(message)
        if said is None:
            return False
        lines = [one for one in said.splitlines() if not one.upper().startswith((b"DTSTAMP", b"LAST-MODIFIED"))]
        named = "\n".join((sender.address, *sorted(recipients))).encode()
        mark = hashlib.sha256(b"\n".join((named, *lines))).digest()
        now = self._server.clock.monotonic()
        sent = self._invitations.setdefault(mark, deque())
        while sent and now - sent[0] >= _HOUR:
            sent.popleft()
        if len(sent) >= _SAME_INVITATIONS:
            return True
        sent.append(now)
        return False

    def _as_sent(self, sender: Mailbox, message: email.message.Message, mime: bytes) -> bytes:
        """
        Give a message as its recipients get it; its body stays as it is, for it may be signed.
        """
        without, fields = ["Bcc", "Resent-Bcc"], []
        authors = [address.lower() for address in _addresses(message, "From")]
        if authors != [sender.address]:
            without += ["From", "Sender"]
            fields.append(("From", email.utils.formataddr((sender.name, sender.address))))
        if not message["Date"]:
            fields.append(("Date", email.utils.format_datetime(self._server.clock.now())))
        if not message["Message-ID"]:
            digest = hashlib.sha256(f"{sender.address} {len(self.posted)} {sender.number}".encode() + mime).hexdigest()
            fields.append(("Message-ID", f"<{digest[:32]}@exchange.invalid>"))
        return with_head(mime, without=without, fields=fields)


def _addresses(message: email.message.Message, name: str) -> tuple[str, ...]:
    return tuple(
        address.lower()
        for value in message.get_all(name, [])
        for _, address in split_addresses(header_text(value))
        if address
    )


def _recipients(message: email.message.Message) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for name in _RECIPIENTS for one in _addresses(message, name)))


def _invitation_in(message: email.message.Message) -> bytes | None:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) else b""
    return None
