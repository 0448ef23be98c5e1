"""
What is kept of a login, in one encrypted record of the store, and what may be shown of it.

Passwords, tokens and keys are `Secret`s here; only `encode` writes them out, for the store and for nothing else.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from carrierpost.protocol.secret import Secret

__all__ = [
    "NO_SECRET",
    "Authority",
    "CertificateLogin",
    "Kept",
    "LoginFacts",
    "PasswordLogin",
    "TokenLogin",
    "decode",
    "encode",
]

NO_SECRET = Secret("")


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who gives tokens, and where it is asked.

    Attributes:
        name: its address as it was named or found.
        token_url: where codes and refresh tokens become tokens.
        authorize_url: the page where a person logs in; empty when it has none.
        device_url: where a device code is asked for; empty when it gives none.
    """

    name: str
    token_url: str
    authorize_url: str = ""
    device_url: str = ""


class PasswordLogin(msgspec.Struct, frozen=True, kw_only=True, tag="password"):
    """
    A password.

    Attributes:
        password: it.
        scheme: how it is proved: `basic`, `ntlm` or `negotiate`.
    """

    password: Secret
    scheme: str = "basic"


class TokenLogin(msgspec.Struct, frozen=True, kw_only=True, tag="oauth"):
    """
    Tokens that an authority gave ([RFC 6749]).

    Attributes:
        authority: who gave them.
        client_id: the application that the administrator registered.
        client_secret: its secret, where the authority demands one.
        scope: what the tokens are for.
        user: who logged in, as the authority names the person; empty when it does not.
        access_token: opens the mailbox, for an hour or so.
        refresh_token: buys the next tokens; empty when there is none.
        obtained: when the access token was given.
        expires: when the access token ends, or `None` when the authority does not say.
        refresh_expires: when the refresh token ends, or `None`; most authorities do not say.
        claims: what the next login has to prove besides (JSON); empty for nothing.
    """

    authority: Authority
    client_id: str
    client_secret: Secret = NO_SECRET
    scope: str
    user: str = ""
    access_token: Secret
    refresh_token: Secret = NO_SECRET
    obtained: dt.datetime
    expires: dt.datetime | None = None
    refresh_expires: dt.datetime | None = None
    claims: str = ""


class CertificateLogin(msgspec.Struct, frozen=True, kw_only=True, tag="certificate"):
    """
    A client certificate.

    Attributes:
        certificate: the certificate, and those that vouch for it, PEM.
        key: its private key, PEM, not encrypted.
        subject: whom it names.
        expires: its last moment.
    """

    certificate: str
    key: Secret
    subject: str
    expires: dt.datetime


Kept = PasswordLogin | TokenLogin | CertificateLogin
"""One of the ways to log in, as it is kept."""


class LoginFacts(msgspec.Struct, frozen=True, kw_only=True):
    """
    What may be shown of a login.

    Attributes:
        kind: `basic`, `ntlm`, `negotiate`, `oauth` or `certificate`.
        who: the person or subject, where the login itself names one; empty otherwise.
        authority: who gives the tokens; empty for other kinds.
        expires: when a person has to do something, or `None` when that is not known.
        token_expires: when the present token ends, which is renewed by itself; `None` for other kinds.
    """

    kind: str
    who: str = ""
    authority: str = ""
    expires: dt.datetime | None = None
    token_expires: dt.datetime | None = None

    @classmethod
    def of(cls, kept: Kept) -> LoginFacts:
        """
        Take from a login what may be shown.
        """
        match kept:
            case PasswordLogin():
                return cls(kind=kept.scheme)
            case TokenLogin():
                ends = kept.refresh_expires if kept.refresh_token.reveal() else kept.expires
                return cls(
                    kind="oauth", who=kept.user, authority=kept.authority.name, expires=ends, token_expires=kept.expires
                )
            case CertificateLogin():
                return cls(kind="certificate", who=kept.subject, expires=kept.expires)


def encode(kept: Kept) -> Secret:
    """
    Write a login for the store.
    """
    return Secret(msgspec.json.encode(kept, enc_hook=_revealed).decode())


def decode(secret: Secret) -> Kept:
    """
    Read a login from the store.

    Raises:
        ValueError: it is none, or of a later Carrierpost.
    """
    kept: Kept = msgspec.json.decode(secret.reveal(), type=Kept, dec_hook=_hidden)
    return kept


def _revealed(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(type(value).__name__)


def _hidden(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError(kind.__name__)
