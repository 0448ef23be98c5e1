"""
Webhooks, to a receiver that checks signatures, and to the reference library of the scheme.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import AsyncIterator

import pytest
from standardwebhooks import Webhook

from carrierpost.model import Channel, Subscription
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Outcome, Refused
from carrierpost.notify.channels.webhook import WebhookSender, new_secret, read_secrets
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.payload import Readable
from carrierpost.protocol.secret import Secret
from tests.notify.sending import NOW, SteadyClock, full, message, subscription
from tests.support.http2 import Asked, Door, Reply, front_door, outgoing_to
from tests.support.providers import WebhookReceiver

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def hook(door: Door, *keys: bytes) -> Subscription:
    secret = Secret(" ".join(new_secret(key).reveal() for key in keys)) if keys else None
    return subscription(Channel.WEBHOOK, {"url": f"https://hook.example:{door.port}/in"}, secret=secret)


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver(OLD)


@pytest.fixture
async def door(receiver: WebhookReceiver) -> AsyncIterator[Door]:
    async with front_door(receiver) as door:
        yield door


@pytest.fixture
async def sender(door: Door) -> AsyncIterator[WebhookSender]:
    outgoing = outgoing_to(door)
    yield WebhookSender(outgoing, clock=SteadyClock(), readable=Readable.ALL)
    await outgoing.close()


async def test_a_receiver_can_check_who_sent_it(door: Door, receiver: WebhookReceiver, sender: WebhookSender) -> None:
    """The signature is over id, time and body; what is said is the notice."""
    assert isinstance(await sender.send(hook(door, OLD), full(item_id=77, badge=4)), Accepted)
    [taken] = receiver.taken
    assert taken == {
        "type": "notice.full",
        "timestamp": NOW.isoformat(),
        "data": {
            "id": "n1", "tag": taken["data"]["tag"], "urgency": "normal", "item": 77, "badge": 4,
            "title": "Zoë Elm", "body": "Pruning on Friday",
        },
    }  # fmt: skip


async def test_the_schemes_own_library_accepts_it(door: Door, receiver: WebhookReceiver) -> None:
    """What receivers use to check, checks; and refuses when a letter was changed."""

    class Now(SteadyClock):
        def now(self) -> dt.datetime:
            return dt.datetime.now(dt.UTC)  # the library compares with the machine's clock

    outgoing = outgoing_to(door)
    clock = Now()
    one = full(expires_at=clock.now() + dt.timedelta(hours=1))
    await WebhookSender(outgoing, clock=clock, secret=new_secret(OLD)).send(hook(door), one)
    await outgoing.close()
    [asked] = door.asked
    library = Webhook(base64.b64encode(OLD).decode())
    assert library.verify(asked.body.decode(), dict(asked.headers)) == json.loads(asked.body)
    with pytest.raises(Exception, match="signature"):
        library.verify(asked.body.decode().replace("n1", "n2"), dict(asked.headers))


async def test_a_secret_can_be_changed_while_messages_flow(
    door: Door, receiver: WebhookReceiver, sender: WebhookSender
) -> None:
    """With both secrets set, a receiver that has either accepts; in any order of changing sides."""
    await sender.send(hook(door, NEW, OLD), full())
    receiver.secrets = (NEW,)
    await sender.send(hook(door, NEW, OLD), full(notice_id="n2"))
    await sender.send(hook(door, NEW), full(notice_id="n3"))
    assert [one["data"]["id"] for one in receiver.taken] == ["n1", "n2", "n3"]
    assert isinstance(await sender.send(hook(door, OLD), full()), Refused)


async def test_nothing_is_sent_unsigned(door: Door, sender: WebhookSender) -> None:
    """Without a secret, or with one that is none, a receiver could not tell the hub from anybody."""
    broken = subscription(Channel.WEBHOOK, hook(door).address, secret=Secret("whsec_xyz"))
    for one in (hook(door), broken):
        outcome = await sender.send(one, full())
        assert isinstance(outcome, Refused)
        assert "xyz" not in outcome.reason
    assert door.asked == []


ANSWERS: list[tuple[int, type[Outcome]]] = [
    (200, Accepted), (202, Accepted), (204, Accepted), (410, Gone), (400, Refused), (404, Refused), (301, Refused),
    (308, Refused), (408, Later), (429, Later), (500, Later), (502, Later),
]  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), ANSWERS)
async def test_each_answer_has_its_outcome(
    door: Door, receiver: WebhookReceiver, sender: WebhookSender, status: int, expected: type[Outcome]
) -> None:
    """Only 410 ends a webhook; its owner may mend anything else."""
    receiver.refuse = [(status, {"location": "https://hook.example/other"}, b"so there")]
    assert isinstance(await sender.send(hook(door, OLD), full()), expected)
    assert len(door.asked) == 1


async def test_a_redirection_is_not_followed(door: Door) -> None:
    """It could lead inside, and would give the signed message to somebody else."""
    followed: list[str] = []

    def answer(asked: Asked) -> Reply:
        followed.append(asked.path)
        return 302, {"location": "https://127.0.0.1/admin"}, b""

    async with front_door(answer) as other:
        outgoing = outgoing_to(other)
        outcome = await WebhookSender(outgoing, clock=SteadyClock()).send(hook(other, OLD), full())
        await outgoing.close()
    assert isinstance(outcome, Refused)
    assert "not followed" in outcome.reason
    assert followed == ["/in"]


@pytest.mark.parametrize("url", ["https://127.0.0.1/in", "http://hook.example/", "https://[fd00::1]/", "javascript:x"])
async def test_a_webhook_cannot_point_inside(url: str) -> None:
    """The hub is nobody's key to the network that it stands in."""
    sender = WebhookSender(Outgoing(), clock=SteadyClock(), secret=new_secret(OLD))
    outcome = await sender.send(subscription(Channel.WEBHOOK, {"url": url}), full())
    assert isinstance(outcome, Refused)
    assert "nothing is sent there" in outcome.reason


async def test_NT9_a_withdrawal_names_the_notice(door: Door, receiver: WebhookReceiver, sender: WebhookSender) -> None:
    """By the tag that it was sent with."""
    await sender.send(hook(door, OLD), full())
    await sender.send(hook(door, OLD), message(Kind.WITHDRAW, notice_id="w1", about="n1"))
    shown, withdrawn = receiver.taken
    assert withdrawn["type"] == "notice.withdraw"
    assert withdrawn["data"]["withdraw"] == shown["data"]["tag"]


def test_secrets_have_the_length_that_the_scheme_asks_for() -> None:
    """24 to 64 bytes, each of several."""
    assert read_secrets(Secret(f"{new_secret(OLD).reveal()} {new_secret(NEW).reveal()}")) == [OLD, NEW]
    for wrong in ("", "whsec_", new_secret(bytes(23)).reveal(), new_secret(bytes(65)).reveal()):
        with pytest.raises(ValueError, match="secret"):
            read_secrets(Secret(wrong))
