"""
A client and servers in one process: sessions over several hosts that know each other by name.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from carrierpost.client.asgi import ASGIApp, ASGITransport
from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.http import PATH, Partnership
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from tests.support.virtual import VirtualClock

__all__ = ["ADA", "PASSWORD", "POLICY", "Hosts", "Recording", "endpoint", "make_server", "open_session"]

ADA = "ada@larch.example"
PASSWORD = "correct horse ßattery"
POLICY = ProvisioningDocument(device_password_enabled=True, min_device_password_length=6)


def make_server(**options: Any) -> ExchangeServer:
    """
    Make a server in virtual time that knows Ada.
    """
    server = ExchangeServer(clock=VirtualClock(), chance=random.Random(3), **options)
    server.add_user(ADA, PASSWORD, name="Ada Larch")
    return server


def endpoint(host: str) -> str:
    """
    Give a host's ActiveSync endpoint.
    """
    return f"https://{host}{PATH}"


class Hosts:
    """
    Several applications, each under the name of its host.

    Attributes:
        apps: the applications; others can be added.
        asked: host, method and path of each request, in order.
    """

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self.apps = dict(apps)
        self.asked: list[tuple[str, str, str]] = []

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        host = scope["server"][0]
        self.asked.append((host, scope["method"], scope["path"]))
        await self.apps[host](scope, receive, send)


class Recording:
    """
    A transport that keeps what it carried.

    Attributes:
        requests: the requests, in order.
        refreshed: how often the credentials were to be renewed.
        renews: whether that works.
    """

    def __init__(self, app: ASGIApp, *, password: str = PASSWORD, login: str = ADA, renews: str | None = None) -> None:
        self.requests: list[HTTPRequest] = []
        self.refreshed = 0
        self._app, self._login, self._renews = app, login, renews
        self._inner = ASGITransport(app, BasicLogin(login, Secret(password)))

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Keep it, and carry it.
        """
        self.requests.append(request)
        return await self._inner.send(request)

    async def refresh(self) -> bool:
        """
        Take the new password, if there is one.
        """
        self.refreshed += 1
        if self._renews is None:
            return False
        self._inner = ASGITransport(self._app, BasicLogin(self._login, Secret(self._renews)))
        return True

    async def close(self) -> None:
        """
        Close what is open.
        """
        await self._inner.close()


def open_session(transport: Any, host: str = "mail.larch.example", **options: Any) -> Session:
    """
    Open a session of Ada's device; options of the partnership are taken out of the others.
    """
    values = {name: options.pop(name) for name in ("device_id", "user", "version", "base64") if name in options}
    partnership = Partnership(
        url=endpoint(host),
        **{"user": ADA, "device_id": "DEVICE1", "version": Version.V14_1, **values},
        device_type="Test",
        user_agent="Test/1",
    )
    return Session(
        transport,
        partnership,
        clock=VirtualClock(),
        device=DeviceInformation(model="Test", friendly_name="Test", os="Test", user_agent="Test/1"),
        **options,
    )
