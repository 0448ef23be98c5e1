"""
A mailbox that the hub keeps in sync, and what is known of its server.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

from carrierpost.protocol.version import Version

__all__ = ["Account", "AccountState", "NewAccount"]


class AccountState(enum.StrEnum):
    """
    Whether the hub works on an account at present.
    """

    ACTIVE = "active"
    WAITING = "waiting"
    """The server asked to be left alone until `Account.wait_until`."""
    STOPPED = "stopped"
    """A person has to do something first: `Account.reason` says what."""
    WIPED = "wiped"
    """The server ordered a wipe; the account's data is gone and stays blocked."""


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """
    What has to be known to begin with an account.

    Attributes:
        address: the person's mail address.
        login: the name to log in with; often the address.
        url: the ActiveSync endpoint, absolute.
        device_id: 1 to 32 letters and digits; constant for the life of the partnership.
        device_type: constant likewise.
        user_agent: constant likewise.
        pinned_version: the protocol version that the user insists on, or `None`.
        ca_file: path of a CA file to trust for this server, or `None` for the system's.
        time_zone: IANA name of the person's zone, for times that a server leaves without one.

    """

    address: str
    login: str
    url: str
    device_id: str
    device_type: str = "Carrierpost"
    user_agent: str = "Carrierpost/0.1"
    pinned_version: Version | None = None
    ca_file: str | None = None
    time_zone: str = "UTC"


class Account(NewAccount, frozen=True, kw_only=True):
    """
    An account as the store holds it. Its password is kept apart (`Store.secret`).

    Attributes:
        id: the hub's number for it.
        state: whether the hub works on it.
        reason: why it is not active, in one sentence for a person; empty when it is.
        wait_until: until when the server asked to wait, or `None`.
        version: the protocol version in use, or `None` before the first connection.
        policy_key: the server's current policy key, `"0"` for none.
        hierarchy_key: the sync key of the folder list, `"0"` before the first.
        heartbeat: the heartbeat interval learned for this account, seconds; 0 when nothing is learned yet.
        heartbeat_ceiling: the longest interval that is known to be cut or refused, seconds; 0 when none is known.
        server: facts that the server told of itself (product, versions, commands, request ids), for `doctor`.
        policy: the server's device policy document as JSON-ready values, and how it was answered; empty for none.
        wipe_owed: what the server has still to be told to be wiped, `"account"` or `"device"`; empty for nothing.
        feed_position: number of the newest change in the account's feed.
        feed_horizon: number of the newest change that the feed no longer holds, being old; 0 while it holds all.

    """

    id: int
    state: AccountState = AccountState.ACTIVE
    reason: str = ""
    wait_until: dt.datetime | None = None
    version: Version | None = None
    policy_key: str = "0"
    hierarchy_key: str = "0"
    heartbeat: int = 0
    heartbeat_ceiling: int = 0
    server: dict[str, str] = {}
    policy: dict[str, object] = {}
    wipe_owed: str = ""
    feed_position: int = 0
    feed_horizon: int = 0
