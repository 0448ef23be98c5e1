"""
A year of mail: conversations, what machines and newsletters sent, and the order that Mara keeps in it.
"""

from __future__ import annotations

import datetime as dt
import html
import random
from collections.abc import Iterator

from carrierpost.protocol.classes import Email, Flag, FlagStatus
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.world.conversation import ZONE, Conversation, message_id
from carrierpost.server.world.facts import make_facts
from carrierpost.server.world.files import File, make_file
from carrierpost.server.world.letters import Letter, thread_start
from carrierpost.server.world.office import Office, Put
from carrierpost.server.world.people import Person
from carrierpost.server.world.stories import Notice, Story, fill, notices, stories

__all__ = ["Deck", "MailRoom", "notice_letter"]

_YEAR = dt.timedelta(days=365)
_HOUR = dt.timedelta(hours=1)
_CONVERSATIONS = 0.2  # begun for each mail that there is to be
_FOLLOW_UP = Flag(status=FlagStatus.ACTIVE, flag_type="Flag for follow up")


class Deck:
    """
    Stories in no order; none comes again before all others were told.

    Args:
        chance: shuffles.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._cards: list[Story] = []

    def draw(self) -> Story:
        """
        Take the next one.
        """
        if not self._cards:
            self._cards = list(stories())
            self._chance.shuffle(self._cards)
        return self._cards.pop()


class MailRoom:
    """
    Fills the mailboxes with a year of mail.

    Args:
        office: where.
        deck: the stories.
        size: how many mails there are to be in the mailbox that is shown, when all is done.

    Attributes:
        running: conversations that have begun and are not finished.
    """

    def __init__(self, office: Office, deck: Deck, size: int) -> None:
        self.running: list[Conversation] = []
        self._office = office
        self._chance = office.chance
        self._deck = deck
        self._size = size
        self._received: dict[str, MailboxItem] = {}
        mailbox = office.mailbox
        projects = mailbox.create_folder("Projects")
        self._filed = {
            one: mailbox.create_folder(one.name, parent_id=projects.server_id) for one in office.people.projects
        }
        first = self._filed[office.people.projects[0]]
        self._topics = {
            "Permits": mailbox.create_folder("Permits", parent_id=first.server_id),
            "Structure": mailbox.create_folder("Structure", parent_id=first.server_id),
        }
        self._styles = {
            "newsletter": mailbox.create_folder("Reading"),
            "receipt": mailbox.create_folder("Receipts"),
        }

    def fill(self) -> None:
        """
        Let the year pass.
        """
        plan = list(self._plan())
        here = sum(self._office.me in conversation.cast.values() for _, conversation in plan)
        has = sum(len(folder.items) for folder in self._office.mailbox.folders.values() if _is_mail(folder))
        moments = list(self._notice_moments(self._size - here - has))
        steps: list[tuple[dt.datetime, Conversation | None]] = [*plan, *((moment, None) for moment in moments)]
        steps.sort(key=lambda step: step[0])
        for moment, conversation in steps:
            if conversation is None:
                self._notice(moment)
            else:
                self._letter(conversation, moment)
        self.running = [one for one in dict.fromkeys(conversation for _, conversation in plan) if not one.finished]

    # -- when

    def _plan(self) -> Iterator[tuple[dt.datetime, Conversation]]:
        """
        Decide who writes when; what would come later than now is left for later.
        """
        office, chance = self._office, self._chance
        count = round(self._size * _CONVERSATIONS)
        for number in range(count):
            begun = office.now - _YEAR * (1 - (number + chance.random()) / count)
            moment = self._at_work(begun)
            conversation = Conversation(self._deck.draw(), office.people, office.gallery, moment, chance)
            for _ in range(conversation.letters):
                if moment < office.now:
                    yield moment, conversation
                moment = self._at_work(moment + dt.timedelta(minutes=chance.lognormvariate(5.2, 1.3) + 3))

    def _at_work(self, moment: dt.datetime) -> dt.datetime:
        """
        Move a moment into somebody's working hours; now and then people write at other times.
        """
        local = moment.astimezone(ZONE)
        chance = self._chance
        if chance.random() < 0.1:
            return moment
        begin = local.replace(hour=7, minute=30) + dt.timedelta(minutes=chance.uniform(0, 90))
        if local < begin:
            local = begin
        elif local.hour >= 18:
            local = begin + dt.timedelta(days=1)
        if local.isoweekday() > 5:
            local += dt.timedelta(days=8 - local.isoweekday())
        return local.astimezone(dt.UTC)

    def _notice_moments(self, count: int) -> Iterator[dt.datetime]:
        now, chance = self._office.now, self._chance
        for number in range(count):
            if number < 5:  # something of the last hours, whatever day it is
                yield now - chance.uniform(0.05, 9) * _HOUR
            else:
                yield now - _YEAR * chance.random()

    # -- what

    def _letter(self, conversation: Conversation, moment: dt.datetime) -> None:
        letter = conversation.next(moment)
        me = self._office.me
        folder = self._folder(conversation, letter, moment)
        for put in self._office.deliver(letter, folders={me: folder} if folder is not None else None):
            if put.person is me:
                self._mine(put, letter, conversation, moment)
            else:
                self._office.amend(put.item, read=self._office.now - moment > 6 * _HOUR)

    def _folder(self, conversation: Conversation, letter: Letter, moment: dt.datetime) -> MailboxFolder | None:
        """
        Decide where Mara has filed a mail; what is recent still lies in the Inbox.
        """
        age = self._office.now - moment
        if letter.author is self._office.me or age < dt.timedelta(days=18) or self._chance.random() < 0.2:
            return None
        if self._chance.random() < 0.03:
            return self._office.mailbox.folder(FolderType.DELETED_ITEMS)
        first = conversation.project is self._office.people.projects[0]
        for tag in conversation.tags:
            if first and tag in self._topics:
                return self._topics[tag]
        return self._filed[conversation.project]

    def _mine(self, put: Put, letter: Letter, conversation: Conversation, moment: dt.datetime) -> None:
        chance, item = self._chance, put.item
        self._received[letter.thread.message_id] = item
        age = self._office.now - moment
        if conversation.tags and chance.random() < 0.55:
            self._office.amend(item, categories=conversation.tags)
        if letter.author is self._office.me:
            answered = self._received.get(letter.thread.references[-1]) if letter.thread.references else None
            if answered is not None:
                verb = 2 if letter.cc else 1
                self._office.amend(
                    answered, last_verb_executed=verb, last_verb_execution_time=_second(moment), read=True
                )
            return
        self._office.amend(item, read=chance.random() < _read_share(age))
        if age < dt.timedelta(days=40) and chance.random() < 0.2:
            self._office.amend(item, flag=_FOLLOW_UP)
        elif chance.random() < 0.03:
            done = _second(moment + 30 * _HOUR)
            flag = Flag(
                status=FlagStatus.COMPLETE, flag_type="Flag for follow up", complete_time=done, date_completed=done
            )
            self._office.amend(item, flag=flag)

    def _notice(self, moment: dt.datetime) -> None:
        chance = self._chance
        notice = chance.choice(notices())
        letter = notice_letter(self._office, notice, moment)
        age = self._office.now - moment
        folder = self._styles.get(notice.style) if age > dt.timedelta(days=9) else None
        if notice.style == "system" and age > dt.timedelta(days=30) and chance.random() < 0.15:
            folder = self._office.mailbox.folder(FolderType.DELETED_ITEMS)
        for put in self._office.deliver(letter, folders={self._office.me: folder} if folder is not None else None):
            share = _read_share(age) - (0.25 if notice.style == "newsletter" else 0)
            self._office.amend(put.item, read=chance.random() < share)


def _is_mail(folder: MailboxFolder) -> bool:
    return any(isinstance(item.data, Email) for item in folder.items.values())


def _second(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(microsecond=0)


def _read_share(age: dt.timedelta) -> float:
    if age < dt.timedelta(hours=20):
        return 0.35
    return 0.8 if age < dt.timedelta(days=4) else 0.985


# -- machines and newsletters


def notice_letter(office: Office, notice: Notice, moment: dt.datetime) -> Letter:
    """
    Let a machine or a newsletter write to Mara.

    Args:
        office: where.
        notice: what is sent.
        moment: when, with a zone.
    """
    chance = office.chance
    project = chance.choice(office.people.projects)
    supplier = office.people.somebody("supplier", "en", chance)
    facts = make_facts(project, supplier, moment.astimezone(ZONE), chance)
    name, _, rest = fill(notice.sender, facts, chance).partition(" <")
    sender = Person(name, "", rest.rstrip(">"), name)
    entries = [(fill(before, facts, chance), fill(behind, facts, chance)) for before, behind in notice.entries]
    text = fill(notice.text, facts, chance) or "\n\n".join(f"{before}\n{behind}" for before, behind in entries)
    identifier = message_id(sender, chance)
    file = (
        make_file(fill(notice.file, facts, chance), text.splitlines(), office.gallery, chance) if notice.file else None
    )
    pictures: tuple[tuple[str, File], ...] = ()
    shown = None
    if notice.style == "newsletter":
        content_id = f"banner.{identifier[1:9]}@{sender.address.rpartition('@')[2]}"
        pictures = ((content_id, office.gallery.picture("banner", chance)),)
        shown = _newsletter(name, content_id, entries)
    elif notice.style == "receipt":
        shown = _receipt(name, entries)
    subject = fill(notice.subject, facts, chance)
    return Letter(
        thread=thread_start(identifier, moment, chance.randbytes(16)),
        subject=subject,
        topic=subject,
        author=sender,
        to=(office.me,),
        cc=(),
        moment=moment.astimezone(ZONE),
        text=text,
        html=shown,
        files=(file,) if file is not None else (),
        pictures=pictures,
    )


def _newsletter(name: str, content_id: str, entries: list[tuple[str, str]]) -> str:
    articles = "\n".join(
        f'<h2 style="font-size:15pt;margin:18px 0 4px">{html.escape(before)}</h2>\n<p>{html.escape(behind)}</p>'
        for before, behind in entries
    )
    return (
        '<html><body style="margin:0;background:#f3f1ec;font-family:Georgia,serif">\n'
        '<div style="max-width:560px;margin:0 auto;background:#fff;padding:0 0 24px">\n'
        f'<img src="cid:{content_id}" width="560" height="90" alt="{html.escape(name)}">\n'
        f'<div style="padding:0 24px"><h1 style="font-size:20pt">{html.escape(name)}</h1>\n{articles}\n'
        '<p style="color:#888;font-size:9pt">You get this letter because you asked for it. '
        '<a href="https://example.com/unsubscribe">Unsubscribe</a></p></div></div></body></html>'
    )


def _receipt(name: str, entries: list[tuple[str, str]]) -> str:
    rows = "\n".join(
        f'<tr><td style="padding:4px 24px 4px 0">{html.escape(before)}</td>'
        f'<td align="right">{html.escape(behind)}</td></tr>'
        for before, behind in entries
    )
    return (
        '<html><body style="font-family:Helvetica,Arial,sans-serif;font-size:11pt">\n'
        f"<p><b>{html.escape(name)}</b></p>\n<p>Thank you. Here is what you bought:</p>\n"
        f'<table cellspacing="0">\n{rows}\n</table>\n<p>No signature is needed.</p></body></html>'
    )
