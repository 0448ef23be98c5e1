"""
A store, and what is needed to work on its accounts: added, logged in, run, edited.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from carrierpost.bootstrap.addresses import server_url
from carrierpost.bootstrap.errors import SetupError
from carrierpost.bootstrap.home import write_private
from carrierpost.bootstrap.locks import Locks, Purpose
from carrierpost.bootstrap.logins import StoreKeeper, as_logged_in, keep_login, kept_login
from carrierpost.bootstrap.partnership import USER_AGENT
from carrierpost.bootstrap.servers import DISCOVERED, FOUND_BY, NAMED, Servers
from carrierpost.bootstrap.zone import machine_zone
from carrierpost.client.login.challenges import offered
from carrierpost.client.login.kept import Kept, LoginFacts
from carrierpost.client.login.wishes import PasswordWish, Wish
from carrierpost.client.session import Session
from carrierpost.client.trace import Trace
from carrierpost.engine import AccountRunner, Editor, EngineSettings, Event, Gate
from carrierpost.model import Account, AccountState, NewAccount, Secret
from carrierpost.policy import Capabilities
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import Version, choose_version
from carrierpost.store import AlreadyHeld, Store

__all__ = ["Added", "Hub"]


@dataclasses.dataclass(frozen=True, slots=True)
class Added:
    """
    An account that was added.

    Attributes:
        account: as it is kept.
        version: the protocol version that is spoken with its server.
        how: how the server was found, in words.
        login: how it is logged in.
        offers: ways to log in that the server offers; empty when it did not say.
    """

    account: Account
    version: Version
    how: str
    login: LoginFacts
    offers: tuple[str, ...] = ()


class Hub:
    """
    A store, and what is needed to work on its accounts.

    Args:
        home: the directory below which everything lives, or `None` where nothing is kept.
        store: what is kept.
        clock: the time.
        chance: spreads pauses.
        trace: records every exchange, or `None`.
        seed: what device ids are made from without a home; with one, a secret there.
    """

    def __init__(
        self,
        home: Path | None,
        store: Store,
        *,
        clock: Clock,
        chance: random.Random,
        trace: Trace | None = None,
        seed: str = "",
    ) -> None:
        self.home = home
        self.store = store
        self.clock = clock
        self.chance = chance
        self.capabilities = Capabilities()
        self._servers = Servers(clock, self.capabilities, trace)
        self._seed = seed
        self._locks = Locks(home)

    async def add_account(
        self,
        address: str,
        proof: Secret | Wish,
        *,
        url: str | None = None,
        login: str | None = None,
        ca_file: str | None = None,
        version: Version | None = None,
        time_zone: str | None = None,
    ) -> Added:
        """
        Find an account's server, log in once, and keep the account.

        Args:
            address: the mail address.
            proof: how to log in; a `Secret` alone is a password. What comes of it is kept encrypted.
            url: the server; Autodiscover is asked unless given.
            login: the login name, if it is not the address.
            ca_file: a file with further authorities to trust.
            version: speak only this protocol version.
            time_zone: the person's zone, an IANA name; this machine's unless given.

        Raises:
            AlreadyHeld: the address is held already.
            SetupError: the server's address cannot be used.
            ClientError: the server was not found or could not be reached, or does not take this login.
            ProtocolError: it refused; nothing is kept then.
        """
        if any(one.address.casefold() == address.casefold() for one in await self.store.accounts()):
            raise AlreadyHeld(f"{address} is held already; remove it first with: carrierpost account remove {address}")
        how = "as you named it"
        wish = PasswordWish(password=proof) if isinstance(proof, Secret) else proof
        if url is not None:
            endpoint = server_url(url)
        else:
            found = await self._servers.discover(
                address, login, wish.password if isinstance(wish, PasswordWish) else None, ca_file=ca_file
            )
            endpoint, login, how = found.url, found.login, found.how
        wanted = NewAccount(
            address=address,
            login=login or address,
            url=endpoint,
            device_id=self._device_id(address),
            user_agent=USER_AGENT,
            pinned_version=version,
            ca_file=ca_file,
            time_zone=time_zone or machine_zone(),
        )
        header, keeper = await self._servers.fulfil(wanted, wish)
        facts, wanted = await self._servers.greet(as_logged_in(wanted, keeper.kept, typed=login), keeper)
        account = await self.store.add_account(wanted)
        await keep_login(self.store, account, keeper.kept)
        chosen = choose_version(facts.versions, pinned=version)
        found_by = NAMED if url is not None else DISCOVERED
        account = await self.store.update_account(account.id, version=chosen, server={FOUND_BY: found_by})
        return Added(account, chosen, how, LoginFacts.of(keeper.kept), offered(header))

    async def log_in(self, account: Account, proof: Secret | Wish, *, login: str | None = None) -> LoginFacts:
        """
        Give an account another login, of the same kind or of another, once the server has accepted it.

        An account that was stopped is active again then.

        Args:
            account: the account.
            proof: how to log in; a `Secret` alone is a password.
            login: the login name, if it changes.

        Raises:
            SetupError: the account was wiped.
            ClientError: the server could not be reached, or does not take this login.
            ProtocolError: it refused; the old login is kept then.
        """
        if account.state is AccountState.WIPED:
            raise SetupError(f"{account.address} was wiped by its server; remove the account and add it again")
        wish = PasswordWish(password=proof) if isinstance(proof, Secret) else proof
        account = msgspec.structs.replace(account, login=login or account.login)
        _, keeper = await self._servers.fulfil(account, wish)
        _, known = await self._servers.greet(as_logged_in(account, keeper.kept, typed=login), keeper)
        async with self._keeper(keeper.kept, account).alone():  # nobody may renew the old one over it
            await keep_login(self.store, account, keeper.kept)
        awake: dict[str, Any] = {"state": AccountState.ACTIVE, "reason": ""}
        await self.store.update_account(
            account.id,
            login=known.login,
            **(awake if account.state is AccountState.STOPPED else {}),
        )
        return LoginFacts.of(keeper.kept)

    async def login_of(self, account: Account) -> Kept | None:
        """
        Give an account's login as it is kept; `None` when there is none. It holds secrets; `LoginFacts` does not.

        Raises:
            SetupError: it is of a kind that this Carrierpost does not know.
        """
        return await kept_login(self.store, account)

    async def connect(
        self,
        account: Account,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]],
        on_agreement: Callable[[Agreement], Awaitable[None]],
    ) -> Session:
        """
        Open an account's session; see `carrierpost.engine.Connect`.

        Raises:
            SetupError: the account's login is not kept here.
        """
        kept = await self.login_of(account)
        if kept is None:
            raise SetupError(
                f"no login is kept for {account.address}; give it with: carrierpost account login {account.address}"
            )
        keeper = self._keeper(kept, account)
        return self._servers.session(account, keeper, on_partnership=on_partnership, on_agreement=on_agreement)

    @contextlib.asynccontextmanager
    async def runner(
        self,
        account: Account,
        *,
        listener: Callable[[Event], None] | None = None,
        settings: EngineSettings | None = None,
        gate: Gate | None = None,
    ) -> AsyncIterator[AccountRunner]:
        """
        Work on an account, alone on this machine.

        Args:
            account: the account.
            listener: receives what the runner tells.
            settings: what may be tuned.
            gate: its server's gate, where many accounts are worked on.

        Raises:
            HubBusy: another process works on it.
        """
        account_id, address = account.id, account.address
        del account  # it would be kept for as long as the connection is held
        with self._locks.alone(account_id, Purpose.WORK, address):
            heard: dict[str, Any] = {"listener": listener} if listener is not None else {}
            runner = AccountRunner(
                self.store,
                account_id,
                self.connect,
                clock=self.clock,
                chance=self.chance,
                settings=settings,
                gate=gate,
                **heard,
            )
            async with runner:
                yield runner

    def editor(self, account_id: int, *, wake: Callable[[], object] | None = None) -> Editor:
        """
        Give an account into a person's hands.

        Args:
            account_id: the account.
            wake: called after each edit; a runner's `wake`, where one works here.
        """
        woken = {"wake": wake} if wake is not None else {}
        return Editor(self.store, account_id, clock=self.clock, chance=self.chance, **woken)

    def _keeper(self, kept: Kept, account: Account) -> StoreKeeper:
        return StoreKeeper(kept, self.store, account, locks=self._locks, clock=self.clock)

    def _device_id(self, address: str) -> str:
        seed = self._seed if self.home is None else self._secret_seed(self.home)
        return hashlib.sha256(f"{seed}\n{address.casefold()}".encode()).hexdigest()[:32].upper()

    def _secret_seed(self, home: Path) -> str:
        file = home / "device.secret"
        if not file.exists():
            write_private(file, secrets.token_hex(16))
        return file.read_text(encoding="ascii").strip()
