"""
Who may come in: sessions of browsers, tokens of devices, tickets that are good for one thing once.

None of these values holds what a person or a device shows at the door; the store knows only a hash of that.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = ["Answered", "DeviceToken", "Session", "SignedIn", "Ticket", "TokenPurpose"]


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """
    An account that a session may work on.

    Attributes:
        account_id: the account.
        proved_at: when its login was last proved at its server, UTC.
        device_id: the device that the browser is for this account, or `None` before it was registered. When the device
            is removed, the session loses the account.
    """

    account_id: int
    proved_at: dt.datetime
    device_id: int | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """
    A browser that is signed in.

    Attributes:
        id: the hub's number for it.
        name: what kind of browser it is, for a list of one's sessions.
        created_at: when it began, UTC.
        seen_at: when it was last used, UTC; noted now and then only.
        expires_at: when it ends by itself, UTC.
        accounts: what it may work on, the first that signed in first.
    """

    id: int
    name: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime
    accounts: tuple[SignedIn, ...] = ()


class TokenPurpose(enum.StrEnum):
    """
    What somebody may do who comes in by a token of a device: one thing, and nothing beside it.
    """

    APP = "app"
    """Everything that the device may: the token of a native host."""
    CONTACTS = "contacts"
    """Keep its address book up to date; such a token is called a password, since a person may have to type it."""


class DeviceToken(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a program on a device comes in by.

    Attributes:
        id: the hub's number for it.
        device_id: the device.
        name: what it is for.
        created_at: when it was made, UTC.
        used_at: when it was last used, UTC, or `None` for never; noted now and then only.
        expires_at: when it ends by itself, UTC, or `None` for never.
        purpose: what it opens.
    """

    id: int
    device_id: int
    name: str
    created_at: dt.datetime
    used_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    purpose: TokenPurpose = TokenPurpose.APP


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """
    Good for one thing, once.

    Attributes:
        purpose: the thing: `sign-in`, for a link that signs in.
        expires_at: until when, UTC.
        account_id: for which account, or `None` where it is not about one.
        data: what has to be known when it is shown.
    """

    purpose: str
    expires_at: dt.datetime
    account_id: int | None = None
    data: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was answered to a request that its sender may repeat (`Idempotency-Key`).

    Attributes:
        digest: of the request, so that another one under the same key is noticed.
        status: the answer's HTTP status; 0 while it is being worked on.
        body: the answer's body.
    """

    digest: str
    status: int = 0
    body: bytes = b""
