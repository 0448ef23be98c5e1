"""
Many people's accounts in one hub: held, idle, and told.
"""

from __future__ import annotations

import asyncio
import random

from carrierpost.model import AppState, Channel, NewSubscription, Platform
from carrierpost.notify.desk import NoticeDesk
from tests.notify.stage import Recorder, names
from tests.support.hub import mail
from tests.support.many import many
from tests.support.virtual import virtual

ACCOUNTS = 60


@virtual
async def test_SC4_idle_accounts_cost_a_ping_now_and_then_and_all_are_told_when_all_get_mail() -> None:
    """
    Nothing is asked in between heartbeats and nothing is written; one mail is handed over without any pause, and a mail
    for everybody within seconds. What ten thousand cost in memory and processor is measured: `make bench`.
    """
    async with many() as hub:
        accounts = [await hub.account(number) for number in range(ACCOUNTS)]
        for account in accounts:
            phone = await hub.device(account, Platform.ANDROID, state=AppState.TERMINATED)
            address = {"endpoint": f"https://push.example/{phone.id}"}
            await hub.store.put_subscription(
                NewSubscription(device_id=phone.id, channel=Channel.WEB_PUSH, address=address)
            )
        push = Recorder(Channel.WEB_PUSH, hub.clock)
        desk = NoticeDesk(hub.store, {Channel.WEB_PUSH: push}, clock=hub.clock, chance=random.Random(3), name=names())
        async with hub.listening(4 * 3600):  # by then each has learned for how long its connection can be held
            telling = asyncio.ensure_future(desk.run())
            assert hub.server.holding == ACCOUNTS
            positions = [one.feed_position for one in await hub.store.accounts()]
            idle = hub.clock.monotonic()
            await hub.clock.sleep(3600)
            assert {command for _, _, command in hub.since(idle)} <= {"Ping"}
            assert len(hub.since(idle)) <= 4 * ACCOUNTS
            assert [one.feed_position for one in await hub.store.accounts()] == positions
            at = hub.clock.monotonic()
            mail(hub.mailbox(accounts[7]), 1, received=hub.clock.now())
            await hub.clock.sleep(1)
            assert [one.at - at < 0.25 for one in push.sent] == [True]
            for account in accounts:
                mail(hub.mailbox(account), 2, received=hub.clock.now())
            at = hub.clock.monotonic()
            await hub.clock.sleep(15)
            assert len({one.device_id for one in push.sent if one.at >= at}) == ACCOUNTS
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
