"""
An authority that gives tokens over real HTTP: device codes, codes with PKCE, refresh tokens that rotate.

It follows the specifications to the letter and forgives nothing: a code is good once, a refresh token that was used
before ends the whole login it belongs to, a verifier has to fit. What it refuses, it refuses in Microsoft's words.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

__all__ = ["CLIENT", "Authority"]

CLIENT = "5d0c6f1e-application"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def _utc() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclasses.dataclass
class _Grant:
    """A login: whose it is, and which of its refresh tokens is the good one."""

    user: str
    refresh: str = ""
    ended: bool = False


@dataclasses.dataclass
class _Device:
    user_code: str
    until: dt.datetime
    user: str = ""
    denied: bool = False
    asked: list[dt.datetime] = dataclasses.field(default_factory=list)


class Authority:
    """
    The authority.

    Attributes:
        person: who sits before the browser; nobody means that the person declines.
        seconds: life of an access token.
        rotates: whether each refresh gives a new refresh token, and ends the old one.
        interval: seconds between two questions about a device code.
        refusal: what the next question for tokens gets instead: HTTP status and values; and how often.
        asked: kind of each question for tokens, in order.
        forms: the values of each question.
        urls: the addresses that were asked for, with their queries.
        without: doors that the discovery document leaves out.
        on_rotated: is told when a refresh token was used up, before the answer leaves.
    """

    def __init__(self, *, now: Callable[[], dt.datetime] = _utc) -> None:
        self.now = now
        self.person = ""
        self.seconds: int | str | None = 3600
        self.rotates = True
        self.interval: float = 5
        self.device_seconds = 900
        self.secret = ""
        self.refusals: list[tuple[int, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.without: set[str] = set()
        self.on_rotated: Callable[[], None] = lambda: None
        self.devices: dict[str, _Device] = {}
        self.given: list[str] = []
        self._codes: dict[str, tuple[str, str, str]] = {}
        self._refresh: dict[str, _Grant] = {}
        self._access: dict[str, tuple[str, dt.datetime | None, _Grant]] = {}
        self._number = 0

    # -- what a server asks

    def whose(self, token: str) -> str | None:
        """Tell whose a token is, while it is good."""
        user, until, grant = self._access.get(token, ("", None, _Grant("", ended=True)))
        if grant.ended or (until is not None and until <= self.now()):
            return None
        return user

    # -- what an administrator does

    def withdraw(self) -> None:
        """End all access tokens; refresh tokens stay good."""
        self._access.clear()

    def end_all(self) -> None:
        """End all logins."""
        for grant in self._refresh.values():
            grant.ended = True

    def approve(self, user_code: str, user: str = "") -> None:
        """Let a person type a code, and agree or, without a name, decline."""
        [device] = [one for one in self.devices.values() if one.user_code == user_code]
        device.user, device.denied = user, not user

    # -- HTTP

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        self.urls.append(str(request.url))
        door = request.path.rpartition("/")[2]
        base = f"{request.scheme}://{request.host}{request.path.rpartition('/')[0]}"
        if door == "openid-configuration":
            base = base.removesuffix("/.well-known")
            doors = {"token": "token", "authorization": "authorize", "device_authorization": "devicecode"}
            found = {f"{key}_endpoint": f"{base}/{door}" for key, door in doors.items() if key not in self.without}
            return web.json_response({"issuer": base, **found})
        if door == "authorize":
            return self._authorize(dict(request.query))
        form = {key: str(value) for key, value in (await request.post()).items()}
        if door not in ("token", "devicecode"):
            return web.Response(status=404)
        self.forms.append(form)
        if form.get("client_id") != CLIENT:
            return _no("unauthorized_client", 700016, f"Application '{form.get('client_id')}' was not found.")
        if self.secret and form.get("client_secret") != self.secret:
            return _no("invalid_client", 7000218, "The request body must contain: 'client_secret'.", 401)
        if door == "devicecode":
            return self._device(form, base)
        self.asked.append(form.get("grant_type", ""))
        if self.refusals:
            status, values = self.refusals.pop(0)
            return web.json_response(values, status=status)
        match form.get("grant_type"):
            case "authorization_code":
                return self._code(form)
            case "refresh_token":
                return self._rotate(form)
            case kind if kind == _DEVICE_GRANT:
                return self._poll(form)
        return _no("unsupported_grant_type", 70003, "The grant type is not supported.")

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number}-{hashlib.sha256(f'{kind}{self._number}'.encode()).hexdigest()[:24]}"

    def _authorize(self, query: dict[str, str]) -> web.Response:
        back = query.get("redirect_uri", "")
        if query.get("code_challenge_method") != "S256" or not back.startswith("http://localhost:"):
            return web.Response(status=400, text="AADSTS50011: the redirect is not registered")
        if not self.person:
            said = {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent."}
            raise web.HTTPFound(f"{back}?{urlencode({**said, 'state': query['state']})}")
        code = self._name("code")
        self._codes[code] = (query["code_challenge"], back, self.person)
        raise web.HTTPFound(f"{back}?{urlencode({'code': code, 'state': query['state']})}")

    def _code(self, form: dict[str, str]) -> web.Response:
        challenge, back, user = self._codes.pop(form.get("code", ""), ("", "", ""))
        made = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            not user
            or base64.urlsafe_b64encode(made).rstrip(b"=").decode() != challenge
            or form["redirect_uri"] != back
        ):
            return _no("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        return self._tokens(_Grant(user))

    def _device(self, form: dict[str, str], base: str) -> web.Response:
        code = self._name("device")
        device = self.devices[code] = _Device(
            f"CODE{len(self.devices) + 1}", self.now() + dt.timedelta(seconds=self.device_seconds)
        )
        return web.json_response(
            {
                "device_code": code,
                "user_code": device.user_code,
                "verification_uri": f"{base}/device",
                "expires_in": self.device_seconds,
                "interval": self.interval,
            }
        )

    def _poll(self, form: dict[str, str]) -> web.Response:
        device = self.devices.get(form.get("device_code", ""))
        if device is None:
            return _no("bad_verification_code", 70020, "The code is not known.")
        device.asked.append(self.now())
        if self.now() >= device.until:
            return _no("expired_token", 70020, "The provided value for the device code has expired.")
        if device.denied:
            return _no("authorization_declined", 65004, "User declined to consent.")
        if not device.user:
            return _no("authorization_pending", 70016, "Authorization is pending. Continue polling.")
        user, device.user = device.user, ""
        return self._tokens(_Grant(user))

    def _rotate(self, form: dict[str, str]) -> web.Response:
        grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None or grant.ended:
            return _no("invalid_grant", 700082, "The refresh token has expired due to inactivity.")
        if grant.refresh != form["refresh_token"]:
            grant.ended = True  # somebody has a copy
            return _no("invalid_grant", 50173, "The provided grant has been revoked: it was used before.")
        return self._tokens(grant)

    def _tokens(self, grant: _Grant) -> web.Response:
        access = self._name("access")
        life = int(self.seconds) if self.seconds is not None else None
        until = self.now() + dt.timedelta(seconds=life) if life is not None else None
        self._access[access] = (grant.user, until, grant)
        claims = base64.urlsafe_b64encode(json.dumps({"preferred_username": grant.user}).encode()).rstrip(b"=").decode()
        values: dict[str, Any] = {"token_type": "Bearer", "access_token": access, "id_token": f"e30.{claims}.x"}
        if self.seconds is not None:
            values["expires_in"] = self.seconds
        if self.rotates or not grant.refresh:
            grant.refresh = values["refresh_token"] = self._name("refresh")
            self._refresh[grant.refresh] = grant
            self.given.append(grant.refresh)
        self.given.append(access)
        self.on_rotated()
        return web.json_response(values)


def _no(error: str, number: int, text: str, status: int = 400) -> web.Response:
    said = f"AADSTS{number}: {text}\r\nTrace ID: 0000\r\nTimestamp: 2026-03-02"
    return web.json_response({"error": error, "error_description": said, "error_codes": [number]}, status=status)
