"""
Web Push: how many messages a second are encrypted, and how many are sent.

Encrypting is compared with `http-ece`, on which other senders stand, both padding nothing. Sending goes to the built-in
push receiver in a process of its own, which decrypts and checks everything; it is compared with posting the same number
of bytes by the bare HTTP library, so the ratio tells what all the rest costs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.child import Child
from benchmarks.figures import Part, Target
from carrierpost.model import Channel, NoticeText, Subscription
from carrierpost.notify.channel import Accepted, Kind, Message
from carrierpost.notify.channels.web_push import WebPushSender
from carrierpost.notify.encryption import DeviceKeys, encrypt
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.reach import Reach
from carrierpost.notify.vapid import Vapid, new_key
from carrierpost.protocol.clock import SystemClock

__all__ = ["measure"]

_PLAIN = b'{"title": "Zo\xc3\xab Elm", "body": "Pruning on Friday"}' * 8
_TURN = 100  # messages that a turn encrypts
_AT_ONCE = 16  # messages on their way, as the dispatcher has it
_LEAST_ENCRYPTING = 0.9  # times http-ece
_LEAST_SENDING = 0.5  # times bare requests, which encrypt and sign nothing


def measure(*, rounds: int = 25, messages: int = 400) -> Part:
    """
    Measure both.

    Args:
        rounds: turns of encrypting on each side.
        messages: how many are sent in each of five turns.
    """
    encrypting = _encrypting(rounds)
    sending = asyncio.run(_sending(messages))
    figures: dict[str, Any] = {"encrypting": encrypting, "sending": sending}
    lines = [
        f"  encrypting: {encrypting['a_second']:,.0f} messages a second",
        f"  sending: {sending['a_second']:,.0f} messages a second, bare requests {sending['bare_a_second']:,.0f}",
    ]
    targets = [Target("sending beside bare requests", sending["ratio"], _LEAST_SENDING)]
    missing: tuple[str, ...] = ()
    if "ratio" in encrypting:
        lines[0] += f", http-ece {encrypting['http_ece_a_second']:,.0f}"
        targets.insert(0, Target("encrypting beside http-ece", encrypting["ratio"], _LEAST_ENCRYPTING))
    else:
        missing = ("http-ece is not installed; for the comparison: .venv/bin/python -m pip install http-ece",)
    return Part("notices", figures, tuple(lines), tuple(targets), missing)


def _encrypting(rounds: int) -> dict[str, float]:
    device = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    public = b"\4" + device.x.to_bytes(32, "big") + device.y.to_bytes(32, "big")
    keys = DeviceKeys(public, os.urandom(16))

    def ours() -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        encrypt(_PLAIN, keys, private=private, salt=os.urandom(16), padded_to=len(_PLAIN))

    try:
        peer: Any = importlib.import_module("http_ece")
    except ImportError:
        return {"a_second": _TURN / statistics.median(_turn(ours) for _ in range(rounds))}

    def theirs() -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        peer.encrypt(_PLAIN, private_key=private, dh=keys.p256dh, auth_secret=keys.auth, version="aes128gcm", rs=4096)

    pairs = [(_turn(ours), _turn(theirs)) for _ in range(rounds)]
    return {
        "a_second": _TURN / statistics.median(mine for mine, _ in pairs),
        "http_ece_a_second": _TURN / statistics.median(other for _, other in pairs),
        "ratio": statistics.median(other / mine for mine, other in pairs),
    }


def _turn(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    for _ in range(_TURN):
        work()
    return time.perf_counter() - begin


async def _sending(messages: int) -> dict[str, float]:
    clock = SystemClock()
    vapid = Vapid(new_key(), "mailto:post@larch.example", clock=clock)
    outgoing = Outgoing(Reach(own=frozenset({"127.0.0.1"})))
    sender = WebPushSender(vapid, outgoing, app_url="https://mail.example/", clock=clock)
    with Child("benchmarks.push_service", vapid.public_key) as service:
        address = service.hear()
        subscription = Subscription(
            id=1, device_id=1, channel=Channel.WEB_PUSH, address=address, created_at=clock.now()
        )
        page = address["endpoint"].rpartition("/push/")[0] + "/nothing"

        async def send(number: int) -> None:
            message = Message(
                kind=Kind.FULL,
                notice_id=f"n{number}",
                expires_at=clock.now() + dt.timedelta(hours=1),
                text=NoticeText("Zoë Elm", "Pruning on Friday"),
                badge=4,
            )
            outcome = await sender.send(subscription, message)
            assert isinstance(outcome, Accepted), outcome

        async def bare(number: int) -> None:
            await outgoing.post(page, {"content-type": "application/octet-stream"}, bytes(1127))

        pairs = [(await _all(send, messages), await _all(bare, messages)) for _ in range(5)]
        delivered = service.ask("count")
        assert delivered["last"]
        await outgoing.close()
    return {
        "a_second": messages / statistics.median(mine for mine, _ in pairs),
        "bare_a_second": messages / statistics.median(other for _, other in pairs),
        "ratio": statistics.median(other / mine for mine, other in pairs),
    }


async def _all(work: Callable[[int], Awaitable[None]], count: int) -> float:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            await work(number)

    begin = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    return time.perf_counter() - begin
