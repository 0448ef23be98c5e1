"""
The server in a thread of its own, for programs and tests that have no event loop, or another one.

    with BackgroundExchange() as exchange:
        exchange.deliver("alice", "Tea?", "At four.")
        exchange.ask_for("http(503, Retry-After: 20) on Sync")
        ...                                       # a client at exchange.url, as exchange.users["alice@..."]

Everything that touches mailboxes happens in the server's thread, so that nothing is seen half done.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from carrierpost.protocol.classes import ApplicationData
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server.exchange import ExchangeServer
from carrierpost.server.faults import Fault, parse_fault
from carrierpost.server.front import Handled
from carrierpost.server.policies import POLICIES
from carrierpost.server.serve import Serving, serving

__all__ = ["DEFAULT_USERS", "BackgroundExchange"]

T = TypeVar("T")

DEFAULT_USERS = {"alice@exchange.example": "alice's password", "bob@exchange.example": "bob's password"}
"""Who is there unless others are named: addresses and passwords."""


class BackgroundExchange:
    """
    A running server; a context manager.

    Args:
        users: addresses and passwords.
        versions: the versions offered, `"14.1"` or as `Version`; all unless they are named.
        policy: a device policy, or the name of one of `carrierpost.server.policies.POLICIES`; it is enforced.
        host: where it listens.
        port: on which port; 0 takes a free one.
        certificate: a PEM file with the certificate chain, for HTTPS.
        key: a PEM file with its key.
        seed: makes keys and chances the same in each run.
        options: further arguments of `ExchangeServer`.

    Attributes:
        server: the server. Use `call` to do to it what there is no method for here.
        users: addresses and passwords.
        handled: every request that was answered, or was not, in order.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        versions: Iterable[str | Version] | None = None,
        policy: ProvisioningDocument | str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Path | None = None,
        key: Path | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        if versions is not None:
            options["versions"] = [Version.parse(one) if isinstance(one, str) else one for one in versions]
        if policy is not None:
            options |= {"policy": POLICIES[policy] if isinstance(policy, str) else policy, "enforce": True}
        self.users = dict(DEFAULT_USERS if users is None else users)
        self.handled: list[Handled] = []
        self.server = ExchangeServer(chance=random.Random(seed), **options)
        self.server.on_handled = self.handled.append
        self._where = {"host": host, "port": port, "certificate": certificate, "key": key}
        self._thread = threading.Thread(target=self._run, name="carrierpost-exchange", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._serving: Serving | None = None
        self._failed: BaseException | None = None

    def __enter__(self) -> BackgroundExchange:
        """
        Start.

        Raises:
            OSError: it cannot listen there.
            ValueError: certificate or key cannot be used.
        """
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """
        Stop, with all that is held; stopping twice does nothing.
        """
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # handed to whoever waits for the start
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        for address, password in self.users.items():
            self.server.add_user(address, password)
        async with serving(self.server, **self._where) as self._serving:  # type: ignore[arg-type] # of four kinds
            self._ready.set()
            await self._stop.wait()

    # -- where it is

    @property
    def url(self) -> str:
        """
        The address of its ActiveSync.
        """
        assert self._serving is not None, "the server runs inside `with` only"
        return self._serving.url

    @property
    def origin(self) -> str:
        """
        Scheme, host and port.
        """
        assert self._serving is not None, "the server runs inside `with` only"
        return self._serving.origin

    # -- what may be done to it

    def call(self, act: Callable[[], T]) -> T:
        """
        Do something in the server's thread, and wait until it is done.

        Args:
            act: a function without arguments.

        Returns:
            What it returns.
        """
        assert self._loop is not None, "the server runs inside `with` only"

        async def acted() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result()

    def address(self, user: str) -> str:
        """
        Give the address of a user who may be named by its first part.

        Raises:
            KeyError: there is none.
        """
        for known in self.users:
            if user.lower() in (known.lower(), known.lower().partition("@")[0]):
                return known.lower()
        raise KeyError(f"there is no user {user!r}; known: {', '.join(self.users)}")

    def deliver(self, user: str, subject: str, text: str = "", **values: Any) -> str:
        """
        Put a mail into a user's Inbox.

        Args:
            user: address, or its first part.
            subject: its subject.
            text: its text.
            values: as `Mailbox.deliver` takes them: `sender`, `html=True`, properties of the mail.

        Returns:
            Its server id.
        """
        mailbox = self.server.mailbox(self.address(user))
        return self.call(lambda: mailbox.deliver(subject, text, **values).server_id)

    def add(self, user: str, folder: FolderType | str, data: ApplicationData) -> str:
        """
        Put an item into a folder: a contact, an event, a task, a note.

        Returns:
            Its server id.
        """
        mailbox = self.server.mailbox(self.address(user))
        return self.call(lambda: mailbox.add(mailbox.folder(folder), data).server_id)

    def items(self, user: str, folder: FolderType | str) -> list[ApplicationData]:
        """
        List what is in a folder.
        """
        mailbox = self.server.mailbox(self.address(user))
        return self.call(lambda: [one.data for one in mailbox.folder(folder).items.values()])

    def ask_for(self, fault: Fault | str, **options: Any) -> None:
        """
        Ask for a fault, as a line of text or as a `Fault` with the options of `Faults.add`.

        Raises:
            ValueError: there is no such fault.
        """
        if isinstance(fault, str):
            fault, said = parse_fault(fault)
            options = said | options
        found = fault
        self.call(lambda: self.server.faults.add(found, **options))

    def clear_faults(self) -> None:
        """
        Let everything work again.
        """
        self.call(self.server.faults.clear)
