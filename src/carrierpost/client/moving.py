"""
Where a mailbox may be followed to, and with what. Pure.

The server that a person or Autodiscover named has the password; it may hand the mailbox over to another one in the
way that ActiveSync has for it (451 with `X-MS-Location`), by https. A redirect of plain HTTP is anybody's: a proxy's,
a login page's. It is followed within the mail domain only, and one that is meant for the time being is not kept.
"""

from __future__ import annotations

import enum
from urllib.parse import urljoin

import msgspec

from carrierpost.protocol.errors import HTTPStatusError, RemoteProtocolError
from carrierpost.protocol.exchanges import safe_location
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import HTTPRequest

__all__ = ["Move", "anchored", "is_lost", "move_to"]

_ANCHORED_HOSTS = frozenset({"eas.outlook.com"})
_LOST = frozenset({403, 404, 451, 500})


class Move(enum.Enum):
    """
    How a redirect is followed.
    """

    FOR_GOOD = "the mailbox is there from now on"
    FOR_NOW = "the mailbox is there for the time being"
    REFUSED = "the password must not go there unasked"


def move_to(current: str, status: int, location: str, *, login: str) -> tuple[str, Move]:
    """
    Decide about a redirect ([MS-ASHTTP] 451, [RFC 9110] 301, 302, 307, 308).

    Args:
        current: the endpoint that answered.
        status: its HTTP status.
        location: where it sends us; may be relative.
        login: the login name; when it is an address, its domain is ours too.

    Returns:
        The new endpoint without query, and how it is followed.
    """
    target = safe_location(current, location)
    if target is None:
        return urljoin(current, location), Move.REFUSED
    if status == 451:
        return target, Move.FOR_GOOD
    if not _related(host_of(current), host_of(target), login.rpartition("@")[2] if "@" in login else ""):
        return target, Move.REFUSED
    return target, Move.FOR_GOOD if status in (301, 308) else Move.FOR_NOW


def _related(current: str, target: str, domain: str) -> bool:
    """
    Say whether a host is the one that was asked, one above or below it, or one of the mail domain.
    """
    current, target, domain = current.casefold(), target.casefold(), domain.casefold()
    if target == current or target.endswith(f".{current}") or (current.endswith(f".{target}") and "." in target):
        return True
    return bool(domain) and (target == domain or target.endswith(f".{domain}"))


def is_lost(error: RemoteProtocolError) -> bool:
    """
    Say whether a refusal may mean that this is the wrong server, so that Autodiscover might know a better one.

    A refused password (401) is none of these: to offer it elsewhere could lock the account.
    """
    return isinstance(error, HTTPStatusError) and error.status in _LOST


def anchored(request: HTTPRequest, login: str) -> HTTPRequest:
    """
    Add the cookie by which outlook.com finds a private person's mailbox.
    """
    if "@" not in login or host_of(request.url).casefold() not in _ANCHORED_HOSTS:
        return request
    cookie = ("Cookie", f"DefaultAnchorMailbox={login}")
    return msgspec.structs.replace(request, headers=(*request.headers, cookie))
