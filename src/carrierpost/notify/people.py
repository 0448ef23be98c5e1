"""
Who wrote to whom, as far as notices care. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.protocol.classes import Email

__all__ = ["bare", "is_vip", "people_told", "sender_name", "sender_of"]

_MOST_RECIPIENTS = 100


def bare(address: str) -> str:
    """
    Give an address in the form in which addresses are compared.
    """
    return address.strip().casefold()


def sender_of(mail: Email) -> Address | None:
    """
    Give the author of a mail, or who sent it when no author is named.
    """
    for field in (mail.from_, mail.sender):
        if field and (found := parse_addresses(field, most=1)):
            return found[0]
    return None


def sender_name(mail: Email) -> str:
    """
    Give what to call the author of a mail.
    """
    sender = sender_of(mail)
    return (sender.name or sender.address) if sender is not None else "Unknown sender"


def people_told(mail: Email) -> tuple[Address, ...]:
    """
    List to whom a mail went, as far as its head says.
    """
    fields = ", ".join(field for field in (mail.to, mail.cc) if field)
    return parse_addresses(fields, most=_MOST_RECIPIENTS) if fields else ()


def is_vip(address: str, vips: Iterable[str]) -> bool:
    """
    Tell whether somebody is very important: by the whole address, or as one of `@domain`.
    """
    one = bare(address)
    domain = one.rpartition("@")[2]
    return any(vip == one or (domain and vip == f"@{domain}") for vip in map(bare, vips))
