"""
A server on a real port in a thread of its own, and the command line in front of it, as a person has it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from carrierpost.cli import main
from carrierpost.protocol.classes import Body, BodyType, Contact, Event, NoteItem, Task
from carrierpost.protocol.classes.recurrence import Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.timezone import blob_of
from carrierpost.server import ExchangeServer, Mailbox
from carrierpost.server.serve import Serving, serving

__all__ = ["ADA", "PASSWORD", "Ran", "Town", "town_of"]

ADA = "ada@larch.example"
PASSWORD = "Zwölf Boxkämpfer"

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Ran:
    """
    How a command ended.

    Attributes:
        status: its exit status.
        out: what it wrote to standard output.
        err: what it wrote to standard error.
    """

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """
        The one JSON document that it printed.
        """
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """
        The JSON documents that it printed, one a line.
        """
        return [json.loads(line) for line in self.out.splitlines()]


class Town:
    """
    A server with Ada's mailbox, and her terminal.

    Attributes:
        home: where her Carrierpost lives.
        server: the server; touch it only by `do`.
        url: its endpoint.
    """

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._capture = capture
        self._patch = patch
        self.server = ExchangeServer()
        self.server.add_user(ADA, PASSWORD)
        self.loop = asyncio.new_event_loop()
        self.url = ""

    @property
    def mailbox(self) -> Mailbox:
        """
        Ada's mailbox at the server.
        """
        return self.server.mailbox(ADA)

    def do(self, work: Callable[[], T]) -> T:
        """
        Do something in the server's own thread, and give what it gives.
        """

        async def working() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(working(), self.loop).result(30)

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """
        Do something in the server's thread while a command is running.
        """
        self.loop.call_soon_threadsafe(self.loop.call_later, seconds, work)

    def run(self, *arguments: str, typed: str = "") -> Ran:
        """
        Run the command line, with something on its standard input.
        """
        self._capture.readouterr()
        self._patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8"))
        status = main(arguments)
        out, err = self._capture.readouterr()
        return Ran(status, out, err)

    def add(self, *options: str) -> Ran:
        """
        Add Ada's account.
        """
        words = ("account", "add", ADA, "--server", self.url, "--password-file", "-", *options)
        ran = self.run(*words, typed=PASSWORD + "\n")
        assert ran.status == 0, ran.err
        return ran

    def furnish(self) -> None:
        """
        Put one or two items of each class into the mailbox.
        """
        self.do(lambda: _furnish(self.mailbox))


def _furnish(mailbox: Mailbox) -> None:
    mailbox.deliver("Site visit on Friday", "We meet at the gate.", sender='"Bruno Birk" <bruno@birch.example>')
    read = mailbox.deliver("Minutes", "<p>Nothing <b>decided</b>.</p>", html=True, sender="office@birch.example")
    mailbox.change(mailbox.folder(FolderType.INBOX), read, read=True)
    contact = Contact(
        first_name="Grace", last_name="Heron", company_name="Elm Quay", email1_address="grace@elm.example"
    )
    mailbox.add(mailbox.folder(FolderType.CONTACTS), contact)
    start = dt.datetime(2026, 5, 4, 7, 0, tzinfo=dt.UTC)
    series = Event(
        uid="standup-1",
        subject="Standup",
        location="Room 4",
        timezone=blob_of("Europe/Berlin", 2026),
        start_time=start,
        end_time=start + dt.timedelta(minutes=30),
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=3),
    )
    mailbox.add(mailbox.folder(FolderType.CALENDAR), series)
    due = dt.datetime(2026, 5, 8, tzinfo=dt.UTC)
    mailbox.add(
        mailbox.folder(FolderType.TASKS), Task(subject="Order bolts", complete=False, due_date=due, utc_due_date=due)
    )
    text = Body(type=BodyType.PLAIN, data="Twelve of them.")
    mailbox.add(mailbox.folder(FolderType.NOTES), NoteItem(subject="Bolts", body=text))


@contextmanager
def town_of(home: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Iterator[Town]:
    """
    Let the server run while the block does.
    """
    patch.setenv("CARRIERPOST_HOME", str(home))
    patch.setenv("COLUMNS", "160")
    patch.setenv("TZ", "Europe/Berlin")
    time.tzset()  # the C library reads it once
    town = Town(home, capture, patch)
    ready = threading.Event()
    enough: asyncio.Event = asyncio.Event()

    async def serve() -> None:
        async with serving(town.server) as running:
            _note(town, running)
            ready.set()
            await enough.wait()

    def thread() -> None:
        asyncio.set_event_loop(town.loop)
        town.loop.run_until_complete(serve())
        town.loop.close()

    worker = threading.Thread(target=thread)
    worker.start()
    try:
        assert ready.wait(10)
        yield town
    finally:
        town.loop.call_soon_threadsafe(enough.set)
        worker.join(10)
        patch.delenv("TZ")
        time.tzset()
        assert not worker.is_alive()


def _note(town: Town, running: Serving) -> None:
    town.url = running.url
