"""
What happens next: one thing at a time, as other people and other devices would do it.

Each goes through the mailbox as anything does, so it is logged, has its moment of commit, and wakes held requests.
"""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from carrierpost.protocol.classes import (
    Body,
    BodyType,
    Contact,
    Email,
    Event,
    EventException,
    Flag,
    FlagStatus,
    NoteItem,
    Task,
)
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.world.conversation import ZONE, Conversation
from carrierpost.server.world.desk import task
from carrierpost.server.world.letters import Letter
from carrierpost.server.world.mail import Deck, notice_letter
from carrierpost.server.world.office import Office
from carrierpost.server.world.specials import invite
from carrierpost.server.world.stories import notices

__all__ = ["Happening", "Life"]

_REST = 60  # happenings for which an item is left in peace after one
_MOST_RUNNING = 4

Pair = tuple[MailboxFolder, MailboxItem]


class Happening(msgspec.Struct, frozen=True):
    """
    Something that happened in the mailbox that is shown.

    Attributes:
        what: in words: `a mail arrives`.
        title: what it is about.
        server_ids: the items, new, changed or gone, by which it can be followed to a device.
        committed: the clock's monotonic seconds when it was in the mailbox.
    """

    what: str
    title: str
    server_ids: tuple[str, ...]
    committed: float


