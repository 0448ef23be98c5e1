"""
How channels are set up: what an administrator says of each, and the keys, kept in the encrypted store.

Everything of a channel is one setting of the hub, `notify.web-push` and so on. It is read here and nowhere else, and no
part of it is ever printed as it is.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from carrierpost.model import Channel
from carrierpost.notify.apple import certificate_context, check_token_key
from carrierpost.notify.channels.webhook import read_secrets
from carrierpost.notify.google import read_service_account
from carrierpost.notify.payload import Readable
from carrierpost.notify.reach import Reach
from carrierpost.notify.vapid import Vapid
from carrierpost.protocol.clock import SystemClock
from carrierpost.protocol.secret import Secret
from carrierpost.store.contract import Store

__all__ = [
    "APNsSetup",
    "ChannelSetup",
    "DesktopSetup",
    "FCMSetup",
    "UnifiedPushSetup",
    "WebPushSetup",
    "WebhookSetup",
    "drop_setup",
    "keep_setup",
    "reach_of",
    "read_setups",
    "tls_of",
]

_PREFIX = "notify."


class _Setup(msgspec.Struct, frozen=True, kw_only=True):
    """
    What all set-ups share: they hold keys, so they do not print.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class WebPushSetup(_Setup, frozen=True, kw_only=True):
    """
    Web Push.

    Attributes:
        key: the hub's private key, PEM. Browsers subscribe to it; another key makes all their subscriptions void.
        contact: whom push services write to.
        app_url: where the web app lives.
        only: patterns of the only push services that are allowed; none for all.
        own: hosts of one's own that may have private addresses.
        authorities: PEM of certificates to trust in addition.
    """

    key: str
    contact: str
    app_url: str = ""
    only: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    authorities: str = ""

    def check(self) -> None:
        """
        Raise `ValueError` for what cannot work.
        """
        Vapid(Secret(self.key), self.contact, clock=SystemClock())
        if self.app_url and urlsplit(self.app_url).scheme not in ("https", "http"):
            raise ValueError("the address of the web app begins with https://")
        tls_of(self.authorities)

    def told(self) -> str:
        """
        Give a line that tells it, without any key.
        """
        only = f", only {', '.join(self.only)}" if self.only else ""
        return f"contact {self.contact}, app {self.app_url or 'not named'}{only}{_own(self.own)}; nothing readable"


class APNsSetup(_Setup, frozen=True, kw_only=True):
    """
    APNs: with a key that signs tokens, or with a certificate.

    Attributes:
        topic: the app's bundle id.
        topics: other apps' bundle ids.
        key: what Apple gave as `AuthKey_....p8`.
        key_id: the key's id.
        team_id: the team's.
        certificate: a client certificate and its key, PEM, in the place of the three.
        readable: what Apple may read.
    """

    topic: str
    topics: tuple[str, ...] = ()
    key: str = ""
    key_id: str = ""
    team_id: str = ""
    certificate: str = ""
    readable: Readable = Readable.NOTHING

    def check(self) -> None:
        """
        Raise `ValueError` for what cannot work.
        """
        if not self.topic:
            raise ValueError("APNs needs the app's bundle id (--topic)")
        if self.certificate:
            certificate_context(Secret(self.certificate))
            return
        if not (self.key and self.key_id and self.team_id):
            raise ValueError(
                "APNs needs a key with its id and the team's (--key, --key-id, --team-id), or --certificate"
            )
        check_token_key(Secret(self.key))

    def told(self) -> str:
        """
        Give a line that tells it, without any key.
        """
        proof = "a certificate" if self.certificate else f"key {self.key_id} of team {self.team_id}"
        return f"{', '.join((self.topic, *self.topics))} by {proof}; {_readable(self.readable, 'Apple')}"


class FCMSetup(_Setup, frozen=True, kw_only=True):
    """
    FCM.

    Attributes:
        service_account: the file that Google gave.
        readable: what Google may read.
    """

    service_account: str
    readable: Readable = Readable.NOTHING

    def check(self) -> None:
        """
        Raise `ValueError` for what cannot work.
        """
        read_service_account(Secret(self.service_account))

    def told(self) -> str:
        """
        Give a line that tells it, without any key.
        """
        file, _ = read_service_account(Secret(self.service_account))
        return f"project {file.project_id} as {file.client_email}; {_readable(self.readable, 'Google')}"


