"""
FCM, to a service and a token endpoint that check what Google's check.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Outcome, Refused
from carrierpost.notify.channels.fcm import FCMSender
from carrierpost.notify.encryption import from_b64url
from carrierpost.notify.google import ServiceAccount, read_service_account
from carrierpost.notify.payload import Readable
from carrierpost.protocol.secret import Secret
from carrierpost.server.push_crypto import decrypt, make_secrets
from tests.notify.sending import SteadyClock, badge, full, message, subscription
from tests.support.http2 import Door, front_door, outgoing_to
from tests.support.providers import FCM

KEY = rsa.generate_private_key(65537, 2048)
EMAIL = "hub@mail-1.iam.gserviceaccount.com"
FILE = {
    "type": "service_account",
    "project_id": "mail-1",
    "private_key_id": "k1",
    "private_key": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "client_email": EMAIL,
    "token_uri": "https://oauth2.googleapis.com/token",
}


class Google:
    """
    The service, and what sends to it.
    """

    def __init__(self, door: Door, service: FCM, clock: SteadyClock) -> None:
        self.door = door
        self.service = service
        self.clock = clock
        self.outgoing = outgoing_to(door)
        service.audience = f"https://oauth2.googleapis.com:{door.port}/token"

    def sender(self, readable: Readable = Readable.NOTHING) -> FCMSender:
        file = Secret(json.dumps({**FILE, "token_uri": self.service.audience}))
        account = ServiceAccount(file, self.outgoing, clock=self.clock)
        service = f"https://fcm.googleapis.com:{self.door.port}"
        return FCMSender(account, self.outgoing, clock=self.clock, readable=readable, service=service)


def phone(**values: Any) -> Subscription:
    return subscription(Channel.FCM, {"token": "fcm-token", **values})


@pytest.fixture
async def google() -> AsyncIterator[Google]:
    clock = SteadyClock()
    service = FCM(KEY.public_key(), clock.monotonic, email=EMAIL)
    async with front_door(service) as door:
        found = Google(door, service, clock)
        yield found
        await found.outgoing.close()


@pytest.mark.parametrize("kind", list(Kind))
async def test_each_kind_is_data_that_wakes_the_app(google: Google, kind: Kind) -> None:
    """Never a notification that the system would show by itself; high priority, and a time at which it ends."""
    outcome = await google.sender().send(phone(), message(kind))
    assert outcome == Accepted("0:1")
    [taken] = google.service.delivered
    assert set(taken) == {"token", "data", "android"}
    assert taken["data"]["kind"] == kind
    assert (taken["android"]["priority"], taken["android"]["ttl"]) == ("HIGH", "3600s")


async def test_low_urgency_lets_the_phone_sleep(google: Google) -> None:
    """Priority is normal then."""
    await google.sender().send(phone(), full(urgency=Urgency.LOW))
    assert google.service.delivered[0]["android"]["priority"] == "NORMAL"


async def test_NT6_only_what_is_replaced_again_and_again_has_a_collapse_key(google: Google) -> None:
    """A device has four keys at most; numbers share one, notices that replace none have none."""
    for one in (badge(3), badge(4, notice_id="n2"), full(), full(collapse="account 3")):
        await google.sender().send(phone(), one)
    three, four, alone, joined = [taken["android"].get("collapse_key") for taken in google.service.delivered]
    assert three == four is not None
    assert alone is None
    assert joined not in (None, three, "account 3")


async def test_a_text_only_travels_when_it_is_allowed(google: Google) -> None:
    """And the number with `Readable.COUNT`; what is sealed to the device travels always."""
    secrets = make_secrets(lambda length: bytes(range(length)))
    seen = []
    for readable in Readable:
        await google.sender(readable).send(phone(**secrets.keys), full(badge=4))
        data = google.service.delivered[-1]["data"]
        seen.append((data.get("badge"), data.get("title")))
        assert json.loads(decrypt(from_b64url(data["sealed"]), secrets))["title"] == "Zoë Elm"
    assert seen == [(None, None), ("4", None), ("4", "Zoë Elm")]


async def test_one_token_serves_many_messages_until_it_is_old(google: Google) -> None:
    """Fifty messages at once ask for it once; after fifty minutes it is asked for again."""
    sender = google.sender()
    await asyncio.gather(*(sender.send(phone(), full(notice_id=f"n{number}")) for number in range(50)))
    assert (len(google.service.delivered), google.service.asked_for_tokens) == (50, 1)
    google.clock.time += dt.timedelta(minutes=51)
    await sender.send(phone(), full())
    assert google.service.asked_for_tokens == 2


async def test_a_token_that_was_revoked_is_asked_for_again(google: Google) -> None:
    """Once for each message."""
    sender = google.sender()
    await sender.send(phone(), full())
    google.service.valid.clear()
    assert isinstance(await sender.send(phone(), full()), Accepted)
    assert google.service.asked_for_tokens == 2


REFUSALS: list[tuple[int, str, type[Outcome], float | None]] = [
    (404, "UNREGISTERED", Gone, None), (403, "SENDER_ID_MISMATCH", Gone, None),
    (400, "INVALID_ARGUMENT", Refused, None),
    (429, "QUOTA_EXCEEDED", Later, 60.0), (503, "UNAVAILABLE", Later, None), (500, "INTERNAL", Later, None),
    (401, "THIRD_PARTY_AUTH_ERROR", Refused, None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "expected", "after"), REFUSALS)
async def test_NT1_each_refusal_has_its_outcome(
    google: Google, status: int, code: str, expected: type[Outcome], after: float | None
) -> None:
    """What is dead is told from what is only late; the reason is Google's word; the next message gets through."""
    sender = google.sender()
    google.service.refuse = [(status, code, {})]
    outcome = await sender.send(phone(), full())
    assert isinstance(outcome, expected)
    assert not isinstance(outcome, Accepted)
    assert code in outcome.reason
    assert getattr(outcome, "after", None) == after
    assert isinstance(await sender.send(phone(), full(notice_id="n2")), Accepted)


