"""
APNs, to a service that checks what Apple checks.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.apple import ByCertificate, ByToken, certificate_context
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Outcome, Refused
from carrierpost.notify.channels.apns import APNSSender
from carrierpost.notify.encryption import from_b64url
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.payload import Readable
from carrierpost.protocol.secret import Secret
from carrierpost.server.certificate import self_made
from carrierpost.server.push_crypto import decrypt, make_secrets
from tests.notify.sending import NOW, SteadyClock, badge, full, message, subscription
from tests.support.http2 import Door, Ending, front_door, outgoing_to
from tests.support.providers import APNs

TOKEN = "ab" * 32
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = Secret(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


class Apple:
    """
    The service, and what sends to it.
    """

    def __init__(self, door: Door, service: APNs, clock: SteadyClock) -> None:
        self.door = door
        self.service = service
        self.clock = clock
        self.outgoing = outgoing_to(door)

    def sender(self, proof: Any = None, outgoing: Outgoing | None = None, **values: Any) -> APNSSender:
        at = f"push.apple.com:{self.door.port}"
        return APNSSender(
            "example.mail",
            proof or ByToken(PEM, "KEY1234567", "TEAM123456", clock=self.clock),
            outgoing or self.outgoing,
            clock=self.clock,
            production=f"https://api.{at}",
            sandbox=f"https://api.sandbox.{at}",
            **values,
        )

    @property
    def last(self) -> tuple[Mapping[str, str], dict[str, Any]]:
        _, headers, payload = self.service.delivered[-1]
        return headers, payload


def phone(**values: Any) -> Subscription:
    rest = {name: values.pop(name) for name in ("created_at",) if name in values}
    return subscription(Channel.APNS, {"token": TOKEN, "topic": "example.mail", **values}, **rest)


@pytest.fixture
async def apple() -> AsyncIterator[Apple]:
    clock = SteadyClock()
    service = APNs(KEY.public_key(), clock.monotonic)
    async with front_door(service) as door:
        found = Apple(door, service, clock)
        yield found
        await found.outgoing.close()


@pytest.mark.parametrize(
    ("kind", "readable", "push_type", "priority"),
    [
        (Kind.WAKE, Readable.NOTHING, "background", "5"),
        (Kind.BADGE, Readable.NOTHING, "background", "5"),
        (Kind.BADGE, Readable.COUNT, "alert", "5"),
        (Kind.PLACEHOLDER, Readable.NOTHING, "alert", "10"),
        (Kind.FULL, Readable.NOTHING, "alert", "10"),
        (Kind.FULL, Readable.ALL, "alert", "10"),
        (Kind.WITHDRAW, Readable.NOTHING, "background", "5"),
        (Kind.CANARY, Readable.NOTHING, "alert", "10"),
    ],
)
async def test_each_kind_is_a_push_that_apple_takes(
    apple: Apple, kind: Kind, readable: Readable, push_type: str, priority: str
) -> None:
    """Type and priority fit the payload, with topic, an id, a time at which it ends, and a name for collapsing."""
    outcome = await apple.sender(readable=readable).send(phone(), message(kind))
    headers, _ = apple.last
    assert outcome == Accepted(headers["apns-id"])
    assert (headers["apns-push-type"], headers["apns-priority"]) == (push_type, priority)
    assert headers["apns-topic"] == "example.mail"
    assert int(headers["apns-expiration"]) == NOW.timestamp() + 3600
    assert apple.door.protocols == ["h2"]


async def test_a_number_or_a_text_only_travels_when_it_is_allowed(apple: Apple) -> None:
    """`Readable.COUNT` allows the number, `Readable.ALL` the text as well."""
    seen = []
    for readable in Readable:
        await apple.sender(readable=readable).send(phone(), full(badge=4))
        aps = apple.last[1]["aps"]
        seen.append((aps.get("badge"), aps["alert"]["title"]))
    assert seen == [(None, "Something new"), (4, "Something new"), (4, "Zoë Elm")]


async def test_urgency_decides_how_loud_it_is(apple: Apple) -> None:
    """Low makes no sound, and may wait until the phone is awake."""
    heard = []
    for urgency in Urgency:
        await apple.sender().send(phone(), full(urgency=urgency))
        headers, payload = apple.last
        aps = payload["aps"]
        heard.append((headers["apns-priority"], aps.get("sound"), aps["interruption-level"]))
    assert heard == [("5", None, "passive"), ("10", "default", "active"), ("10", "default", "time-sensitive")]


async def test_an_app_with_keys_gets_the_notice_itself(apple: Apple) -> None:
    """Apple carries it encrypted to the device; the app's extension puts it in the place of the placeholder."""
    secrets = make_secrets(lambda length: bytes(range(length)))
    await apple.sender().send(phone(**secrets.keys), full("Zoë Elm", "Prüfung " * 900, item_id=77, badge=4))
    _, payload = apple.last
    assert payload["aps"]["mutable-content"] == 1
    said = json.loads(decrypt(from_b64url(payload["sealed"]), secrets))
    assert (said["title"], said["item"], said["badge"]) == ("Zoë Elm", 77, 4)
    assert said["body"].startswith("Prüfung")


