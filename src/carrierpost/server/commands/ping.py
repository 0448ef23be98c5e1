"""
Ping as a server does it ([MS-ASCMD] Ping).

A Ping also tells the server that all answers before it have arrived; what a lost one said is then never said again.
That costs clients mail which ping too early, and is what Exchange does.
"""

from __future__ import annotations

from carrierpost.protocol.commands.ping import PingRequest, PingResponse
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context
from carrierpost.server.commands.folder_sync import hierarchy_changed
from carrierpost.server.commands.holding import Woken, changed_folders, hold

__all__ = ["ping"]


async def ping(context: Context) -> Payload:
    """
    Wait until a folder changes.
    """
    return (await _answer(context)).encode(context.version)


async def _answer(context: Context) -> PingResponse:
    request = context.read(PingRequest.decode, may_be_empty=True)
    device, server = context.device, context.server
    kept_interval, kept_folders = device.ping
    interval = kept_interval if request.heartbeat_interval is None else request.heartbeat_interval
    folders = tuple(one.id for one in request.folders) or kept_folders
    if interval is None or not folders:
        return PingResponse(status=3)
    least, most = server.heartbeat_limits
    if not least <= interval <= most:
        return PingResponse(status=5, heartbeat_interval=least if interval < least else most)
    if len(folders) > server.most_ping_folders:
        return PingResponse(status=6, max_folders=server.most_ping_folders)
    if any(one not in context.mailbox.folders for one in folders) or not device.hierarchy_key:
        return PingResponse(status=7)
    device.ping = interval, folders
    if server.ping_acknowledges:
        for state in device.collections.values():
            state.forget_answer()
    if context.fault is not None and context.fault.name == "status":
        number = int(context.fault.number)
        return PingResponse(status=number, folders=folders if number == 2 else ())
    woken = await hold(context, interval, folders)
    if woken is Woken.CHANGES:
        return PingResponse(status=2, folders=changed_folders(context, folders))
    if woken is Woken.HIERARCHY or hierarchy_changed(context):
        return PingResponse(status=7)
    return PingResponse(status=1)