async def test_NT1_a_token_that_is_none_is_gone(google: Google) -> None:
    """Google answers it as an invalid argument, and says which."""
    google.service.refuse = [(400, "INVALID_ARGUMENT", {})]
    google.service.message = "The registration token is not a valid FCM registration token"
    assert isinstance(await google.sender().send(phone(), full()), Gone)


async def test_google_says_when_it_wants_to_hear_again(google: Google) -> None:
    """Retry-After is handed on, as seconds or as a date."""
    google.service.refuse = [
        (429, "QUOTA_EXCEEDED", {"retry-after": "30"}),
        (503, "UNAVAILABLE", {"retry-after": "Mon, 02 Mar 2026 09:05:00 GMT"}),
    ]
    outcomes = [await google.sender().send(phone(), full()) for _ in range(2)]
    assert [one.after for one in outcomes if isinstance(one, Later)] == [30.0, 300.0]


@pytest.mark.parametrize(("status", "expected"), [(400, Refused), (401, Refused), (500, Later), (429, Later)])
async def test_without_a_token_nothing_is_sent(google: Google, status: int, expected: type[Outcome]) -> None:
    """An account that Google does not know is said to be so; trouble at Google is not the account's fault."""
    google.service.refuse_tokens = [(status, "invalid_grant")]
    outcome = await google.sender().send(phone(), full())
    assert isinstance(outcome, expected)
    assert google.service.delivered == []
    assert isinstance(await google.sender().send(phone(), full()), Accepted)


@pytest.mark.parametrize(
    "change",
    [{"private_key": "xyz"}, {"token_uri": "ftp://x.example"}, {"project_id": "../x"}, {"client_email": None}],
)
def test_a_file_that_is_none_is_named(change: dict[str, Any]) -> None:
    """With where to get it, and without what was in it."""
    with pytest.raises(ValueError, match="Firebase console") as caught:
        read_service_account(Secret(json.dumps({**FILE, **change})))
    assert "PRIVATE KEY" not in str(caught.value)
