"""
What `carrierpost demo` shows: a few sentences, progress, a summary, and then line after line.

Results go to standard output and progress to standard error. At a terminal no line is longer than the window; in a pipe
nothing is cut.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import math
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from carrierpost.bootstrap import Hub
from carrierpost.cli.live import Line, ProgressView, counted
from carrierpost.cli.output import console
from carrierpost.engine import Event
from carrierpost.engine.folders import path_of
from carrierpost.model import Account
from carrierpost.protocol.classes import ContentClass, Email
from carrierpost.protocol.classes import Event as CalendarEvent
from carrierpost.protocol.classes.occurrences import Occurrence, occurrences
from carrierpost.protocol.text import display_name
from carrierpost.protocol.version import Version
from carrierpost.server.world import World

__all__ = ["Outcome", "TextView", "View"]

_NEXT = 5  # entries of the calendar, and mails, that the summary shows
_LATENCY = 11  # columns at the right edge
_ORDER = (
    ContentClass.EMAIL,
    ContentClass.CALENDAR,
    ContentClass.CONTACTS,
    ContentClass.TASKS,
    ContentClass.NOTES,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a demonstration came to.

    Attributes:
        items: how many are held, by class.
        folders: how many folders.
        latencies: for each arrival the milliseconds from the server's commit to the store's.
        errors: what went wrong, in sentences.
    """

    items: dict[str, int]
    folders: int
    latencies: tuple[float, ...]
    errors: tuple[str, ...]

    def percentile(self, share: float) -> float:
        """
        Give the latency that this share of arrivals did not exceed; there must be one at least.
        """
        ordered = sorted(self.latencies)
        return ordered[max(0, math.ceil(len(ordered) * share) - 1)]

    def values(self) -> dict[str, Any]:
        """
        Give it as values for JSON.
        """
        late = None
        if self.latencies:
            late = {"p50": round(self.percentile(0.5), 2), "p99": round(self.percentile(0.99), 2)}
        return {
            "items": {kind.lower(): self.items.get(kind.lower(), 0) for kind in ContentClass},
            "folders": self.folders,
            "arrivals": len(self.latencies),
            "latency_ms": late,
            "errors": list(self.errors),
        }


class View:
    """
    What a program sees while it waits for the outcome: progress on standard error, nothing else.
    """

    def __init__(self) -> None:
        self._progress = ProgressView(console(stderr=True))

    def open(self) -> None:
        """
        Say what this is.
        """

    def begin(self, origin: str, version: Version, world: World) -> None:
        """
        Say what is synchronized with what.
        """

    def progress(self) -> contextlib.AbstractContextManager[object]:
        """
        Show progress while the block runs.
        """
        return self._progress

    def hear(self, event: Event) -> None:
        """
        Take an event from the engine.
        """
        self._progress.hear(event)

    async def summary(self, hub: Hub, account: Account, seconds: float) -> None:
        """
        Show what is held after the first synchronisation.

        Args:
            hub: where it is held.
            account: whose.
            seconds: how long it took.
        """

    def connected(self) -> None:
        """
        Say that from now on things arrive by themselves.
        """

    def line(self, line: Line, late: float | None) -> None:
        """
        Show something that arrived.

        Args:
            line: what.
            late: milliseconds since the server had it, where known.
        """

    def close(self, outcome: Outcome) -> None:
        """
        Say the last.
        """


