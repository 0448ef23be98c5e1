"""
One account's conversation with its server: commands in, typed answers out.

The session frames and sends, and does at once what a failed command asks for: agree on the policy, follow the mailbox
to another server or look for it, renew credentials. Whatever several waiting requests need is done once for all of
them. Everything else, waiting above all, is the caller's.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from carrierpost.client.errors import ClientError, UnsafeRedirect
from carrierpost.client.mentions import Mentions
from carrierpost.client.moving import Move, anchored, is_lost, move_to
from carrierpost.client.trace import Trace
from carrierpost.client.transport import Transport
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import Compliance, ProvisionRequest, WipeKind
from carrierpost.protocol.errors import HTTPStatusError, ProtocolError, RemoteProtocolError, WipeOrdered
from carrierpost.protocol.exchanges import Agreement, Judge, Recovery, agree, negotiate, perform, recover
from carrierpost.protocol.http import Partnership, ServerFacts, host_of
from carrierpost.protocol.message import Command, Exchange, HTTPRequest, HTTPResponse, Sink
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Note, Notes
from carrierpost.protocol.version import Version

__all__ = ["Rediscover", "Session", "observe_only"]

Rediscover = Callable[[], Awaitable[str | None]]
"""Looks for the server again; gives its endpoint, or `None`."""

_SEARCH_SECONDS = 600.0  # between two searches for a server that may have moved

T = TypeVar("T")
R = TypeVar("R")


def observe_only(document: ProvisioningDocument) -> Compliance:
    """
    Judge no policy: say truthfully that it is followed in part.
    """
    return Compliance.PARTLY_APPLIED


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Done:
    """
    A recovery that was carried out; each is itself and no other.
    """

    worked: bool


class Session:
    """
    A partnership in use.

    Args:
        transport: what carries the requests; closed with the session.
        partnership: whose requests these are.
        clock: the time.
        device: what the server is told about this device.
        judge: says how far a policy is followed.
        on_partnership: called with the new partnership before anything is sent with it; keep it.
        on_agreement: called with what was agreed on with the server.
        rediscover: looks for the server again when this one says that it is the wrong one; `None` where a person has
            named it.
        trace: records every exchange, or `None`.

    Attributes:
        notes: what could not be read of the last answer.
        mentions: what the server mentioned by the way.
    """

    def __init__(
        self,
        transport: Transport,
        partnership: Partnership,
        *,
        clock: Clock,
        device: DeviceInformation,
        judge: Judge = observe_only,
        on_partnership: Callable[[Partnership], Awaitable[None]] | None = None,
        on_agreement: Callable[[Agreement], Awaitable[None]] | None = None,
        rediscover: Rediscover | None = None,
        trace: Trace | None = None,
    ) -> None:
        self._transport = transport
        self._partnership = partnership
        self._clock = clock
        self._device = device
        self._judge = judge
        self._on_partnership = on_partnership
        self._on_agreement = on_agreement
        self._rediscover = rediscover
        self._trace = trace
        self._changing = asyncio.Lock()
        self._recoveries: dict[Recovery, _Done] = {}
        self._detour: str | None = None
        self._searched: float | None = None
        self.notes: list[Note] = []
        self.mentions = Mentions(clock)

    @property
    def partnership(self) -> Partnership:
        """
        The partnership as it is now.
        """
        return self._partnership

    @property
    def device(self) -> DeviceInformation:
        """
        What the server is told about this device.
        """
        return self._device

    async def send(self, command: Command[R], *, sink: Sink | None = None) -> R:
        """
        Ask one command and give its typed answer.

        Args:
            command: the command.
            sink: takes a large part of the answer as it comes. It begins anew when the command has to be repeated.

        Raises:
            ClientError: there was no answer.
            ProtocolError: the server refused, or its answer cannot be read.
            WipeOrdered: the server orders a wipe.
        """
        notes = Notes()
        beginning = command.name == "FolderSync" and getattr(command, "sync_key", "") == "0"

        def exchange(partnership: Partnership) -> Exchange[R]:
            notes.clear()
            return perform(command, partnership, self._clock.now(), notes, sink=sink)

        answer = await self._persist(exchange)
        self.notes = list(notes)
        if beginning:
            self.mentions.begun_anew()  # [MS-ASHTTP] X-MS-RP: this is what it asks for
        return answer

    async def _persist(self, exchange: Callable[[Partnership], Exchange[T]], *, provisions: bool = True) -> T:
        """
        Run an exchange, and again after each thing that could be done about its failure.
        """
        done: tuple[Recovery, ...] = ()
        while True:
            before, recovered = self._partnership, dict(self._recoveries)
            detour = self._detour
            try:
                return await self._drive(exchange(self._addressed()))
            except RemoteProtocolError as error:
                recovery = recover(error, done)
                done = (*done, recovery)
                if recovery is Recovery.PROVISION and not provisions:
                    raise
                if await self._recovered(recovery, error, before, recovered):
                    continue
                searchable = recovery in (Recovery.NONE, Recovery.LOG_IN)
                if not (searchable and await self._found_elsewhere(error, before, detour)):
                    self._detour = None
                    await self._look_for_wipe(error)
                    raise
            except (ClientError, ProtocolError):
                self._detour = None  # it led nowhere
                raise

    def _addressed(self) -> Partnership:
        """
        Give the partnership as requests are framed with it now: a temporary redirect is followed, and not kept.
        """
        if self._detour is None:
            return self._partnership
        return msgspec.structs.replace(self._partnership, url=self._detour)

    async def _recovered(
        self, recovery: Recovery, error: RemoteProtocolError, before: Partnership, done: dict[Recovery, _Done]
    ) -> bool:
        """
        Do what a failed command asks for; `False` when the command is not to be repeated.

        Args:
            recovery: what to do.
            error: how the command failed.
            before: the partnership that it was sent with.
            done: what had been done when it was sent; what was done since needs no repetition.

        """
        if recovery is Recovery.NONE:
            return False
        if recovery is Recovery.WIPE:
            await self.wipe_order()
            return False
        async with self._changing:
            last = self._recoveries.get(recovery)
            if last is not done.get(recovery):
                return last is not None and last.worked  # another request was faster
            if recovery is not Recovery.LOG_IN and self._partnership != before:
                return True
            worked = True
            if recovery is Recovery.LOG_IN:
                worked = await self._transport.refresh()
            elif recovery is Recovery.REDIRECT:
                assert isinstance(error, HTTPStatusError)
                await self._move(error)
            else:
                await self._provision()
            self._recoveries[recovery] = _Done(worked)
            return worked

    async def _move(self, error: HTTPStatusError) -> None:
        """
        Go where the server sends us: for good, or for the time being.
        """
        current = self._addressed()
        target, how = move_to(current.url, error.status, error.location, login=current.user)
        if how is Move.REFUSED:
            raise UnsafeRedirect(host_of(current.url), target, sent=True)
        if how is Move.FOR_GOOD:
            self._detour = None
            await self.change(url=target)
        else:
            self._detour = target

    async def _found_elsewhere(self, error: RemoteProtocolError, before: Partnership, detour: str | None) -> bool:
        """
        Look for the mailbox when its server says that it is not there; `True` when it is somewhere else.

        Rarely, and once for all who wait: a search takes its time, and asks many.
        """
        if not is_lost(error):
            return False
        async with self._changing:
            if self._partnership.url != before.url:
                return True  # another request was faster
            if detour is not None:
                self._detour = None  # where the mailbox is kept may still be right
                return True
            now = self._clock.monotonic()
            if self._rediscover is None or (self._searched is not None and now - self._searched < _SEARCH_SECONDS):
                return False
            self._searched = now
            try:
                found = await self._rediscover()
            except (ClientError, ProtocolError):
                return False  # what the server said first is the better reason
            if found is None or found == self._partnership.url:
                return False
            await self.change(url=found)
            return True

    async def provision(self) -> Agreement:
        """
        Agree on the server's policy now.

        Raises:
            WipeOrdered: the server orders a wipe instead.
            ProtocolError: the server refuses.
        """
        async with self._changing:
            return await self._provision()

    async def _provision(self) -> Agreement:
        agreement = await self._drive(agree(self._addressed(), self._device, self._judge, self._clock.now()))
        if self._on_agreement is not None:
            await self._on_agreement(agreement)
        await self.change(policy_key=agreement.policy_key)
        return agreement

    async def wipe_order(self) -> None:
        """
        Ask for the wipe order that a status announced.

        Raises:
            WipeOrdered: always, when the server confirms it.
        """
        answer = await self._drive(perform(ProvisionRequest(), self._addressed(), self._clock.now()))
        if answer.wipe is not None:
            raise WipeOrdered(answer.wipe is WipeKind.ACCOUNT)

    async def _look_for_wipe(self, error: RemoteProtocolError) -> None:
        """
        Ask whether a refusal stands for a wipe order: before 14.0 it comes as 403 to a device without a policy key,
        which says the same as a refused user ([MS-ASHTTP], status 140).

        Raises:
            WipeOrdered: it does.
        """
        if not isinstance(error, HTTPStatusError) or error.status != 403 or self._partnership.version >= Version.V14_0:
            return
        try:
            await self.wipe_order()
        except WipeOrdered:
            raise
        except (ClientError, RemoteProtocolError):
            return  # what the server said first is the better reason

    async def acknowledge_wipe(self, *, account_only: bool, done: bool = True) -> None:
        """
        Tell the server that its wipe order was carried out.
        """
        kind = WipeKind.ACCOUNT if account_only else WipeKind.DEVICE
        await self._drive(perform(ProvisionRequest(wipe=kind, wiped=done), self._addressed(), self._clock.now()))

    async def options(self) -> ServerFacts:
        """
        Ask what the server speaks, following the mailbox where it has moved.

        Raises:
            ClientError: there was no answer.
            ProtocolError: the server refused.
        """
        return await self._persist(lambda partnership: negotiate(partnership, self._clock.now()), provisions=False)

    async def change(self, **values: object) -> None:
        """
        Change the partnership (`url`, `version`, `policy_key`): kept first, then used.
        """
        changed = msgspec.structs.replace(self._partnership, **values)
        if changed == self._partnership:
            return
        if self._on_partnership is not None:
            await self._on_partnership(changed)
        self._partnership = changed

    async def _drive(self, exchange: Exchange[T]) -> T:
        """
        Run an exchange over the transport; the only place that awaits the network.
        """
        try:
            request = next(exchange)
            while True:
                response = await self._carry(anchored(request, self._partnership.user))
                self.mentions.heed(response)
                request = exchange.send(response)
        except StopIteration as finished:
            result: T = finished.value
            return result
        finally:
            exchange.close()

    def _carry(self, request: HTTPRequest) -> Awaitable[HTTPResponse]:
        if self._trace is None:
            return self._transport.send(request)
        return self._trace.carry(request, self._transport.send)

    async def close(self) -> None:
        """
        Close all connections.
        """
        await self._transport.close()
