"""
What happens to a mailbox while a hub watches it: by other devices, by administrators, by a server that loses its mind.

An act is plain data: what, where, which, and a number that decides the rest. Places are counted modulo what there is,
so every act makes sense in every mailbox, and a story of acts can be cut anywhere.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

from carrierpost.protocol.classes import Event, EventException
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import SPECIAL_FOLDERS, Mailbox, MailboxFolder, MailboxItem
from tests.support.things import changed, make

__all__ = ["ACTS", "Act", "World"]

_KINDS = (FolderType.USER_MAIL, FolderType.USER_CALENDAR, FolderType.USER_CONTACTS, FolderType.USER_TASKS)
_SPECIAL = {kind for name, kind in SPECIAL_FOLDERS if name != "Junk Email"}


@dataclasses.dataclass(frozen=True)
class Act:
    """
    Something that somebody does.

    Attributes:
        what: its name, one of `ACTS`.
        where: which folder.
        which: which item of it.
        number: decides the rest.
    """

    what: str
    where: int = 0
    which: int = 0
    number: int = 0


class World:
    """
    A mailbox, and what may be done to it.

    Args:
        server: its server.
        mailbox: the mailbox.
        now: tells the time.

    Attributes:
        renumbered: server ids of folders whose items got new ids since somebody last looked.
        changes: how often the content of an item was changed, by item.
    """

    def __init__(self, server: ExchangeServer, mailbox: Mailbox, now: Callable[[], dt.datetime]) -> None:
        self.renumbered: set[str] = set()
        self.changes: dict[MailboxItem, int] = {}
        self._server = server
        self._mailbox = mailbox
        self._now = now
        self._made = 0

    def apply(self, act: Act) -> None:
        """
        Let something happen.
        """
        ACTS[act.what](self, act)

    # -- choosing

    def _folders(self) -> list[MailboxFolder]:
        return [one for one in self._mailbox.folders.values() if one.content_class is not None]

    def _folder(self, act: Act) -> MailboxFolder:
        folders = self._folders()
        return folders[act.where % len(folders)]

    def _filled(self) -> list[MailboxFolder]:
        return [one for one in self._folders() if one.items]

    def _item(self, act: Act) -> tuple[MailboxFolder, MailboxItem] | None:
        filled = self._filled()
        if not filled:
            return None
        folder = filled[act.where % len(filled)]
        return folder, list(folder.items.values())[act.which % len(folder.items)]

    def _own_folder(self, act: Act) -> MailboxFolder | None:
        own = [one for one in self._mailbox.folders.values() if one.type not in _SPECIAL]
        return own[act.where % len(own)] if own else None

    def _time(self) -> dt.datetime:
        return self._now().replace(microsecond=0)

    # -- acts on items

    def _deliver(self, act: Act) -> None:
        self._made += 1
        self._mailbox.deliver(f"Mail {self._made}", "It has just come.", received=self._time())

    def _add(self, act: Act) -> None:
        folder = self._folder(act)
        assert folder.content_class is not None
        for offset in range(1 + 11 * (act.which % 4 == 3)):
            self._made += 1
            text = f"Thing {self._made}" + ("\x07 odd" if act.number % 7 == 6 else "")
            self._mailbox.add(folder, make(folder.content_class, act.number + offset, text, self._time()))

    def _twin(self, act: Act) -> None:
        if (found := self._item(act)) is not None:
            self._mailbox.add(found[0], found[1].data)

    def _change(self, act: Act) -> None:
        if (found := self._item(act)) is not None:
            folder, item = found
            values = changed(item.data, act.number, self._time())
            self._mailbox.change(folder, item, **values)
            self.changes[item] = self.changes.get(item, 0) + 1

    def _touch(self, act: Act) -> None:
        if (found := self._item(act)) is not None:
            self._mailbox.touch(*found)

    def _occurrence(self, act: Act) -> None:
        for folder, item in self._mailbox.all_items():
            if isinstance(item.data, Event) and item.data.recurrence is not None and item.data.start_time is not None:
                slot = item.data.start_time + dt.timedelta(days=14 * (act.which % 5))
                one = EventException(exception_start_time=slot, deleted=True) if act.number % 2 else EventException(
                    exception_start_time=slot, subject=f"Other {act.number}", start_time=slot + dt.timedelta(hours=1)
                )  # fmt: skip
                others = [old for old in item.data.exceptions or () if old.exception_start_time != slot]
                self._mailbox.change(folder, item, exceptions=(*others, one))
                self.changes[item] = self.changes.get(item, 0) + 1
                return

    def _delete(self, act: Act) -> None:
        if (found := self._item(act)) is not None:
            self._mailbox.delete(*found)

    def _empty(self, act: Act) -> None:
        folder = self._folder(act)
        for item in list(folder.items.values()):
            self._mailbox.delete(folder, item)

    def _move(self, act: Act) -> None:
        if (found := self._item(act)) is not None:
            folder, item = found
            targets = [one for one in self._folders() if one.content_class is folder.content_class]
            self._mailbox.move(folder, item, targets[act.number % len(targets)])

    # -- acts on folders

    def _create_folder(self, act: Act) -> None:
        self._made += 1
        parents = ["0", *(one.server_id for one in self._mailbox.folders.values() if one.type in _KINDS)]
        parent_id = parents[act.where % len(parents)]
        kind = _KINDS[act.number % len(_KINDS)]
        self._mailbox.create_folder(f"Folder {self._made}", kind, parent_id)

    def _rename_folder(self, act: Act) -> None:
        if (folder := self._own_folder(act)) is not None:
            self._made += 1
            self._mailbox.rename_folder(folder, f"Folder {self._made}")

    def _move_folder(self, act: Act) -> None:
        if (folder := self._own_folder(act)) is not None:
            above = [one for one in self._mailbox.folders.values() if not self._is_below(one, folder)]
            parents = ["0", *(one.server_id for one in above)]
            self._mailbox.rename_folder(folder, folder.display_name, parents[act.number % len(parents)])

    def _is_below(self, one: MailboxFolder, other: MailboxFolder) -> bool:
        while one is not other:
            if one.parent_id not in self._mailbox.folders:
                return False
            one = self._mailbox.folders[one.parent_id]
        return True

    def _delete_folder(self, act: Act) -> None:
        if (folder := self._own_folder(act)) is not None:
            self._mailbox.delete_folder(folder)

    # -- acts of the server on itself

    def _renumber(self, act: Act) -> None:
        """
        Give a folder's items new ids, as after a restore; odd numbers give the old ids to other items.
        """
        if not self._filled():
            return
        folder = self._filled()[act.where % len(self._filled())]
        items = list(folder.items.values())
        ids = [one.server_id for one in items]
        fresh = [f"{folder.server_id}:{next(folder.numbers)}" for _ in items]
        names = ids[1:] + ids[:1] if act.number % 2 else fresh
        for item, name in zip(items, names, strict=True):
            item.server_id = name
        folder.items = {one.server_id: one for one in items}
        for device in self._server.devices.values():
            device.collections.pop(folder.server_id, None)
        self.renumbered.add(folder.server_id)
        self._mailbox.touch(folder, items[0])

    def _forget_device(self, act: Act) -> None:
        """
        Forget how far the device is, in all folders and in the folder list.
        """
        for device in self._server.devices.values():
            device.collections.clear()
            device.hierarchy_key, device.previous_hierarchy, device.folders = 0, None, {}

    def _change_policy(self, act: Act) -> None:
        from carrierpost.protocol.policy import ProvisioningDocument

        document = ProvisioningDocument(min_device_password_length=1 + act.number % 9)
        self._server.enforce = act.number % 3 > 0
        self._server.set_policy(document if act.number % 4 else None)

    def _limit(self, act: Act) -> None:
        """
        Change what the server allows of a Ping.
        """
        self._server.heartbeat_limits = ((60, 3540), (60, 300), (600, 3540), (120, 900))[act.number % 4]
        self._server.most_ping_folders = (200, 3, 8)[act.number % 3]


ACTS: dict[str, Callable[[World, Act], None]] = {
    "deliver": World._deliver,
    "add": World._add,
    "twin": World._twin,
    "change": World._change,
    "touch": World._touch,
    "occurrence": World._occurrence,
    "delete": World._delete,
    "empty": World._empty,
    "move": World._move,
    "create folder": World._create_folder,
    "rename folder": World._rename_folder,
    "move folder": World._move_folder,
    "delete folder": World._delete_folder,
    "renumber": World._renumber,
    "forget device": World._forget_device,
    "change policy": World._change_policy,
    "limit": World._limit,
}
"""All acts by name."""
