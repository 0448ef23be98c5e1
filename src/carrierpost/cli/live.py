"""
What the engine tells, as lines for a person and as values for a program.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from carrierpost.cli.showing import headline
from carrierpost.engine import Committed, Event, Phase, Progressed, Waiting
from carrierpost.model import Change, ChangeKind
from carrierpost.protocol.classes import ApplicationData, ContentClass, Email
from carrierpost.protocol.classes import Event as CalendarEvent
from carrierpost.protocol.text import display_name
from carrierpost.store import NotHeld, Store

__all__ = ["CLASS_NAMES", "Line", "ProgressView", "counted", "line_of"]

CLASS_NAMES = {
    ContentClass.EMAIL: ("mail", "mails"),
    ContentClass.CALENDAR: ("event", "events"),
    ContentClass.CONTACTS: ("contact", "contacts"),
    ContentClass.TASKS: ("task", "tasks"),
    ContentClass.NOTES: ("note", "notes"),
}

_VERBS = {
    ChangeKind.ITEM_ADDED: "new",
    ChangeKind.ITEM_CHANGED: "changed",
    ChangeKind.ITEM_REMOVED: "gone",
    ChangeKind.ITEM_MOVED: "moved",
    ChangeKind.ITEM_LEFT: "left the window",
    ChangeKind.ITEM_SET_ASIDE: "set aside",
    ChangeKind.COLLECTION_ADDED: "new folder",
    ChangeKind.COLLECTION_CHANGED: "folder changed",
    ChangeKind.COLLECTION_REMOVED: "folder gone",
    ChangeKind.COLLECTION_RESYNC: "matched anew",
    ChangeKind.ACCOUNT_ADDED: "new account",
    ChangeKind.ACCOUNT_CHANGED: "account",
    ChangeKind.ACCOUNT_REMOVED: "account gone",
    ChangeKind.POLICY_CHANGED: "policy",
    ChangeKind.OUTBOX_CHANGED: "outbox",
    ChangeKind.DEVICE_CHANGED: "device",
}
_COLOURS = {ChangeKind.ITEM_ADDED: "green", ChangeKind.ITEM_CHANGED: "yellow", ChangeKind.ITEM_REMOVED: "red"}


def counted(number: int, content_class: ContentClass) -> str:
    """
    Say how many items of a class there are: `1 mail`, `80 events`.
    """
    one, many = CLASS_NAMES[content_class]
    return f"{number} {one if number == 1 else many}"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """
    One change, ready to be shown.

    Attributes:
        change: the change.
        what: what happened, a word or two.
        folder: the folder's name.
        who: who wrote a mail; empty otherwise.
        title: subject, name or title.
        detail: what else there is to say.
        received: when the server received a mail.
    """

    change: Change
    what: str
    folder: str
    who: str = ""
    title: str = ""
    detail: str = ""
    received: dt.datetime | None = None

    def text(self, *, latency: str = "") -> str:
        """
        Write it with rich's markup, on one line.
        """
        colour = _COLOURS.get(self.change.kind, "cyan")
        when = f"{self.change.at.astimezone():%H:%M:%S}"
        who = f"[bold]{escape(self.who)}[/]: " if self.who else ""
        detail = f" [dim]({escape(self.detail)})[/]" if self.detail else ""
        late = f"  [dim]{latency}[/]" if latency else ""
        folder = escape(self.folder)
        return f"{when}  [{colour}]{self.what:<8}[/] {folder:<14} {who}{escape(self.title)}{detail}{late}"

    def values(self) -> dict[str, Any]:
        """
        Give it as values for JSON.
        """
        return {
            "number": self.change.number,
            "kind": self.change.kind,
            "at": self.change.at,
            "announce": self.change.announce,
            "folder": self.folder,
            "item": self.change.item_id,
            "from": self.who or None,
            "title": self.title,
            "fields": list(self.change.fields),
            "detail": self.detail,
            "received": self.received,
        }


async def line_of(store: Store, change: Change, known: dict[int, str]) -> Line:
    """
    Look up what a change is about.

    Args:
        store: the open store.
        change: the change.
        known: titles of items seen before, by id; so that what is gone can still be named. It is added to.
    """
    folder = ""
    if change.collection_id is not None:
        try:
            folder = (await store.collection(change.collection_id)).display_name
        except NotHeld:
            folder = change.detail
    what = _VERBS[change.kind]
    if change.item_id is None:
        return Line(change, what, folder, detail=change.detail)
    try:
        data = (await store.item(change.item_id)).data
    except NotHeld:
        return Line(change, what, folder, title=known.get(change.item_id, "an item"), detail=change.detail)
    title = headline(data)
    known[change.item_id] = title
    received = data.date_received if isinstance(data, Email) else None
    return Line(change, what, folder, _writer(data), title, _detail(change, data), received)


def _writer(data: ApplicationData) -> str:
    return display_name(data.from_) if isinstance(data, Email) and data.from_ else ""


_WORDS = {
    "read": "read elsewhere",
    "start_time": "another time",
    "end_time": "another end",
    "location": "another place",
    "flag": "flagged",
    "categories": "categories",
    "exceptions": "one occurrence",
    "last_verb_executed": "answered",
    "last_verb_execution_time": "answered",
    "complete": "done",
    "date_completed": "done",
    "body": "text",
}


def _detail(change: Change, data: ApplicationData) -> str:
    if change.kind is ChangeKind.ITEM_CHANGED:
        if change.fields == ("read",) and isinstance(data, Email):
            return "read elsewhere" if data.read else "marked unread"
        moved = "start_time" in change.fields  # then its end is another one as a matter of course
        named = [name for name in change.fields if not (moved and name == "end_time")]
        return ", ".join(dict.fromkeys(_WORDS.get(name, name.replace("_", " ")) for name in named))
    if change.kind is ChangeKind.ITEM_ADDED and isinstance(data, CalendarEvent) and data.start_time is not None:
        return f"{data.start_time.astimezone():%a %Y-%m-%d %H:%M}"
    return change.detail


class ProgressView:
    """
    Progress bars for a first synchronisation, on standard error; silent where that is no terminal.

    Use it as a context manager, and hand events to it.
    """

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[int, TaskID] = {}
        self._phase: TaskID | None = None

    def __enter__(self) -> ProgressView:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def hear(self, event: Event) -> None:
        """
        Show an event.
        """
        match event:
            case Phase(text):
                if self._phase is None:
                    self._phase = self._bars.add_task(text, total=None)
                self._bars.update(self._phase, description=text)
            case Progressed(collection, done, estimated, finished):
                task = self._tasks.get(collection.id)
                if task is None:
                    task = self._tasks[collection.id] = self._bars.add_task(collection.display_name, total=None)
                total = done if finished else (max(estimated, done) or None)
                self._bars.update(task, completed=done, total=total, visible=not finished or done > 0)
            case Waiting() | Committed():
                pass
