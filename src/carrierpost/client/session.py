"""
One account's conversation with its server: commands in, typed answers out.

The session frames and sends, and does at once what a failed command asks for: agree on the policy, follow the mailbox
to another server, renew credentials. Whatever several waiting requests need is done once for all of them. Everything
else, waiting above all, is the caller's.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from carrierpost.client.errors import UnsafeRedirect
from carrierpost.client.trace import Trace
from carrierpost.client.transport import Transport
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import Compliance, ProvisionRequest, WipeKind
from carrierpost.protocol.errors import HTTPStatusError, RemoteProtocolError, WipeOrdered
from carrierpost.protocol.exchanges import Agreement, Judge, Recovery, agree, negotiate, perform, recover, safe_location
from carrierpost.protocol.http import Partnership, ServerFacts, host_of
from carrierpost.protocol.message import Command, Exchange, HTTPResponse
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Note, Notes

__all__ = ["Session", "observe_only"]

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
        trace: records every exchange, or `None`.
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
        trace: Trace | None = None,
    ) -> None:
        self._transport = transport
        self._partnership = partnership
        self._clock = clock
        self._device = device
        self._judge = judge
        self._on_partnership = on_partnership
        self._on_agreement = on_agreement
        self._trace = trace
        self._changing = asyncio.Lock()
        self._recoveries: dict[Recovery, _Done] = {}
        self.notes: list[Note] = []

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

    async def send(self, command: Command[R]) -> R:
        """
        Ask one command and give its typed answer.

        Raises:
            ClientError: there was no answer.
            ProtocolError: the server refused, or its answer cannot be read.
            WipeOrdered: the server orders a wipe.
        """
        done: tuple[Recovery, ...] = ()
        while True:
            before, recovered = self._partnership, dict(self._recoveries)
            notes = Notes()
            try:
                answer = await self._drive(perform(command, before, self._clock.now(), notes))
            except RemoteProtocolError as error:
                recovery = recover(error, done)
                done = (*done, recovery)
                if not await self._recovered(recovery, error, before, recovered):
                    raise
            else:
                self.notes = list(notes)
                return answer

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
                await self._move(error.location)
            else:
                await self._provision()
            self._recoveries[recovery] = _Done(worked)
            return worked

    async def _move(self, location: str) -> None:
        target = safe_location(self._partnership.url, location)
        if target is None:
            raise UnsafeRedirect(host_of(self._partnership.url), location, sent=True)
        await self.change(url=target)

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
        agreement = await self._drive(agree(self._partnership, self._device, self._judge, self._clock.now()))
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
        answer = await self._drive(perform(ProvisionRequest(), self._partnership, self._clock.now()))
        if answer.wipe is not None:
            raise WipeOrdered(answer.wipe is WipeKind.ACCOUNT)

    async def acknowledge_wipe(self, *, account_only: bool, done: bool = True) -> None:
        """
        Tell the server that its wipe order was carried out.
        """
        kind = WipeKind.ACCOUNT if account_only else WipeKind.DEVICE
        await self._drive(perform(ProvisionRequest(wipe=kind, wiped=done), self._partnership, self._clock.now()))

    async def options(self) -> ServerFacts:
        """
        Ask what the server speaks, following the mailbox where it has moved.

        Raises:
            ClientError: there was no answer.
            ProtocolError: the server refused.
        """
        done: tuple[Recovery, ...] = ()
        while True:
            before, recovered = self._partnership, dict(self._recoveries)
            try:
                return await self._drive(negotiate(before, self._clock.now()))
            except RemoteProtocolError as error:
                recovery = recover(error, done)
                done = (*done, recovery)
                if recovery is Recovery.PROVISION or not await self._recovered(recovery, error, before, recovered):
                    raise

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
                number = self._trace.request(request) if self._trace is not None else 0
                try:
                    response: HTTPResponse = await self._transport.send(request)
                except BaseException as error:
                    if self._trace is not None:
                        self._trace.failure(number, request, error)
                    raise
                if self._trace is not None:
                    self._trace.response(number, request, response)
                request = exchange.send(response)
        except StopIteration as finished:
            result: T = finished.value
            return result
        finally:
            exchange.close()

    async def close(self) -> None:
        """
        Close all connections.
        """
        await self._transport.close()