class TextView(View):
    """
    Tells a person.
    """

    def __init__(self) -> None:
        super().__init__()
        self._out: Console = console()

    def _print(self, text: str | Text = "") -> None:
        """
        Print a line, cut to the window where there is one.
        """
        line = text if isinstance(text, Text) else Text.from_markup(text)
        line.rstrip()
        if self._out.is_terminal:
            line.truncate(self._out.width, overflow="ellipsis")
        self._out.print(line)

    def open(self) -> None:
        """
        Say what this is, and what it leaves alone.
        """
        self._print("[bold]Carrierpost[/] keeps a mailbox in sync over ActiveSync. Here it does so with")
        self._print("people who do not exist: nothing of yours is read, and nothing stays behind.")
        self._print()

    def begin(self, origin: str, version: Version, world: World) -> None:
        """
        Say what is synchronized with what.
        """
        person = world.person
        others = " and ".join(one.name for one in world.people[1:])
        rows = (
            ("server", f"{origin}, inside this process, ActiveSync {version}"),
            ("mailbox", f"{person.name} <{person.address}>"),
            ("others", f"{others}, who write to her"),
            ("store", "encrypted, in a temporary directory"),
        )
        for name, text in rows:
            self._print(f"  [dim]{name:<9}[/]{escape(text)}")
        self._print()

    async def summary(self, hub: Hub, account: Account, seconds: float) -> None:
        """
        Show how much is held, where, what comes next and what came last.
        """
        counts = await hub.store.count(account.id)
        unread = sum((await hub.store.count(account.id, unread=True)).values())
        held = ", ".join(counted(counts[kind], kind) for kind in _ORDER if counts.get(kind))
        self._print(f"[green]Synchronized[/] in {seconds:.1f} s: [bold]{held}[/]")
        await self._folders(hub, account, unread)
        await self._coming(hub, account)
        await self._newest(hub, account)

    async def _folders(self, hub: Hub, account: Account, unread: int) -> None:
        """
        Show the folders of mail, those within one on its line.
        """
        collections = await hub.store.collections(account.id)
        held = {}
        for one in collections:
            if one.content_class is ContentClass.EMAIL:
                held[path_of(one, collections)] = sum(
                    (await hub.store.count(account.id, collection_id=one.id)).values()
                )
        tops = [name for name in held if "/" not in name]
        self._heading("Folders", f"{unread} unread")
        for top in tops:
            inside = [name for name in held if name.startswith(f"{top}/")]
            number = held[top] + sum(held[name] for name in inside)
            names = ", ".join(name.rpartition("/")[2] for name in inside)
            if number:
                self._print(f"  {escape(top):<15}{number:>5}  [dim]{escape(names)}[/]")

    async def _coming(self, hub: Hub, account: Account) -> None:
        now = hub.clock.now()
        found: list[Occurrence] = []
        for item in await hub.store.items(account.id, content_class=ContentClass.CALENDAR):
            assert isinstance(item.data, CalendarEvent)
            found += occurrences(item.data, now, now + dt.timedelta(days=14), default_zone=account.time_zone)
        found.sort(key=lambda one: one.start)
        self._heading("Coming up", f"{len(found)} in two weeks, series counted one by one")
        for one in [one for one in found if one.start >= now][:_NEXT]:
            start = one.start.astimezone()
            when = f"{start:%a %d %b}  {'all day' if one.all_day else f'{start:%H:%M}':<7}"
            where = f"  [dim]{escape(one.location)}[/]" if one.location else ""
            self._print(f"  {when}  {escape(one.subject)}{where}")

    async def _newest(self, hub: Hub, account: Account) -> None:
        self._heading("Newest mail", "")
        for item in await hub.store.items(account.id, content_class=ContentClass.EMAIL, limit=_NEXT):
            data = item.data
            assert isinstance(data, Email)
            when = f"{data.date_received.astimezone():%a %d %b  %H:%M}" if data.date_received is not None else ""
            mark = " " if data.read else "•"
            who = Text(display_name(data.from_))
            who.truncate(20, overflow="ellipsis", pad=True)
            self._print(Text.assemble(f"{mark} {when}    ", who, f"  {data.subject or ''}"))

    def _heading(self, title: str, remark: str) -> None:
        self._print()
        self._print(f"[bold]{title}[/]" + (f"  [dim]{remark}[/]" if remark else ""))

    def connected(self) -> None:
        """
        Say that from now on things arrive by themselves, and what the numbers mean.
        """
        self._print()
        self._print("[green]Connected.[/] What happens to the mailbox now is told at once; Ctrl-C ends it.")
        self._print("[dim]At the right: the time from the server's mailbox to the encrypted store.[/]")
        self._print()

    def line(self, line: Line, late: float | None) -> None:
        """
        Show something that arrived, its latency at the right edge.
        """
        told = Text.from_markup(line.text())
        if self._out.is_terminal:
            room = self._out.width - _LATENCY
            if told.cell_len > room and line.detail:  # so that one can still read what became of it
                line = dataclasses.replace(line, who="")
                told = Text.from_markup(line.text())
            if told.cell_len > room:
                title = Text(line.title)
                title.truncate(max(8, title.cell_len - told.cell_len + room), overflow="ellipsis")
                told = Text.from_markup(dataclasses.replace(line, title=title.plain).text())
            told.truncate(room, overflow="ellipsis", pad=True)
        if late is not None:
            told.append(f"{late:>{_LATENCY - 3}.1f} ms", "dim")
        told.rstrip()
        self._out.print(told)

    def close(self, outcome: Outcome) -> None:
        """
        Say how it went, and what to do next, on one line; errors before it.
        """
        if self._out.is_terminal:
            self._out.print()  # the terminal has written ^C
        for error in outcome.errors:
            self._out.print(f"[red]![/] {escape(error)}")
        number = len(outcome.latencies)
        late = f", half within {outcome.percentile(0.5):.0f} ms" if outcome.latencies else ""
        arrived = f"{number} {'arrival' if number == 1 else 'arrivals'}{late}. " if outcome.items else ""
        self._out.print(f"{arrived}Yours next: [bold]carrierpost account add ADDRESS[/]")
