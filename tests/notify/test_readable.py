"""
What providers can read of what they carry: nothing, unless the administrator allows it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from carrierpost.model import Channel, NoticeText, Subscription, Urgency
from carrierpost.notify.apple import ByToken
from carrierpost.notify.channel import Accepted, Kind, Message, Outcome, Sender
from carrierpost.notify.channels.apns import APNSSender
from carrierpost.notify.channels.fcm import FCMSender
from carrierpost.notify.channels.unified_push import NtfyServer, UnifiedPushSender
from carrierpost.notify.channels.webhook import WebhookSender, new_secret
from carrierpost.notify.google import ServiceAccount
from carrierpost.notify.payload import Readable
from carrierpost.protocol.secret import Secret
from carrierpost.server.push_crypto import make_secrets
from tests.notify.sending import NOW, SteadyClock, WebPush, message, subscription
from tests.notify.test_apns import PEM
from tests.notify.test_fcm import EMAIL, FILE, KEY
from tests.support.http2 import Answerer, Asked, Door, front_door, outgoing_to
from tests.support.providers import FCM, APNs, Ntfy, WebhookReceiver

TEXT = NoticeText("Ottilie Quince", "Severance talks: the terms\nplease keep this between us")
TOLD = ("Ottilie", "Quince", "Severance", "terms", "between us", "oakfield", "48151", "31337")
DEVICE = make_secrets(lambda length: bytes(range(length)))


def messages() -> Iterator[Message]:
    """Give each kind with everything in it that could be told."""
    for kind in Kind:
        yield message(
            kind,
            notice_id=f"n-{kind}",
            text=TEXT,
            badge=31337,
            item_id=48151,
            at=NOW,
            urgency=Urgency.HIGH,
            collapse="ada@oakfield.example/Inbox",
            **({"about": "ada@oakfield.example/Inbox"} if kind is Kind.WITHDRAW else {}),
        )


def readings(asked: Asked) -> Iterator[str]:
    """Give all that a provider sees of a request, in each way that it might be written."""
    whole = "\n".join([asked.path, *(f"{name}: {value}" for name, value in asked.headers.items())])
    for text in (whole, asked.body.decode("utf-8", "replace")):
        yield text
        yield unquote(text)
        for word in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
            try:
                yield base64.urlsafe_b64decode(word.replace("+", "-").replace("/", "_") + "==").decode(
                    "utf-8", "replace"
                )
            except binascii.Error:
                continue
    try:
        yield json.dumps(json.loads(asked.body), ensure_ascii=False)
    except ValueError:
        return


def told(door: Door) -> set[str]:
    """Tell which words of the messages a provider could read."""
    found = {word for asked in door.asked for text in readings(asked) for word in TOLD if word in text}
    return found | {word for word in TOLD if word.encode() in door.seen}


class Fleet:
    """
    One sender of a channel, its provider, and a subscription.
    """

    def __init__(self, channel: str, readable: Readable) -> None:
        self.clock = SteadyClock()
        self.channel = channel
        self.readable = readable
        self.push = WebPush(self.clock)
        providers: dict[str, Answerer] = {
            "web-push": self.push,
            "unified-push": self.push,
            "apns": APNs(None, self.clock.monotonic),
            "fcm": FCM(KEY.public_key(), self.clock.monotonic, email=EMAIL),
            "ntfy": Ntfy(),
            "webhook": WebhookReceiver(bytes(32)),
        }
        self.provider = providers[channel]

    def sender(self, door: Door) -> tuple[Sender, Subscription]:
        outgoing = outgoing_to(door)
        if self.channel in ("web-push", "unified-push"):
            self.push.behind(door)
            if self.channel == "web-push":
                return self.push.sender, self.push.subscription
            sender = UnifiedPushSender(self.push.sender, None, clock=self.clock)
            return sender, subscription(Channel.UNIFIED_PUSH, self.push.phone.address)
        if self.channel == "apns":
            apns = APNSSender(
                "example.mail", ByToken(PEM, "K", "T", clock=self.clock), outgoing, clock=self.clock,
                readable=self.readable, production=f"https://api.push.apple.com:{door.port}",
            )  # fmt: skip
            return apns, subscription(Channel.APNS, {"token": "ab" * 32, **DEVICE.keys})
        if self.channel == "fcm":
            assert isinstance(self.provider, FCM)
            self.provider.audience = f"https://oauth2.googleapis.com:{door.port}/token"
            file = Secret(json.dumps({**FILE, "token_uri": self.provider.audience}))
            fcm = FCMSender(
                ServiceAccount(file, outgoing, clock=self.clock), outgoing, clock=self.clock, readable=self.readable,
                service=f"https://fcm.googleapis.com:{door.port}",
            )  # fmt: skip
            return fcm, subscription(Channel.FCM, {"token": "t", **DEVICE.keys})
        if self.channel == "ntfy":
            url = f"https://ntfy.example:{door.port}"
            ntfy = NtfyServer(url, outgoing, clock=self.clock, readable=self.readable, app_url="https://mail.example/")
            return UnifiedPushSender(None, ntfy, clock=self.clock), subscription(
                Channel.UNIFIED_PUSH, {"url": f"{url}/topic"}
            )
        hook = WebhookSender(outgoing, clock=self.clock, readable=self.readable, secret=new_secret(bytes(32)))
        return hook, subscription(Channel.WEBHOOK, {"url": f"https://hook.example:{door.port}/"})

    async def send_all(self, door: Door) -> list[Outcome]:
        sender, one = self.sender(door)
        outcomes = [await sender.send(one, each) for each in messages()]
        await sender.close()
        return outcomes


ENCRYPTED = ["web-push", "unified-push"]
OPEN = ["apns", "fcm", "ntfy", "webhook"]


@pytest.mark.parametrize("channel", [*ENCRYPTED, *OPEN])
async def test_NT7_a_provider_reads_nothing(channel: str) -> None:
    """Not a name, a word, a number or an id of what a message is about, on any channel, in any kind of message."""
    fleet = Fleet(channel, Readable.NOTHING)
    async with front_door(fleet.provider) as door:
        outcomes = await fleet.send_all(door)
        assert sum(isinstance(one, Accepted) for one in outcomes) >= 3
        assert told(door) == set()


@pytest.mark.parametrize("channel", OPEN)
async def test_NT7_what_is_allowed_can_be_read(channel: str) -> None:
    """With the administrator's leave the text is there; so the search above would find it."""
    fleet = Fleet(channel, Readable.ALL)
    async with front_door(fleet.provider) as door:
        await fleet.send_all(door)
        assert {"Ottilie", "Severance"} <= told(door)
