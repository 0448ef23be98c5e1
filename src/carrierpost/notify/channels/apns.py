"""
Apple's push service, for apps on iOS and macOS ([APNs] "Sending notification requests to APNs").

Apple could read what it carries. So it carries an opaque id and words that are always the same, and for an app that
registered keys the notice itself, encrypted to the device; its notification extension puts the one in the place of the
other. More only travels when the administrator allows it (`Readable`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.answers import EXPIRED, busy, opaque, retry_after, values_of
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.outgoing import Answer, Outgoing, Unanswered
from carrierpost.notify.payload import Readable, envelope, fitted, open_words, seconds_left
from carrierpost.notify.reach import Forbidden
from carrierpost.protocol.clock import Clock

__all__ = ["PRODUCTION", "SANDBOX", "APNSSender", "Proof"]

PRODUCTION = "https://api.push.apple.com"
SANDBOX = "https://api.sandbox.push.apple.com"

_NAMES = uuid.UUID("b1f8a6c4-6b1e-4f0b-9d0a-6d2f2f1f7c11")  # for ids that are the same for each attempt
_LARGEST = 4096  # bytes of a payload
_TEXT_SIZES = (1400, 700, 350, 100)  # bytes of title and body, tried in turn: JSON writes some letters with six
_GONE = {
    "BadDeviceToken": "the token is none, or belongs to the other of Apple's two environments",
    "Unregistered": "the app was removed from the device, or lets itself be told no more",
    "ExpiredToken": "the token has expired",
}
_RENEW = {"ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken"}
_ADVICE = {
    "DeviceTokenNotForTopic": "the device registered for another app; check --topic",
    "TopicDisallowed": "the key may not be used for this app; check --topic and the key's restrictions",
    "BadTopic": "check --topic: it is the app's bundle id",
    "MissingTopic": "set the app's bundle id with --topic",
    "InvalidProviderToken": "check --key-id, --team-id, and that the key was not revoked",
    "BadCertificate": "the certificate is not accepted; get a new one",
    "BadCertificateEnvironment": "the certificate is for the other of Apple's two environments",
}
_TOO_MANY_TOKENS = 20 * 60.0  # seconds
_TOO_MANY_PAUSE = 60.0


class Proof(Protocol):
    """
    How a hub shows Apple who it is.
    """

    async def headers(self) -> Mapping[str, str]:
        """
        Give the headers that prove it; none where the TLS certificate does.
        """

    def renew(self, refused: Mapping[str, str]) -> bool:
        """
        Make a new proof next time, because Apple refused this one; tells whether that will help.
        """


class APNSSender:
    """
    Sends by APNs.

    Args:
        topic: the app's bundle id, for subscriptions that name none.
        proof: shows who sends.
        outgoing: sends requests, by HTTP/2.
        clock: the time.
        readable: what Apple may read.
        production: where Apple's service is.
        sandbox: where it is for apps that are being developed; a subscription says so by `environment: sandbox`.
        topics: other apps' bundle ids that a subscription may name.
        random: gives random bytes.
    """

    channel = Channel.APNS

    def __init__(
        self,
        topic: str,
        proof: Proof,
        outgoing: Outgoing,
        *,
        clock: Clock,
        readable: Readable = Readable.NOTHING,
        production: str = PRODUCTION,
        sandbox: str = SANDBOX,
        topics: frozenset[str] = frozenset(),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._topic = topic
        self._topics = topics | {topic}
        self._proof = proof
        self._outgoing = outgoing
        self._clock = clock
        self._readable = readable
        self._production = production
        self._sandbox = sandbox
        self._random = random

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: yes, a few times in an hour.
        """
        return True

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        token = subscription.address.get("token", "")
        topic = subscription.address.get("topic") or self._topic
        if not token or len(token) % 2 or set(token.lower()) - set("0123456789abcdef") or len(token) > 400:
            return Gone("its device token is none; the app has to register again")
        if topic not in self._topics:
            return Refused(f"the app {topic[:100]} is none that the administrator has set up")
        if seconds_left(message, self._clock.now()) <= 0:
            return EXPIRED
        try:
            payload = self._encoded(subscription, message)
        except ValueError as error:
            return Gone(f"{error}; the app has to register again")
        origin = self._sandbox if subscription.address.get("environment") == "sandbox" else self._production
        headers = self._headers(subscription, message, topic)
        outcome = await self._deliver(f"{origin}/3/device/{token}", headers, payload)
        if isinstance(outcome, _GoneSince):
            # The app registered the same token again after Apple had last found it gone.
            return Later(outcome.reason) if subscription.created_at > outcome.since else Gone(outcome.reason)
        return outcome

    async def _deliver(self, url: str, headers: Mapping[str, str], payload: bytes) -> Outcome | _GoneSince:
        for last in (False, True):
            proof = await self._proof.headers()
            try:
                answer = await self._outgoing.post(url, {**headers, **proof}, payload)
            except (Unanswered, Forbidden) as error:
                return Later(f"Apple did not answer: {error}")
            reason = str(values_of(answer).get("reason", ""))
            if last or answer.status != 403 or reason not in _RENEW or not self._proof.renew(proof):
                break
        return _outcome(answer, reason, self._clock.now())

    def _headers(self, subscription: Subscription, message: Message, topic: str) -> dict[str, str]:
        loud = self._is_alert(message)
        urgent = loud and message.kind is not Kind.BADGE and message.urgency is not Urgency.LOW
        return {
            "apns-id": str(uuid.uuid5(_NAMES, f"{subscription.id}:{message.notice_id}")),
            "apns-topic": topic,
            "apns-push-type": "alert" if loud else "background",
            "apns-priority": "10" if urgent else "5",  # ten is refused for what runs in the background
            "apns-expiration": str(int(message.expires_at.timestamp())),
            "apns-collapse-id": self._opaque(subscription, _collapsing(message)),
            "content-type": "application/json",
        }

    def _is_alert(self, message: Message) -> bool:
        """
        Tell whether the system itself shows it. A number on the icon is that, too, if it may travel openly.
        """
        if message.kind is Kind.BADGE:
            return self._readable is not Readable.NOTHING
        return message.kind not in (Kind.WAKE, Kind.WITHDRAW)

    def _encoded(self, subscription: Subscription, message: Message) -> bytes:
        box = envelope(message, subscription.address, self._random)
        for most in _TEXT_SIZES:
            payload = msgspec.json.encode(self._payload(subscription, message, box, most))
            if len(payload) <= _LARGEST:
                break
        return payload

    def _payload(self, subscription: Subscription, message: Message, box: str, most: int) -> dict[str, Any]:
        aps: dict[str, Any] = {}
        words = open_words(message, self._readable)
        if words is not None:
            words = fitted(words, most)
            aps["alert"] = {"title": words.title, "body": words.body}
            aps["mutable-content"] = 1  # the app's extension may put the text in its place
            aps["interruption-level"] = {Urgency.LOW: "passive", Urgency.HIGH: "time-sensitive"}.get(
                message.urgency, "active"
            )
            if message.urgency is not Urgency.LOW:
                aps["sound"] = "default"
        if self._is_alert(message):
            if message.badge is not None and self._readable is not Readable.NOTHING:
                aps["badge"] = message.badge
        else:
            aps["content-available"] = 1
        said: dict[str, Any] = {"aps": aps, "id": message.notice_id}
        if message.kind is Kind.WITHDRAW:
            said["withdraw"] = self._opaque(subscription, message.about)
        if box:
            said["sealed"] = box
        return said

    def _opaque(self, subscription: Subscription, text: str) -> str:
        return opaque(text, subscription.address["token"].lower())

    async def close(self) -> None:
        """
        Let go of connections.
        """
        await self._outgoing.close()