@pytest.mark.parametrize("letter", ["\x00", '"', "ü", "\U0001f426", "x"])
async def test_no_payload_is_larger_than_apple_takes(apple: Apple, letter: str) -> None:
    """However JSON has to write a text."""
    secrets = make_secrets(lambda length: bytes(range(length)))
    sender = apple.sender(readable=Readable.ALL)
    assert isinstance(await sender.send(phone(**secrets.keys), full(letter * 5000, letter * 5000)), Accepted)


async def test_attempts_share_an_id_and_messages_do_not(apple: Apple) -> None:
    """Apple, and who looks for a message in its console, sees one message however often it had to be sent."""
    sender = apple.sender()
    for one in (full(), full(), full(notice_id="n2")):
        await sender.send(phone(), one)
    first, again, other = [headers["apns-id"] for _, headers, _ in apple.service.delivered]
    assert first == again != other


async def test_NT6_what_is_newer_replaces_what_apple_still_holds(apple: Apple) -> None:
    """Numbers collapse with numbers, notices of one tag with each other; the names say nothing."""
    for one in (badge(3), badge(4, notice_id="n2"), full(collapse="account 3"), full(notice_id="n3")):
        await apple.sender(readable=Readable.COUNT).send(phone(), one)
    three, four, joined, alone = [headers["apns-collapse-id"] for _, headers, _ in apple.service.delivered]
    assert three == four
    assert len({four, joined, alone}) == 3
    assert "account" not in joined


async def test_NT9_a_withdrawal_names_what_the_phone_shows(apple: Apple) -> None:
    """The phone knows a notice by its collapse id; the withdrawal has the same, so it can be found."""
    await apple.sender().send(phone(), full())
    shown = apple.last[0]["apns-collapse-id"]
    await apple.sender().send(phone(), message(Kind.WITHDRAW, notice_id="w1", about="n1"))
    assert apple.last[1]["withdraw"] == shown


async def test_a_token_is_used_again_and_renewed_in_time(apple: Apple) -> None:
    """Never sooner than after 20 minutes, never later than after 60, as Apple wants it."""
    sender = apple.sender()
    for _ in range(13):
        await sender.send(phone(), full(expires_at=apple.clock.time + dt.timedelta(hours=1)))
        apple.clock.time += dt.timedelta(minutes=10)
    proofs = dict.fromkeys(apple.service.tokens)
    made = [jwt.decode(proof, options={"verify_signature": False})["iat"] for proof in proofs]
    assert len(apple.service.delivered) == 13
    assert all(1200 <= later - earlier < 3600 for earlier, later in itertools.pairwise(made))
    assert len(made) == 4


async def test_a_token_that_apple_finds_expired_is_made_anew(apple: Apple) -> None:
    """Once, and only if it is old enough; else the clock is suspected, and the device is not given up."""
    sender = apple.sender()
    await sender.send(phone(), full())
    apple.clock.time += dt.timedelta(minutes=25)
    apple.service.refuse = [(403, "ExpiredProviderToken")]
    assert isinstance(await sender.send(phone(), full()), Accepted)
    assert len(set(apple.service.tokens)) == 2
    apple.service.refuse = [(403, "ExpiredProviderToken"), (403, "ExpiredProviderToken")]
    outcome = await sender.send(phone(), full())
    assert isinstance(outcome, Later)
    assert "clock" in outcome.reason
    assert len(apple.service.refuse) == 1


REASONS: list[tuple[int, str, type[Outcome]]] = [
    (400, "BadDeviceToken", Gone), (410, "Unregistered", Gone), (410, "ExpiredToken", Gone),
    (400, "DeviceTokenNotForTopic", Refused), (400, "BadTopic", Refused), (400, "MissingTopic", Refused),
    (400, "PayloadEmpty", Refused), (403, "BadCertificate", Refused), (403, "InvalidProviderToken", Refused),
    (404, "BadPath", Refused), (413, "PayloadTooLarge", Refused), (429, "TooManyRequests", Later),
    (429, "TooManyProviderTokenUpdates", Later), (500, "InternalServerError", Later),
    (503, "ServiceUnavailable", Later), (503, "Shutdown", Later),
]  # fmt: skip


