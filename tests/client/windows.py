"""
A web server that wants NTLM or Negotiate, as IIS does: it logs in connections, and pyspnego's own acceptor judges.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import spnego
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from carrierpost.client.login.windows import binding_of
from tests.client.network import serve_pages

__all__ = ["Doorkeeper", "Visit", "door", "known_people"]


def known_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **people: str) -> None:
    """Tell the acceptor who may log in: pyspnego reads them from a file that a variable names."""
    file = tmp_path / "people.txt"
    file.write_text("".join(f"FIRM:{name}:{password}\n" for name, password in people.items()), encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))


@dataclasses.dataclass
class Visit:
    """
    A request as the server saw it.
    """

    connection: int
    user: str
    scheme: str
    body: bytes
    status: int


class Doorkeeper:
    """
    Logs connections in, and lets everything through that comes over one which is.

    Attributes:
        visits: all requests, in order.
        offers: what it asks for.
        binding: the certificate that logins have to be bound to, DER, or `None`.
        hang_up_after: closes the connection after its answer with this number, once.
        before: is asked before each answer.
    """

    def __init__(self, *offers: str) -> None:
        self.offers = offers or ("Negotiate", "NTLM")
        self.visits: list[Visit] = []
        self.binding: bytes | None = None
        self.hang_up_after: set[int] = set()
        self.before: Callable[[], Awaitable[None]] | None = None
        self._numbers: dict[Any, int] = {}
        self._contexts: dict[int, spnego.ContextProxy] = {}
        self.users: dict[int, str] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        number = self._numbers.setdefault(request.transport, len(self._numbers) + 1)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        challenge = self._hear(number, scheme, token)
        if self.before is not None:
            await self.before()
        user = self.users.get(number, "")
        answer = web.Response(text=user) if user else web.Response(status=401)
        if not user:
            for offer in self.offers:
                said = f"{offer} {challenge}" if challenge and offer == scheme else offer
                answer.headers.add("WWW-Authenticate", said)
        self.visits.append(Visit(number, user, scheme, body, answer.status))
        if len(self.visits) in self.hang_up_after:
            answer.force_close()
        return answer

    def _hear(self, number: int, scheme: str, token: str) -> str:
        if scheme not in self.offers:
            return ""
        context = self._contexts.get(number)
        if context is None:
            context = self._contexts[number] = spnego.server(
                protocol=scheme.lower(), service="HTTP", channel_bindings=binding_of(self.binding),
                options=spnego.NegotiateOptions.use_ntlm if scheme == "NTLM" else spnego.NegotiateOptions.use_negotiate,
            )  # fmt: skip
        try:
            said = context.step(base64.b64decode(token))
        except Exception:  # an answer to somebody else's challenge can fail in any way
            del self._contexts[number]
            return ""
        if context.complete:
            self.users[number] = str(context.client_principal)
            del self._contexts[number]
        return base64.b64encode(said or b"").decode()


@contextlib.asynccontextmanager
async def door(keeper: Doorkeeper, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve; gives the port."""
    async with serve_pages(keeper.answer, tls) as port:
        yield port


def der_of(path: Path) -> bytes:
    """Give a PEM file's certificate as DER."""
    return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(serialization.Encoding.DER)
