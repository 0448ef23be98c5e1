"""
How a hub shows Google who it is: a service account signs a request for a token ([RFC 7523]), which lasts an hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from carrierpost.notify.answers import busy, said, values_of
from carrierpost.notify.channel import Later, Refused
from carrierpost.notify.outgoing import Outgoing, Unanswered
from carrierpost.notify.reach import Forbidden
from carrierpost.notify.tokens import Tokens
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["NoToken", "ServiceAccount", "read_service_account"]

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = dt.timedelta(hours=1)
_AGE = dt.timedelta(minutes=50)


class NoToken(Exception):
    """
    Google gave no token.

    Attributes:
        outcome: what that means for a message.
    """

    def __init__(self, outcome: Later | Refused) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class ServiceAccountFile(msgspec.Struct, frozen=True):
    """
    What a service account's file says, as far as it is needed.
    """

    project_id: str
    private_key: str
    client_email: str
    token_uri: str
    private_key_id: str = ""
    type: str = ""


def read_service_account(text: Secret) -> tuple[ServiceAccountFile, rsa.RSAPrivateKey]:
    """
    Read the file that Google gave.

    Raises:
        ValueError: it is none.
    """
    advice = "take the JSON file that the Firebase console gives for a service account"
    try:
        file = msgspec.json.decode(text.reveal(), type=ServiceAccountFile)
        key = load_pem_private_key(file.private_key.encode(), password=None)
    except (msgspec.DecodeError, ValueError, TypeError):
        raise ValueError(f"the service account cannot be read; {advice}") from None
    if not isinstance(key, rsa.RSAPrivateKey) or urlsplit(file.token_uri).scheme not in ("https", "http"):
        raise ValueError(f"the service account has no RSA key, or no address for tokens; {advice}")
    if not file.project_id.replace("-", "").replace(":", "").replace(".", "").isalnum():
        raise ValueError(f"the service account names no project; {advice}")
    return file, key


class ServiceAccount:
    """
    Gets tokens for one service account.

    Args:
        text: its file.
        outgoing: sends requests.
        clock: the time.

    Raises:
        ValueError: the file is none.
    """

    def __init__(self, text: Secret, outgoing: Outgoing, *, clock: Clock) -> None:
        self._file, self._key = read_service_account(text)
        self._outgoing = outgoing
        self._clock = clock
        self._tokens = Tokens(self._ask, age=_AGE, clock=clock)

    @property
    def project(self) -> str:
        """
        The project that it belongs to.
        """
        return self._file.project_id

    async def token(self) -> Secret:
        """
        Give a token.

        Raises:
            NoToken: there is none.
        """
        return await self._tokens.get()

    def renew(self, refused: Secret) -> None:
        """
        Ask for a new token next time, because one was refused.
        """
        self._tokens.forget(used=refused)

    async def _ask(self, _: str) -> Secret:
        now = self._clock.now()
        claims: Mapping[str, Any] = {
            "iss": self._file.client_email,
            "scope": _SCOPE,
            "aud": self._file.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()),
        }
        headers = {"kid": self._file.private_key_id} if self._file.private_key_id else None
        assertion = jwt.encode(dict(claims), self._key, algorithm="RS256", headers=headers)
        form = urlencode({"grant_type": _GRANT, "assertion": assertion}).encode()
        try:
            answer = await self._outgoing.post(
                self._file.token_uri, {"content-type": "application/x-www-form-urlencoded"}, form
            )
        except (Unanswered, Forbidden) as error:
            raise NoToken(Later(f"Google gave no token: {error}")) from None
        token = values_of(answer).get("access_token")
        if answer.status == 200 and isinstance(token, str) and token:
            return Secret(token)
        if late := busy(answer, now, "Google"):
            raise NoToken(late)
        # [RFC 6749] 5.2: the error is a code and a sentence; neither holds what was sent.
        raise NoToken(Refused(f"Google does not accept the service account: HTTP {answer.status}{said(answer)}"))
