"""
From an address to an open mailbox, with a store on disk or without.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

from carrierpost.bootstrap import Hub, SetupError, open_hub, open_hub_in_memory
from carrierpost.engine import EngineSettings
from carrierpost.library.mailbox import Mailbox
from carrierpost.model import Account
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version

__all__ = ["connect"]


@contextlib.asynccontextmanager
async def connect(
    address: str,
    *,
    password: str | Secret | None = None,
    server: str | None = None,
    login: str | None = None,
    home: str | Path | None = None,
    device: str = "",
    version: str | Version | None = None,
    ca_file: str | Path | None = None,
    time_zone: str | None = None,
    trace: str | Path | None = None,
    veil: bool = False,
    settings: EngineSettings | None = None,
    clock: Clock | None = None,
    chance: random.Random | None = None,
) -> AsyncIterator[Mailbox]:
    """
    Open a mailbox, as an asynchronous context manager: `async with carrierpost.connect(address, ...) as mailbox`.

    Args:
        address: the mail address.
        password: its password. May be left out when `home` keeps the account already; what is kept is used then.
        server: host name or address of the server; it is looked for (Autodiscover) unless given.
        login: the login name, if it is not the address.
        home: a directory in which the mailbox is kept, encrypted, and which the command line may share
            (`CARRIERPOST_HOME`). Without one everything is held in memory, and forgotten at the end.
        device: without a home: tells apart programs that work on one account at the same time.
        version: speak only this protocol version, as `"14.1"`; the newest that both sides know unless given.
        ca_file: a file with further authorities to trust.
        time_zone: the person's zone, an IANA name; this machine's unless given.
        trace: a directory in which every exchange with the server is written, secrets removed.
        veil: make texts that people wrote unreadable in it.
        settings: what may be tuned.
        clock: the time; the machine's unless given.
        chance: makes ids and spreads pauses; the machine's unless given.

    Raises:
        SetupError: the server's address cannot be used, there is no password, or another process has the account.
        StoreError: what is kept cannot be opened.
        ClientError: the server was not found or could not be reached.
        ProtocolError: it refused, or there is no such version; an `HTTPStatusError` with status 401 means that it did
            not accept name or password.
    """
    wanted = Version.parse(version) if isinstance(version, str) else version
    where = None if trace is None else Path(trace)
    opening = (
        open_hub_in_memory(trace=where, veil=veil, device=device, clock=clock, chance=chance)
        if home is None
        else open_hub(home=Path(home), trace=where, veil=veil, clock=clock, chance=chance)
    )
    async with opening as hub:
        account = await _held(hub, address)
        if account is None:
            if password is None:
                raise SetupError(f"{address} is not kept here yet; a password is needed to add it")
            added = await hub.add_account(
                address,
                password if isinstance(password, Secret) else Secret(password),
                url=server,
                login=login,
                ca_file=str(ca_file) if ca_file is not None else None,
                version=wanted,
                time_zone=time_zone,
            )
            account = added.account
        async with hub.runner(account, settings=settings) as runner:
            mailbox = Mailbox(hub, account, runner)
            try:
                yield mailbox
            finally:
                await mailbox.close()


async def _held(hub: Hub, address: str) -> Account | None:
    for account in await hub.store.accounts():
        if account.address.casefold() == address.casefold():
            return account
    return None
