"""
A push service and the phone behind it, in one: for the demonstration, and for tests.

A push service as browsers use one ([RFC 8030]): a hub posts encrypted messages to an endpoint. It is strict where real
ones are, so a hub that gets on with it gets on with them. The phone decrypts what comes and shows it on its lock
screen, as the web app's service worker does. While it is off, the service keeps what comes: for as long as the message
is to be kept, and only the last of each topic.

    POST /push/ID     a message
    GET  /            the lock screen, for a browser
    GET  /notices     the same as JSON
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from carrierpost.protocol.clock import Clock
from carrierpost.server.push_crypto import DeviceSecrets, Unreadable, check_vapid, decrypt, make_secrets

__all__ = ["Delivered", "Phone", "PushReceiver", "PushReply"]

PushReply = tuple[int, dict[str, str], bytes]
"""HTTP status, headers and body of an answer."""

_LARGEST = 4096
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_URGENCIES = {"very-low", "low", "normal", "high"}
_WORDS = {404: "no such subscription", 410: "the subscription is over", 413: "too large", 429: "too many messages"}
_MOST_KEPT = 1000


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came to the phone.

    Attributes:
        at: when, UTC.
        said: what the message says.
        urgency: how urgent the push service was told that it is.
        topic: its topic there, or empty.
        size: bytes that the push service saw.
    """

    at: dt.datetime
    said: dict[str, Any]
    urgency: str
    topic: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    until: dt.datetime
    delivered: Delivered


class Phone:
    """
    A phone with one subscription.

    Attributes:
        endpoint: where messages for it go.
        key: the public key of the hub that it subscribed to.
        delivered: all that came, in order.
        screen: what its lock screen shows, by tag, the oldest first.
        badge: the number on the app's icon; `None` while none was set.
        on: whether it is on.
        gone: whether it left its subscription.
    """

    def __init__(self, endpoint: str, secrets: DeviceSecrets, key: str) -> None:
        self.endpoint = endpoint
        self.key = key
        self.delivered: list[Delivered] = []
        self.screen: dict[str, dict[str, Any]] = {}
        self.badge: int | None = None
        self.on = True
        self.gone = False
        self._secrets = secrets
        self._kept: list[_Kept] = []

    @property
    def address(self) -> dict[str, str]:
        """
        What it gives a hub: `endpoint`, `p256dh` and `auth`.
        """
        return {"endpoint": self.endpoint, **self._secrets.keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """
        Decrypt a message.

        Raises:
            Unreadable: it is not for this phone.
        """
        try:
            said = msgspec.json.decode(decrypt(body, self._secrets))
        except msgspec.DecodeError:
            raise Unreadable("what it says is no JSON") from None
        if not isinstance(said, dict):
            raise Unreadable("what it says is no object")
        return said

    def take(self, one: Delivered, until: dt.datetime) -> None:
        """
        Show a message, or have it kept while the phone is off.
        """
        if self.on:
            self._show(one)
            return
        self._kept = [held for held in self._kept if not one.topic or held.delivered.topic != one.topic]
        self._kept.append(_Kept(until, one))

    def turn_on(self, now: dt.datetime) -> None:
        """
        Switch it on: what was kept for it comes, unless its time is over.
        """
        self.on = True
        kept, self._kept = self._kept, []
        for held in kept:
            if now < held.until:
                self._show(msgspec.structs.replace(held.delivered, at=now))

    def _show(self, one: Delivered) -> None:
        self.delivered = [*self.delivered[-_MOST_KEPT:], one]
        said = one.said
        if isinstance(said.get("badge"), int):
            self.badge = said["badge"]
        for tag in said.get("withdraw", ()):
            self.screen.pop(tag, None)
        if said.get("title"):
            self.screen.pop(said.get("tag", ""), None)
            self.screen[said.get("tag", "")] = {**said, "shown_at": one.at.isoformat()}


class PushReceiver:
    """
    The push service.

    Args:
        origin: scheme, host and port at which it is reached.
        clock: the time.
        random: gives random bytes.

    Attributes:
        phones: by the last part of their endpoints.
        refuse: statuses with which the next messages are answered, in order: 429, 503...
        retry_after: seconds that such an answer asks for; `None` for none.
    """

    def __init__(self, origin: str, *, clock: Clock, random: Callable[[int], bytes]) -> None:
        self.origin = origin
        self.phones: dict[str, Phone] = {}
        self.refuse: list[int] = []
        self.retry_after: int | None = None
        self._clock = clock
        self._random = random

    def subscribe(self, key: str) -> Phone:
        """
        Give a new phone that subscribes to a hub.

        Args:
            key: the hub's public key, base64url (`applicationServerKey`).
        """
        name = self._random(12).hex()
        phone = Phone(f"{self.origin}/push/{name}", make_secrets(self._random), key.rstrip("="))
        self.phones[name] = phone
        return phone

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> PushReply:
        """
        Take a message.

        Args:
            method: of HTTP.
            path: of the request.
            headers: their names in lower case.
            body: of the request.
        """
        if method != "POST" or not path.startswith("/push/"):
            return _refusal(404, "there is nothing here")
        if self.refuse:
            return self._refuse(self.refuse.pop(0))
        phone = self.phones.get(path.removeprefix("/push/"))
        if phone is None or phone.gone:
            return _refusal(410 if phone is not None else 404)
        now = self._clock.now()
        try:
            key, _ = check_vapid(headers.get("authorization", ""), self.origin, now)
        except Unreadable as error:
            return _refusal(401 if "authorization" not in headers else 403, str(error))
        if key.rstrip("=") != phone.key:
            return _refusal(
                403, "the key does not correspond to the credentials of the subscription: VapidPkHashMismatch"
            )
        if fault := _fault(headers, body):
            return fault
        try:
            said = phone.read(body)
        except Unreadable as error:
            return _refusal(400, str(error))
        topic = headers.get("topic", "")
        one = Delivered(at=now, said=said, urgency=headers.get("urgency", "normal"), topic=topic, size=len(body))
        phone.take(one, now + dt.timedelta(seconds=int(headers["ttl"])))
        return 201, {"location": f"{self.origin}/message/{self._random(12).hex()}", "ttl": headers["ttl"]}, b""

    def _refuse(self, status: int) -> PushReply:
        status, headers, body = _refusal(status)
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        if 300 <= status < 400:
            headers["location"] = "https://elsewhere.example/"
        return status, headers, body


def _fault(headers: Mapping[str, str], body: bytes) -> PushReply | None:
    """
    Name what is wrong with a request, as far as it can be told without the phone's secrets.
    """
    if not headers.get("ttl", "").isdigit():
        return _refusal(400, "the header TTL is missing")
    if headers.get("content-encoding") != "aes128gcm":
        return _refusal(415, "the content coding is not aes128gcm")
    if len(body) > _LARGEST:
        return _refusal(413)
    if "topic" in headers and not _TOPIC.fullmatch(headers["topic"]):
        return _refusal(400, "a topic has up to 32 letters of base64url")
    if headers.get("urgency", "normal") not in _URGENCIES:
        return _refusal(400, "there is no such urgency")
    return None


def _refusal(status: int, why: str = "") -> PushReply:
    return status, {"content-type": "text/plain"}, (why or _WORDS.get(status, "")).encode()
