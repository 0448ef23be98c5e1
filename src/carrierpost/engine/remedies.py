"""
What follows from how a step went: from a failure its remedy, from what the server mentioned by the way what it wants.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.client.errors import ClientError
from carrierpost.engine.backoff import pause
from carrierpost.engine.context import Context
from carrierpost.engine.failure import Remedy, judge
from carrierpost.engine.hierarchy import reset_everything, reset_hierarchy
from carrierpost.engine.wiping import obey
from carrierpost.model import Account, AccountState
from carrierpost.protocol.errors import ProtocolError, WipeOrdered

__all__ = ["hold_back", "note_server", "recovered", "remedy", "take_hints"]

_ASKED_FOR_TIME = "the server asked to be left alone for a while, as too much was asked of it lately"
_SHORT = 60.0  # seconds; so short a wait need not outlive a restart, nor be shown as the account's state


async def remedy(context: Context, error: ClientError | ProtocolError) -> None:
    """
    Do what a failure asks for.

    Args:
        context: the account at work.
        error: what went wrong.
    """
    verdict = judge(error, context.run.failures)
    context.run.failures += 1
    if verdict.loud:
        await _set(context, AccountState.WAITING, verdict.reason)
    match verdict.remedy:
        case Remedy.RETRY | Remedy.SMALLER:
            hold_back(context, verdict.reason)
        case Remedy.WAIT:
            seconds = verdict.seconds
            if seconds is None:
                seconds = pause(context.run.failures, context.chance, first=60.0, most=3600.0)
            await _wait(context, seconds, verdict.reason)
        case Remedy.STOP:
            await _set(context, AccountState.STOPPED, verdict.reason)
        case Remedy.WIPE:
            assert isinstance(error, WipeOrdered)
            await obey(context, error)
        case Remedy.NEGOTIATE:
            context.run.negotiated = False
            hold_back(context, verdict.reason)
        case Remedy.FETCH_FOLDERS:
            context.run.hierarchy_due = True
            hold_back(context, verdict.reason)
        case Remedy.RESET_FOLDERS:
            await reset_hierarchy(context)
            hold_back(context, verdict.reason)
        case Remedy.RESET_ALL:
            await reset_everything(context, verdict.reason)
            hold_back(context, verdict.reason)


def hold_back(context: Context, reason: str) -> None:
    """
    Leave the server alone with the account for a pause of our own.
    """
    run = context.run
    run.reason = reason
    run.not_before = context.clock.monotonic() + pause(run.failures, context.chance)


async def recovered(context: Context) -> None:
    """
    Take back that the account waits, once the server has done what it was asked; not while it wants to be left alone.
    """
    if not context.run.waits:
        return
    account = await context.store.account(context.account_id)
    waits = account.wait_until is not None and account.wait_until > context.clock.now()
    if account.state is AccountState.WAITING and not waits:
        await context.store.update_account(context.account_id, state=AccountState.ACTIVE, reason="", wait_until=None)


async def take_hints(context: Context) -> None:
    """
    Act on what the server mentioned by the way.
    """
    mentions = context.session.mentions
    if mentions.take_restart():
        context.run.negotiated = False
        await reset_everything(context, "the server was upgraded, and asks to begin again")
    if (seconds := mentions.take_back_off()) is not None:
        await _grant(context, seconds)
    if mentions.password_days is not None:
        expires = (context.clock.now() + dt.timedelta(days=mentions.password_days)).date().isoformat()
        account = await context.store.account(context.account_id)
        if account.server.get("password_expires") != expires:
            await note_server(context, password_expires=expires)


async def note_server(context: Context, **facts: str) -> Account:
    """
    Keep facts that the server told of itself.
    """
    account = await context.store.account(context.account_id)
    return await context.store.update_account(context.account_id, server={**account.server, **facts})


async def _grant(context: Context, seconds: float) -> None:
    """
    Leave the server some time that it mentioned with an answer.
    """
    if seconds >= _SHORT:
        await _wait(context, seconds, _ASKED_FOR_TIME)
        return
    context.run.reason = _ASKED_FOR_TIME
    context.run.not_before = max(context.run.not_before, context.clock.monotonic() + seconds)


async def _wait(context: Context, seconds: float, reason: str) -> None:
    """
    Leave the server alone with the whole account, as it asked, and remember that beyond a restart.
    """
    until = context.clock.now() + dt.timedelta(seconds=seconds)
    context.run.waits = True
    await context.store.update_account(context.account_id, state=AccountState.WAITING, reason=reason, wait_until=until)


async def _set(context: Context, state: AccountState, reason: str) -> None:
    context.run.waits = context.run.waits or state is AccountState.WAITING
    await context.store.update_account(context.account_id, state=state, reason=reason)
