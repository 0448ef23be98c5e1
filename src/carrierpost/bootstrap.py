"""
From settings to a running system: the one place where the rooms are put together.

Everything lives below one directory: the store, its key, and the secret from which device ids are made, so that an
account that is removed and added again is the same device to its server.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import platform
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec
import platformdirs

from carrierpost import __version__
from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import LoginNotOffered
from carrierpost.client.login.bearer import Keeper
from carrierpost.client.login.challenges import offered
from carrierpost.client.login.kept import (
    CertificateLogin,
    Kept,
    LoginFacts,
    PasswordLogin,
    TokenLogin,
    decode,
    encode,
)
from carrierpost.client.login.opening import authority_transport, open_transport
from carrierpost.client.login.wishes import PasswordWish, Wish, fulfilled
from carrierpost.client.session import Rediscover, Session
from carrierpost.client.trace import Trace
from carrierpost.engine import AccountRunner, Editor, EngineSettings, Event
from carrierpost.model import Account, AccountState, NewAccount, Secret
from carrierpost.policy import Capabilities, compliance, judge
from carrierpost.protocol.clock import Clock, SystemClock
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import Compliance
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import PATH, Partnership, ServerFacts, frame_options, host_of
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version, choose_version
from carrierpost.store import AlreadyHeld, Store, WrongKey, find_key, open_store, rebuild_store

if TYPE_CHECKING:
    from carrierpost.client.discovery import Discovered

if TYPE_CHECKING:
    from carrierpost.store.sqlite_rebuild import Rebuilt  # loads SQLite, which may wait until it is needed

__all__ = [
    "Added",
    "Hub",
    "HubBusy",
    "SetupError",
    "find_home",
    "open_hub",
    "open_hub_in_memory",
    "rebuild",
    "server_url",
]

_LOGIN = "login"  # the name under which a login is kept
_PASSWORD = "password"  # noqa: S105 - the name under which the first stores kept a password
_USER_AGENT = f"Carrierpost/{__version__}"
_FOUND_BY, _DISCOVERED, _NAMED = "found_by", "Autodiscover", "a person"  # among the facts of an account's server
_LOCK_SECONDS = 0.1  # between two looks whether another process has finished to renew a login
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SetupError(Exception):
    """
    Something that a person set cannot be used. Its text says what, and what to do.
    """


class HubBusy(SetupError):
    """
    Another Carrierpost works on the same account at this moment.
    """


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


def find_home(environment: Mapping[str, str]) -> Path:
    """
    Give the directory below which everything lives: `CARRIERPOST_HOME`, or the system's place for it.
    """
    named = environment.get("CARRIERPOST_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("carrierpost"))


def server_url(text: str) -> str:
    """
    Complete what a person gives as a server: `mail.example.com` is enough.

    Returns:
        The endpoint, absolute.

    Raises:
        SetupError: it is no address, or passwords would travel readable.
    """
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.username is not None:
        raise SetupError("a server's address holds no name or password; give the login name with --login")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        raise SetupError(f"{text!r} is no server; give a host name or an address such as https://mail.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SetupError(f"with {text} the password would travel readable; use https://{parts.hostname}")
    path = parts.path if parts.path.strip("/") else PATH
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


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
        self._trace = trace
        self._seed = seed

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
            found = await self._discover(
                address, login, wish.password if isinstance(wish, PasswordWish) else None, ca_file=ca_file
            )
            endpoint, login, how = found.url, found.login, found.how
        wanted = NewAccount(
            address=address,
            login=login or address,
            url=endpoint,
            device_id=self._device_id(address),
            user_agent=_USER_AGENT,
            pinned_version=version,
            ca_file=ca_file,
            time_zone=time_zone or machine_zone(),
        )
        header, keeper = await self._fulfil(wanted, wish)
        facts, wanted = await self._greet(_as_logged_in(wanted, keeper.kept, typed=login), keeper)
        account = await self.store.add_account(wanted)
        await self.store.put_secret(account.id, _LOGIN, encode(keeper.kept))
        chosen = choose_version(facts.versions, pinned=version)
        found_by = _NAMED if url is not None else _DISCOVERED
        account = await self.store.update_account(account.id, version=chosen, server={_FOUND_BY: found_by})
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
        _, keeper = await self._fulfil(account, wish)
        _, known = await self._greet(_as_logged_in(account, keeper.kept, typed=login), keeper)
        async with _StoreKeeper(keeper.kept, self, account).alone():  # nobody may renew the old one over it
            await self.store.put_secret(account.id, _LOGIN, encode(keeper.kept))
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
        secret = await self.store.secret(account.id, _LOGIN)
        if secret is None:
            password = await self.store.secret(account.id, _PASSWORD)
            return PasswordLogin(password=password) if password is not None else None
        try:
            return decode(secret)
        except ValueError:
            raise SetupError(
                f"the login of {account.address} cannot be read; renew it with: carrierpost account login "
                f"{account.address}"
            ) from None

    async def _fulfil(self, account: NewAccount, wish: Wish) -> tuple[str, Keeper]:
        """
        Make a login of what a person wants; gives what the server offers as well.
        """
        if isinstance(wish, PasswordWish):
            self._hide(wish.password)
        header = "" if isinstance(wish, CertificateLogin) else await self._offers(account, wish)
        giver = authority_transport(account.ca_file)
        try:
            kept = await fulfilled(
                wish, header, endpoint=account.url, address=account.address, send=giver.send, clock=self.clock
            )
        finally:
            await giver.close()
        return header, Keeper(kept)

    async def _offers(self, account: NewAccount, wish: Wish) -> str:
        """
        Ask the server which logins it offers: without one, once.

        Raises:
            LoginNotOffered: it wants a client certificate.
        """
        transport = HTTPTransport(None, ca_file=account.ca_file)
        request = msgspec.structs.replace(frame_options(_partnership(account)), credentials=False)
        try:
            answer = await (
                transport.send(request) if self._trace is None else self._trace.carry(request, transport.send)
            )
        finally:
            await transport.close()
        if answer.status == 403 and b"403.7" in answer.body:
            raise LoginNotOffered(
                host_of(account.url), "it wants a client certificate; give it with --certificate FILE"
            )
        return answer.headers.get("www-authenticate", "") if answer.status == 401 else ""

    def _hide(self, secret: Secret) -> None:
        if self._trace is not None:
            self._trace.hide(secret)

    async def _greet(self, account: NewAccount, keeper: Keeper) -> tuple[ServerFacts, NewAccount]:
        """
        Ask the server what it speaks, which also proves the login; gives the account as the server knows it.

        The login name is what the person typed, and the address when that is refused.
        """
        session = self._session(account, keeper)
        try:
            facts = await session.options()
            choose_version(facts.versions, pinned=account.pinned_version)
            return facts, msgspec.structs.replace(account, url=session.partnership.url)
        except HTTPStatusError as error:
            by_name = isinstance(keeper.kept, PasswordLogin)
            if error.status != 401 or account.login == account.address or not by_name:
                raise
        finally:
            await session.close()
        return await self._greet(msgspec.structs.replace(account, login=account.address), keeper)

    async def _discover(
        self, address: str, login: str | None, password: Secret | None, *, ca_file: str | None
    ) -> Discovered:
        # It brings the DNS library along, which little else needs: a tenth of a program's start.
        from carrierpost.client.discovery import discover

        return await discover(
            address,
            login,
            password,
            ca_file=Path(ca_file) if ca_file else None,
            user_agent=_USER_AGENT,
            trace=self._trace,
        )

    def _rediscover(self, account: NewAccount, kept: Kept) -> Rediscover | None:
        """
        Give the way to look for an account's server again; none for a server that a person has named.
        """
        if not isinstance(account, Account) or account.server.get(_FOUND_BY) != _DISCOVERED:
            return None
        password = kept.password if isinstance(kept, PasswordLogin) else None

        async def again() -> str | None:
            found = await self._discover(account.address, account.login, password, ca_file=account.ca_file)
            return found.url

        return again

    def _judge(self, document: ProvisioningDocument) -> Compliance:
        """
        Answer a server's policy with the truth.
        """
        return compliance(judge(document, self.capabilities))

    def _session(
        self,
        account: NewAccount,
        keeper: Keeper,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]] | None = None,
        on_agreement: Callable[[Agreement], Awaitable[None]] | None = None,
    ) -> Session:
        transport = open_transport(
            keeper.kept,
            keeper,
            login=account.login,
            address=account.address,
            ca_file=account.ca_file,
            clock=self.clock,
            learn=self._hide,
        )
        return Session(
            transport,
            _partnership(account),
            clock=self.clock,
            device=device_information(account),
            on_partnership=on_partnership,
            on_agreement=on_agreement,
            rediscover=self._rediscover(account, keeper.kept),
            judge=self._judge,
            trace=self._trace,
        )

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
        keeper = _StoreKeeper(kept, self, account)
        return self._session(account, keeper, on_partnership=on_partnership, on_agreement=on_agreement)

    @contextlib.asynccontextmanager
    async def runner(
        self,
        account: Account,
        *,
        listener: Callable[[Event], None] | None = None,
        settings: EngineSettings | None = None,
    ) -> AsyncIterator[AccountRunner]:
        """
        Work on an account, alone on this machine.

        Raises:
            HubBusy: another process works on it.
        """
        with self.alone(f"account-{account.id}.lock", account.address):
            runner = AccountRunner(
                self.store,
                account.id,
                self.connect,
                clock=self.clock,
                chance=self.chance,
                settings=settings,
                **({"listener": listener} if listener is not None else {}),
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

    def alone(self, lock: str, address: str) -> contextlib.AbstractContextManager[None]:
        """
        Hold a lock while one works on an account; without a home nobody else can reach what is kept.

        Raises:
            HubBusy: another process holds it.
        """
        return _alone(self.home / lock, address) if self.home is not None else contextlib.nullcontext()

    def _device_id(self, address: str) -> str:
        seed = self._seed if self.home is None else self._secret_seed(self.home)
        return hashlib.sha256(f"{seed}\n{address.casefold()}".encode()).hexdigest()[:32].upper()

    def _secret_seed(self, home: Path) -> str:
        file = home / "device.secret"
        if not file.exists():
            _write_private(file, secrets.token_hex(16))
        return file.read_text(encoding="ascii").strip()


class _StoreKeeper(Keeper):
    """
    Keeps a login in the store, for all processes that use it.
    """

    def __init__(self, kept: Kept, hub: Hub, account: Account) -> None:
        super().__init__(kept)
        self._hub = hub
        self._account = account

    async def load(self) -> TokenLogin | None:
        kept = await self._hub.login_of(self._account)
        return kept if isinstance(kept, TokenLogin) else None

    async def save(self, kept: TokenLogin) -> None:
        await self._hub.store.put_secret(self._account.id, _LOGIN, encode(kept))
        await super().save(kept)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        with contextlib.ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._hub.alone(f"login-{self._account.id}.lock", self._account.address))
                    break
                except HubBusy:
                    await self._hub.clock.sleep(_LOCK_SECONDS)
            yield


def _partnership(account: NewAccount) -> Partnership:
    held = account if isinstance(account, Account) else None
    return Partnership(
        url=account.url,
        user=account.login,
        device_id=account.device_id,
        device_type=account.device_type,
        user_agent=account.user_agent,
        version=(held.version if held is not None else None) or account.pinned_version or Version.V14_1,
        policy_key=held.policy_key if held is not None else "0",
    )


A = TypeVar("A", bound=NewAccount)


def _as_logged_in(account: A, kept: Kept, *, typed: str | None) -> A:
    """
    Take the login name from who logged in at the authority, unless a person has typed one.
    """
    if typed is None and isinstance(kept, TokenLogin) and kept.user:
        return msgspec.structs.replace(account, login=kept.user)
    return account


def device_information(account: NewAccount) -> DeviceInformation:
    """
    Say what an administrator is to see of this hub in the server's list of devices.
    """
    return DeviceInformation(
        model="Carrierpost",
        friendly_name=f"Carrierpost on {platform.node() or 'a server'}",
        os=f"{platform.system()} {platform.release()}".strip(),
        os_language="English",
        user_agent=account.user_agent,
    )


def machine_zone() -> str:
    """
    Give the IANA name of this machine's time zone; `UTC` when it does not say.
    """
    named = os.environ.get("TZ", "").lstrip(":")
    if "/" in named and not named.startswith("/"):
        return named
    with contextlib.suppress(OSError):
        parts = Path("/etc/localtime").resolve().parts
        if "zoneinfo" in parts:
            name = "/".join(parts[parts.index("zoneinfo") + 1 :])
            return name if "/" in name else "UTC"
    return "UTC"


def _write_private(file: Path, text: str) -> None:
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)


@contextlib.contextmanager
def _alone(file: Path, address: str) -> Iterator[None]:
    """
    Hold a lock file while one works on an account; two at a time would confuse its server.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HubBusy(f"another carrierpost works on {address} at the moment; let it end first") from None
        yield


