"""
Where notices may be sent.

An endpoint or a webhook's address comes from outside, and the hub stands in somebody's network. Without a check it
could be made to knock at doors in there that are nobody else's business (server-side request forgery). So only https to
public addresses is allowed, and what is connected to is an address that was checked: a name may be looked up
differently the second time.
"""

from __future__ import annotations

import asyncio
import dataclasses
import fnmatch
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

__all__ = ["PUBLIC", "Forbidden", "Reach", "Resolve", "look_up"]

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host; raises `OSError` when there are none."""

_PORTS = {"https": 443, "http": 80}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LONGEST = 2048


class Forbidden(Exception):
    """
    Nothing may be sent there; the text says why, and what an administrator can do.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """
    What may be reached.

    Attributes:
        own: hosts of one's own, in lower case, which may have private addresses and speak plain http; `ntfy.lan`,
            `10.0.0.7`.
        only: patterns of host names, `*.push.apple.com`; if there are any, other hosts that are not `own` are refused.
    """

    own: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()

    def check(self, url: str) -> None:
        """
        Look at an address before it is used.

        Raises:
            Forbidden: nothing may be sent there.
        """
        if not url.isascii() or not url.isprintable() or " " in url:
            raise Forbidden("it holds letters that no address has")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise Forbidden("it is no address") from None
        if len(url) > _LONGEST or parts.scheme not in _PORTS or not host:
            raise Forbidden("it is no https address")
        if parts.username is not None or parts.password is not None:
            raise Forbidden("the address holds a password")
        if host in self.own:
            return
        if parts.scheme != "https":
            raise Forbidden(f"{host} is not reached by https; only a host that an administrator allows may do without")
        if port not in (None, 443) and port < 1024:
            raise Forbidden(f"port {port} of {host} is not one for https")
        if self.only and not any(fnmatch.fnmatchcase(host.lower(), pattern.lower()) for pattern in self.only):
            raise Forbidden(f"{host} is not among the services that an administrator allows")
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return
        if not is_public(address):
            raise Forbidden(f"{host} is no public address; an administrator can allow it")

    def choose(self, host: str, addresses: Sequence[str]) -> list[str]:
        """
        Give those addresses of a host that may be connected to.

        Raises:
            Forbidden: none may.
        """
        if host.rstrip(".").lower() in self.own:
            return list(addresses)
        allowed = [one for one in addresses if is_public(ipaddress.ip_address(one.partition("%")[0]))]
        if not allowed:
            raise Forbidden(f"{host} has no public address; an administrator can allow it")
        return allowed


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """
    Tell whether an address is one of the public internet, also by what it stands for behind a translation.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


async def look_up(host: str, port: int) -> Sequence[str]:
    """
    Ask the system for a host's addresses.

    Raises:
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


PUBLIC = Reach()
"""The public internet, by https."""
