"""
The built-in push receiver's face: an ASGI application that takes messages and shows the phone's lock screen.
"""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from carrierpost.server.push_receiver import PushReceiver, PushReply

__all__ = ["LockScreen"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LARGEST = 64 * 1024

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lock screen</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<style>
:root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif }
body { margin: 0; min-height: 100dvh; background: linear-gradient(160deg, #1d3b53, #4a6b5d); color: #fff }
main { max-width: 26rem; margin: 0 auto; padding: 3rem 1rem }
h1 { margin: 0; font-size: 4rem; font-weight: 300; text-align: center }
p.under { margin: 0 0 2rem; text-align: center }
ol { list-style: none; margin: 0; padding: 0 }
li { margin: .6rem 0; padding: .8rem 1rem; border-radius: 1rem; background: rgb(255 255 255 / .92); color: #16222c }
@media (prefers-color-scheme: dark) { li { background: rgb(20 28 34 / .88); color: #eef3f5 } }
li strong, li span { display: block; white-space: pre-line; overflow-wrap: anywhere }
small { opacity: .75 }
</style></head><body><main>
<h1>%(time)s</h1>
<p class="under">%(under)s</p>
<ol>%(notices)s</ol>
</main></body></html>
"""


class LockScreen:
    """
    The application.

    Args:
        receiver: the push service with its phones.
        now: tells the time to show.
    """

    def __init__(self, receiver: PushReceiver, now: Callable[[], str]) -> None:
        self._receiver = receiver
        self._now = now

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """
        Answer one request.
        """
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body") or len(body) > _LARGEST:
                break
        status, told, content = self.answer(scope["method"], scope["path"], headers, bytes(body))
        told["content-length"] = str(len(content))
        listed = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": listed})
        await send({"type": "http.response.body", "body": content})

    def answer(self, method: str, path: str, headers: MutableMapping[str, str], body: bytes) -> PushReply:
        """
        Answer a request; see `PushReceiver.answer`.
        """
        if method == "GET" and path == "/":
            policy = "default-src 'none'; style-src 'unsafe-inline'"
            return (
                200,
                {"content-type": "text/html; charset=utf-8", "content-security-policy": policy},
                self.page().encode(),
            )
        if method == "GET" and path == "/notices":
            phones = [
                {"badge": phone.badge, "notices": list(phone.screen.values()), "delivered": len(phone.delivered)}
                for phone in self._receiver.phones.values()
            ]
            return 200, {"content-type": "application/json"}, msgspec.json.encode({"phones": phones})
        return self._receiver.answer(method, path, headers, body)

    def page(self) -> str:
        """
        Draw the lock screen of all phones as one, the newest notice on top.
        """
        phones = self._receiver.phones.values()
        shown = sorted((one for phone in phones for one in phone.screen.values()), key=lambda one: one["shown_at"])
        badges = [phone.badge for phone in phones if phone.badge is not None]
        under = f"{max(badges):,} unread" if badges else "Nothing has come yet" if not shown else ""
        return _PAGE % {
            "time": html.escape(self._now()),
            "under": html.escape(under),
            "notices": "".join(_item(one) for one in reversed(shown)),
        }


def _item(said: dict[str, Any]) -> str:
    title, body = (html.escape(str(said.get(name, ""))) for name in ("title", "body"))
    return f"<li><small>Carrierpost</small><strong>{title}</strong><span>{body}</span></li>"
