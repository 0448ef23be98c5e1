"""
The held connection: a Ping, what it says, and what is learned from how it ends.
"""

from __future__ import annotations

import asyncio

from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.engine.context import Context
from carrierpost.engine.events import Waiting
from carrierpost.engine.order import Hold
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.errors import StatusError

__all__ = ["hold"]


async def hold(context: Context, step: Hold, wake: asyncio.Event) -> None:
    """
    Hold a connection until something changes, its time is over, or somebody wants something.

    Args:
        context: the account at work.
        step: over which folders, how long.
        wake: ends the wait early.

    Raises:
        ClientError, ProtocolError: the connection ended otherwise.
    """
    folders = tuple(
        PingFolder(id=one.server_id, content_class=one.content_class or ContentClass.EMAIL) for one in step.collections
    )
    context.tell(Waiting(step.seconds, f"watching {len(folders)} folders", held=True))
    begun = context.clock.monotonic()
    ping = asyncio.ensure_future(context.session.send(PingRequest(heartbeat_interval=step.seconds, folders=folders)))
    woken = asyncio.ensure_future(wake.wait())
    try:
        await asyncio.wait((ping, woken), return_when=asyncio.FIRST_COMPLETED)
    finally:
        woken.cancel()
        if not ping.done():
            ping.cancel()
        await asyncio.gather(ping, woken, return_exceptions=True)
    held = context.clock.monotonic() - begun
    if ping.cancelled():
        return
    error = ping.exception()
    if isinstance(error, TimedOut | ConnectionLost):
        await _learn(context, cut=True, held=held, asked=step.seconds)
        for one in step.collections:
            context.run.folder(one.id).due = True
        if held >= context.run.heartbeat.least:
            return  # the line was good for a while: ask at once what was missed
    if error is not None:
        raise error
    await _heard(context, step, ping.result(), held)


async def _heard(context: Context, step: Hold, answer: PingResponse, held: float) -> None:
    run = context.run
    match answer.status:
        case 1:
            await _learn(context, cut=False, held=held, asked=step.seconds)
        case 2:
            named = [one for one in step.collections if one.server_id in answer.folders]
            for one in named or step.collections:
                folder = run.folder(one.id)
                folder.due = folder.woken = True
        case 5 if answer.heartbeat_interval is not None and answer.heartbeat_interval != step.seconds:
            run.heartbeat = run.heartbeat.limited(answer.heartbeat_interval)
            await _keep(context)
        case 6 if answer.max_folders is not None and 0 < answer.max_folders < len(step.collections):
            run.most_folders = answer.max_folders
        case 7:
            run.hierarchy_due = True
        case _:
            raise StatusError("Ping", answer.status)


async def _learn(context: Context, *, cut: bool, held: float, asked: int) -> None:
    run = context.run
    before = run.heartbeat
    if cut:
        run.heartbeat = before.cut(held)
    elif asked == before.seconds:
        run.heartbeat = before.answered(held)
    if (run.heartbeat.seconds, run.heartbeat.ceiling) != (before.seconds, before.ceiling):
        await _keep(context)


async def _keep(context: Context) -> None:
    heartbeat = context.run.heartbeat
    await context.store.update_account(
        context.account_id, heartbeat=heartbeat.seconds, heartbeat_ceiling=heartbeat.ceiling
    )
