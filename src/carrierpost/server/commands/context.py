"""
What a command is handed, and how it says no.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol.errors import UnreadableAnswer
from carrierpost.protocol.http import CommandCall
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.server.device import Device
from carrierpost.server.faults import Fault
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.refusal import Refusal

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["Context", "Handler", "Refusal"]

R = TypeVar("R")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request on its way.

    Attributes:
        server: the server.
        mailbox: whose mailbox it is about.
        device: who asks.
        version: the version it speaks.
        call: the request.
        fault: what goes wrong with it, where a handler has to know.
        gone: completes when the client has closed the connection.
    """

    server: ExchangeServer
    mailbox: Mailbox
    device: Device
    version: Version
    call: CommandCall
    fault: Fault | None
    gone: asyncio.Future[None]

    def suffers(self, name: str) -> bool:
        """
        Tell whether a fault of this name hits the request.
        """
        return self.fault is not None and self.fault.name == name

    def read(self, decode: Callable[[Payload, Version, Notes], R], *, may_be_empty: bool = False) -> R:
        """
        Read the request.

        Args:
            decode: the request type's `decode`.
            may_be_empty: whether no body at all is a request.

        Raises:
            Refusal: there is no body (101), it is no WBXML (102), or not what the command takes (103).
            MalformedRequest: the request breaks the protocol.
        """
        payload = self.call.payload
        if not payload.body and not may_be_empty:
            raise Refusal(101)
        try:
            return decode(payload, self.version, Notes())
        except UnreadableAnswer as error:
            raise Refusal(102 if isinstance(error.__cause__, wbxml.WBXMLError) else 103) from error


Handler = Callable[[Context], Awaitable[Payload]]