class Life:
    """
    Goes on with a world.

    Args:
        office: the world.
        deck: stories for new conversations.
        running: conversations under way.
    """

    def __init__(self, office: Office, deck: Deck, running: list[Conversation]) -> None:
        self._office = office
        self._chance = office.chance
        self._deck = deck
        self._running = [one for one in running if office.me in one.cast.values()]
        self._rested: collections.deque[str] = collections.deque(maxlen=_REST)
        self._kinds: tuple[tuple[Callable[[], Happening | None], int], ...] = (
            (self._mail, 53),
            (self._notice, 6),
            (self._read, 9),
            (self._flagged, 3),
            (self._filed, 4),
            (self._contact, 6),
            (self._meeting_moved, 5),
            (self._occurrence_cancelled, 3),
            (self._invitation, 1),
            (self._task_done, 4),
            (self._task_new, 3),
            (self._note, 3),
        )

    def happen(self) -> Happening:
        """
        Let one thing happen.
        """
        acts, weights = zip(*self._kinds, strict=True)
        act = self._chance.choices(acts, weights)[0]
        happening = act() or self._mail()
        self._rested.extend(happening.server_ids)
        return happening

    def _told(self, what: str, title: str | None, *touched: MailboxItem) -> Happening:
        ids = tuple(one.server_id for one in touched)
        return Happening(what, title or "", ids, max(one.committed for one in touched))

    def _items(self, *kinds: FolderType, wanted: Callable[[Any], bool]) -> Iterator[Pair]:
        """
        Go through items that may be chosen.
        """
        for folder in self._office.mailbox.folders.values():
            if folder.type in kinds:
                for item in folder.items.values():
                    if item.server_id not in self._rested and wanted(item.data):
                        yield folder, item

    def _pick(self, *kinds: FolderType, wanted: Callable[[Any], bool] = lambda _: True) -> Pair | None:
        found = list(self._items(*kinds, wanted=wanted))
        return self._chance.choice(found) if found else None

    def _newest_mail(self, wanted: Callable[[Email], bool]) -> Pair | None:
        found = list(self._items(FolderType.INBOX, wanted=wanted))[-40:]
        return self._chance.choice(found) if found else None

    # -- mail

    def _mail(self) -> Happening:
        """
        Somebody writes the next letter of a conversation; perhaps Mara herself, on another device.
        """
        office, now = self._office, self._office.server.clock.now()
        while len(self._running) < _MOST_RUNNING:
            story = self._deck.draw()
            if "me" in story.roles:
                self._running.append(Conversation(story, office.people, office.gallery, now, self._chance))
        conversation = self._chance.choice(self._running)
        mine = conversation.next_author is office.me
        letter = conversation.next(now)
        if conversation.finished:
            self._running.remove(conversation)
        (put,) = (one for one in office.deliver(letter) if one.person is office.me)
        if not mine:
            return self._told("a mail arrives", letter.subject, put.item)
        self._mark_answered(letter, now)
        return self._told("a mail is sent elsewhere", letter.subject, put.item)

    def _mark_answered(self, letter: Letter, now: dt.datetime) -> None:
        """
        Mark what a letter answers, as Exchange does.
        """
        for item in reversed(self._office.mailbox.folder(FolderType.INBOX).items.values()):
            assert isinstance(item.data, Email)
            if item.data.conversation_id == letter.thread.index[6:22]:
                verb = 2 if letter.cc else 1
                folder = self._office.mailbox.folder(FolderType.INBOX)
                moment = now.replace(microsecond=0)
                self._office.mailbox.change(
                    folder, item, read=True, last_verb_executed=verb, last_verb_execution_time=moment
                )
                return

    def _notice(self) -> Happening:
        letter = notice_letter(self._office, self._chance.choice(notices()), self._office.server.clock.now())
        (put,) = self._office.deliver(letter)
        return self._told("a mail arrives", letter.subject, put.item)

    def _invitation(self) -> Happening:
        project = self._chance.choice(self._office.people.projects)
        title, days = f"{project.name}: walk around the site", self._chance.randint(2, 9)
        now = self._office.server.clock.now()
        item, event = invite(self._office, project.client, title, days, now)
        return self._told("an invitation arrives", title, item, event)

    def _read(self) -> Happening | None:
        pair = self._newest_mail(lambda mail: not mail.read)
        if pair is None:
            return None
        self._office.mailbox.change(*pair, read=True)
        return self._told("a mail is read elsewhere", pair[1].data.subject, pair[1])  # type: ignore[union-attr]

    def _flagged(self) -> Happening | None:
        pair = self._newest_mail(lambda mail: mail.flag is None)
        if pair is None:
            return None
        flag = Flag(status=FlagStatus.ACTIVE, flag_type="Flag for follow up")
        self._office.mailbox.change(*pair, flag=flag, read=True)
        return self._told("a mail is flagged elsewhere", pair[1].data.subject, pair[1])  # type: ignore[union-attr]

    def _filed(self) -> Happening | None:
        pair = self._newest_mail(lambda mail: bool(mail.read))
        target = self._pick_folder()
        if pair is None or target is None:
            return None
        folder, item = pair
        moved = self._office.mailbox.move(folder, item, target)
        assert isinstance(moved.data, Email)
        ids = (item.server_id, moved.server_id)
        return Happening("a mail is filed elsewhere", moved.data.subject or "", ids, moved.committed)

    def _pick_folder(self) -> MailboxFolder | None:
        names = {one.name for one in self._office.people.projects}
        return self._chance.choice([one for one in self._office.mailbox.folders.values() if one.display_name in names])

    # -- the rest

    def _contact(self) -> Happening | None:
        pair = self._pick(FolderType.CONTACTS)
        if pair is None:
            return None
        number = f"+49 1555 {self._chance.randint(1_000_000, 9_999_999)}"
        self._office.mailbox.change(*pair, mobile_phone_number=number)
        data = pair[1].data
        assert isinstance(data, Contact)
        return self._told("a contact has another number", f"{data.first_name} {data.last_name}", pair[1])

    def _meeting_moved(self) -> Happening | None:
        now = self._office.server.clock.now()
        pair = self._pick(
            FolderType.CALENDAR,
            wanted=lambda event: event.recurrence is None and not event.all_day_event and event.start_time > now,
        )
        if pair is None:
            return None
        data = pair[1].data
        assert isinstance(data, Event)
        assert data.start_time is not None
        assert data.end_time is not None
        by = dt.timedelta(minutes=self._chance.choice((-60, -30, 30, 60, 90)))
        stamp = now.replace(microsecond=0)
        self._office.mailbox.change(*pair, start_time=data.start_time + by, end_time=data.end_time + by, dt_stamp=stamp)
        return self._told("a meeting is moved", data.subject, pair[1])

    def _occurrence_cancelled(self) -> Happening | None:
        now = self._office.server.clock.now()
        pair = self._pick(
            FolderType.CALENDAR, wanted=lambda event: event.recurrence is not None and not event.all_day_event
        )
        if pair is None:
            return None
        data = pair[1].data
        assert isinstance(data, Event)
        coming = occurrences(data, now, now + dt.timedelta(days=40), default_zone=str(ZONE))
        free = [one for one in coming if one.exception is None and one.start > now]
        if not free:
            return None
        gone = EventException(deleted=True, exception_start_time=free[0].original_start)
        self._office.mailbox.change(
            *pair, exceptions=(*(data.exceptions or ()), gone), dt_stamp=now.replace(microsecond=0)
        )
        return self._told("one of a series is cancelled", data.subject, pair[1])

    def _task_done(self) -> Happening | None:
        pair = self._pick(FolderType.TASKS, wanted=lambda one: not one.complete and one.recurrence is None)
        if pair is None:
            return None
        done = self._office.server.clock.now().replace(microsecond=0)
        self._office.mailbox.change(*pair, complete=True, date_completed=done, reminder_set=False, reminder_time=None)
        data = pair[1].data
        assert isinstance(data, Task)
        return self._told("a task is done", data.subject, pair[1])

    def _task_new(self) -> Happening:
        project = self._chance.choice(self._office.people.projects)
        title = self._chance.choice(("Call {} back", "Photos for {}", "Think about {}", "Answer to {}"))
        data = task(self._office, title.format(project.client.name), self._chance.randint(1, 12), category="Client")
        mailbox = self._office.mailbox
        return self._told("a task is made", data.subject, mailbox.add(mailbox.folder(FolderType.TASKS), data))

    def _note(self) -> Happening | None:
        pair = self._pick(FolderType.NOTES)
        if pair is None:
            return None
        data = pair[1].data
        assert isinstance(data, NoteItem)
        line = self._chance.choice(("Ask Tomás.", "Measured again.", "Yuki knows.", "Not before Monday."))
        body = Body(type=BodyType.PLAIN, data=f"{data.body.data if data.body else ''}\r\n{line}")
        now = self._office.server.clock.now().replace(microsecond=0)
        self._office.mailbox.change(*pair, body=body, last_modified_date=now)
        return self._told("a note gets longer", data.subject, pair[1])