def _collapsing(message: Message) -> str:
    if message.kind in (Kind.WAKE, Kind.BADGE):
        return message.kind
    return f"withdraw {message.about}" if message.kind is Kind.WITHDRAW else message.tag


@dataclasses.dataclass(frozen=True, slots=True)
class _GoneSince:
    """
    A token that Apple found gone at a time.
    """

    reason: str
    since: dt.datetime


def _outcome(answer: Answer, reason: str, now: dt.datetime) -> Outcome | _GoneSince:
    if answer.status == 200:
        return Accepted(answer.headers.get("apns-id", "")[:100])
    said = f"Apple: {reason[:60] or f'HTTP {answer.status}'}"
    if answer.status == 410 or reason in _GONE:
        return _gone(answer, f"{said}, {_GONE.get(reason, 'the token is no longer in use')}")
    if reason == "TooManyProviderTokenUpdates":
        return Later(f"{said}, the key is used elsewhere as well", _TOO_MANY_TOKENS)
    if reason == "ExpiredProviderToken":
        return Later(f"{said}, the clock of this machine may be wrong")
    if reason == "TooManyRequests":
        return Later(f"{said} for this device", retry_after(answer.headers, now) or _TOO_MANY_PAUSE)
    if late := busy(answer, now, "Apple"):
        return dataclasses.replace(late, reason=f"{late.reason}: {reason}") if reason else late
    return Refused(f"{said}, {_ADVICE[reason]}" if reason in _ADVICE else said)


def _gone(answer: Answer, reason: str) -> Gone | _GoneSince:
    since = values_of(answer).get("timestamp")  # milliseconds
    if not isinstance(since, int | float):
        return Gone(reason)
    try:
        return _GoneSince(reason, dt.datetime.fromtimestamp(since / 1000, dt.UTC))
    except (ValueError, OverflowError, OSError):
        return Gone(reason)
