"""
From a command to the running system and back: opening the hub, choosing an account, ending in good order.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.engine import AccountRunner
from carrierpost.model import Account
from carrierpost.store.contract import Store

__all__ = ["account_option", "asynchronous", "online", "pick_account", "until_interrupted"]

P = ParamSpec("P")
T = TypeVar("T")


def asynchronous(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """
    Let a click command be a coroutine function.
    """

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return wrapper


account_option = click.option(
    "--account", "address", metavar="ADDRESS", help="Which account; may be left out when there is only one."
)


async def pick_account(store: Store, address: str | None) -> Account:
    """
    Find the account that a command is about.

    Args:
        store: the open store.
        address: what the person typed, or `None` for the only account.

    Raises:
        click.UsageError: none or several would do, or none has this address.

    """
    accounts = await store.accounts()
    if not accounts:
        raise click.UsageError("there is no account yet; add one with: carrierpost account add ADDRESS")
    if address is None:
        if len(accounts) == 1:
            return accounts[0]
        known = ", ".join(account.address for account in accounts)
        raise click.UsageError(f"there are several accounts; choose one with --account ADDRESS ({known})")
    for account in accounts:
        if account.address.casefold() == address.casefold():
            return account
    known = ", ".join(account.address for account in accounts)
    raise click.UsageError(f"there is no account {address}; known: {known}")


@contextlib.asynccontextmanager
async def online(
    address: str | None, *, trace: Path | None = None, veil: bool = False
) -> AsyncIterator[tuple[Hub, Account, AccountRunner]]:
    """
    Open the hub and work on one account, for a command that asks its server there and then.

    Raises:
        click.UsageError: it is not clear which account is meant.
        HubBusy: another process works on it.
    """
    async with open_hub(trace=trace, veil=veil) as hub:
        account = await pick_account(hub.store, address)
        async with hub.runner(account) as runner:
            yield hub, account, runner


async def until_interrupted(work: Coroutine[Any, Any, Any], *, seconds: float | None = None) -> None:
    """
    Let work run until it ends, the time is over, or the person presses Ctrl-C (or sends SIGTERM).

    The work is cancelled and waited for, so that it closes what it opened.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
