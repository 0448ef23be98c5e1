"""
The office: its server, its people, and the way a letter takes into their mailboxes.
"""

from __future__ import annotations

import datetime as dt
import random

import msgspec

from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.exchange import ExchangeServer
from carrierpost.server.mailbox import Mailbox, MailboxFolder, MailboxItem
from carrierpost.server.post import open_mime, put
from carrierpost.server.world.files import Gallery
from carrierpost.server.world.letters import Letter, write
from carrierpost.server.world.people import Circle, Person

__all__ = ["Office", "Put"]


class Put(msgspec.Struct, frozen=True):
    """
    An item where it was put.

    Attributes:
        person: whose it is.
        folder: the folder.
        item: the item.
    """

    person: Person
    folder: MailboxFolder
    item: MailboxItem


class Office:
    """
    What everything that happens needs.

    Args:
        server: has a mailbox for each of the staff.
        people: everybody.
        chance: decides.

    Attributes:
        me: the one whose mailbox is shown.
        mailbox: that mailbox.
        gallery: pictures.
        now: when the world begins to be watched, UTC.
    """

    def __init__(self, server: ExchangeServer, people: Circle, now: dt.datetime, chance: random.Random) -> None:
        self.server = server
        self.people = people
        self.chance = chance
        self.now = now
        self.gallery = Gallery(chance)
        self.me = people.staff["me"]
        self.mailbox = self.mailbox_of(self.me)

    def mailbox_of(self, person: Person) -> Mailbox:
        """
        Give the mailbox of one of the staff.
        """
        return self.server.mailbox(person.address)

    def deliver(
        self, letter: Letter, *, folders: dict[Person, MailboxFolder] | None = None, sent: bool = True
    ) -> list[Put]:
        """
        Put a letter into the mailboxes of its author and recipients, as far as they are here.

        Args:
            letter: the letter; it is received when it is written.
            folders: where it goes for some of them; else into Sent Items of its author and everybody's Inbox.
            sent: whether it leaves its author; a draft does not.
        """
        opened = open_mime(write(letter), now=letter.moment.astimezone(dt.UTC))
        done = []
        staff = set(self.people.staff.values())
        for person in dict.fromkeys((letter.author, *letter.to, *letter.cc) if sent else (letter.author,)):
            if person not in staff:
                continue
            mailbox = self.mailbox_of(person)
            wrote = person is letter.author
            folder = (folders or {}).get(person) or mailbox.folder(FolderType.SENT_ITEMS if wrote else FolderType.INBOX)
            done.append(Put(person, folder, put(mailbox, folder, opened, read=wrote)))
        return done

    def amend(self, item: MailboxItem, **values: object) -> None:
        """
        Set properties of an item that nobody has seen yet.
        """
        assert isinstance(item.data, Email)
        item.data = msgspec.structs.replace(item.data, **values)
