"""
Web Push, to a push service and a phone that read it with keys of a browser's kind.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator

import jwt
import pytest

from carrierpost.model import Channel, Urgency
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Refused
from carrierpost.notify.outgoing import Answer
from carrierpost.notify.vapid import Vapid, check_contact, new_key
from carrierpost.protocol.secret import Secret
from tests.notify.sending import APP, NOW, SteadyClock, WebPush, badge, every_kind, full, message, subscription
from tests.support.http2 import front_door

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def clock() -> SteadyClock:
    return SteadyClock()


@pytest.fixture
async def push(clock: SteadyClock) -> AsyncIterator[WebPush]:
    push = WebPush(clock)
    async with front_door(push) as door:
        yield push.behind(door)
        await push.outgoing.close()


@pytest.fixture
async def apple(clock: SteadyClock) -> AsyncIterator[WebPush]:
    push = WebPush(clock)
    async with front_door(push) as door:
        yield push.behind(door, "web.push.apple.com")
        await push.outgoing.close()


async def test_a_notice_is_read_on_the_phone(push: WebPush) -> None:
    """It arrives as it was sent, by HTTP/2, and the service says where it keeps it."""
    sent = full(item_id=77, at=NOW, badge=4)
    outcome = await push.sender.send(push.subscription, sent)
    assert isinstance(outcome, Accepted)
    assert outcome.provider_id
    [shown] = push.phone.screen.values()
    assert {name: shown[name] for name in ("id", "kind", "title", "body", "item", "path")} == {
        "id": "n1", "kind": "full", "title": "Zoë Elm", "body": "Pruning on Friday", "item": 77, "path": "/notice/n1"
    }  # fmt: skip
    assert push.phone.badge == 4
    assert "web_push" not in shown


async def test_the_service_is_told_how_long_and_how_urgent(push: WebPush) -> None:
    """TTL is what is left of the message's life, Urgency how fast it is, and Topic says nothing to the service."""
    await push.sender.send(push.subscription, full(urgency=Urgency.HIGH, collapse="account 3"))
    await push.sender.send(push.subscription, full(urgency=Urgency.LOW, notice_id="n2"))
    first, second = push.phone.delivered
    assert (first.urgency, second.urgency) == ("high", "low")
    assert first.topic != second.topic
    assert "account" not in first.topic
    assert second.said["silent"] is True


async def test_NT6_a_phone_that_was_off_gets_the_newest_number_only(push: WebPush, clock: SteadyClock) -> None:
    """While it is off, the service keeps the last of each topic, and nothing beyond its time."""
    push.phone.on = False
    for number in (3, 5, 4):
        await push.sender.send(push.subscription, badge(number, notice_id=f"b{number}"))
    await push.sender.send(push.subscription, full(notice_id="old", expires_at=NOW + dt.timedelta(minutes=5)))
    await push.sender.send(push.subscription, full(notice_id="m1"))
    await push.sender.send(push.subscription, message(Kind.WITHDRAW, notice_id="w1", about="m1"))
    push.phone.turn_on(NOW + dt.timedelta(minutes=30))
    assert [one.said["id"] for one in push.phone.delivered] == ["b4", "w1"]
    assert (push.phone.badge, push.phone.screen) == (4, {})


async def test_NT9_a_notice_is_taken_from_the_lock_screen(push: WebPush) -> None:
    """A withdrawal takes away what it names, and nothing else."""
    await push.sender.send(push.subscription, full(notice_id="m1"))
    await push.sender.send(push.subscription, full(notice_id="m2"))
    await push.sender.send(push.subscription, message(Kind.WITHDRAW, about="m1", badge=1))
    assert list(push.phone.screen) == ["m2"]
    assert push.phone.badge == 1


