"""
What a person did that the server has still to be told.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = ["NewOutboxEntry", "OutboxEntry", "OutboxState"]


class OutboxState(enum.StrEnum):
    """
    What is known of an entry's fate.
    """

    QUEUED = "queued"
    SENDING = "sending"
    """It may have reached the server; after a restart it is looked up there, never repeated blindly."""
    REFUSED = "refused"
    """The server said no; `reason` says why, and a person decides."""


class NewOutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something to tell the server.

    Attributes:
        account_id: the account.
        kind: `send`, `add`, `change`, `delete`, `move`...: the engine knows what each needs.
        client_id: names the entry to the server, so that a repetition is recognised; up to 40 characters.
        collection_id: the folder, where one is concerned.
        item_id: the item, where one is concerned.
        payload: what to say, as the engine encodes it.

    """

    account_id: int
    kind: str
    client_id: str
    collection_id: int | None = None
    item_id: int | None = None
    payload: bytes = b""


class OutboxEntry(NewOutboxEntry, frozen=True, kw_only=True):
    """
    An entry as the store holds it.

    Attributes:
        id: its number; entries are told in this order.
        state: what is known of its fate.
        reason: why it was refused or is being retried; empty otherwise.
        attempts: how often it was sent.
        queued_at: when the person did it.

    """

    id: int
    state: OutboxState = OutboxState.QUEUED
    reason: str = ""
    attempts: int = 0
    queued_at: dt.datetime
