"""
Providers of notices, as strict as the real ones: APNs, FCM with its token endpoint, ntfy, and a webhook's receiver.

Each is a function from a request to an answer, served by `tests.support.http2`. They check what the real ones check and
refuse in their words.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.http2 import Asked, Reply

__all__ = ["FCM", "APNs", "Ntfy", "WebhookReceiver"]

Now = Callable[[], float]


def _json(status: int, value: Any, **headers: str) -> Reply:
    return status, {"content-type": "application/json", **headers}, json.dumps(value).encode()


class APNs:
    """
    Apple's service for one app.

    Attributes:
        delivered: what was taken: token, headers and payload.
        refuse: reasons with status for the next pushes, in order.
        gone: tokens that are no longer in use, with the time in milliseconds.
        tokens: provider tokens that were seen.
    """

    def __init__(self, public: ec.EllipticCurvePublicKey | None, now: Now, *, topic: str = "example.mail") -> None:
        self.public = public
        self.now = now
        self.topic = topic
        self.delivered: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.refuse: list[tuple[int, str]] = []
        self.gone: dict[str, int] = {}
        self.tokens: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        """Take a push, or refuse it as Apple would."""
        name = asked.headers.get("apns-id", "")
        if self.refuse:
            status, reason = self.refuse.pop(0)
            return self._refusal(name, status, reason)
        token = asked.path.removeprefix("/3/device/")
        fault = self._fault(asked, token)
        if fault is not None:
            return self._refusal(name, *fault)
        if token in self.gone:
            return _json(410, {"reason": "Unregistered", "timestamp": self.gone[token]}, **{"apns-id": name})
        self.delivered.append((token, dict(asked.headers), json.loads(asked.body)))
        return 200, {"apns-id": name}, b""

    def _refusal(self, name: str, status: int, reason: str) -> Reply:
        return _json(status, {"reason": reason}, **{"apns-id": name})

    def _fault(self, asked: Asked, token: str) -> tuple[int, str] | None:
        if asked.method != "POST":
            return 405, "MethodNotAllowed"
        if not asked.path.startswith("/3/device/"):
            return 404, "BadPath"
        return self._bad_proof(asked) or self._bad_head(asked, token) or self._bad_payload(asked)

    def _bad_proof(self, asked: Asked) -> tuple[int, str] | None:
        if self.public is None:
            return None
        scheme, _, proof = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not proof:
            return 403, "MissingProviderToken"
        self.tokens.append(proof)
        try:
            claims = jwt.decode(proof, self.public, algorithms=["ES256"], options={"verify_iat": False})
        except jwt.PyJWTError:
            return 403, "InvalidProviderToken"
        if not jwt.get_unverified_header(proof).get("kid") or not claims.get("iss"):
            return 403, "InvalidProviderToken"
        age = self.now() - claims.get("iat", 0)
        return None if -60 <= age <= 3600 else (403, "ExpiredProviderToken")

    def _bad_head(self, asked: Asked, token: str) -> tuple[int, str] | None:
        head = asked.headers
        try:
            uuid.UUID(head.get("apns-id", ""))
        except ValueError:
            return 400, "BadMessageId"
        if not re.fullmatch(r"[0-9a-f]{64,200}", token):
            return 400, "BadDeviceToken"
        if head.get("apns-topic") != self.topic:
            return 400, "DeviceTokenNotForTopic" if head.get("apns-topic") else "MissingTopic"
        if not head.get("apns-expiration", "0").isdigit():
            return 400, "BadExpirationDate"
        if len(head.get("apns-collapse-id", "").encode()) > 64:
            return 400, "BadCollapseId"
        if head.get("apns-priority", "10") not in ("1", "5", "10"):
            return 400, "BadPriority"
        return None if head.get("apns-push-type") in ("alert", "background") else (400, "InvalidPushType")

    def _bad_payload(self, asked: Asked) -> tuple[int, str] | None:
        if len(asked.body) > 4096:
            return 413, "PayloadTooLarge"
        aps = json.loads(asked.body or b"{}").get("aps")
        if not isinstance(aps, dict) or not aps:
            return 400, "PayloadEmpty"
        if asked.headers["apns-push-type"] == "background":
            if asked.headers.get("apns-priority") != "5":
                return 400, "BadPriority"
            if aps != {"content-available": 1}:
                return 400, "InvalidPushType"
        elif not {"alert", "badge", "sound"} & set(aps):
            return 400, "InvalidPushType"
        return None


class FCM:
    """
    Google's service and its token endpoint.

    Attributes:
        delivered: messages that were taken.
        asked_for_tokens: how many tokens were given.
        refuse: status, code and headers for the next messages, in order.
        refuse_tokens: status and error for the next requests for tokens.
        valid: tokens that are accepted.
        audience: the address of the token endpoint, which a request for a token has to name.
        message: what it says when it refuses.
    """

    def __init__(self, public: rsa.RSAPublicKey, now: Now, *, email: str, project: str = "mail-1") -> None:
        self.public = public
        self.now = now
        self.email = email
        self.project = project
        self.delivered: list[dict[str, Any]] = []
        self.asked_for_tokens = 0
        self.refuse: list[tuple[int, str, dict[str, str]]] = []
        self.refuse_tokens: list[tuple[int, str]] = []
        self.valid: set[str] = set()
        self.audience = "https://oauth2.googleapis.com/token"
        self.message = "it is refused"

    def __call__(self, asked: Asked) -> Reply:
        """Take a message, or give a token."""
        if asked.path == "/token":
            return self._token(asked)
        if asked.path != f"/v1/projects/{self.project}/messages:send":
            return self._error(404, "NOT_FOUND", None)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return self._error(401, "UNAUTHENTICATED", None)
        if self.refuse:
            status, code, headers = self.refuse.pop(0)
            return self._error(status, "REFUSED", code, **headers)
        message = json.loads(asked.body)["message"]
        fault = self._fault(message)
        if fault:
            return self._error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", text=fault)
        self.delivered.append(message)
        return _json(200, {"name": f"projects/{self.project}/messages/0:{len(self.delivered)}"})

    def _fault(self, message: dict[str, Any]) -> str:
        if "notification" in message or not message.get("token"):
            return "only data is expected here, and a token"
        if not all(isinstance(value, str) for value in message["data"].values()):
            return "Invalid value at 'message.data': values are texts"
        android = message["android"]
        if android["priority"] not in ("HIGH", "NORMAL") or not re.fullmatch(r"\d+s", android["ttl"]):
            return "Invalid value at 'message.android'"
        return "" if len(json.dumps(message["data"]).encode()) <= 4096 else "Message too big"

    def _error(self, status: int, general: str, code: str | None, text: str = "", **headers: str) -> Reply:
        details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}] if code else []
        error = {"code": status, "message": text or self.message, "status": general, "details": details}
        return _json(status, {"error": error}, **headers)

    def _token(self, asked: Asked) -> Reply:
        self.asked_for_tokens += 1
        if self.refuse_tokens:
            status, error = self.refuse_tokens.pop(0)
            return _json(status, {"error": error, "error_description": "Invalid grant: account not found"})
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        options: Any = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(
            form["assertion"], self.public, algorithms=["RS256"], audience=self.audience,
            options=options,
        )  # fmt: skip
        assert claims["iss"] == self.email
        assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        assert claims["exp"] - claims["iat"] <= 3600
        assert abs(self.now() - claims["iat"]) < 300
        token = f"ya29.{self.asked_for_tokens}"
        self.valid.add(token)
        return _json(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})


class Ntfy:
    """
    An ntfy server: publishing as JSON to its root.

    Attributes:
        published: what was taken.
        token: the access token that it wants; empty for none.
        refuse: statuses for the next requests.
    """

    def __init__(self, *, token: str = "") -> None:
        self.token = token
        self.published: list[dict[str, Any]] = []
        self.refuse: list[int] = []

    def __call__(self, asked: Asked) -> Reply:
        """Take what is published."""
        if self.refuse:
            status = self.refuse.pop(0)
            return _json(status, {"code": status * 100 + 1, "http": status, "error": "limit reached"})
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return _json(403, {"code": 40301, "http": 403, "error": "forbidden"})
        if asked.path != "/":
            return _json(404, {"code": 40401, "http": 404, "error": "page not found"})
        said = json.loads(asked.body)
        if not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", said["topic"]) or not 1 <= said.get("priority", 3) <= 5:
            return _json(400, {"code": 40009, "http": 400, "error": "invalid request"})
        self.published.append(said)
        return _json(200, {"id": "Xy12", "time": 1, "event": "message", **said})


class WebhookReceiver:
    """
    A receiver that checks signatures as the scheme asks ([Standard Webhooks]).

    Attributes:
        secrets: keys that it accepts.
        taken: bodies whose signature was right.
        refuse: answers for the next requests.
    """

    def __init__(self, *keys: bytes) -> None:
        self.secrets = keys
        self.taken: list[dict[str, Any]] = []
        self.refuse: list[Reply] = []

    def __call__(self, asked: Asked) -> Reply:
        """Take a message."""
        if self.refuse:
            return self.refuse.pop(0)
        signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
        good = {"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in self.secrets}
        if not good & set(asked.headers["webhook-signature"].split()):
            return 401, {}, b"signature does not match"
        self.taken.append(json.loads(asked.body))
        return 204, {}, b""
