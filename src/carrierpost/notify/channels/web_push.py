"""
Web Push ([RFC 8030]): browsers, web apps on a phone's home screen, and whatever else takes messages the same way.

The push service sees who sends, to which subscription, when, how urgent it is and for how long it is worth keeping, and
a length that is one of three. It cannot read the message ([RFC 8291]).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.answers import EXPIRED, busy, opaque, said
from carrierpost.notify.channel import SILENT, Accepted, Gone, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.encryption import LARGEST, DeviceKeys, encrypt
from carrierpost.notify.outgoing import Answer, Outgoing, Unanswered
from carrierpost.notify.payload import sealed, seconds_left
from carrierpost.notify.reach import Forbidden
from carrierpost.notify.vapid import Vapid
from carrierpost.protocol.clock import Clock

__all__ = ["WebPushSender"]

_URGENCY = {Urgency.LOW: "low", Urgency.NORMAL: "normal", Urgency.HIGH: "high"}
_OTHER_KEY = ("vapidpkhashmismatch", "do not correspond to the credentials", "does not match the")
"""What Apple, Google and Mozilla say when a browser subscribed with another key than that which signs."""


class WebPushSender:
    """
    Sends by Web Push.

    Args:
        vapid: signs.
        outgoing: sends requests.
        app_url: where the web app lives; a tap on a notice that iOS shows by itself goes there.
        clock: the time.
        random: gives random bytes.
        channel: under which name; UnifiedPush works the same way.
    """

    def __init__(
        self,
        vapid: Vapid,
        outgoing: Outgoing,
        *,
        app_url: str,
        clock: Clock,
        random: Callable[[int], bytes] = secrets.token_bytes,
        channel: Channel = Channel.WEB_PUSH,
    ) -> None:
        self.channel = channel
        self._vapid = vapid
        self._outgoing = outgoing
        self._app_url = app_url
        self._clock = clock
        self._random = random

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: everywhere but at Apple, which takes subscriptions away from who is silent.
        """
        return not _is_apple(subscription.address.get("endpoint", ""))

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        now = self._clock.now()
        endpoint = subscription.address.get("endpoint", "")
        declarative = _is_apple(endpoint)
        life = seconds_left(message, now)
        if life <= 0:
            return EXPIRED
        if declarative and message.kind in SILENT and message.kind is not Kind.WAKE:
            return Refused("Apple takes a web app's subscription away when a push shows nothing, so none is sent")
        try:
            keys = DeviceKeys.parse(subscription.address.get("p256dh", ""), subscription.address.get("auth", ""))
        except ValueError as error:
            return Gone(f"{error}; the device has to subscribe again")
        plain = sealed(message, self._app_url, largest=LARGEST, declarative=declarative)
        body = encrypt(plain, keys, private=ec.generate_private_key(ec.SECP256R1()), salt=self._random(16))
        headers = {
            "authorization": await self._vapid.authorization(endpoint),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(life),
            "urgency": _URGENCY[message.urgency],
        }
        if topic := _topic(message):
            # [RFC 8030] 5.4: a topic has up to 32 letters of base64url; keyed with the device's secret it says nothing.
            headers["topic"] = opaque(topic, subscription.address["auth"])
        try:
            answer = await self._outgoing.post(endpoint, headers, body)
        except Forbidden as error:
            return Refused(f"nothing is sent there: {error}")
        except Unanswered as error:
            return Later(f"{urlsplit(endpoint).hostname} did not answer: {error}")
        return self._outcome(answer, urlsplit(endpoint).hostname or "the push service")

    def _outcome(self, answer: Answer, who: str) -> Outcome:
        if answer.status in (200, 201, 202, 204):
            return Accepted(answer.headers.get("location", "").rstrip("/").rpartition("/")[2][:100])
        if answer.status in (404, 410):
            return Gone(f"{who} knows the subscription no more (HTTP {answer.status})")
        if late := busy(answer, self._clock.now(), who):
            return late
        if answer.status in (400, 401, 403) and any(word in said(answer).lower() for word in _OTHER_KEY):
            return Gone("the browser subscribed with another key than that of this hub; it has to subscribe again")
        if answer.status == 413:
            return Refused(f"{who} finds the message too large")
        if 300 <= answer.status < 400:
            return Refused(f"{who} sends elsewhere (HTTP {answer.status}), where a subscription does not lead")
        return Refused(f"{who} refused it: HTTP {answer.status}{said(answer)}")

    async def close(self) -> None:
        """
        Let go of connections.
        """
        await self._outgoing.close()


def _topic(message: Message) -> str:
    """
    Name what makes an older message void that the service still holds: a newer number, a newer notice of its kind, or
    its withdrawal.
    """
    if message.kind in (Kind.WAKE, Kind.BADGE):
        return message.kind
    return message.about if message.kind is Kind.WITHDRAW else message.tag


def _is_apple(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(".push.apple.com")
