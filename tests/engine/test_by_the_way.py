"""
What a server mentions in the headers of its answers, and what the account does about it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from carrierpost.client.trace import Trace
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.faults import http
from tests.support.hub import bench, mail
from tests.support.virtual import virtual


def beginnings(trace: Path) -> int:
    """Count the requests for the whole folder list."""
    asked = [path.read_text() for path in trace.glob("*-FolderSync.request.xml")]
    return sum("<SyncKey>0</SyncKey>" in text for text in asked)


@virtual
async def test_upgraded_server_is_begun_with_again_and_nothing_is_lost_or_announced(tmp_path: Path) -> None:
    """X-MS-RP: folder list and folders begin with key 0; what is held is recognised, with the ids it had."""
    async with bench() as made:
        for number in range(20):
            mail(made.mailbox, number)
        await made.new_runner().sync_once()
        before = {one.server_id: one.id for one in await made.held(FolderType.INBOX)}
        negotiated = made.requests("OPTIONS")
        made.server.faults.add(http(200, {"X-MS-RP": "2.5,12.0,12.1,14.0,14.1,16.0,16.1"}), command="Ping")
        made.trace = Trace(tmp_path)
        working = asyncio.ensure_future(made.new_runner().run())
        await made.clock.sleep(120)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert beginnings(tmp_path) == 1
        assert made.requests("OPTIONS") == negotiated + 2  # once for the new runner, once for the new server
        assert {one.server_id: one.id for one in await made.held(FolderType.INBOX)} == before
        assert made.announced() == []
        assert await made.contradictions() == []


@virtual
async def test_password_that_expires_soon_is_kept_for_the_doctor() -> None:
    """X-MS-Credentials-Expire becomes a date, which does not change while the days count down."""
    async with bench() as made:
        await made.new_runner().sync_once()
        made.server.faults.add(http(200, {"X-MS-Credentials-Expire": "5"}), command="Ping", times=1)
        working = asyncio.ensure_future(made.runner.run())
        await made.clock.sleep(120)
        assert (await made.account()).server["password_expires"] == "2026-03-07"
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
