"""
Whatever a trace's files hold, sent with a bug report by a stranger: the replay gives an answer, fails as the network
did, or says that the trace is damaged or that it differs; nothing else is raised.
"""

from __future__ import annotations

import asyncio
import functools
import random
import tempfile
from pathlib import Path

from carrierpost.client.errors import BadTrace, ClientError
from carrierpost.client.replay import ReplayTransport, TraceDiffers, recorded_partnership
from carrierpost.client.trace import Trace
from carrierpost.protocol.commands.folder_sync import Folder, FolderChanges, FolderSyncRequest, FolderSyncResponse
from carrierpost.protocol.http import Partnership, frame
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.version import Version
from fuzz._mutate import mutate

__all__ = ["attempt"]

_PARTNERSHIP = Partnership(url="https://x.example/y", user="ada", device_id="D1", device_type="T", user_agent="U")


def attempt(chance: random.Random) -> None:
    """
    Damage a file or two of a trace, and play it back.
    """
    files = dict(_recorded())
    for name in chance.sample(sorted(files), chance.randint(1, 2)):
        if chance.random() < 0.9:
            files[name] = mutate(files[name], chance)
        else:
            del files[name]
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            Path(place, name).write_bytes(content)
        try:
            recorded_partnership(Path(place))
            asyncio.run(_play(Path(place)))
        except (BadTrace, TraceDiffers, ClientError):
            return


async def _play(place: Path) -> None:
    transport = ReplayTransport(place)
    for request in _requests():
        async with asyncio.timeout(0.05):  # what was given up then is given up now
            await transport.send(request)


@functools.cache
def _requests() -> tuple[HTTPRequest, ...]:
    command = FolderSyncRequest(sync_key="0")
    return (frame("FolderSync", command.encode(Version.V14_1), _PARTNERSHIP),) * 3


@functools.cache
def _recorded() -> tuple[tuple[str, bytes], ...]:
    """
    Record a conversation: an answer, an answer in parts, a failure.
    """
    folders = FolderChanges(adds=(Folder(server_id="1", display_name="Ä\r\n]]>"),))
    body = FolderSyncResponse(sync_key="1", changes=folders).encode(Version.V14_1).body
    wbxml, parts = {"content-type": str(ContentType.WBXML)}, {"content-type": str(ContentType.MULTIPART)}
    answers = (
        HTTPResponse(status=200, headers=wbxml, body=body),
        HTTPResponse(status=200, headers=parts, body=join_parts([body, b"bytes", b""])),
    )
    with tempfile.TemporaryDirectory() as place:
        trace = Trace(Path(place))
        for request, answer in zip(_requests(), answers, strict=False):
            trace.response(trace.request(request), request, answer)
        trace.failure(trace.request(_requests()[2]), _requests()[2], ClientError("x.example", "gone"))
        return tuple((path.name, path.read_bytes()) for path in sorted(Path(place).iterdir()))
