"""
What some servers do that others do not, to be switched on for tests by name.

A fault happens to a request and is over; an oddity is how a server is. The protocol allows some of them, and clients
have to live with all.
"""

from __future__ import annotations

import enum

__all__ = ["SOGO_LIKE", "Oddity"]


class Oddity(enum.StrEnum):
    """
    One thing that a server does differently.
    """

    NEW_IDS_ON_RESYNC = "new-ids-on-resync"
    """A folder that is begun anew has other ids for the same items, as with Z-Push after a reset."""
    COOKIES_REQUIRED = "cookies-required"
    """A client from 16.0 on that does not send its cookie back meets a server that knows nothing of it."""
    QUARANTINES = "quarantines"
    """A new device sees an Inbox with one notice and nothing else until an administrator lets it in."""
    POLLED_PING = "polled-ping"
    """Held requests look for changes every five seconds instead of being told."""
    INTERIM_KEY = "interim-key"
    """After an answer with items the folder counts as changed for Ping until it was asked for once more."""
    FIRST_ADD_LOSES_KEY = "first-add-status-3"
    """The first item that a client adds to a folder that was empty makes the server lose its place in it."""
    KEEPS_OMITTED = "keeps-omitted"
    """What a Change leaves out is kept, ghosted or not, as Exchange 2010 is said to do with contacts."""


SOGO_LIKE = frozenset({Oddity.POLLED_PING, Oddity.INTERIM_KEY, Oddity.FIRST_ADD_LOSES_KEY})
"""What makes the server resemble SOGo, as far as the names of the quirks say."""
