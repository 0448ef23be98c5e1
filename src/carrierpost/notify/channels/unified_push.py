"""
UnifiedPush: Android without Google. An app on the phone, such as ntfy, holds one connection to a server of the
person's choice, and hands on what comes.

An app that follows the present specification gives an endpoint and keys, and takes what Web Push takes. For a phone
with nothing but the ntfy app there is the second way: publishing to a topic of one's own ntfy server. That server can
read it, and so gets only what the administrator allows (`Readable`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.answers import EXPIRED, busy, said, values_of
from carrierpost.notify.channel import Accepted, Gone, Later, Message, Outcome, Refused
from carrierpost.notify.channels.web_push import WebPushSender
from carrierpost.notify.outgoing import Answer, Outgoing, Unanswered
from carrierpost.notify.payload import Readable, fitted, open_words, seconds_left
from carrierpost.notify.reach import Forbidden
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["NtfyServer", "UnifiedPushSender"]

_PRIORITY = {Urgency.LOW: 2, Urgency.NORMAL: 3, Urgency.HIGH: 5}
_MOST_TEXT = 3000  # bytes; what is longer ntfy makes an attachment of


class NtfyServer:
    """
    One's own ntfy server, to which topics are published.

    Args:
        url: its address: `https://ntfy.firm.example`.
        outgoing: sends requests.
        clock: the time.
        token: an access token, where the server wants one.
        readable: what it may read.
        app_url: where a tap on a notice leads; empty for nowhere.
    """

    def __init__(
        self,
        url: str,
        outgoing: Outgoing,
        *,
        clock: Clock,
        token: Secret | None = None,
        readable: Readable = Readable.NOTHING,
        app_url: str = "",
    ) -> None:
        self._url = url.rstrip("/")
        self._outgoing = outgoing
        self._clock = clock
        self._token = token
        self._readable = readable
        self._app_url = app_url

    def topic_of(self, address: str) -> str:
        """
        Give the topic that an address of this server names; empty for another address.
        """
        before, _, topic = address.partition(f"{self._url}/")
        return topic if not before and topic and "/" not in topic and "?" not in topic else ""

    async def publish(self, topic: str, message: Message) -> Outcome:
        """
        Make one attempt to publish.
        """
        words = open_words(message, self._readable)
        if words is None:
            return Refused("the ntfy app shows whatever comes, so nothing is sent of which nothing shows")
        words = fitted(words, _MOST_TEXT)
        document: dict[str, Any] = {
            "topic": topic,
            "title": words.title,
            "message": words.body or words.title,
            "priority": _PRIORITY[message.urgency],
            "tags": ["envelope"],
        }
        if self._app_url:
            document["click"] = self._app_url
        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.reveal()}"
        try:
            answer = await self._outgoing.post(f"{self._url}/", headers, msgspec.json.encode(document))
        except Forbidden as error:
            return Refused(f"nothing is sent there: {error}")
        except Unanswered as error:
            return Later(f"the ntfy server did not answer: {error}")
        return self._outcome(answer)

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.status == 200:
            return Accepted(str(values_of(answer).get("id", ""))[:100])
        if late := busy(answer, self._clock.now(), "the ntfy server"):
            return late
        if answer.status in (401, 403):
            return Refused(
                f"the ntfy server does not let the hub publish there (HTTP {answer.status}); check the token"
            )
        return Refused(f"the ntfy server refused it: HTTP {answer.status}{said(answer)}")

    async def close(self) -> None:
        """
        Let go of connections.
        """
        await self._outgoing.close()


class UnifiedPushSender:
    """
    Sends by UnifiedPush.

    Args:
        encrypted: sends to endpoints that have keys.
        ntfy: one's own ntfy server, if there is one.
        clock: the time.
    """

    channel = Channel.UNIFIED_PUSH

    def __init__(self, encrypted: WebPushSender | None, ntfy: NtfyServer | None, *, clock: Clock) -> None:
        self._encrypted = encrypted
        self._ntfy = ntfy
        self._clock = clock

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: an app decides that itself, the ntfy app shows whatever comes.
        """
        return bool(subscription.address.get("p256dh"))

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        if subscription.address.get("p256dh"):
            if self._encrypted is None:
                return Refused("endpoints of UnifiedPush need keys of the hub; make them with: notify setup web-push")
            return await self._encrypted.send(subscription, message)
        if seconds_left(message, self._clock.now()) <= 0:
            return EXPIRED
        address = subscription.address.get("url") or subscription.address.get("endpoint", "")
        topic = self._ntfy.topic_of(address) if self._ntfy is not None else ""
        if self._ntfy is not None and topic:
            return await self._ntfy.publish(topic, message)
        host = urlsplit(address).hostname or "it"
        return Gone(
            f"{host} is no ntfy server that the administrator has set up, and the app gave no keys to encrypt to"
        )

    async def close(self) -> None:
        """
        Let go of connections.
        """
        for one in (self._encrypted, self._ntfy):
            if one is not None:
                await one.close()
