"""
From a login as it is kept to a transport that uses it.
"""

from __future__ import annotations

from collections.abc import Callable

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.login.basic import BasicLogin
from carrierpost.client.login.bearer import BearerLogin, Keeper
from carrierpost.client.login.kept import CertificateLogin, Kept, PasswordLogin, TokenLogin
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["authority_transport", "open_transport"]

_AUTHORITY_SECONDS, _AUTHORITY_BYTES = 30.0, 1_000_000


def authority_transport(ca_file: str | None) -> HTTPTransport:
    """
    Give a transport for an authority: short answers, soon.
    """
    return HTTPTransport(None, ca_file=ca_file, answer_seconds=_AUTHORITY_SECONDS, most_bytes=_AUTHORITY_BYTES)


def open_transport(
    kept: Kept,
    keeper: Keeper,
    *,
    login: str,
    address: str,
    ca_file: str | None,
    clock: Clock,
    learn: Callable[[Secret], None],
) -> HTTPTransport:
    """
    Open a transport with a login.

    Args:
        kept: the login.
        keeper: where it is kept, for logins that change by themselves.
        login: the login name.
        address: the mail address.
        ca_file: a file with further authorities to trust.
        clock: the time.
        learn: is told each secret that may appear in a request or an answer.

    Raises:
        LocalProtocolError: the login name cannot be sent this way.
        BadCertificate: the certificate's time is over.
        BadCAFile: the file cannot be used.
    """
    match kept:
        case PasswordLogin(scheme="basic"):
            learn(kept.password)
            return HTTPTransport(BasicLogin(login, kept.password), ca_file=ca_file)
        case PasswordLogin():
            learn(kept.password)
            return HTTPTransport(WindowsLogin(login, kept.password, kept.scheme), ca_file=ca_file)
        case CertificateLogin():
            from carrierpost.client.login.certificate import certificate_context

            return HTTPTransport(None, tls=certificate_context(kept, ca_file, now=clock.now()))
        case TokenLogin():
            giver = authority_transport(ca_file)
            bearer = BearerLogin(
                kept, keeper, address=address, send=giver.send, clock=clock, learn=learn, done=giver.close
            )
            return HTTPTransport(bearer, ca_file=ca_file)
