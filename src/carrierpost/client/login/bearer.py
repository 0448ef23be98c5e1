"""
A token with every request ([RFC 6750]), and a new one when it is needed.

Many requests may wait for a new token; one question to the authority serves them all, and goes on when those who
waited have gone: an answer that nobody took could be the only copy of the next refresh token. What comes is kept
first and used afterwards. Several processes may use one login: before one of them asks, it looks whether another has
asked already, and while it asks, the others wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import msgspec

from carrierpost.client.errors import AuthorityRefused, ClientError, LoginNeeded
from carrierpost.client.login.authority import Application, AuthorityClient, Send
from carrierpost.client.login.challenges import claims_of
from carrierpost.client.login.credentials import Credentials
from carrierpost.client.login.kept import Kept, TokenLogin
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import HTTPResponse
from carrierpost.protocol.secret import Secret

__all__ = ["BearerLogin", "Keeper"]

_EARLY = 300.0  # seconds before its end that a token is renewed, or a tenth of its life if that is less


class Keeper:
    """
    Where a login is kept. This one keeps it in memory, for one process.

    Args:
        kept: the login as it is.

    Attributes:
        kept: the login as it was kept last.
    """

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    async def load(self) -> TokenLogin | None:
        """
        Give the login as it is kept now; `None` when it is gone, or is one by tokens no longer.
        """
        return self.kept if isinstance(self.kept, TokenLogin) else None

    async def save(self, kept: TokenLogin) -> None:
        """
        Keep a login for good before it is used.
        """
        self.kept = kept

    def alone(self) -> AbstractAsyncContextManager[None]:
        """
        Keep all others, in this process or another, from renewing the same login meanwhile.
        """
        return contextlib.nullcontext()


class BearerLogin(Credentials):
    """
    A login by tokens.

    Args:
        kept: the login as it is kept.
        keeper: where.
        address: whose, for the command that a person is told to type.
        send: sends requests to the authority.
        clock: the time.
        learn: is told each token, so that it can be kept out of traces.
        done: closes what `send` uses.
    """

    def __init__(
        self,
        kept: TokenLogin,
        keeper: Keeper,
        *,
        address: str,
        send: Send,
        clock: Clock,
        learn: Callable[[Secret], None] = lambda _: None,
        done: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._kept = kept
        self._keeper = keeper
        self._address = address
        self._send = send
        self._clock = clock
        self._learn = learn
        self._done = done
        self._claims = kept.claims
        self._renewing: asyncio.Task[None] | None = None
        self._last = ""  # the header that was got in the place of a refused one
        self._learn_all(kept)

    @property
    def kept(self) -> TokenLogin:
        """
        The login as it is in use.
        """
        return self._kept

    async def authorization(self) -> str:
        """
        Give the header's value, with a token that is good for some time yet.

        Raises:
            LoginNeeded: a person has to log in again.
            ClientError: the authority does not answer, and there is no token that could be used meanwhile.
        """
        left = self._left()
        if left <= (self._early() if self._kept.refresh_token.reveal() else 0.0):
            try:
                await self._renew()
            except LoginNeeded:
                raise
            except ClientError:
                if self._left() <= 0:
                    raise  # otherwise the old one does it for the time being
        return self._header()

    def _header(self) -> str:
        return f"Bearer {self._kept.access_token.reveal()}"

    def heed(self, response: HTTPResponse, authorization: str) -> None:
        """
        Note what the server wants a token to say besides.

        Raises:
            LoginNeeded: it does not take the token either that has just been got in the place of another.
        """
        if response.status not in (401, 403):
            if authorization == self._last:
                self._last = ""
            return
        self._claims = claims_of(response.headers.get("www-authenticate", "")) or self._claims
        if response.status == 401 and authorization == self._last:
            self._last = ""
            giver = host_of(self._kept.authority.name)
            who = f" for {self._kept.user}" if self._kept.user else ""
            raise LoginNeeded(
                host_of(response.url), f"it does not take the token that {giver} has just given{who}", self._address
            )

    async def refresh(self) -> bool:
        """
        Get a new token in the place of one that was refused.

        Raises:
            LoginNeeded: a person has to log in again.
            ClientError: the authority does not answer.
        """
        before = self._kept.access_token
        await self._renew()
        self._last = self._header()
        return self._kept.access_token != before

    # -- when

    def _left(self) -> float:
        """
        Tell the seconds that the token is good for; endless when nobody knows.
        """
        ends = self._kept.expires
        return float("inf") if ends is None else (ends - self._clock.now()).total_seconds()

    def _early(self) -> float:
        if self._kept.expires is None:
            return 0.0
        return min(_EARLY, (self._kept.expires - self._kept.obtained) / dt.timedelta(seconds=10))

    # -- how

    async def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(self._renew_once())
            self._renewing.add_done_callback(_look)
        await asyncio.shield(self._renewing)

    async def _renew_once(self) -> None:
        async with self._keeper.alone():
            held = await self._keeper.load()
            if held is None:
                raise LoginNeeded(host_of(self._kept.authority.name), "the login is kept here no longer", self._address)
            if held.access_token != self._kept.access_token and not self._claims:
                self._take(held)  # another process was faster
                return
            if not held.refresh_token.reveal():
                raise self._needed("the token cannot be renewed; ask for the scope offline_access as well")
            try:
                fresh = await self._client(held).tokens(
                    {
                        "grant_type": "refresh_token",
                        "refresh_token": held.refresh_token.reveal(),
                        "scope": held.scope,
                        "claims": self._claims,
                    }
                )
            except AuthorityRefused as refusal:
                if refusal.claims:
                    await self._keeper.save(msgspec.structs.replace(held, claims=refusal.claims))
                raise self._needed(refusal.detail, refusal.said) from refusal
            # An authority that does not rotate its refresh tokens sends none; the old one stays good then.
            if not fresh.refresh_token.reveal():
                fresh = msgspec.structs.replace(
                    fresh,
                    refresh_token=held.refresh_token,
                    refresh_expires=fresh.refresh_expires or held.refresh_expires,
                )
            fresh = msgspec.structs.replace(fresh, user=fresh.user or held.user)
            self._learn_all(fresh)
            await self._keeper.save(fresh)
            self._claims = ""
            self._take(fresh)

    def _client(self, held: TokenLogin) -> AuthorityClient:
        application = Application(client_id=held.client_id, client_secret=held.client_secret, scope=held.scope)
        return AuthorityClient(held.authority, application, self._send, self._clock)

    def _needed(self, detail: str, said: str = "") -> LoginNeeded:
        words = f"{detail} (it says: {said})" if said else detail
        return LoginNeeded(host_of(self._kept.authority.name), words, self._address)

    def _take(self, kept: TokenLogin) -> None:
        self._learn_all(kept)
        self._kept = kept

    def _learn_all(self, kept: TokenLogin) -> None:
        for secret in (kept.access_token, kept.refresh_token, kept.client_secret):
            if secret.reveal():
                self._learn(secret)

    async def close(self) -> None:
        """
        Wait for a renewal under way, so that what it brings is kept.
        """
        if self._renewing is not None:
            await asyncio.wait([self._renewing])
        if self._done is not None:
            await self._done()

    def __repr__(self) -> str:
        return f"BearerLogin({self._address!r}, ...)"


def _look(task: asyncio.Task[None]) -> None:
    """
    Look at how a renewal ended that nobody waits for any more.
    """
    if not task.cancelled():
        task.exception()