@pytest.mark.parametrize("kind", list(Kind))
async def test_NT3_whatever_goes_to_an_iphone_shows_something(apple: WebPush, kind: Kind) -> None:
    """Each message to Apple is a declarative one with a title and a place to go to, or it is not sent at all."""
    outcome = await apple.sender.send(apple.subscription, message(kind))
    assert isinstance(outcome, Refused) is (kind in (Kind.BADGE, Kind.WITHDRAW))
    if isinstance(outcome, Refused):
        assert "shows nothing" in outcome.reason
        assert apple.phone.delivered == []
        return
    said = apple.phone.delivered[0].said
    assert said["web_push"] == 8030
    assert said["notification"]["title"]
    assert said["notification"]["navigate"] == f"{APP}notice/n1"
    assert said["title"] == said["notification"]["title"]  # for systems before 18.4, whose service worker reads it
    assert not apple.sender.may_be_silent(apple.subscription)


async def test_the_number_travels_with_a_notice_to_an_iphone(apple: WebPush) -> None:
    """The system itself sets it, where the specification has it."""
    await apple.sender.send(apple.subscription, full(badge=0))
    assert apple.phone.delivered[0].said["app_badge"] == 0


async def test_a_long_notice_is_cut_until_it_fits(push: WebPush) -> None:
    """No text is too long, and no service is sent more than it takes; the cut is shown."""
    assert isinstance(await push.sender.send(push.subscription, full("Ö" * 9000, "ü" * 90000)), Accepted)
    said = push.phone.delivered[0].said
    assert said["title"].endswith("…")
    assert push.phone.delivered[0].size == 4096


@pytest.mark.parametrize(
    ("status", "expected", "why"),
    [
        (404, Gone, "knows the subscription no more"),
        (410, Gone, "knows the subscription no more"),
        (413, Refused, "too large"),
        (400, Refused, "HTTP 400"),
        (401, Refused, "HTTP 401"),
        (301, Refused, "elsewhere"),
        (307, Refused, "elsewhere"),
        (500, Later, "trouble"),
        (503, Later, "trouble"),
        (429, Later, "fewer"),
    ],
)
async def test_NT1_each_answer_has_its_outcome(
    push: WebPush, status: int, expected: type[Gone | Later | Refused], why: str
) -> None:
    """What is dead is told from what is only late, and the next message gets through."""
    push.service.refuse = [status]
    outcome = await push.sender.send(push.subscription, full())
    assert isinstance(outcome, expected)
    assert why in outcome.reason
    assert isinstance(await push.sender.send(push.subscription, full(notice_id="n2")), Accepted)
    assert [one.said["id"] for one in push.phone.delivered] == ["n2"]


async def test_a_service_says_when_it_wants_to_hear_again(push: WebPush) -> None:
    """Retry-After is handed on, with 503 as with 429."""
    push.service.retry_after = 120
    push.service.refuse = [429, 503]
    for _ in range(2):
        outcome = await push.sender.send(push.subscription, full())
        assert isinstance(outcome, Later)
        assert outcome.after == 120


async def test_NT1_a_phone_that_left_is_gone(push: WebPush) -> None:
    """410 for who unsubscribed, 404 for who never was there; both say so."""
    push.phone.gone = True
    assert isinstance(await push.sender.send(push.subscription, full()), Gone)
    push.service.phones.clear()
    assert isinstance(await push.sender.send(push.subscription, full()), Gone)


async def test_NT1_a_phone_that_subscribed_with_another_key_has_to_do_so_again(push: WebPush) -> None:
    """After the hub's key was changed, nothing reaches the old subscriptions, and trying again would not help."""
    push.phone.key = Vapid(new_key(), "mailto:post@larch.example", clock=push.clock).public_key
    outcome = await push.sender.send(push.subscription, full())
    assert isinstance(outcome, Gone)
    assert "another key" in outcome.reason


