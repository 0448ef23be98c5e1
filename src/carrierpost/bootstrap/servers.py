"""
From an account and a login to a server: found, asked what it offers, greeted, spoken with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from carrierpost.bootstrap.partnership import USER_AGENT, device_information, partnership_of
from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import LoginNotOffered
from carrierpost.client.login.bearer import Keeper
from carrierpost.client.login.kept import CertificateLogin, Kept, PasswordLogin
from carrierpost.client.login.opening import authority_transport, open_transport
from carrierpost.client.login.wishes import PasswordWish, Wish, fulfilled
from carrierpost.client.session import Rediscover, Session
from carrierpost.client.trace import Trace
from carrierpost.model import Account, NewAccount, Secret
from carrierpost.policy import Capabilities, compliance, judge
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.provision import Compliance
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership, ServerFacts, frame_options, host_of
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import choose_version

if TYPE_CHECKING:
    from carrierpost.client.discovery import Discovered

__all__ = ["DISCOVERED", "FOUND_BY", "NAMED", "Servers"]

FOUND_BY, DISCOVERED, NAMED = "found_by", "Autodiscover", "a person"  # among the facts of an account's server


class Servers:
    """
    The way to accounts' servers.

    Args:
        clock: the time.
        capabilities: what this hub can do of what servers' policies ask for.
        trace: records every exchange, or `None`.
    """

    def __init__(self, clock: Clock, capabilities: Capabilities, trace: Trace | None) -> None:
        self._clock = clock
        self._capabilities = capabilities
        self._trace = trace

    async def fulfil(self, account: NewAccount, wish: Wish) -> tuple[str, Keeper]:
        """
        Make a login of what a person wants; gives what the server offers as well.
        """
        if isinstance(wish, PasswordWish):
            self._hide(wish.password)
        header = "" if isinstance(wish, CertificateLogin) else await self._offers(account, wish)
        giver = authority_transport(account.ca_file)
        try:
            kept = await fulfilled(
                wish, header, endpoint=account.url, address=account.address, send=giver.send, clock=self._clock
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
        request = msgspec.structs.replace(frame_options(partnership_of(account)), credentials=False)
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

    async def greet(self, account: NewAccount, keeper: Keeper) -> tuple[ServerFacts, NewAccount]:
        """
        Ask the server what it speaks, which also proves the login; gives the account as the server knows it.

        The login name is what the person typed, and the address when that is refused.
        """
        session = self.session(account, keeper)
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
        return await self.greet(msgspec.structs.replace(account, login=account.address), keeper)

    async def discover(
        self, address: str, login: str | None, password: Secret | None, *, ca_file: str | None
    ) -> Discovered:
        """
        Ask Autodiscover where an address's server is.

        Raises:
            ClientError: it was not found.
        """
        # It brings the DNS library along, which little else needs: a tenth of a program's start.
        from carrierpost.client.discovery import discover

        return await discover(
            address,
            login,
            password,
            ca_file=Path(ca_file) if ca_file else None,
            user_agent=USER_AGENT,
            trace=self._trace,
        )

    def _rediscover(self, account: NewAccount, kept: Kept) -> Rediscover | None:
        """
        Give the way to look for an account's server again; none for a server that a person has named.
        """
        if not isinstance(account, Account) or account.server.get(FOUND_BY) != DISCOVERED:
            return None
        password = kept.password if isinstance(kept, PasswordLogin) else None

        async def again() -> str | None:
            found = await self.discover(account.address, account.login, password, ca_file=account.ca_file)
            return found.url

        return again

    def _judge(self, document: ProvisioningDocument) -> Compliance:
        """
        Answer a server's policy with the truth.
        """
        return compliance(judge(document, self._capabilities))

    def session(
        self,
        account: NewAccount,
        keeper: Keeper,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]] | None = None,
        on_agreement: Callable[[Agreement], Awaitable[None]] | None = None,
    ) -> Session:
        """
        Make an account's session; nothing is sent yet.
        """
        transport = open_transport(
            keeper.kept,
            keeper,
            login=account.login,
            address=account.address,
            ca_file=account.ca_file,
            clock=self._clock,
            learn=self._hide,
        )
        return Session(
            transport,
            partnership_of(account),
            clock=self._clock,
            device=device_information(account),
            on_partnership=on_partnership,
            on_agreement=on_agreement,
            rediscover=self._rediscover(account, keeper.kept),
            judge=self._judge,
            trace=self._trace,
        )

    def _hide(self, secret: Secret) -> None:
        if self._trace is not None:
            self._trace.hide(secret)
