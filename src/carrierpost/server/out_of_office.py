"""
Out of office: who gets an answer while somebody is away, and which ([MS-ASCMD] Oof).
"""

from __future__ import annotations

import datetime as dt
import email.message
import email.policy
import email.utils

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.text import html_to_text, split_addresses
from carrierpost.server.mailbox import Mailbox

__all__ = ["answer_to", "audience_of", "is_away"]

_NOBODY = ("", "mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply")


def is_away(oof: Oof, now: dt.datetime) -> bool:
    """
    Tell whether mail is answered now.
    """
    if oof.state is OofState.BETWEEN:
        return oof.start_time is not None and oof.end_time is not None and oof.start_time <= now < oof.end_time
    return oof.state is OofState.ON


def audience_of(mailbox: Mailbox, sender: str) -> Audience:
    """
    Tell which audience a sender belongs to: of the same house, known from the contacts, or a stranger.
    """
    if sender.partition("@")[2].lower() == mailbox.address.partition("@")[2]:
        return Audience.INTERNAL
    for item in mailbox.folder(FolderType.CONTACTS).items.values():
        if isinstance(item.data, Contact):
            listed = (item.data.email1_address, item.data.email2_address, item.data.email3_address)
            if any(address.lower() == sender.lower() for one in listed for _, address in split_addresses(one)):
                return Audience.EXTERNAL_KNOWN
    return Audience.EXTERNAL_UNKNOWN


def answer_to(mailbox: Mailbox, message: email.message.Message, sender: str, now: dt.datetime) -> bytes | None:
    """
    Make the answer to a message, once for each sender; machines and lists get none, nor does oneself.

    Returns:
        The answer as a message, or `None`.
    """
    sender = sender.lower()
    if not is_away(mailbox.oof, now) or sender in mailbox.oof_answered or sender == mailbox.address:
        return None
    automatic = str(message.get("Auto-Submitted", "no")).strip().lower() != "no"
    listed = str(message.get("Precedence", "")).strip().lower() in ("bulk", "list", "junk") or message.get("List-Id")
    if automatic or listed or sender.partition("@")[0] in _NOBODY:
        return None
    audience = audience_of(mailbox, sender)
    chosen = next((one for one in mailbox.oof.messages if one.audience is audience), None)
    if chosen is None or not chosen.enabled:
        return None
    mailbox.oof_answered.add(sender)
    return _answer(mailbox, message, sender, chosen, now)


def _answer(
    mailbox: Mailbox, message: email.message.Message, sender: str, chosen: OofMessage, now: dt.datetime
) -> bytes:
    answer = email.message.EmailMessage(policy=email.policy.SMTP)
    answer["From"] = email.utils.formataddr((mailbox.name, mailbox.address))
    answer["To"] = sender
    subject = " ".join(str(message.get("Subject", "")).split())
    answer["Subject"] = f"Automatic reply: {subject}"
    answer["Date"] = email.utils.format_datetime(now)
    answer["Auto-Submitted"] = "auto-replied"
    if message.get("Message-ID"):
        answer["In-Reply-To"] = str(message["Message-ID"]).strip()
    text = chosen.reply_message or ""
    if chosen.body_type.upper() == "HTML":
        answer.set_content(html_to_text(text))
        answer.add_alternative(text, subtype="html")
    else:
        answer.set_content(text)
    return answer.as_bytes()
