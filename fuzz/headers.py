"""
Whatever stands in a server's headers: they are read or overlooked, a pause lasts from nothing to a day, and no address
that a server names gets a password without TLS.
"""

from __future__ import annotations

import datetime as dt
import random

from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.exchanges import check, safe_location
from carrierpost.protocol.http import payload_of, retry_after, server_facts
from carrierpost.protocol.message import HTTPResponse
from fuzz._mutate import mutate

__all__ = ["attempt"]

_NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
_GOOD = {
    "retry-after": ("120", "Wed, 04 Mar 2026 09:00:00 GMT", "-1", "1e9", "99999999999999999999", "\u0663"),
    "ms-asprotocolversions": ("2.5,12.0,12.1,14.0,14.1,16.0,16.1", "16.1", ""),
    "ms-asprotocolcommands": ("Sync,SendMail,Ping", ""),
    "content-type": ("application/vnd.ms-sync.wbxml", "application/vnd.ms-sync.multipart; charset=x", "text/html"),
    "x-ms-location": ("https://eu.example/Microsoft-Server-ActiveSync", "http://[::1", "//x.example/y", "javascript:1"),
    "x-ms-asthrottle": ("SyncCommands",),
}


def attempt(chance: random.Random) -> None:
    """
    Damage headers, and read them.
    """
    headers = {}
    for name, values in _GOOD.items():
        value = chance.choice(values)
        headers[name] = mutate(value.encode(), chance).decode("latin-1") if chance.random() < 0.6 else value
    response = HTTPResponse(status=chance.choice((200, 302, 401, 449, 451, 503, 999)), headers=headers)
    server_facts(response)
    payload_of(response)
    seconds = retry_after(response, _NOW)
    assert seconds is None or 0.0 <= seconds <= 86400.0, seconds
    try:
        check("Sync", response, _NOW)
    except HTTPStatusError as error:
        str(error)
    for current in ("https://x.example/y", "http://localhost/y"):
        target = safe_location(current, headers["x-ms-location"])
        assert target is None or target.startswith(("https://", "http://localhost", "http://127.0.0.1", "http://[::1]"))
        assert target is None or target.startswith("https://") or current.startswith("http://localhost")
