"""
The held connection: a Ping, what it says, and what is learned from how it ends.
"""

from __future__ import annotations

import asyncio

from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.engine.backoff import pause
from carrierpost.engine.bell import Bell
from carrierpost.engine.context import Context
from carrierpost.engine.events import Waiting
from carrierpost.engine.heartbeat import AT_ONCE, Heartbeat
from carrierpost.engine.steps import LONG, Hold
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.errors import StatusError

__all__ = ["hold"]

_EARLY = 30.0  # seconds; an answer without news before that has not been waited for
_ODD = 4  # such answers in a row that are borne: limits are learned by them
_POSSIBLE = range(1, 7201)  # seconds of interval that a server may name


async def hold(context: Context, step: Hold, bell: Bell) -> None:
    """
    Hold a connection until something changes, its time is over, something else is due, or somebody wants something.

    Args:
        context: the account at work.
        step: over which folders, how long.
        bell: ends the wait early.

    Raises:
        ClientError, ProtocolError: the connection ended otherwise.
    """
    folders = tuple(
        PingFolder(id=one.server_id, content_class=one.content_class or ContentClass.EMAIL) for one in step.collections
    )
    context.tell(Waiting(step.seconds, f"watching {len(folders)} folders", held=True))
    begun = context.clock.monotonic()
    alarm = asyncio.ensure_future(_ring_after(context, step.recheck, bell)) if step.recheck < LONG else None
    try:
        answer = await bell.until(context.session.send(PingRequest(heartbeat_interval=step.seconds, folders=folders)))
    except (TimedOut, ConnectionLost) as error:
        held = context.clock.monotonic() - begun
        await _keep(context, context.run.heartbeat.cut(held, silent=isinstance(error, TimedOut)))
        if held < AT_ONCE:
            raise
        _take_turns(context, error)  # the line was good for a while; the next Ping tells at once what was missed
        return
    finally:
        if alarm is not None:
            alarm.cancel()
    if answer is not None:
        await _heard(context, step, answer, context.clock.monotonic() - begun)


async def _ring_after(context: Context, seconds: float, bell: Bell) -> None:
    await context.clock.sleep(seconds)
    bell.ring()


def _take_turns(context: Context, error: TimedOut | ConnectionLost) -> None:
    """
    Come back one after the other, when a server or the way to it has broken the connections of many at once.
    """
    if context.gate is not None and isinstance(error, ConnectionLost):
        context.run.not_before = context.clock.monotonic() + context.gate.pause()
        context.run.reason = "the connection broke; the accounts of this server come back one after the other"


async def _heard(context: Context, step: Hold, answer: PingResponse, held: float) -> None:
    run = context.run
    if answer.status != 2 and held < min(_EARLY, step.seconds / 2):
        _note_oddity(context, step)
    else:
        run.odd_pings = 0
    match answer.status:
        case 1:
            if step.seconds == run.heartbeat.seconds:
                await _keep(context, run.heartbeat.answered(held))
        case 2:
            named = [one for one in step.collections if one.server_id in answer.folders]
            for one in named or step.collections:
                folder = run.folder(one.id)
                folder.due = folder.woken = True
                folder.heard_at = context.clock.now()
        case 5 if answer.heartbeat_interval in _POSSIBLE and answer.heartbeat_interval != step.seconds:
            await _keep(context, run.heartbeat.limited(answer.heartbeat_interval or step.seconds))
        case 6 if answer.max_folders is not None and 0 < answer.max_folders < len(step.collections):
            run.most_folders = answer.max_folders
        case 7:
            run.hierarchy_due = True
        case _:
            raise StatusError("Ping", answer.status)


def _note_oddity(context: Context, step: Hold) -> None:
    """
    Keep from asking in circles: a server that answers at once, and has nothing to tell, is asked less and less often.
    """
    run = context.run
    run.odd_pings += 1
    if run.odd_pings < _ODD:
        return
    run.reason = "the server does not hold the connection but answers at once; folders are asked for from time to time"
    run.not_before = context.clock.monotonic() + pause(run.odd_pings - _ODD + 1, context.chance, first=5.0)
    for one in step.collections:
        run.folder(one.id).due = True


async def _keep(context: Context, heartbeat: Heartbeat) -> None:
    """
    Go on with what was learned, and keep it beyond a restart.
    """
    before, context.run.heartbeat = context.run.heartbeat, heartbeat
    if (heartbeat.seconds, heartbeat.ceiling) != (before.seconds, before.ceiling):
        await context.store.update_account(
            context.account_id, heartbeat=heartbeat.seconds, heartbeat_ceiling=heartbeat.ceiling
        )
