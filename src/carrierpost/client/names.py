"""
What DNS says of a mail domain, for Autodiscover: SRV records and mail exchangers.

DNS is not authenticated. Whatever it names outside the mail domain gets no password before a person has agreed.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdatatype import MX, SRV, RdataType

from carrierpost.client.errors import Unreachable

__all__ = ["DNSResolver", "Resolver", "Service"]


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """
    A host that an SRV record names.

    Attributes:
        host: its name, without a dot at the end.
        port: its port.
    """

    host: str
    port: int


class Resolver(Protocol):
    """
    Answers what Autodiscover asks of DNS.
    """

    async def services(self, domain: str) -> tuple[Service, ...]:
        """
        Give the targets of `_autodiscover._tcp` of a domain, best first; none when there is no such record.

        Raises:
            Unreachable: DNS did not answer.
        """

    async def exchangers(self, domain: str) -> tuple[str, ...]:
        """
        Give the hosts that take mail for a domain (MX); none when there is no such record.

        Raises:
            Unreachable: DNS did not answer.
        """


class DNSResolver:
    """
    Asks the machine's name servers.

    Args:
        resolver: how to ask; the machine's configuration unless given.
        seconds: time for an answer.
    """

    def __init__(self, resolver: dns.asyncresolver.Resolver | None = None, *, seconds: float = 5.0) -> None:
        self._resolver = resolver
        self._seconds = seconds

    async def services(self, domain: str) -> tuple[Service, ...]:
        """
        Give the SRV targets; see `Resolver.services`.
        """
        records = await self._records(f"_autodiscover._tcp.{domain}", SRV)
        # [RFC 2782] the lowest priority first; a lone dot says that there is no such service.
        records.sort(key=lambda one: (one.priority, -one.weight))
        hosts = [Service(one.target.to_text(omit_final_dot=True), one.port) for one in records]
        return tuple(one for one in hosts if one.host not in ("", "."))

    async def exchangers(self, domain: str) -> tuple[str, ...]:
        """
        Give the mail exchangers; see `Resolver.exchangers`.
        """
        records = await self._records(domain, MX)
        records.sort(key=lambda one: one.preference)
        hosts = (one.exchange.to_text(omit_final_dot=True).lower() for one in records)
        return tuple(host for host in hosts if host not in ("", "."))  # [RFC 7505] a lone dot: no mail is taken

    async def _records(self, name: str, kind: RdataType) -> list[Any]:
        try:
            resolver = self._resolver or dns.asyncresolver.get_default_resolver()
            return list(await resolver.resolve(f"{name}.", kind, lifetime=self._seconds))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Unreachable(name, f"DNS does not answer ({type(error).__name__})") from error
