"""
DNS, asked of a small name server on a real socket.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from carrierpost.client.errors import Unreachable
from carrierpost.client.names import DNSResolver, Service

SRV = "_autodiscover._tcp.larch.example."


class _NameServer(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[dns.message.Message], dns.message.Message | None]) -> None:
        self._answer = answer

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(dns.message.from_wire(data))
        if answer is not None:
            self._transport.sendto(answer.to_wire(), addr)


@contextlib.asynccontextmanager
async def name_server(
    *records: str, code: dns.rcode.Rcode = dns.rcode.NOERROR, silent: bool = False
) -> AsyncIterator[DNSResolver]:
    """Run a name server that knows some records, and give a resolver that asks it."""

    def answer(query: dns.message.Message) -> dns.message.Message | None:
        if silent:
            return None
        [question] = query.question
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(code)
        for record in records:
            name, kind, rest = record.split(" ", 2)
            found = dns.rrset.from_text(name, 60, "IN", kind, rest)
            if (found.name, found.rdtype) == (question.name, question.rdtype):
                response.answer.append(found)
        return response

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _NameServer(answer), ("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield DNSResolver(resolver, seconds=0.2 if silent else 2.0)
    finally:
        transport.close()


async def test_services_come_best_first() -> None:
    """The lowest priority is first, the greater weight before the smaller; ports are kept."""
    records = [
        f"{SRV} SRV 20 9 443 late.larch.example.",
        f"{SRV} SRV 10 1 443 light.larch.example.",
        f"{SRV} SRV 10 5 8443 heavy.larch.example.",
    ]
    async with name_server(*records) as resolver:
        assert await resolver.services("larch.example") == (
            Service("heavy.larch.example", 8443),
            Service("light.larch.example", 443),
            Service("late.larch.example", 443),
        )


async def test_service_that_is_said_not_to_exist_is_none() -> None:
    """A lone dot as target means that there is no such service."""
    async with name_server(f"{SRV} SRV 0 0 0 .") as resolver:
        assert await resolver.services("larch.example") == ()


async def test_exchangers_come_best_first_in_small_letters() -> None:
    """Mail exchangers are ordered by preference; a lone dot, which refuses all mail, is none."""
    records = ["larch.example. MX 20 mx2.Larch.Example.", "larch.example. MX 10 MX1.larch.example."]
    async with name_server(*records) as resolver:
        assert await resolver.exchangers("larch.example") == ("mx1.larch.example", "mx2.larch.example")
    async with name_server("larch.example. MX 0 .") as resolver:
        assert await resolver.exchangers("larch.example") == ()


@pytest.mark.parametrize("code", [dns.rcode.NOERROR, dns.rcode.NXDOMAIN])
async def test_missing_record_is_no_failure(code: dns.rcode.Rcode) -> None:
    """A domain without such a record, and a name that does not exist, have no services."""
    async with name_server(code=code) as resolver:
        assert await resolver.services("larch.example") == ()
        assert await resolver.exchangers("larch.example") == ()


async def test_name_server_that_fails_or_is_silent_is_told_apart() -> None:
    """Where DNS gives no answer, that is an error and not an empty one."""
    async with name_server(code=dns.rcode.SERVFAIL) as resolver:
        with pytest.raises(Unreachable, match="DNS does not answer"):
            await resolver.services("larch.example")
    async with name_server(silent=True) as resolver:
        with pytest.raises(Unreachable, match="DNS does not answer"):
            await resolver.exchangers("larch.example")


async def test_domain_that_DNS_cannot_hold_is_an_error_of_ours() -> None:
    """A label that is too long is refused by the library, and told as ours."""
    async with name_server() as resolver:
        with pytest.raises(Unreachable):
            await resolver.services("x" * 64 + ".example")
