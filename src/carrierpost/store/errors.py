"""
What a store can refuse, and what to do then.

    StoreError
    ├── StaleCommit        the commit was decided on a state that is no longer held: decide again
    ├── NotHeld            there is no such account, collection or item
    ├── AlreadyHeld        there is such an account already
    ├── FeedForgotten      the feed no longer goes back that far: read what is held now, and go on from there
    ├── BeingTold          the server is just being told; in a moment it is known what came of it
    ├── WrongKey           the key does not open the store
    ├── StoreTooNew        the store was written by a newer Carrierpost
    └── StoreDamaged       the store does not hold what it should; a rebuild from the server is offered
"""

from __future__ import annotations

__all__ = [
    "AlreadyHeld",
    "BeingTold",
    "FeedForgotten",
    "NotHeld",
    "StaleCommit",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "WrongKey",
]


class StoreError(Exception):
    """
    The base of everything that a store raises. Its text is a sentence for a person.
    """


class StaleCommit(StoreError):
    """
    The commit was decided on a state that is no longer held; nothing was written.
    """


class NotHeld(StoreError):
    """
    There is no such account, collection or item.
    """


class AlreadyHeld(StoreError):
    """
    There is such an account already.
    """


class BeingTold(StoreError):
    """
    The server is just being told, or may have been; what came of it has to be known first.
    """


class FeedForgotten(StoreError):
    """
    The changes that were asked for are no longer in the feed, so it cannot be read without a gap.

    Take the account's `feed_position`, then read what is held, and go on after that number.

    Attributes:
        account_id: the account.
        after: the number after which changes were asked for.
        horizon: the number of the newest change that is forgotten.
    """

    def __init__(self, account_id: int, after: int, horizon: int) -> None:
        super().__init__(
            f"of this account's changes, those up to number {horizon} are forgotten, and those after {after} were "
            "asked for; read everything anew"
        )
        self.account_id = account_id
        self.after = after
        self.horizon = horizon


class WrongKey(StoreError):
    """
    The key does not open the store.
    """


class StoreTooNew(StoreError):
    """
    The store was written by a newer Carrierpost.
    """


class StoreDamaged(StoreError):
    """
    The store does not hold what it should.
    """
