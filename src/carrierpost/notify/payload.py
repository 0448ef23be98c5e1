"""
What a message looks like to a device.

`sealed` is for channels that encrypt to the device, `open_words` for those whose provider could read along: there the
words are always the same, unless the administrator has allowed more.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from carrierpost.model import NoticeText, Urgency
from carrierpost.notify.channel import SILENT, Kind, Message
from carrierpost.notify.encryption import DeviceKeys, b64url, encrypt

__all__ = ["CANARY_TEXT", "PLACEHOLDER_TEXT", "Readable", "envelope", "fitted", "open_words", "sealed", "seconds_left"]

PLACEHOLDER_TEXT = NoticeText("Something new", "Open the app to see what it is.")
"""What is shown when nothing may be said."""

CANARY_TEXT = NoticeText("Notices work", "This device can be reached.")

_ENVELOPE = 2048  # bytes in an envelope, always as many; APNs and FCM take 4,096 with all that is around it
_WEB_PUSH = 8030  # marks a declarative push message, and is the number of the RFC


class Readable(enum.StrEnum):
    """
    What a provider that could read along is given to read.
    """

    NOTHING = "nothing"
    """Names that say nothing, and words that are always the same."""
    COUNT = "count"
    """The number of unread mails as well."""
    ALL = "all"
    """The notices, as they are shown on the lock screen."""


def open_words(message: Message, readable: Readable) -> NoticeText | None:
    """
    Give what a message shows where the provider can read it; `None` when it shows nothing.

    Args:
        message: the message.
        readable: what the administrator allows.
    """
    if message.kind in SILENT:
        return None
    if message.kind is Kind.CANARY:
        return CANARY_TEXT
    if message.kind is Kind.FULL and readable is Readable.ALL and message.text is not None:
        return message.text
    return PLACEHOLDER_TEXT


def envelope(message: Message, address: Mapping[str, str], random: Callable[[int], bytes]) -> str:
    """
    Write a message for an app whose provider could read along: encrypted to the device, in base64url. The app's
    notification extension opens it and puts the text in the place of the placeholder.

    Args:
        message: the message.
        address: the subscription's; empty is returned when it has no `p256dh` and `auth`.
        random: gives random bytes.

    Raises:
        ValueError: the keys are none.
    """
    if not (address.get("p256dh") and address.get("auth")):
        return ""
    keys = DeviceKeys.parse(address["p256dh"], address["auth"])
    plain = sealed(message, "", largest=_ENVELOPE)
    private = ec.generate_private_key(ec.SECP256R1())
    return b64url(encrypt(plain, keys, private=private, salt=random(16), padded_to=_ENVELOPE))


def seconds_left(message: Message, now: dt.datetime) -> int:
    """
    Tell for how many whole seconds a message is still of use; zero or less when it no longer is.
    """
    return int((message.expires_at - now).total_seconds())


def sealed(message: Message, app_url: str, *, largest: int, declarative: bool = False) -> bytes:
    """
    Write a message for a device that alone can read it.

    Args:
        message: the message.
        app_url: where the web app lives, ending with a slash; empty where there is none.
        largest: bytes that it may have; the text is cut to fit.
        declarative: add what a system shows by itself, without the app's service worker (iOS 18.4 and later). Then
            something is always shown.

    Returns:
        A JSON document. Older systems and other browsers hand it to the service worker, which reads its first half.
    """
    text = _text(message, declarative)
    document = _document(message, text, app_url, declarative)
    encoded = msgspec.json.encode(document)
    while len(encoded) > largest and text is not None:
        text = _shorter(text)
        encoded = msgspec.json.encode(_document(message, text, app_url, declarative))
    return encoded


def fitted(text: NoticeText, most: int) -> NoticeText:
    """
    Cut a text until its title and body have no more than so many bytes in UTF-8.
    """
    while len(text.title.encode()) + len(text.body.encode()) > most:
        text = _shorter(text)
    return text


def _text(message: Message, declarative: bool) -> NoticeText | None:
    if message.kind is Kind.FULL:
        return message.text
    if message.kind is Kind.CANARY:
        return message.text or CANARY_TEXT
    if message.kind is Kind.PLACEHOLDER or declarative:
        return PLACEHOLDER_TEXT
    return None


def _document(message: Message, text: NoticeText | None, app_url: str, declarative: bool) -> dict[str, Any]:
    path = f"/notice/{quote(message.notice_id, safe='')}"
    silent = message.urgency is Urgency.LOW
    said: dict[str, Any] = {"id": message.notice_id, "kind": str(message.kind), "tag": message.tag}
    if text is not None:
        said |= {"title": text.title, "body": text.body, "path": path}
    if silent:
        said["silent"] = True
    if message.badge is not None:
        said["badge"] = message.badge
    if message.kind is Kind.FULL and message.item_id is not None:
        said["item"] = message.item_id
    if message.at is not None:
        said["at"] = message.at.astimezone(dt.UTC).isoformat()
    if message.kind is Kind.WITHDRAW:
        said["withdraw"] = [message.about]
    if declarative and text is not None:
        said |= _declared(message, text, app_url.rstrip("/") + path, silent)
    return said


def _declared(message: Message, text: NoticeText, navigate: str, silent: bool) -> dict[str, Any]:
    """
    Give what the system itself reads ([W3C Push API] declarative push messages).
    """
    notification: dict[str, Any] = {
        "title": text.title,
        "body": text.body,
        "navigate": navigate,
        "tag": message.tag,
        "silent": silent,
        "data": {"id": message.notice_id, "kind": str(message.kind)},
    }
    declared: dict[str, Any] = {"web_push": _WEB_PUSH, "notification": notification}
    if message.badge is not None:
        declared["app_badge"] = message.badge
    if message.kind is Kind.CANARY:
        declared["mutable"] = True  # the service worker is asked as well, for only it can say that it came
    return declared


def _shorter(text: NoticeText) -> NoticeText:
    """
    Take an eighth off the body, and off the title once the body is gone.
    """
    if text.body.rstrip("…"):
        return NoticeText(text.title, _cut(text.body))
    return NoticeText(_cut(text.title))


def _cut(text: str) -> str:
    left = text.rstrip("…")
    return f"{left[: len(left) * 7 // 8].rstrip()}…" if len(left) > 1 else ""