async def test_the_proof_is_used_again_and_renewed_in_time(push: WebPush, clock: SteadyClock) -> None:
    """One token serves a service for six hours, names it and whom to write to, and never holds for more than a day."""
    first = await push.vapid.authorization(push.phone.endpoint)
    assert first == await push.vapid.authorization(push.phone.endpoint)
    assert first != await push.vapid.authorization("https://other.example/1")
    claims = jwt.decode(first.split("t=")[1].split(",")[0], options={"verify_signature": False})
    assert (claims["aud"], claims["sub"]) == (push.service.origin, "mailto:post@larch.example")
    assert claims["exp"] - NOW.timestamp() <= 24 * 3600
    clock.time += 6 * HOUR - dt.timedelta(minutes=1)
    assert first == await push.vapid.authorization(push.phone.endpoint)
    assert isinstance(await push.sender.send(push.subscription, full(expires_at=clock.time + HOUR)), Accepted)
    clock.time += HOUR
    assert first != await push.vapid.authorization(push.phone.endpoint)
    later = full(expires_at=clock.time + HOUR)
    assert isinstance(await push.sender.send(push.subscription, later), Accepted)


async def test_what_is_of_no_use_any_more_is_not_sent(push: WebPush, clock: SteadyClock) -> None:
    """A message whose time is over costs no request."""
    clock.time += HOUR
    assert isinstance(await push.sender.send(push.subscription, full()), Refused)
    assert push.phone.delivered == []


async def test_keys_that_are_none_make_a_subscription_useless(push: WebPush) -> None:
    """The device has to subscribe again; nothing is sent in the clear instead."""
    broken = subscription(Channel.WEB_PUSH, {**push.phone.address, "p256dh": "AAAA"})
    outcome = await push.sender.send(broken, full())
    assert isinstance(outcome, Gone)
    assert "p256dh" in outcome.reason


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "post@larch.example",
        "mailto:post@localhost",
        "mailto:post@box.local",
        "mailto:a@b.invalid",
        "http://x.example",
    ],
)
def test_a_contact_that_apple_would_refuse_is_refused_here(contact: str) -> None:
    """Otherwise everything seems to work until the first iPhone."""
    with pytest.raises(ValueError, match="no contact for push services"):
        check_contact(contact)


def test_a_key_that_is_none_is_named() -> None:
    """And is not repeated in what is said about it."""
    with pytest.raises(ValueError, match="notify setup web-push") as caught:
        Vapid(Secret("-----BEGIN SECRET-----"), "mailto:post@larch.example", clock=SteadyClock())
    assert "SECRET" not in str(caught.value)


async def test_a_service_that_does_not_answer_is_tried_later(clock: SteadyClock) -> None:
    """A closed door is no reason to give a device up."""
    push = WebPush(clock)
    async with front_door(push) as door:
        push.behind(door)
    outcome = await push.sender.send(push.subscription, full())
    assert isinstance(outcome, Later)
    assert "push.example did not answer" in outcome.reason


@pytest.mark.parametrize("version", ["h2", "http/1.1"])
async def test_services_of_either_version_of_http(clock: SteadyClock, version: str) -> None:
    """HTTP/2 is spoken where it is known, with all messages on one connection."""
    push = WebPush(clock)
    async with front_door(push, http2=version == "h2") as door:
        push.behind(door)
        for one in every_kind():
            assert isinstance(await push.sender.send(push.subscription, dataclasses.replace(one)), Accepted)
        await push.outgoing.close()
        assert door.protocols == [version]
        assert len(door.asked) == len(Kind)


async def test_an_endless_answer_is_not_read_to_its_end(clock: SteadyClock) -> None:
    """A service may answer what it likes; the hub keeps 64 KiB of it."""
    async with front_door(lambda asked: (400, {}, b"x" * 1_000_000), http2=False) as door:
        push = WebPush(clock).behind(door)
        answer = await push.outgoing.post(push.phone.endpoint, {}, b"")
        assert isinstance(answer, Answer)
        assert len(answer.body) == 64 * 1024
        outcome = await push.sender.send(push.subscription, full())
        assert isinstance(outcome, Refused)
        assert len(outcome.reason) < 300
        await push.outgoing.close()
