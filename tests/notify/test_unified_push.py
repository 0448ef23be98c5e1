"""
UnifiedPush: encrypted to an app's endpoint, or published to one's own ntfy server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Outcome, Refused
from carrierpost.notify.channels.unified_push import NtfyServer, UnifiedPushSender
from carrierpost.notify.channels.web_push import WebPushSender
from carrierpost.notify.payload import Readable
from carrierpost.protocol.secret import Secret
from tests.notify.sending import APP, SteadyClock, WebPush, full, message, subscription
from tests.support.http2 import Door, front_door, outgoing_to
from tests.support.providers import Ntfy


class Place:
    """
    An ntfy server, and what sends to it.
    """

    def __init__(self, door: Door, server: Ntfy) -> None:
        self.door = door
        self.server = server
        self.url = f"https://ntfy.example:{door.port}"
        self.outgoing = outgoing_to(door)

    def sender(self, readable: Readable = Readable.ALL, token: str = "tk_1", app_url: str = APP) -> UnifiedPushSender:
        clock = SteadyClock()
        ntfy = NtfyServer(self.url, self.outgoing, clock=clock, token=Secret(token), readable=readable, app_url=app_url)
        return UnifiedPushSender(None, ntfy, clock=clock)

    def topic(self, name: str = "ada-9f3c") -> Subscription:
        return subscription(Channel.UNIFIED_PUSH, {"url": f"{self.url}/{name}"})


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    server = Ntfy(token="tk_1")
    async with front_door(server, http2=False) as door:
        found = Place(door, server)
        yield found
        await found.outgoing.close()


async def test_an_app_with_keys_gets_what_web_push_gets() -> None:
    """Encrypted to it, with the hub's proof, as the specification has asked since 2025."""
    clock = SteadyClock()
    push = WebPush(clock)
    async with front_door(push) as door:
        push.behind(door)
        encrypted = WebPushSender(
            push.vapid, push.outgoing, app_url=APP, clock=clock, random=push.random, channel=Channel.UNIFIED_PUSH
        )
        sender = UnifiedPushSender(encrypted, None, clock=clock)
        one = subscription(Channel.UNIFIED_PUSH, push.phone.address)
        assert isinstance(await sender.send(one, full()), Accepted)
        assert [shown["title"] for shown in push.phone.screen.values()] == ["Zoë Elm"]
        assert (sender.channel, encrypted.channel, sender.may_be_silent(one)) == (
            Channel.UNIFIED_PUSH, Channel.UNIFIED_PUSH, True,
        )  # fmt: skip
        push.phone.gone = True
        assert isinstance(await sender.send(one, full()), Gone)
        await sender.close()


async def test_a_topic_is_published_to(place: Place) -> None:
    """Title, text, and where a tap leads; as loud as it is urgent."""
    assert await place.sender().send(place.topic(), full(urgency=Urgency.HIGH)) == Accepted("Xy12")
    [said] = place.server.published
    assert said == {
        "topic": "ada-9f3c", "title": "Zoë Elm", "message": "Pruning on Friday", "priority": 5,
        "tags": ["envelope"], "click": APP,
    }  # fmt: skip


async def test_the_server_reads_only_what_is_allowed(place: Place) -> None:
    """It is one's own, but it may keep what it gets."""
    await place.sender(Readable.NOTHING).send(place.topic(), full())
    assert place.server.published[0]["title"] == "Something new"
    assert "Zoë" not in place.door.seen.decode("utf-8", "replace")


@pytest.mark.parametrize("kind", [Kind.WAKE, Kind.BADGE, Kind.WITHDRAW])
async def test_the_ntfy_app_is_sent_nothing_that_shows_nothing(place: Place, kind: Kind) -> None:
    """It would show an empty notice."""
    sender = place.sender()
    assert not sender.may_be_silent(place.topic())
    assert isinstance(await sender.send(place.topic(), message(kind)), Refused)
    assert place.door.asked == []


REFUSALS: list[tuple[int, type[Outcome]]] = [
    (429, Later), (507, Later), (500, Later), (403, Refused), (401, Refused), (400, Refused), (413, Refused)
]  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), REFUSALS)
async def test_NT1_each_refusal_has_its_outcome(place: Place, status: int, expected: type[Outcome]) -> None:
    """A topic is never gone; what the server says is handed on."""
    place.server.refuse = [status]
    assert isinstance(await place.sender().send(place.topic(), full()), expected)
    assert isinstance(await place.sender().send(place.topic(), full()), Accepted)


async def test_a_wrong_access_token_is_named(place: Place) -> None:
    """And not shown."""
    outcome = await place.sender(token="tk_wrong").send(place.topic(), full())
    assert isinstance(outcome, Refused)
    assert "check the token" in outcome.reason
    assert "tk_wrong" not in outcome.reason


@pytest.mark.parametrize("name", ["", "a/b", "a?x=1"])
async def test_only_topics_of_the_server_that_was_set_up(place: Place, name: str) -> None:
    """Another server would get the token, or a path could be another door of this one."""
    outcome = await place.sender().send(place.topic(name), full())
    assert isinstance(outcome, Gone)
    for address in ("https://ntfy.example.evil.example/topic", f"https://evil.example/?{place.url}/topic"):
        other = subscription(Channel.UNIFIED_PUSH, {"url": address})
        assert isinstance(await place.sender().send(other, full()), Gone)
    assert place.door.asked == []


async def test_without_keys_of_the_hub_an_endpoint_waits(place: Place) -> None:
    """What to do is said."""
    one = subscription(Channel.UNIFIED_PUSH, {"endpoint": "https://up.example/1", "p256dh": "x", "auth": "y"})
    outcome = await place.sender().send(one, full())
    assert isinstance(outcome, Refused)
    assert "notify setup web-push" in outcome.reason
