"""
The built-in push receiver: as strict as a real push service, and a face to look at.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from carrierpost.notify.encryption import DeviceKeys, b64url, encrypt
from carrierpost.notify.vapid import Vapid, new_key
from carrierpost.server.lock_screen import LockScreen
from carrierpost.server.push_receiver import PushReceiver
from tests.notify.sending import NOW, SteadyClock

ORIGIN = "http://127.0.0.1:9"


class Trial:
    """
    A receiver with one phone, and requests to it that can be changed.
    """

    def __init__(self) -> None:
        self.clock = SteadyClock()
        self.receiver = PushReceiver(ORIGIN, clock=self.clock, random=lambda length: bytes(range(length)))
        self.vapid = Vapid(new_key(), "mailto:post@larch.example", clock=self.clock)
        self.phone = self.receiver.subscribe(self.vapid.public_key)
        self.screen = LockScreen(self.receiver, lambda: "9:00")

    async def post(self, said: object = None, body: bytes | None = None, **headers: Any) -> int:
        keys = DeviceKeys.parse(self.phone.address["p256dh"], self.phone.address["auth"])
        plain = json.dumps(said or {"id": "n1", "tag": "t", "title": "Ada", "body": "<b>Tea?</b>", "badge": 3}).encode()
        sealed = encrypt(plain, keys, private=ec.generate_private_key(ec.SECP256R1()), salt=bytes(16))
        usual = {
            "authorization": await self.vapid.authorization(ORIGIN), "ttl": "60", "content-encoding": "aes128gcm"
        }  # fmt: skip
        head = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items() if value}
        path = self.phone.endpoint.removeprefix(ORIGIN)
        return self.screen.answer("POST", path, head, sealed if body is None else body)[0]


async def test_what_comes_is_on_the_lock_screen() -> None:
    """The page shows it, with the number, and takes nothing of it for markup."""
    trial = Trial()
    assert "Nothing has come yet" in trial.screen.page()
    assert await trial.post() == 201
    status, headers, page = trial.screen.answer("GET", "/", {}, b"")
    assert status == 200
    assert b"<strong>Ada</strong><span>&lt;b&gt;Tea?&lt;/b&gt;</span>" in page
    assert b"3 unread" in page
    assert "default-src 'none'" in headers["content-security-policy"]
    _, _, listed = trial.screen.answer("GET", "/notices", {}, b"")
    [phone] = json.loads(listed)["phones"]
    assert (phone["badge"], [one["title"] for one in phone["notices"]]) == (3, ["Ada"])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"ttl": ""}, 400), ({"ttl": "soon"}, 400), ({"content_encoding": "aesgcm"}, 415), ({"topic": "a b"}, 400),
        ({"topic": "x" * 33}, 400), ({"urgency": "now"}, 400), ({"authorization": ""}, 401),
        ({"authorization": "vapid t=x, k=y"}, 403), ({"authorization": "WebPush x"}, 403),
    ],
)  # fmt: skip
async def test_a_request_that_no_push_service_would_take_is_refused(change: dict[str, Any], status: int) -> None:
    """So that a hub which gets on with it gets on with real ones."""
    trial = Trial()
    assert await trial.post(**change) == status
    assert trial.phone.delivered == []


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example"}, {"exp": NOW.timestamp() - 1}, {"exp": NOW.timestamp() + 25 * 3600},
        {"sub": "mailto:root"}, {"exp": None}, {"sub": None},
    ],
)  # fmt: skip
async def test_a_proof_that_says_something_else_is_refused(claims: dict[str, Any]) -> None:
    """For another service, too old, for too long, from nobody."""
    trial = Trial()
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    public = b64url(b"\4" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big"))
    trial.phone.key = public
    good: dict[str, Any] = {"aud": ORIGIN, "exp": int(NOW.timestamp()) + 3600, "sub": "mailto:post@larch.example"}
    for change, status in ((claims, 403), ({}, 201)):
        said = {name: value for name, value in {**good, **change}.items() if value is not None}
        said["exp"] = int(said["exp"]) if "exp" in said else 0
        token = jwt.encode(said, key, algorithm="ES256")
        assert await trial.post(authorization=f"vapid t={token}, k={public}") == status


async def test_a_body_that_is_none_is_refused() -> None:
    """Damaged, too large, or nothing at all."""
    trial = Trial()
    for body, status in ((b"", 400), (b"x" * 200, 400), (b"x" * 5000, 413)):
        assert await trial.post(body=body) == status
    assert await trial.post([1]) == 400


async def test_what_was_kept_too_long_never_comes() -> None:
    """While a phone is off, the service keeps a message for as long as the hub said."""
    trial = Trial()
    trial.phone.on = False
    await trial.post(ttl="60")
    await trial.post({"id": "n2", "tag": "u", "title": "Bea"}, ttl="600")
    trial.phone.turn_on(NOW + dt.timedelta(minutes=5))
    assert [one.said["title"] for one in trial.phone.delivered] == ["Bea"]


async def test_it_is_an_asgi_application() -> None:
    """It can stand beside the built-in ActiveSync server."""
    trial = Trial()
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(one: dict[str, object]) -> None:
        sent.append(one)

    await trial.screen({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 200
    assert b"Lock screen" in sent[1]["body"]  # type: ignore[operator]
