"""
Accounts of who is signed in.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Account
from carrierpost.policy import SETTINGS
from carrierpost.web.operations import Access, Call, Operations

__all__ = ["operations"]

operations = Operations()


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """
    An account.

    Attributes:
        id: the hub's number for it.
        address: the mail address.
        state: `active`, `waiting` until `wait_until`, `stopped` or `wiped`.
        reason: why it is not active, for a person; empty when it is.
        wait_until: until when the server asked to wait.
        version: of ActiveSync, or `None` before the first connection.
        time_zone: the person's.
        position: number of the newest change, to begin a live stream behind.
    """

    id: int
    address: str
    state: str
    reason: str
    wait_until: dt.datetime | None
    version: str | None
    time_zone: str
    position: int


class PolicyRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an administrator set, and where the value comes from.

    Attributes:
        name: of the setting.
        title: for a person.
        meaning: what it does.
        value: as it is written in a policy file.
        source: the set that it comes from.
    """

    name: str
    title: str
    meaning: str
    value: bool | int | str | list[str]
    source: str


@operations("GET", "/accounts")
async def list_accounts(call: Call) -> tuple[AccountView, ...]:
    """
    List one's accounts.
    """
    return tuple(_view(one) for one in call.who.accounts.values())


@operations("GET", "/accounts/{account_id}")
async def see_account(call: Call, account_id: int) -> AccountView:
    """
    Show an account.
    """
    return _view(call.account(account_id))


@operations("DELETE", "/accounts/{account_id}", access=Access.BROWSER, status=204)
async def remove_account(call: Call, account_id: int) -> None:
    """
    Remove an account from Carrierpost, with everything that is held of it; nothing is deleted at the mail server.
    """
    await call.office.hub.store.remove_account(call.account(account_id).id)
    call.office.look_again()


@operations("GET", "/accounts/{account_id}/policy")
async def see_policy(call: Call, account_id: int) -> tuple[PolicyRow, ...]:
    """
    Show what holds for an account's owner, and who decided it.
    """
    account = call.account(account_id)
    effective = await PolicyDesk(call.office.hub.store).effective(account.address)
    return tuple(
        PolicyRow(
            name=one.name,
            title=one.title,
            meaning=one.meaning,
            value=one.write(getattr(effective.values, one.name)),
            source=effective.source(one.name),
        )
        for one in SETTINGS.values()
    )


def _view(account: Account) -> AccountView:
    return AccountView(
        id=account.id,
        address=account.address,
        state=str(account.state),
        reason=account.reason,
        wait_until=account.wait_until,
        version=str(account.version) if account.version is not None else None,
        time_zone=account.time_zone,
        position=account.feed_position,
    )
