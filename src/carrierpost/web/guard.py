"""
What stands before everything else: names that are not ours are refused, every answer carries the headers that keep a
browser safe, and what goes wrong unforeseen is answered without a word of the inside.
"""

from __future__ import annotations

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carrierpost.web.problems import Problem
from carrierpost.web.settings import WebSettings

__all__ = ["API_POLICY", "APP_POLICY", "Guard"]

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""For what is no page."""

APP_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self' blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types carrierpost svelte-trusted-html"
)
"""For the app's own pages."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR = 31_536_000
_LOG = structlog.get_logger("carrierpost.web")


class Guard:
    """
    Stands before an application.

    Args:
        app: the application.
        settings: which names are ours.
    """

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        self._hosts = {host.casefold() for host in settings.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer a request, or hand it on.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", API_POLICY)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
            await send(message)

        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if _name_of(host) not in self._hosts:
            problem = Problem(
                421,
                "other-host",
                "this Carrierpost is not reached under that name; whoever runs it can allow it with the setting hosts",
            )
            await problem.response()(scope, receive, guarded)
            return
        try:
            await self._app(scope, receive, guarded)
        except Exception:
            _LOG.exception("request failed by a defect", method=scope["method"])
            if begun:
                raise
            defect = Problem(500, "defect", "this should not happen; the log of Carrierpost says more")
            await defect.response()(scope, receive, guarded)


def _name_of(host: str) -> str:
    """
    Give the name in a Host header, without port and brackets.
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].casefold()
    return host.partition(":")[0].casefold()
