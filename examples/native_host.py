"""
A phone's app in a page: Carrierpost's engine driven by what the system tells an app.

    python examples/native_host.py

A BeeWare or Kivy app does the same in its own handlers: opened, left, time to refresh, notice received, closed. Here a
script plays the system, and the built-in server has the mailbox; engine, store and life are the real ones.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from pathlib import Path

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.delivery import NativeHost
from carrierpost.engine import HostedAccount, within
from carrierpost.model import AppState, Device, DeviceLife, Platform, Secret
from carrierpost.server import BackgroundExchange


async def live(hub: Hub, exchange: BackgroundExchange) -> None:
    """
    Live a day of Alice's phone, which has no notify channel, but background app refresh.
    """
    password = Secret(exchange.users["alice@exchange.example"])
    added = await hub.add_account("alice@exchange.example", password, url=exchange.origin)
    account = added.account
    async with hub.runner(account) as runner:
        await runner.sync_once()  # what was there before is no news

        now = hub.clock.now()
        host = NativeHost(
            Device(id=1, account_id=account.id, name="Alice's phone", platform=Platform.IOS, created_at=now),
            DeviceLife(state=AppState.TERMINATED, since=now, background_refresh=True, battery=80),
            HostedAccount(hub.store, account.id, runner),
            limit=within,
            now=hub.clock.now,
        )

        print("opened:   ", (await host.foreground()).reason)
        print("left:     ", (await host.background()).reason)
        print("suspended:", (await host.grace_ended()).reason)
        wished = host.next_refresh()
        assert wished is not None
        print("          ", wished.reason)

        exchange.deliver("alice", "Tea?", "At four.", sender='"Bob" <bob@exchange.example>')
        refreshed = await host.refresh(hub.clock.now() + dt.timedelta(seconds=25))
        print("refreshed:", refreshed.found, "new,", "finished" if refreshed.finished else "cut at the deadline")

        print("battery:  ", host.changed(battery=8, low_power=True).reason)
        wished = host.next_refresh()
        assert wished is not None
        print("          ", wished.reason)
        print("closed:   ", (await host.terminate()).reason)


async def main() -> None:
    """
    Run the server and a hub in a directory that is removed in the end.
    """
    with BackgroundExchange() as exchange, tempfile.TemporaryDirectory() as home:
        async with open_hub(home=Path(home), environment={}) as hub:
            await live(hub, exchange)


if __name__ == "__main__":
    asyncio.run(main())
