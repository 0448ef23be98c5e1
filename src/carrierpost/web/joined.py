"""
All parts of a hub that serves, joined: its accounts are worked on, its devices are told, and its web face knows both.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from carrierpost.bootstrap import Hub
from carrierpost.bootstrap.serving import listener_of, notifying
from carrierpost.engine.listener import Listener
from carrierpost.notify.outgoing import Outgoing
from carrierpost.web.care import sweeping
from carrierpost.web.office import Office
from carrierpost.web.settings import WebSettings

__all__ = ["joined"]


@contextlib.asynccontextmanager
async def joined(
    hub: Hub, settings: WebSettings, *, outgoing: Callable[..., Outgoing] = Outgoing
) -> AsyncIterator[tuple[Office, Listener]]:
    """
    Let all parts of a hub work while the block is entered; in the end live streams and sign-ins are ended as well.

    Args:
        hub: the hub.
        settings: of the web face.
        outgoing: makes what carries requests to providers of notices.
    """
    async with listener_of(hub) as accounts, notifying(hub, outgoing=outgoing) as notices, sweeping(hub):
        office = Office(
            hub,
            settings,
            notices=notices,
            wake=accounts.look_again,
            fetch=accounts.refresh,
            using=accounts.using,
        )
        try:
            yield office, accounts
        finally:
            office.drain()
            await office.sign_ins.close()
