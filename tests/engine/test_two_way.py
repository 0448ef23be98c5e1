"""
Two people and one mailbox: one edits in the hub, the other at the server, while answers are lost, keys refused and the
hub killed. In the end both sides agree, no edit is lost without a word, and nothing was made or sent twice.

SK3, SK4, DU1, DU2, DU7, LP5, BD8, BD11, in stories that Hypothesis makes up.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost.client.errors import ClientError
from carrierpost.engine import AccountStopped, AccountWaits, EditRefused
from carrierpost.model import AccountState, ChangeIntent, IntentKind, Item, OutboxEntry, OutboxState
from carrierpost.model.intent import intent_of
from carrierpost.protocol.classes import Contact, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.errors import ProtocolError
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.store import NotHeld
from tests.support.hub import Bench, bench
from tests.support.virtual import run

_LONG = settings.get_current_profile_name() == "long"
pytestmark = [pytest.mark.fuzz, *([pytest.mark.timeout(0)] if _LONG else [])]  # long is as long as it takes

FIELDS = ("job_title", "mobile_phone_number", "company_name", "spouse")
FOLDERS = (FolderType.INBOX, "Junk Email", FolderType.DELETED_ITEMS)
FAULTS = (
    faults.reject_key(), faults.drop_after_commit(), faults.drop_before_commit(), faults.empty_200(),
    faults.delay(130.0), faults.status(5), faults.status(16), faults.http(503), faults.http(500), faults.mute_adds(),
    faults.repeat_add(),
)  # fmt: skip
COMMANDS = ("Sync", "Sync", "Sync", "MoveItems", "SendMail", "Ping", None)

number = st.integers(0, 30)
steps = st.tuples(
    st.sampled_from(
        (
            "here add", "here change", "here change", "here change", "here change two", "here delete", "here read",
            "here move", "here send", "there add", "there change", "there change", "there delete", "there read",
            "there deliver", "there move", "fault", "fault", "time", "time", "work", "kill", "rest",
        )
    ),
    number,
    number,
)  # fmt: skip


@dataclasses.dataclass
class Wish:
    """
    A value that the person in the hub wanted a field to have.
    """

    item_id: int
    field: str
    value: str


class TwoWay:
    """
    A story.

    Attributes:
        wishes: what the person wanted, in order.
        seen: every value that a field ever had at the server.
        made: names of contacts that were made in the hub, by item.
        sent: subjects that were sent.
        deleted: names of what somebody deleted.
    """

    def __init__(self, made: Bench) -> None:
        self.bench = made
        self.wishes: list[Wish] = []
        self.seen: set[str] = set()
        self.made: dict[str, int] = {}
        self.created: dict[str, int] = {}
        self.sent: list[str] = []
        self.deleted: set[str] = set()
        self.working: asyncio.Task[None] | None = None
        self.count = 0
        self._listen()

    def _listen(self) -> None:
        """
        Hear of everything that happens at the server.
        """
        mailbox = self.bench.mailbox
        add, replace, change = mailbox.add, mailbox.replace, mailbox.change

        def added(folder: MailboxFolder, data: Any, **values: Any) -> MailboxItem:
            if isinstance(data, Contact):
                self.created[data.first_name or ""] = self.created.get(data.first_name or "", 0) + 1
            self._note(data)
            return add(folder, data, **values)

        def replaced(folder: MailboxFolder, item: MailboxItem, data: Any) -> None:
            self._note(data)
            replace(folder, item, data)

        def changed(folder: MailboxFolder, item: MailboxItem, **values: Any) -> None:
            change(folder, item, **values)
            self._note(item.data)

        mailbox.add, mailbox.replace, mailbox.change = added, replaced, changed  # type: ignore[method-assign]

    def _note(self, data: Any) -> None:
        if isinstance(data, Contact):
            self.seen |= {str(getattr(data, name)) for name in FIELDS}

    def token(self, whose: str) -> str:
        """Give a value that nobody has used."""
        self.count += 1
        return f"{whose}-{self.count}"

    # -- choosing

    async def _item(self, which: int, *folders: FolderType | str) -> Item | None:
        items = [item for one in folders for item in await self.bench.held(one)]
        return items[which % len(items)] if items else None

    def _there(self, which: int, *folders: FolderType | str) -> tuple[MailboxFolder, MailboxItem] | None:
        every = [
            (folder, item)
            for one in folders
            for folder in [self.bench.mailbox.folder(one)]
            for item in folder.items.values()
        ]
        return every[which % len(every)] if every else None

    # -- the person in the hub

    async def here(self, what: str, which: int, other: int) -> None:
        """Let the person in the hub do something."""
        editor = self.bench.editor
        with contextlib.suppress(NotHeld, EditRefused):
            match what:
                case "add":
                    collection = await self.bench.collection(FolderType.CONTACTS)
                    name = self.token("made")
                    edited = await editor.add(collection.id, Contact(first_name=name, spouse=self.token("mine")))
                    assert edited.item is not None
                    self.made[name] = edited.item.id
                case "change" | "change two":
                    item = await self._item(which, FolderType.CONTACTS)
                    if item is not None:
                        names = (
                            {FIELDS[other % 4], FIELDS[(other + 1) % 4]}
                            if what == "change two"
                            else {FIELDS[other % 4]}
                        )
                        values: dict[str, Any] = {name: self.token("mine") for name in sorted(names)}
                        await editor.change(item.id, **values)
                        self.wishes += [Wish(item.id, name, value) for name, value in values.items()]
                case "delete":
                    item = await self._item(which, FolderType.CONTACTS, *FOLDERS)
                    if item is not None:
                        self._gone(item.data)
                        await editor.delete(item.id)
                case "read":
                    item = await self._item(which, *FOLDERS)
                    if item is not None:
                        await editor.mark_read(item.id, other % 2 == 0)
                case "move":
                    item = await self._item(which, *FOLDERS)
                    if item is not None:
                        target = await self.bench.collection(FOLDERS[other % 2])
                        await editor.move(item.id, target.id)
                case "send":
                    subject = self.token("letter")
                    await editor.send(f"To: ada@larch.example\r\nSubject: {subject}\r\n\r\nx".encode())
                    self.sent.append(subject)

    def _gone(self, data: Any) -> None:
        self.deleted.add(str(data.first_name if isinstance(data, Contact) else data.subject))

    # -- the person at the server

    def there(self, what: str, which: int, other: int) -> None:
        """Let somebody do something at the server."""
        mailbox = self.bench.mailbox
        match what:
            case "add":
                mailbox.add(mailbox.folder(FolderType.CONTACTS), Contact(first_name=self.token("theirs")))
            case "deliver":
                mailbox.deliver(self.token("mail"), "text")
            case "change":
                if (found := self._there(which, FolderType.CONTACTS)) is not None:
                    values: dict[str, Any] = {FIELDS[other % 4]: self.token("theirs")}
                    mailbox.change(*found, **values)
            case "read":
                if (found := self._there(which, *FOLDERS)) is not None:
                    mailbox.change(*found, read=other % 2 == 0)
            case "delete":
                if (found := self._there(which, FolderType.CONTACTS, *FOLDERS)) is not None:
                    self._gone(found[1].data)
                    mailbox.delete(*found)
            case "move":
                if (found := self._there(which, *FOLDERS)) is not None:
                    mailbox.move(*found, mailbox.folder(FOLDERS[other % 2]))

    # -- the world

    async def step(self, what: str, which: int, other: int) -> None:
        """Let one thing happen."""
        who, _, act = what.partition(" ")
        match who:
            case "here":
                await self.here(act, which, other)
            case "there":
                self.there(act, which, other)
            case "fault":
                fault, command = FAULTS[which % len(FAULTS)], COMMANDS[other % len(COMMANDS)]
                if (fault.commands and command not in fault.commands) or fault.name == "empty_200":
                    command = "Sync"  # an empty answer to SendMail says that it was sent
                self.bench.server.faults.add(fault, command=command, times=1 + other % 2)
            case "time":
                await self.bench.clock.sleep((0.05, 1.0, 40.0, 400.0, 4000.0)[which % 5])
            case "work":
                await self._start()
            case "kill":
                await self._start()
                for _ in range(which * 3):
                    await asyncio.sleep(0)
                await self._stop()
                await self.bench.runner.close()
                self.bench.new_runner()
            case "rest":
                await self.rest()

    async def _start(self) -> None:
        if self.working is None:
            self.working = asyncio.ensure_future(self.bench.runner.run())
            await asyncio.sleep(0)

    async def _stop(self) -> None:
        working, self.working = self.working, None
        if working is not None:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def rest(self) -> None:
        """Let everything work again, and look."""
        self.bench.server.faults.clear()
        await self._stop()
        for _ in range(6):
            account = await self.bench.account()
            if account.state is AccountState.STOPPED:
                await self.bench.store.update_account(account.id, state=AccountState.ACTIVE, reason="")
            with contextlib.suppress(AccountStopped, AccountWaits, ClientError, ProtocolError):
                await self.bench.runner.sync_once()
            await self.bench.clock.sleep(1000.0)
        await self.bench.runner.sync_once()
        await self.look()

    async def look(self) -> None:
        """See that both sides agree, and that nothing was lost or doubled."""
        found = await self.bench.contradictions()
        assert [one for one in found if not one.endswith("conversation_id")] == []  # which 12.1 does not know
        entries = await self.bench.store.outbox(self.bench.account_id)
        assert [one for one in entries if one.state in (OutboxState.QUEUED, OutboxState.SENDING)] == []
        self._no_twins(entries)
        kept = _overtaken(entries)
        for place, wish in enumerate(self.wishes):
            later = any((one.item_id, one.field) == (wish.item_id, wish.field) for one in self.wishes[place + 1 :])
            if later or wish.value in self.seen or wish.value in kept:
                continue
            assert await self._is_gone(wish.item_id), f"{wish} is lost; the outbox has {entries}"

    async def _is_gone(self, item_id: int) -> bool:
        try:
            await self.bench.store.item(item_id)
        except NotHeld:
            return True
        return False

    def _no_twins(self, entries: tuple[OutboxEntry, ...]) -> None:
        mailbox = self.bench.mailbox
        refused = {one.item_id for one in entries if one.kind is IntentKind.ADD}
        for name, item_id in self.made.items():
            assert self.created.get(name, 0) <= 1, f"{name} was made {self.created[name]} times"
            if name not in self.deleted and item_id not in refused:
                assert self.created.get(name, 0) == 1, f"{name} was never made"
        inbox = [item.data.subject for _, item in mailbox.all_items() if isinstance(item.data, Email)]
        unknown = sum(one.kind is IntentKind.SEND for one in entries)
        copies = {subject: inbox.count(subject) for subject in self.sent}
        assert all(count <= 2 for count in copies.values()), copies  # one received, one in Sent Items
        missing = [one for one, count in copies.items() if count == 0 and one not in self.deleted]
        assert len(missing) <= unknown, f"{missing} never went out"
        for subject in set(inbox):
            if subject is not None and subject.startswith("mail-"):
                assert inbox.count(subject) == 1, f"{subject} is there {inbox.count(subject)} times"


def _overtaken(entries: tuple[OutboxEntry, ...]) -> set[str]:
    """
    List the values that are kept for the person though the server has others.
    """
    kept = set()
    for entry in entries:
        if entry.kind is IntentKind.CHANGE:
            intent = intent_of(entry)
            assert isinstance(intent, ChangeIntent)
            kept |= {str(value) for value in intent.overtaken.values()}
    return kept


async def tell(version: Version, story: list[tuple[str, int, int]]) -> None:
    """
    Tell a story, and see how it ends.
    """
    async with bench(version=version) as made:
        for one in range(3):
            made.mailbox.add(made.mailbox.folder(FolderType.CONTACTS), Contact(first_name=f"person-{one}"))
            made.mailbox.deliver(f"mail-{one}00", "text")
        made.new_runner()
        await made.runner.sync_once()
        two_way = TwoWay(made)
        try:
            for step in story:
                await two_way.step(*step)
            await two_way.rest()
        finally:
            await two_way._stop()


@pytest.mark.parametrize("version", list(Version))
@settings(max_examples=max(settings().max_examples // 3, 10))
@given(story=st.lists(steps, max_size=60 if _LONG else 25))
def test_two_people_edit_one_mailbox(version: Version, story: list[tuple[str, int, int]]) -> None:
    """Whatever happens on the way: both sides agree, no edit is lost without a word, nothing is made or sent twice."""
    run(tell(version, story))