@contextlib.asynccontextmanager
async def open_hub(
    *,
    home: Path | None = None,
    trace: Path | None = None,
    veil: bool = False,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    chance: random.Random | None = None,
) -> AsyncIterator[Hub]:
    """
    Open the hub, and make it on first use.

    Args:
        home: its directory; found in the environment unless given.
        trace: a directory in which every exchange with a server is written, secrets removed.
        veil: make texts that people wrote unreadable in it.
        environment: the process's own unless given.
        clock: the machine's unless given.
        chance: spreads pauses.

    Raises:
        StoreError: the store cannot be opened; says why and what to do.
        OSError: the directory cannot be made.
    """
    around = os.environ if environment is None else environment
    place = home or find_home(around)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    time = clock or SystemClock()
    key = find_key(place / "store.key", around, store=place / "store.db")
    async with await open_store(place / "store.db", key, clock=time) as store:
        yield Hub(
            place,
            store,
            clock=time,
            chance=chance or random.SystemRandom(),
            trace=Trace(trace, veil=veil) if trace is not None else None,
        )


@contextlib.asynccontextmanager
async def open_hub_in_memory(
    *,
    trace: Path | None = None,
    veil: bool = False,
    device: str = "",
    clock: Clock | None = None,
    chance: random.Random | None = None,
) -> AsyncIterator[Hub]:
    """
    Open a hub that keeps nothing: when it closes, all is forgotten.

    To a server it is the same device each time on this machine, so that it uses up none of a user's partnerships.

    Args:
        trace: a directory in which every exchange with a server is written, secrets removed.
        veil: make texts that people wrote unreadable in it.
        device: tells several hubs apart that work on one account at the same time.
        clock: the machine's unless given.
        chance: spreads pauses.
    """
    time = clock or SystemClock()
    async with await open_store(None, None, clock=time, inline=True) as store:
        yield Hub(
            None,
            store,
            clock=time,
            chance=chance or random.SystemRandom(),
            trace=Trace(trace, veil=veil) if trace is not None else None,
            seed=f"{platform.node()}\n{device}",
        )


def rebuild(*, environment: Mapping[str, str] | None = None, clock: Clock | None = None) -> Rebuilt:
    """
    Make a new store in the place of one that cannot be opened; what was there is moved aside.

    Args:
        environment: the process's own unless given.
        clock: the machine's unless given.

    Raises:
        HubBusy: another process works with it.
        SetupError: there is no store.
        StoreError: the new one cannot be made, or the key that was named is none.
        OSError: the old one cannot be moved.
    """
    around = os.environ if environment is None else environment
    place = find_home(around)
    file, key_file = place / "store.db", place / "store.key"
    if not file.exists():
        raise SetupError(f"there is no store in {place}; it is made with the first: carrierpost account add ADDRESS")
    with contextlib.ExitStack() as locks:
        for lock in sorted(place.glob("account-*.lock")):
            locks.enter_context(_alone(lock, "an account of this store"))
        old_key: bytes | None = None
        try:
            old_key = find_key(key_file, around, store=file)
        except WrongKey:
            if key_file.exists():
                raise
        return rebuild_store(file, old_key, old_key or find_key(key_file, around), clock=clock or SystemClock())
