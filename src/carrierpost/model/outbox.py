"""
What a person did that the server has still to be told.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = ["EntryUpdate", "IntentKind", "NewOutboxEntry", "OutboxEntry", "OutboxState"]


class IntentKind(enum.StrEnum):
    """
    What a person wants; `carrierpost.model.intent` has a value for each.
    """

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    MOVE = "move"
    SEND = "send"
    RESPOND = "respond"
    INVITE = "invite"


class OutboxState(enum.StrEnum):
    """
    What is known of an entry's fate.
    """

    QUEUED = "queued"
    SENDING = "sending"
    """It may have reached the server; after a restart it is looked up there, never repeated blindly."""
    REFUSED = "refused"
    """The server said no, or something stands against it; `reason` says what, and a person decides."""
    UNKNOWN = "unknown"
    """It may have been done, and nobody can tell; a person decides whether to do it again."""


class NewOutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something to tell the server.

    Attributes:
        account_id: the account.
        kind: what is wanted.
        client_id: names the entry to the server, so that a repetition is recognised; up to 40 characters.
        collection_id: the folder, where one is concerned.
        item_id: the item, where one is concerned.
        payload: the intent, as `carrierpost.model.intent` writes it.

    """

    account_id: int
    kind: IntentKind
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

    @property
    def may_be_done(self) -> bool:
        """
        Whether the server may have carried it out already, without our knowing.
        """
        return self.state in (OutboxState.SENDING, OutboxState.UNKNOWN) or (
            self.state is OutboxState.QUEUED and self.attempts > 0
        )


class EntryUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """
    What has become of an entry that stays.

    Attributes:
        entry_id: the entry; one that is gone is ignored.
        state: what is known of its fate from now on.
        reason: one sentence for a person, told in the feed; empty when there is nothing to tell.
        payload: replaces the intent when not `None`.
        unsent: the last attempt never left, and does not count.

    """

    entry_id: int
    state: OutboxState
    reason: str = ""
    payload: bytes | None = None
    unsent: bool = False
