"""
Mail read whole, for a program of one's own: conversations, the source, protected mail, attachments to disk.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from carrierpost.bootstrap import Hub
from carrierpost.engine import AccountRunner
from carrierpost.engine.fetching import fetch_body
from carrierpost.engine.reading import fetch_mime, keep_keyring, keyring_of
from carrierpost.engine.saving import OnProgress, save_attachment
from carrierpost.formats.keyring import Keyring
from carrierpost.formats.letter import Letter, open_letter
from carrierpost.model import Item, ItemBody, Thread
from carrierpost.protocol.classes import Attachment, BodyType
from carrierpost.protocol.text import plain_text

__all__ = ["Reading", "id_of"]

_PAGE = 200


class Reading:
    """
    What a mailbox gives to read; the part of `carrierpost.Mailbox` about single mails and conversations.
    """

    _hub: Hub
    _account_id: int
    _runner: AccountRunner

    async def text(self, item: Item | int) -> str:
        """
        Give an item's text as it is held, HTML made readable; only its beginning where no more was fetched.
        """
        body = await self._hub.store.body(id_of(item))
        return "" if body is None else plain_text(body.data, html=body.type == BodyType.HTML)

    async def fetch(self, item: Item | int) -> ItemBody:
        """
        Fetch an item's whole text and keep it.

        Raises:
            NotHeld: there is no such item.
            NotFetched: the server does not give it.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        return await self._runner.ask(functools.partial(fetch_body, item_id=id_of(item)))

    async def source(self, item: Item | int) -> bytes:
        """
        Fetch a mail as it came, byte by byte (MIME).

        Raises:
            NotHeld: there is no such item.
            NotFetched: it is no mail, or the server does not give it whole.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        return await self._runner.ask(functools.partial(fetch_mime, item_id=id_of(item)))

    async def letter(self, item: Item | int) -> Letter:
        """
        Fetch a mail whole and open it: its text and files, and what its signatures are worth.

        Raises:
            NotHeld, NotFetched, ClientError, ProtocolError: as `source`.
            BadKeyFile: the keys that are kept cannot be read.
        """
        mime = await self.source(item)
        return open_letter(mime, await self.keyring(), now=self._hub.clock.now())

    async def threads(self, collection_id: int | None = None) -> AsyncGenerator[Thread, None]:
        """
        Give the conversations that are held, the one with the newest mail first.

        Args:
            collection_id: the `Folder.id` of a folder, for those with mail in it.
        """
        last: Item | None = None
        while True:
            page = await self._hub.store.threads(self._account_id, collection_id=collection_id, limit=_PAGE, after=last)
            for one in page:
                yield one
            if len(page) < _PAGE:
                return
            last = page[-1].newest

    async def thread(self, item: Item | int) -> tuple[Item, ...]:
        """
        Give the conversation that a mail belongs to, from all folders, oldest first.

        Raises:
            NotHeld: there is no such item.
        """
        return await self._hub.store.thread(id_of(item))

    async def save_attachment(
        self,
        item: Item | int,
        which: Attachment | str,
        folder: str | Path,
        *,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """
        Save an attachment as a file of its name while it comes in, however large; nothing is overwritten.

        Args:
            item: the item that it is attached to.
            which: one of the item's `data.attachments`, or its file reference.
            folder: the directory; made if it is not there.
            on_progress: hears how far it is (`FileProgress`), often.

        Returns:
            The file, complete.

        Raises:
            NotHeld: there is no such item.
            NotFetched: the server does not give it, its policy forbids it, or it cannot be written.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        reference = which if isinstance(which, str) else which.file_reference or ""
        save = functools.partial(save_attachment, item_id=id_of(item), file_reference=reference, folder=Path(folder))
        return await self._runner.ask(save if on_progress is None else functools.partial(save, on_progress=on_progress))

    async def keyring(self) -> Keyring:
        """
        Give the account's keys and certificates for signed and encrypted mail.

        Raises:
            BadKeyFile: what is kept cannot be read.
        """
        return await keyring_of(self._hub.store, self._account_id)

    async def change_keyring(self, change: Callable[[Keyring], Keyring]) -> Keyring:
        """
        Change the account's keys and certificates; they are kept encrypted.

        Args:
            change: gives the new keyring for the one that is held, as `lambda held: held.joined(other)`.

        Raises:
            BadKeyFile: what is kept cannot be read.
        """
        return await keep_keyring(self._hub.store, self._account_id, change)


def id_of(item: Item | int) -> int:
    """
    Give the id of an item, or the id itself.
    """
    return item if isinstance(item, int) else item.id
