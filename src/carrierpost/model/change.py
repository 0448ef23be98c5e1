"""
The change feed: what happened in an account, numbered.

Every change is committed in one transaction with the sync key that brought it and takes the account's next
number. Whatever faces outward reads the feed from where it left off.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = ["Change", "ChangeKind", "Origin", "Passage"]


class ChangeKind(enum.StrEnum):
    """
    What happened.
    """

    ITEM_ADDED = "item-added"
    ITEM_CHANGED = "item-changed"
    ITEM_REMOVED = "item-removed"
    """Deleted, or moved to another folder at the server."""
    ITEM_MOVED = "item-moved"
    """Put into another folder, which `collection_id` names; its id stays."""
    ITEM_LEFT = "item-left"
    """Left the synchronized window; it still exists at the server."""
    ITEM_SET_ASIDE = "item-set-aside"
    COLLECTION_ADDED = "collection-added"
    COLLECTION_CHANGED = "collection-changed"
    COLLECTION_REMOVED = "collection-removed"
    COLLECTION_RESYNC = "collection-resync"
    """The server lost the key of a collection; `detail` says why. Items keep their ids."""
    ACCOUNT_ADDED = "account-added"
    """Who follows all accounts is told of one more. It stands in no feed; its number is 0."""
    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_REMOVED = "account-removed"
    """The account is forgotten, and its feed with it. The last that its followers hear of it, under the next number."""
    POLICY_CHANGED = "policy-changed"
    """An administrator changed what holds for the account's owner; `fields` names the settings, `detail` the reason."""
    OUTBOX_CHANGED = "outbox-changed"
    """Something that a person did was refused, overtaken, or taken up or given up by that person: `detail` says
    why. Without `detail`, a message waits to be sent."""
    DEVICE_CHANGED = "device-changed"
    """A device was registered, set up otherwise, or removed. What it reports of its life is no change in the feed."""


class Origin(enum.StrEnum):
    """
    Who made a change.
    """

    SERVER = "server"
    USER = "user"
    HUB = "hub"


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a change came from the server, for whoever asks why it was late. All times are the hub's, UTC.

    Attributes:
        heard_at: when the held connection answered and named the folder, or `None` when it was asked for another
            reason: its turn had come, a person wished it, a connection had broken.
        asked_at: when the folder's changes were asked for.
        answered_at: when the whole answer was here; what is between that and `Change.at` is the hub's own work.
    """

    heard_at: dt.datetime | None = None
    asked_at: dt.datetime
    answered_at: dt.datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    One entry of an account's feed.

    Attributes:
        account_id: the account.
        number: grows by one with every change of the account, without gaps, from 1.
        kind: what happened.
        origin: who did it.
        at: when it was committed, UTC.
        collection_id: the folder, where one is concerned.
        item_id: the item, where one is concerned.
        device_id: the device, for `DEVICE_CHANGED`.
        announce: whether it is news to a person: never for what a first synchronisation brings, nor a resync but for
            mail that was received in between.
        fields: names of the properties that changed, for `ITEM_CHANGED`, `COLLECTION_CHANGED` and `DEVICE_CHANGED`.
        detail: one sentence, where the kind does not say enough.
        passage: how it came from the server; `None` for what a first synchronisation brings, and for what was not
            brought by the Sync of a folder.

    """

    account_id: int
    number: int
    kind: ChangeKind
    origin: Origin
    at: dt.datetime
    collection_id: int | None = None
    item_id: int | None = None
    device_id: int | None = None
    announce: bool = False
    fields: tuple[str, ...] = ()
    detail: str = ""
    passage: Passage | None = None
