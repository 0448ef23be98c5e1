"""
The recipient information cache: to whom a user writes, most often first ([MS-ASCMD] Recipient information cache).

It is a folder of contacts that only the server writes.
"""

from __future__ import annotations

import email.message

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.text import split_addresses
from carrierpost.server.mailbox import Mailbox, MailboxFolder
from carrierpost.server.post import header_text

__all__ = ["cache_of", "remember"]

_HEAVIEST = 0x7FFFFFFF


def cache_of(mailbox: Mailbox) -> MailboxFolder:
    """
    Give the folder; a mailbox gets it when it is first asked for.
    """
    try:
        return mailbox.folder(FolderType.RECIPIENT_CACHE)
    except KeyError:
        return mailbox.create_folder("Recipient Cache", FolderType.RECIPIENT_CACHE)


def remember(mailbox: Mailbox, message: email.message.Message) -> None:
    """
    Note whom a message was sent to.
    """
    folder = cache_of(mailbox)
    known = {
        (item.data.email1_address or "").lower(): item
        for item in folder.items.values()
        if isinstance(item.data, Contact)
    }
    for header in ("To", "Cc", "Bcc"):
        for name, address in split_addresses(header_text(message, header)):
            item = known.get(address.lower())
            if item is not None and isinstance(item.data, Contact):
                weight = min((item.data.weighted_rank or 0) + 1, _HEAVIEST)
                mailbox.change(folder, item, weighted_rank=weight)
            elif address:
                alias = address.partition("@")[0]
                data = Contact(email1_address=address, file_as=name or address, alias=alias, weighted_rank=1)
                known[address.lower()] = mailbox.add(folder, data)
