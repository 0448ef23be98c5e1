"""
An open mailbox: what it holds, what arrives, what a person does to it, and what only its server knows.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import AsyncGenerator, Sequence
from email.message import EmailMessage
from typing import Any

from carrierpost.bootstrap import Hub
from carrierpost.engine import AccountRunner, Editor
from carrierpost.engine.away import change_oof, read_oof
from carrierpost.engine.folders import ROOT, create_folder, find_folder, known_folders, remove_folder, rename_folder
from carrierpost.engine.looking import Busy, Found, find_mail, find_people, look_up_busy, new_search_id
from carrierpost.formats.letter import protect_message
from carrierpost.library.reading import Reading, id_of
from carrierpost.library.sending import completed, send_now
from carrierpost.library.watching import Watching
from carrierpost.model import Account, Change, Collection, Item, SearchHit
from carrierpost.protocol.classes import ApplicationData, Attachment, ContentClass
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.commands.oof import Oof

__all__ = ["Folder", "Mailbox"]

Folder = Collection
"""A folder as it is held: `id`, `display_name`, `type`, `content_class`, `progress`, `note`."""

_PAGE = 200


class Mailbox(Reading):
    """
    A mailbox that `carrierpost.connect` has opened.

    What is read (`folders`, `items`, `search`) is what is held here, and asks nobody; `sync` and `watch` bring it up to
    date. What is done to items takes effect here at once; the server is told by the next `sync`, or at once while
    somebody watches. `send`, `search_server`, `people`, `busy`, out of office and changes of folders ask the server
    there and then.

    Wherever a folder is wanted, its path or name (`"Inbox/Projects"`), its `FolderType`, or the `Folder` itself will
    do; special folders are also known by what they are (`"sent items"`), whatever the server calls them.

    Attributes:
        address: the mail address.
        editor: what can be done to items, in full; the methods here are the common part of it.
    """

    def __init__(self, hub: Hub, account: Account, runner: AccountRunner) -> None:
        self.address = account.address
        self._hub = hub
        self._store = hub.store
        self._account_id = account.id
        self._runner = runner
        self._watching = Watching(hub.store, account.id, runner)
        self.editor: Editor = hub.editor(account.id, wake=runner.wake)

    async def close(self) -> None:
        """
        End what runs; `carrierpost.connect` does it.
        """
        await self._watching.close()

    async def account(self) -> Account:
        """
        Give the account as it is now: its server, the version spoken, its state and the reason for it.
        """
        return await self._store.account(self._account_id)

    # -- up to date

    async def sync(self) -> tuple[str, ...]:
        """
        Bring everything up to date once: tell the server what was done here, and fetch what is new there.

        Returns:
            A sentence for each folder that could not be synchronized; none when all is well.

        Raises:
            AccountStopped: a person has to do something first.
            AccountWaits: the server asked to be left alone.
            ClientError: it could not be reached.
            ProtocolError: it refused.
        """
        async with self._watching.paused():
            return await self._runner.sync_once()

    def watch(self, *, after: int | None = None) -> AsyncGenerator[Change, None]:
        """
        Stay connected, keep everything up to date, and give each change as it is committed; for ever.

        Several may watch at the same time; there is one connection. What a first synchronisation brings are changes,
        too, but no news: `Change.announce` is false then.

        Args:
            after: begin with the change after this number (`Change.number`, `Account.feed_position`), as a program that
                keeps its mailbox does after a pause; with what comes after the first `anext` unless given.

        Raises:
            AccountStopped: a person has to do something first, or the account is no longer held.
        """
        return self._watching.changes(after)

    # -- what is held

    async def folders(self) -> tuple[Folder, ...]:
        """
        List the folders; the server is asked for them if it never was.

        Raises:
            ClientError: it could not be reached.
            ProtocolError: it refused.
        """
        if (await self.account()).hierarchy_key == "0":
            return await self._runner.ask(known_folders)
        return await self._store.collections(self._account_id)

    async def folder(self, which: str | FolderType | Folder) -> Folder:
        """
        Give a folder as it is now.

        Raises:
            FolderRefused: there is none of this name or type, or several; says which there are.
            NotHeld: it is gone.
        """
        if isinstance(which, Collection):
            return await self._store.collection(which.id)
        text = which.name.lower().replace("_", " ") if isinstance(which, FolderType) else which
        if isinstance(which, FolderType):
            for one in await self.folders():
                if one.type is which:
                    return one
        return find_folder(text, await self.folders())

    async def items(
        self, folder: str | FolderType | Folder | None = None, *, kind: ContentClass | None = None
    ) -> AsyncGenerator[Item, None]:
        """
        Give what is held: mail newest first, events by start, contacts, tasks and notes by name.

        Args:
            folder: only of this folder.
            kind: only of this class.

        Raises:
            FolderRefused: there is no such folder.
        """
        chosen = None if folder is None else (await self.folder(folder)).id
        last: Item | None = None
        while True:
            page = await self._store.items(
                self._account_id, collection_id=chosen, content_class=kind, limit=_PAGE, after=last
            )
            for item in page:
                yield item
            if len(page) < _PAGE:
                return
            last = page[-1]

    async def item(self, item_id: int) -> Item:
        """
        Give one item.

        Raises:
            NotHeld: there is none of this id.
        """
        return await self._store.item(item_id)

    async def search(self, words: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """
        Find items that are held by words in any of their texts, newest first.
        """
        return await self._store.search(self._account_id, words, limit=limit)

    # -- from the server

    async def attachment(self, item: Item | int, which: Attachment | str) -> bytes:
        """
        Fetch an attachment.

        Args:
            item: the item that it is attached to.
            which: one of the item's `data.attachments`, or its file reference.

        Raises:
            NotHeld: there is no such item.
            NotFetched: the server does not give it, or its policy forbids it.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        reference = which if isinstance(which, str) else which.file_reference or ""
        return (await self._runner.fetch_attachment(id_of(item), reference)).content or b""

    async def search_server(
        self, words: str, *, folder: str | FolderType | Folder | None = None, limit: int | None = None
    ) -> AsyncGenerator[Found, None]:
        """
        Find mail at the server, page by page, also what is not held here.

        Args:
            words: what is looked for.
            folder: only in this one and those below it.
            limit: at most so many.

        Raises:
            FolderRefused: there is no such folder.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        chosen = None if folder is None else await self.folder(folder)
        search_id, first, given = new_search_id(self._hub.chance), 0, 0
        while True:
            page = await self._runner.ask(
                functools.partial(find_mail, words=words, collection=chosen, first=first, search_id=search_id)
            )
            for one in page.found:
                if given == limit:
                    return
                given += 1
                yield one
            if page.following is None:
                return
            first = page.following

    async def people(self, text: str, *, pictures: PictureLimits | None = None) -> AsyncGenerator[GALEntry, None]:
        """
        Find people in the server's address list, page by page.

        Args:
            text: how a word of their name, address and so on begins.
            pictures: their pictures are wanted, within limits (14.1 and later).

        Raises:
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        search_id, first = new_search_id(self._hub.chance), 0
        while True:
            page = await self._runner.ask(
                functools.partial(find_people, text=text, first=first, pictures=pictures, search_id=search_id)
            )
            for one in page.found:
                yield one
            if page.following is None:
                return
            first = page.following

    async def busy(self, addresses: Sequence[str], start: dt.datetime, end: dt.datetime) -> tuple[Busy, ...]:
        """
        Ask when people are free (14.0 and later).

        Args:
            addresses: names or addresses, 1 to 100.
            start: from when on, best a full half hour.
            end: until when, at most 42 days later.

        Raises:
            ValueError: the time is none.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        return await self._runner.ask(functools.partial(look_up_busy, addresses=addresses, start=start, end=end))

    async def out_of_office(self) -> Oof:
        """
        Ask how mail is answered while the person is away.

        Raises:
            NoOof: the server does not tell.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        return await self._runner.ask(read_oof)

    async def set_out_of_office(self, wanted: Oof) -> None:
        """
        Have mail answered like this from now on.

        Raises:
            NoOof: the server does not take it.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        await self._runner.ask(functools.partial(change_oof, wanted=wanted))

    # -- done by a person

    async def send(
        self,
        message: EmailMessage | bytes,
        *,
        save_in_sent: bool = True,
        sign: bool = False,
        encrypt: bool = False,
    ) -> None:
        """
        Send a message now.

        Args:
            message: with its recipients, and text in any form. A date and a message id are added where they are
                missing; the sender is the server's to set.
            save_in_sent: whether the server keeps a copy in Sent Items.
            sign: sign it with the key in `keyring`.
            encrypt: encrypt it for all recipients, whose certificates are in `keyring`.

        Raises:
            CannotProtect: a key or certificate is missing; nothing was sent.
            EditRefused: the server refused the message; says why.
            SendUnsure: the answer was lost. The next `sync` looks for the message in Sent Items; it is not sent again.
            ClientError, ProtocolError: the server could not be asked; the message did not go out.
        """
        mime = message if isinstance(message, bytes) else completed(message, self.address, self._hub)
        if sign or encrypt:
            keyring, now, chance = await self.keyring(), self._hub.clock.now(), self._hub.chance.randbytes(16)
            mime = protect_message(mime, keyring, sign=sign, encrypt=encrypt, now=now, chance=chance)
        async with self._watching.paused():
            await send_now(self._store, self._runner, self.editor, mime, save_in_sent=save_in_sent)

    async def add(self, folder: str | FolderType | Folder, data: ApplicationData) -> Item:
        """
        Make a contact, an event, a task, a note or a draft (16.0 and later). Attendees of a new event are invited.

        Raises:
            EditRefused: the folder does not take such items.
            FolderRefused: there is no such folder.
        """
        edited = await self.editor.add((await self.folder(folder)).id, data)
        assert edited.item is not None
        return edited.item

    async def change(self, item: Item | int, **values: Any) -> Item:
        """
        Change properties of an item by name; `None` removes one.

        Raises:
            EditRefused: the protocol cannot say this change.
            NotHeld: there is no such item.
        """
        edited = await self.editor.change(id_of(item), **values)
        assert edited.item is not None
        return edited.item

    async def mark_read(self, item: Item | int, read: bool = True) -> None:
        """
        Mark a mail as read or unread.
        """
        await self.editor.mark_read(id_of(item), read)

    async def flag(self, item: Item | int, on: bool = True) -> None:
        """
        Flag a mail for follow-up, or take the flag away.
        """
        await (self.editor.flag(id_of(item)) if on else self.editor.flag(id_of(item), None))

    async def move(self, item: Item | int, folder: str | FolderType | Folder) -> None:
        """
        Put an item into another folder of its class.

        Raises:
            EditRefused: the folder does not take it.
            FolderRefused: there is no such folder.
        """
        await self.editor.move(id_of(item), (await self.folder(folder)).id)

    async def respond(
        self,
        item: Item | int,
        response: UserResponse,
        *,
        reply: bool | None = None,
        text: str = "",
        occurrence: dt.datetime | None = None,
        proposed: tuple[dt.datetime, dt.datetime] | None = None,
    ) -> None:
        """
        Answer a meeting, from the request in the Inbox or the event in the calendar; the organizer alone is mailed.

        Args:
            item: the request or the event.
            response: accepted, tentative or declined.
            reply: whether the organizer is told; unless given, if they asked for it.
            text: what is said to the organizer.
            occurrence: the start by the pattern of the one occurrence that is meant (14.1 and later).
            proposed: another start and end that the person would like; not together with an acceptance.

        Raises:
            EditRefused: it is nothing that can be answered, or not so; says why.
            NotHeld: there is no such item.
        """
        await self.editor.respond(
            id_of(item), response, reply=reply, text=text, occurrence=occurrence, proposed=proposed
        )

    async def delete(self, item: Item | int, *, permanent: bool = False) -> None:
        """
        Delete an item; a mail goes to Deleted Items unless it is deleted for ever or is there already, and a meeting of
        one's own is called off.
        """
        await self.editor.delete(id_of(item), permanent=permanent)

    async def accept_empty(self, folder: str | FolderType | Folder) -> None:
        """
        Believe the server that everything in a folder is gone (`Folder.doubt`); it goes here with the next `sync`.

        Raises:
            EditRefused: the server says nothing of the kind.
            FolderRefused: there is no such folder.
        """
        await self.editor.accept((await self.folder(folder)).id)

    async def refuse_empty(self, folder: str | FolderType | Folder) -> None:
        """
        Keep what is held of a folder though the server says that everything in it is gone.

        Raises:
            EditRefused: the server says nothing of the kind.
            FolderRefused: there is no such folder.
        """
        await self.editor.refuse((await self.folder(folder)).id)

    async def create_folder(
        self, name: str, *, parent: str | FolderType | Folder | None = None, holds: ContentClass = ContentClass.EMAIL
    ) -> Folder:
        """
        Make a folder, inside another one or at the top.

        Raises:
            FolderRefused: the server refuses; says why.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        above = None if parent is None else await self.folder(parent)
        return await self._runner.ask(functools.partial(create_folder, name=name, parent=above, holds=holds))

    async def rename_folder(self, folder: str | Folder, name: str) -> Folder:
        """
        Rename a folder that somebody made.

        Raises:
            FolderRefused: it belongs to the mailbox, or the server refuses.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        return await self._runner.ask(functools.partial(rename_folder, folder=await self.folder(folder), name=name))

    async def move_folder(self, folder: str | Folder, parent: str | FolderType | Folder | None) -> Folder:
        """
        Put a folder with all that is in it into another one, or at the top with `None`.

        Raises:
            FolderRefused: it belongs to the mailbox, would go into itself, or the server refuses.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        above = ROOT if parent is None else await self.folder(parent)
        return await self._runner.ask(functools.partial(rename_folder, folder=await self.folder(folder), parent=above))

    async def delete_folder(self, folder: str | Folder) -> None:
        """
        Delete a folder with all that is in it, for ever.

        Raises:
            FolderRefused: it belongs to the mailbox, or the server refuses.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        await self._runner.ask(functools.partial(remove_folder, folder=await self.folder(folder)))