class UnifiedPushSetup(_Setup, frozen=True, kw_only=True):
    """
    One's own ntfy server. Endpoints that encrypt need nothing but the keys of Web Push.

    Attributes:
        url: its address.
        token: an access token.
        readable: what it may read.
        app_url: where a tap leads.
        own: hosts of one's own that may have private addresses.
        authorities: PEM of certificates to trust in addition.
    """

    url: str
    token: str = ""
    readable: Readable = Readable.NOTHING
    app_url: str = ""
    own: tuple[str, ...] = ()
    authorities: str = ""

    def check(self) -> None:
        """
        Raise `ValueError` for what cannot work.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise ValueError("the ntfy server's address begins with https:// and holds no password")
        if parts.scheme == "http" and parts.hostname not in {one.lower() for one in self.own}:
            raise ValueError(f"without https, {parts.hostname} has to be allowed (--allow-host {parts.hostname})")
        tls_of(self.authorities)

    def told(self) -> str:
        """
        Give a line that tells it, without any key.
        """
        token = "an access token" if self.token else "no access token"
        return f"{self.url} with {token}{_own(self.own)}; {_readable(self.readable, 'it')}"


class WebhookSetup(_Setup, frozen=True, kw_only=True):
    """
    Webhooks.

    Attributes:
        secret: signs; two with a blank between them while one takes the other's place.
        readable: what receivers may read.
        own: hosts of one's own that may have private addresses.
        authorities: PEM of certificates to trust in addition.
    """

    secret: str
    readable: Readable = Readable.NOTHING
    own: tuple[str, ...] = ()
    authorities: str = ""

    def check(self) -> None:
        """
        Raise `ValueError` for what cannot work.
        """
        read_secrets(Secret(self.secret))
        tls_of(self.authorities)

    def told(self) -> str:
        """
        Give a line that tells it, without any key.
        """
        count = len(self.secret.split())
        return f"{count} secret{'s' * (count > 1)}{_own(self.own)}; {_readable(self.readable, 'receivers')}"


class DesktopSetup(_Setup, frozen=True, kw_only=True):
    """
    The desktop of this machine.
    """

    def check(self) -> None:
        """
        Do nothing, for nothing can be wrong.
        """

    def told(self) -> str:
        """
        Give a line that tells it.
        """
        return "on this machine; nothing leaves it"


ChannelSetup: TypeAlias = WebPushSetup | APNsSetup | FCMSetup | UnifiedPushSetup | WebhookSetup | DesktopSetup

_KINDS: Mapping[Channel, type[ChannelSetup]] = {
    Channel.WEB_PUSH: WebPushSetup,
    Channel.APNS: APNsSetup,
    Channel.FCM: FCMSetup,
    Channel.UNIFIED_PUSH: UnifiedPushSetup,
    Channel.WEBHOOK: WebhookSetup,
    Channel.DESKTOP: DesktopSetup,
}


async def keep_setup(store: Store, channel: Channel, setup: ChannelSetup) -> None:
    """
    Set a channel up; a running hub takes it up by itself.

    Raises:
        ValueError: it cannot work; says what to give.
    """
    setup.check()
    await store.put_hub_setting(f"{_PREFIX}{channel}", Secret(msgspec.json.encode(setup).decode()))


async def drop_setup(store: Store, channel: Channel) -> bool:
    """
    Forget a channel with its keys; tells whether it was set up.
    """
    return await store.drop_hub_setting(f"{_PREFIX}{channel}")


async def read_setups(store: Store) -> Mapping[Channel, ChannelSetup]:
    """
    Give the channels that are set up.

    Raises:
        ValueError: what is kept of one cannot be read.
    """
    found: dict[Channel, ChannelSetup] = {}
    kept = await store.hub_settings(_PREFIX)
    for channel, kind in _KINDS.items():
        if (text := kept.get(f"{_PREFIX}{channel}")) is None:
            continue
        try:
            found[channel] = msgspec.json.decode(text.reveal(), type=kind)
        except msgspec.DecodeError:
            raise ValueError(
                f"the set-up of {channel} cannot be read; make it anew: carrierpost notify setup"
            ) from None
    return found


def tls_of(authorities: str) -> ssl.SSLContext | None:
    """
    Give TLS that trusts authorities in addition to the system's; `None` when there are none to add.

    Raises:
        ValueError: they are no certificates.
    """
    if not authorities:
        return None
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata=authorities)
    except (ssl.SSLError, ValueError):
        raise ValueError("the authorities' file holds no certificates; it has to be PEM (--ca)") from None
    return context


def reach_of(setup: WebPushSetup | UnifiedPushSetup | WebhookSetup) -> Reach:
    """
    Tell where a channel may send.
    """
    return Reach(
        own=frozenset(one.lower() for one in setup.own), only=setup.only if isinstance(setup, WebPushSetup) else ()
    )


def _own(hosts: tuple[str, ...]) -> str:
    return f", also inside: {', '.join(hosts)}" if hosts else ""


def _readable(readable: Readable, who: str) -> str:
    what = {Readable.NOTHING: "nothing", Readable.COUNT: "the number of unread mails", Readable.ALL: "whole notices"}
    return f"{who} may read {what[readable]}"
