"""
The built-in server as a process of its own, with the mails that are synchronized.

    python -m benchmarks.exchange TLS_DIRECTORY COUNT SIZE

It answers nothing from what it has encoded before: each measurement begins with a new one. Answers are not compressed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.account import ADDRESS, PASSWORD
from benchmarks.child import say
from benchmarks.mails import mails
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.serve import serving

__all__ = ["ADDRESS", "PASSWORD", "deliver", "new_server"]


def new_server(count: int, size: int) -> ExchangeServer:
    """
    Make a server with mails in its only Inbox.

    Args:
        count: how many mails.
        size: bytes of each one's text.
    """
    server = ExchangeServer(compresses=False)  # as mbsync's server does not either
    mailbox = server.add_user(ADDRESS, PASSWORD, name="Ada Larch")
    inbox = mailbox.folder(FolderType.INBOX)
    for one in mails(count, size=size, until=dt.datetime.now(dt.UTC)):
        mailbox.deliver(one.subject, one.text, sender=one.sender, received=one.received, folder=inbox)
    return server


async def deliver(mailbox: Mailbox, count: int, pause: float) -> dict[str, float]:
    """
    Let mail arrive by chance, as a person's does: sometimes close together, sometimes far apart.

    Args:
        mailbox: where.
        count: how many.
        pause: mean seconds between two.

    Returns:
        Monotonic seconds at which the mailbox had each, by the item's id.
    """
    chance = random.Random(3)
    committed: dict[str, float] = {}
    for one in mails(count, size=2048, seed=11):
        await asyncio.sleep(chance.expovariate(1 / pause))
        item = mailbox.deliver(one.subject, one.text, sender=one.sender)
        committed[item.server_id] = item.committed
    return committed


async def _obey(server: ExchangeServer, order: dict[str, Any]) -> None:
    match order["do"]:
        case "spent":
            say(cpu=time.process_time(), requests=len(server.log))
        case "deliver":
            say(committed=await deliver(server.mailbox(ADDRESS), order["count"], order["pause"]))


async def _main(directory: Path, count: int, size: int) -> None:
    server = new_server(count, size)
    certificate, key = directory / "server.crt", directory / "server.key"
    async with serving(server, "localhost", certificate=certificate, key=key) as running:
        say(url=running.url)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _obey(server, json.loads(line))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