@pytest.mark.parametrize(("status", "reason", "expected"), REASONS)
async def test_NT1_each_refusal_has_its_outcome(
    apple: Apple, status: int, reason: str, expected: type[Outcome]
) -> None:
    """What is dead is told from what is only late; the reason is Apple's word; the next push gets through."""
    sender = apple.sender()
    apple.service.refuse = [(status, reason)]
    outcome = await sender.send(phone(), full())
    assert isinstance(outcome, expected)
    assert not isinstance(outcome, Accepted)
    assert reason in outcome.reason
    assert isinstance(await sender.send(phone(), full(notice_id="n2")), Accepted)


async def test_the_pause_for_too_many_new_tokens_is_theirs(apple: Apple) -> None:
    """Apple lets a token be renewed every 20 minutes; sooner only makes it worse."""
    apple.service.refuse = [(429, "TooManyProviderTokenUpdates")]
    outcome = await apple.sender().send(phone(), full())
    assert isinstance(outcome, Later)
    assert outcome.after == 1200


async def test_NT1_a_token_that_was_registered_again_is_not_dropped(apple: Apple) -> None:
    """Apple says since when a token is gone; one that the app registered after that is a new one."""
    apple.service.gone[TOKEN] = int((NOW - dt.timedelta(hours=2)).timestamp() * 1000)
    sender = apple.sender()
    assert isinstance(await sender.send(phone(created_at=NOW - dt.timedelta(hours=3)), full()), Gone)
    assert isinstance(await sender.send(phone(created_at=NOW - dt.timedelta(hours=1)), full()), Later)


@pytest.mark.parametrize("token", ["", "xyz", "ab" * 300, "abc", "../../../evil"])
async def test_NT1_a_device_token_that_is_none_is_not_sent_to_apple(apple: Apple, token: str) -> None:
    """It would be part of the address."""
    broken = subscription(Channel.APNS, {"token": token or " ", "topic": "example.mail"})
    assert isinstance(await apple.sender().send(broken, full()), Gone)
    assert apple.door.asked == []


async def test_an_app_that_was_not_set_up_is_refused(apple: Apple) -> None:
    """A device may not choose for which app the hub's key is used."""
    outcome = await apple.sender().send(phone(topic="evil.app"), full())
    assert isinstance(outcome, Refused)
    assert apple.door.asked == []


async def test_an_app_that_is_being_developed_goes_to_the_sandbox(apple: Apple) -> None:
    """The subscription says so, for its token is of no use elsewhere."""
    sender = apple.sender()
    await sender.send(phone(environment="sandbox"), full())
    await sender.send(phone(), full())
    assert len(apple.service.delivered) == 2
    assert [asked.connection for asked in apple.door.asked] == [1, 2]  # two names, so two connections


async def test_NT6_pushes_survive_that_apple_ends_connections(apple: Apple) -> None:
    """All of two hundred arrive, each with its own id."""
    apple.door.ending = (Ending.POLITE, 25)
    sender = apple.sender()
    sent = [sender.send(phone(), full(notice_id=f"n{number}")) for number in range(200)]
    outcomes = await asyncio.gather(*sent)
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert len({headers["apns-id"] for _, headers, _ in apple.service.delivered}) == 200


async def test_a_certificate_proves_it_without_a_token() -> None:
    """TLS shows it; no header does."""
    certificate, key = self_made(["example.mail"], now=dt.datetime.now(dt.UTC))
    clock = SteadyClock()
    service = APNs(None, clock.monotonic)
    async with front_door(service, client_ca=certificate) as door:
        tls = certificate_context(Secret((certificate + key).decode()))
        outgoing = outgoing_to(door, tls=tls)
        sender = Apple(door, service, clock).sender(ByCertificate(), outgoing)
        assert isinstance(await sender.send(phone(), full()), Accepted)
        await outgoing.close()
        assert "example.mail" in door.peers[0]
        assert "authorization" not in service.delivered[0][1]


def test_keys_that_are_none_are_named() -> None:
    """With what to do, and without what was in the file."""
    with pytest.raises(ValueError, match=r"AuthKey_\.\.\.\.p8") as caught:
        ByToken(Secret("-----BEGIN PRIVATE KEY-----\nxyz"), "K", "T", clock=SteadyClock())
    assert "xyz" not in str(caught.value)
    with pytest.raises(ValueError, match="has to be PEM"):
        certificate_context(Secret("xyz"))
