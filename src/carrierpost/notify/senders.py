"""
The senders of the channels that are set up, for whoever hands out notices.

It is a mapping that changes: an administrator sets channels up while the hub runs, and what was changed is taken up by
the next `refresh`, without a restart. A sender that was replaced finishes what it has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import structlog

from carrierpost.model import Channel
from carrierpost.notify.apple import ByCertificate, ByToken, certificate_context
from carrierpost.notify.channel import Sender
from carrierpost.notify.channels.apns import APNSSender
from carrierpost.notify.channels.desktop import DesktopSender
from carrierpost.notify.channels.fcm import FCMSender
from carrierpost.notify.channels.unified_push import NtfyServer, UnifiedPushSender
from carrierpost.notify.channels.web_push import WebPushSender
from carrierpost.notify.channels.webhook import WebhookSender
from carrierpost.notify.google import ServiceAccount
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.setup import (
    APNsSetup,
    ChannelSetup,
    DesktopSetup,
    FCMSetup,
    UnifiedPushSetup,
    WebhookSetup,
    WebPushSetup,
    reach_of,
    read_setups,
    tls_of,
)
from carrierpost.notify.vapid import Vapid
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret
from carrierpost.store.contract import Store

__all__ = ["Senders"]

_LOG = structlog.get_logger("carrierpost.notify")
_LOOK_SECONDS = 15.0


class Senders(Mapping[Channel, Sender]):
    """
    The senders by channel. Call `refresh` before use, and `close` at the end.

    Args:
        store: keeps how channels are set up.
        clock: the time.
        outgoing: makes what carries requests to providers.

    Attributes:
        problems: why a channel that is set up cannot be used, in words.
    """

    def __init__(self, store: Store, *, clock: Clock, outgoing: Callable[..., Outgoing] = Outgoing) -> None:
        self.problems: dict[Channel, str] = {}
        self._store = store
        self._clock = clock
        self._outgoing = outgoing
        self._setups: Mapping[Channel, ChannelSetup] = {}
        self._senders: dict[Channel, Sender] = {}
        self._vapid: Vapid | None = None

    def __getitem__(self, channel: Channel) -> Sender:
        return self._senders[channel]

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._senders)

    def __len__(self) -> int:
        return len(self._senders)

    def vapid_public_key(self) -> str | None:
        """
        Give the key that browsers subscribe with, base64url; `None` while Web Push is not set up.
        """
        return self._vapid.public_key if self._vapid is not None else None

    async def refresh(self) -> frozenset[Channel]:
        """
        Take up what was changed; tells which channels that were.
        """
        try:
            setups = await read_setups(self._store)
        except ValueError as error:
            _LOG.warning("channels stay as they are", reason=str(error))
            return frozenset()
        changed = {one for one in Channel if setups.get(one) != self._setups.get(one)}
        if Channel.WEB_PUSH in changed:
            changed.add(Channel.UNIFIED_PUSH)  # it encrypts with the same keys
        self._setups = setups
        for channel in sorted(changed):
            await self._renew(channel)
        return frozenset(changed)

    async def keep_fresh(self) -> None:
        """
        Refresh for ever, every quarter of a minute; cancel it to end.
        """
        while True:
            await self._clock.sleep(_LOOK_SECONDS)
            await self.refresh()

    async def close(self) -> None:
        """
        Let go of all connections.
        """
        for sender in self._senders.values():
            await sender.close()

    async def _renew(self, channel: Channel) -> None:
        old = self._senders.pop(channel, None)
        self.problems.pop(channel, None)
        try:
            new = self._make(channel)
        except ValueError as error:
            self.problems[channel] = str(error)
            _LOG.warning("channel cannot be used", channel=str(channel), reason=str(error))
            new = None
        if new is not None:
            self._senders[channel] = new
        if old is not None:
            await old.close()

    def _make(self, channel: Channel) -> Sender | None:
        setup = self._setups.get(channel)
        if channel is Channel.WEB_PUSH:
            self._vapid = None
        if channel is Channel.UNIFIED_PUSH:
            return self._unified_push(setup if isinstance(setup, UnifiedPushSetup) else None)
        match setup:
            case WebPushSetup():
                self._vapid = Vapid(Secret(setup.key), setup.contact, clock=self._clock)
                return self._web_push(setup, self._vapid, channel)
            case APNsSetup():
                return self._apns(setup)
            case FCMSetup():
                outgoing = self._outgoing()
                account = ServiceAccount(Secret(setup.service_account), outgoing, clock=self._clock)
                return FCMSender(account, outgoing, clock=self._clock, readable=setup.readable)
            case WebhookSetup():
                outgoing = self._outgoing(reach_of(setup), tls=tls_of(setup.authorities))
                secret = Secret(setup.secret)
                return WebhookSender(outgoing, clock=self._clock, readable=setup.readable, secret=secret)
            case DesktopSetup():
                return DesktopSender(clock=self._clock)
        return None

    def _web_push(self, setup: WebPushSetup, vapid: Vapid, channel: Channel) -> WebPushSender:
        outgoing = self._outgoing(reach_of(setup), tls=tls_of(setup.authorities))
        return WebPushSender(vapid, outgoing, app_url=setup.app_url, clock=self._clock, channel=channel)

    def _apns(self, setup: APNsSetup) -> APNSSender:
        proof: ByToken | ByCertificate = ByCertificate()
        tls = None
        if setup.certificate:
            tls = certificate_context(Secret(setup.certificate))
        else:
            proof = ByToken(Secret(setup.key), setup.key_id, setup.team_id, clock=self._clock)
        return APNSSender(
            setup.topic,
            proof,
            self._outgoing(tls=tls),
            clock=self._clock,
            readable=setup.readable,
            topics=frozenset(setup.topics),
        )

    def _unified_push(self, setup: UnifiedPushSetup | None) -> UnifiedPushSender | None:
        web_push = self._setups.get(Channel.WEB_PUSH)
        encrypted = ntfy = None
        if isinstance(web_push, WebPushSetup):
            vapid = Vapid(Secret(web_push.key), web_push.contact, clock=self._clock)
            encrypted = self._web_push(web_push, vapid, Channel.UNIFIED_PUSH)
        if setup is not None:
            ntfy = NtfyServer(
                setup.url,
                self._outgoing(reach_of(setup), tls=tls_of(setup.authorities)),
                clock=self._clock,
                token=Secret(setup.token) if setup.token else None,
                readable=setup.readable,
                app_url=setup.app_url,
            )
        return UnifiedPushSender(encrypted, ntfy, clock=self._clock) if encrypted or ntfy else None
