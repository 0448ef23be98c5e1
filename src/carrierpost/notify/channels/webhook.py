"""
A webhook: the hub posts to an address of its owner's, signed in the way of Standard Webhooks.

The receiver knows by the signature that the hub sent it, by the time that it was sent now, and by the id whether it
came before. While a secret is being changed, two of them sign.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from typing import Any

import msgspec

from carrierpost.model import Channel, Subscription
from carrierpost.notify.answers import EXPIRED, busy, opaque, said
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.outgoing import Answer, Outgoing, Unanswered
from carrierpost.notify.payload import Readable, open_words, seconds_left
from carrierpost.notify.reach import Forbidden
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["WebhookSender", "new_secret", "read_secrets", "signature"]

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret


def new_secret(random: bytes) -> Secret:
    """
    Write a secret of 24 to 64 random bytes as receivers are given it.
    """
    return Secret(_PREFIX + base64.b64encode(random).decode("ascii"))


def read_secrets(text: Secret) -> list[bytes]:
    """
    Read one secret, or several with blanks between them while one takes the place of another.

    Raises:
        ValueError: one is none.
    """
    keys = []
    for word in text.reveal().split():
        try:
            key = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("a webhook's secret is whsec_ and base64") from None
        if not _SHORTEST <= len(key) <= _LONGEST:
            raise ValueError(f"a webhook's secret has {_SHORTEST} to {_LONGEST} bytes, and this one {len(key)}")
        keys.append(key)
    if not keys:
        raise ValueError("a webhook needs a secret")
    return keys


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """
    Sign what is sent ([Standard Webhooks] symmetric signatures): `v1,` and base64.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode('ascii')}"


class WebhookSender:
    """
    Posts to webhooks.

    Args:
        outgoing: sends requests.
        clock: the time.
        readable: what the receiver is given to read.
        secret: signs for subscriptions that have no secret of their own.
    """

    channel = Channel.WEBHOOK

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        clock: Clock,
        readable: Readable = Readable.NOTHING,
        secret: Secret | None = None,
    ) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._readable = readable
        self._secret = secret

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: yes, a program reads it.
        """
        return True

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        now = self._clock.now()
        if seconds_left(message, now) <= 0:
            return EXPIRED
        secret = subscription.secret or self._secret
        try:
            keys = read_secrets(secret) if secret is not None else []
        except ValueError as error:
            return Refused(f"it cannot be signed: {error}")
        if not keys:
            return Refused("it cannot be signed: the webhook has no secret; set one with: notify setup webhook")
        url = subscription.address.get("url", "")
        body = msgspec.json.encode(self._document(message, url, now))
        stamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": message.notice_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": " ".join(signature(key, message.notice_id, stamp, body) for key in keys),
        }
        try:
            answer = await self._outgoing.post(url, headers, body)
        except Forbidden as error:
            return Refused(f"nothing is sent there: {error}")
        except Unanswered as error:
            return Later(f"the webhook did not answer: {error}")
        return _outcome(answer, now)

    def _document(self, message: Message, url: str, now: dt.datetime) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": message.notice_id,
            "tag": opaque(message.tag, url),
            "urgency": str(message.urgency),
        }
        words = open_words(message, self._readable)
        if words is not None and self._readable is Readable.ALL:
            data |= {"title": words.title, "body": words.body, "item": message.item_id}
        if message.badge is not None and self._readable is not Readable.NOTHING:
            data["badge"] = message.badge
        if message.kind is Kind.WITHDRAW:
            data["withdraw"] = opaque(message.about, url)
        return {"type": f"notice.{message.kind}", "timestamp": now.astimezone(dt.UTC).isoformat(), "data": data}

    async def close(self) -> None:
        """
        Let go of connections.
        """
        await self._outgoing.close()


def _outcome(answer: Answer, now: dt.datetime) -> Outcome:
    if 200 <= answer.status < 300:
        return Accepted()
    if answer.status == 410:
        return Gone("the webhook says that it wants no more (HTTP 410)")
    if 300 <= answer.status < 400:
        return Refused(
            f"the webhook sends elsewhere (HTTP {answer.status}), which is not followed; give the new address"
        )
    return busy(answer, now, "the webhook") or Refused(f"the webhook refused it: HTTP {answer.status}{said(answer)}")
