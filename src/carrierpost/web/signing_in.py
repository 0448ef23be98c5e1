"""
Signing in with a mail address and the mail server's credentials, which takes as long as the server takes.

A sign-in is begun, can be watched, and ends with a ticket that is good for one session, or with a problem. For an
address that is held already its own server is asked, whatever server was named: otherwise somebody could prove a login
at a server of their own. The first time, the account is added.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import enum
import hashlib
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec
import structlog

from carrierpost.bootstrap import Hub, SetupError, server_url
from carrierpost.client.errors import ClientError, LoginRefused
from carrierpost.model import Account, AccountState, Secret, Ticket
from carrierpost.protocol.errors import HTTPStatusError, ProtocolError
from carrierpost.store import StoreError
from carrierpost.web.problems import Problem, ProblemView, problem_of
from carrierpost.web.settings import WebSettings, fits

__all__ = ["TICKET", "Progress", "SignInState", "SignIns"]

TICKET = "session"
"""The purpose of a ticket for a session."""

_LOG = structlog.get_logger("carrierpost.sign-in")
_TICKET_SECONDS = 600.0
_MOST = 200  # sign-ins on their way or just ended
_SECONDS = 120.0  # for a server to answer, all steps together
_PER_ADDRESS = (5, 60.0)  # drops in the bucket, and seconds for one to come back
_PER_CLIENT = (30, 4.0)
REFUSED = Problem(
    401,
    "sign-in-refused",
    "the mail server does not accept this address and password; check both, and whether it wants another login name",
)


class SignInState(enum.StrEnum):
    """
    How far a sign-in is.
    """

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """
    A sign-in as it is now.

    Attributes:
        id: its name; whoever knows it may watch, and no more.
        state: how far it is.
        step: what is being done, for a person.
        problem: why it failed.
    """

    id: str
    state: SignInState = SignInState.WORKING
    step: str = "Asking the mail server"
    problem: ProblemView | None = None


class _SignIn:
    def __init__(self, number: str) -> None:
        self.progress = Progress(id=number)
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def tell(self, **values: object) -> None:
        self.progress = msgspec.structs.replace(self.progress, **values)
        self.changed.set()
        self.changed = asyncio.Event()


class SignIns:
    """
    The sign-ins on their way.

    Args:
        hub: where accounts are held.
        settings: who may sign in.
    """

    def __init__(self, hub: Hub, settings: WebSettings) -> None:
        self._hub = hub
        self._settings = settings
        self._all: dict[str, _SignIn] = {}

    async def begin(
        self,
        address: str,
        password: Secret,
        *,
        client: str,
        login: str | None,
        server: str | None,
        time_zone: str | None,
    ) -> tuple[Progress, str]:
        """
        Begin to sign in.

        Args:
            address: the mail address.
            password: the mail server's.
            client: where the request came from, for the limit.
            login: the login name, if it is not the address.
            server: the mail server, if it is not to be looked for.
            time_zone: the person's.

        Returns:
            What can be watched, and the ticket that will be good once it is done.

        Raises:
            Problem: too often, not allowed, or the server cannot be named.
        """
        await self._limit(address, client)
        held = await self._held(address)
        if held is None and not fits(address, self._settings.sign_in.addresses):
            raise Problem(403, "address-not-allowed", f"{address} may not sign in here; ask who runs this Carrierpost")
        if server is not None:
            self._check_server(server)
        self._make_room()
        one = _SignIn(secrets.token_urlsafe(12))
        self._all[one.progress.id] = one
        ticket = secrets.token_urlsafe(32)
        one.task = asyncio.ensure_future(self._run(one, ticket, address, password, login, server, time_zone))
        return one.progress, ticket

    def progress(self, number: str) -> Progress:
        """
        Tell how far a sign-in is.

        Raises:
            Problem: there is none of that name.
        """
        return self._one(number).progress

    async def watch(self, number: str) -> AsyncIterator[Progress]:
        """
        Give a sign-in each time that it changes, until it has ended.

        Raises:
            Problem: there is none of that name.
        """
        one = self._one(number)
        while True:
            changed = one.changed
            yield one.progress
            if one.progress.state is not SignInState.WORKING:
                return
            await changed.wait()

    async def close(self) -> None:
        """
        Give up what is on its way.
        """
        tasks = [one.task for one in self._all.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self,
        one: _SignIn,
        ticket: str,
        address: str,
        password: Secret,
        login: str | None,
        server: str | None,
        time_zone: str | None,
    ) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                account = await self._prove(one, address, password, login, server, time_zone)
            until = self._hub.clock.now() + dt.timedelta(seconds=_TICKET_SECONDS)
            made = Ticket(purpose=TICKET, expires_at=until, account_id=account.id)
            await self._hub.store.put_ticket(hashlib.sha256(ticket.encode()).hexdigest(), made)
            one.tell(state=SignInState.DONE, step="Signed in")
            _LOG.info("signed in", account_id=account.id)
        except TimeoutError:
            late = Problem(502, "mail-server", "the mail server did not answer in time; try again later")
            one.tell(state=SignInState.FAILED, step="", problem=late.view)
        except (ClientError, ProtocolError, SetupError, StoreError, Problem) as error:
            problem = _why(error)
            one.tell(state=SignInState.FAILED, step="", problem=problem.view)
            _LOG.info("sign-in failed", problem=problem.code)
        except Exception:
            _LOG.exception("sign-in failed by a defect")
            defect = Problem(500, "defect", "this should not happen; the log of Carrierpost says more")
            one.tell(state=SignInState.FAILED, step="", problem=defect.view)

    async def _prove(
        self,
        one: _SignIn,
        address: str,
        password: Secret,
        login: str | None,
        server: str | None,
        time_zone: str | None,
    ) -> Account:
        held = await self._held(address)
        if held is None:
            domain = address.rpartition("@")[2]
            one.tell(step=f"Asking {server}" if server else f"Looking for the mail server of {domain}")
            added = await self._hub.add_account(address, password, url=server, login=login, time_zone=time_zone)
            return added.account
        if held.state is AccountState.WIPED:
            raise Problem(
                403, "wiped", f"{address} was wiped by its server; who runs this Carrierpost can remove and add it anew"
            )
        one.tell(step="Asking the mail server")
        await self._hub.log_in(held, password, login=login)
        return held

    async def _held(self, address: str) -> Account | None:
        folded = address.casefold()
        return next((one for one in await self._hub.store.accounts() if one.address.casefold() == folded), None)

    async def _limit(self, address: str, client: str) -> None:
        name = hashlib.sha256(address.casefold().encode()).hexdigest()
        for bucket, (size, seconds) in ((f"sign-in client {client}", _PER_CLIENT), (f"sign-in {name}", _PER_ADDRESS)):
            wait = await self._hub.store.take(bucket, size=size, seconds=seconds)
            if wait:
                raise Problem(
                    429,
                    "too-often",
                    f"there were too many attempts to sign in; try again in {int(wait) + 1} seconds",
                    {"Retry-After": str(int(wait) + 1)},
                )

    def _check_server(self, server: str) -> None:
        try:
            host = urlsplit(server_url(server)).hostname or ""
        except SetupError as error:
            raise Problem(422, "bad-server", str(error)) from None
        if not fits(host, self._settings.sign_in.servers):
            raise Problem(
                403,
                "server-not-allowed",
                f"the mail server {host} may not be named here; leave it out to have it looked for, or ask who runs "
                "this Carrierpost",
            )

    def _make_room(self) -> None:
        ended = [name for name, one in self._all.items() if one.progress.state is not SignInState.WORKING]
        for name in ended[: max(0, len(self._all) - _MOST + 1)]:
            del self._all[name]
        if len(self._all) >= _MOST:
            raise Problem(503, "busy", "too many people are signing in; try again in a minute", {"Retry-After": "60"})

    def _one(self, number: str) -> _SignIn:
        with contextlib.suppress(KeyError):
            return self._all[number]
        raise Problem(404, "not-found", "there is no such sign-in any more; begin anew")


def _why(error: Exception) -> Problem:
    """
    Say why a sign-in failed. Whether a person is unknown or the password wrong makes no difference.
    """
    if isinstance(error, LoginRefused) or (isinstance(error, HTTPStatusError) and error.status in (401, 403)):
        return REFUSED
    return problem_of(error) or Problem(500, "defect", "this should not happen; the log of Carrierpost says more")
