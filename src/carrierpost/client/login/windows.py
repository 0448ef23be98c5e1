"""
NTLM and Negotiate ([MS-NLMP], [MS-SPNG], [RFC 4559]): the password is proved, not sent.

The login is a short conversation, and belongs to the connection it was held on: whatever comes over that connection
afterwards is this person's. `carrierpost.client.lanes` sees to that. Where TLS is spoken, the answer is bound to the
server's certificate ([RFC 5929] tls-server-end-point), so that nobody can pass it on to another server.

The cryptography is pyspnego's, in its pure Python form: there is no Kerberos, and Negotiate carries NTLM.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from typing import TYPE_CHECKING

from carrierpost.client.errors import ConnectionLost
from carrierpost.client.login.challenges import challenges
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.secret import Secret

if TYPE_CHECKING:
    import spnego
    from spnego.channel_bindings import GssChannelBindings

__all__ = ["Handshake", "WindowsLogin", "binding_of"]

_NAMES = {"ntlm": "NTLM", "negotiate": "Negotiate"}


class WindowsLogin:
    r"""
    A login name and a password for connections that are logged in once.

    Args:
        login: address, name, or `DOMAIN\name`.
        password: the password.
        scheme: `ntlm` or `negotiate`.

    Raises:
        LocalProtocolError: the login name cannot be sent this way.
    """

    def __init__(self, login: str, password: Secret, scheme: str = "negotiate") -> None:
        if not login or not login.isprintable():
            raise LocalProtocolError(f"the login name {login!r} is empty or holds a control character; check it")
        self.login = login
        self.scheme = scheme
        self._password = password

    def begin(self, host: str) -> Handshake:
        """
        Begin to log in on one connection to a server.
        """
        import spnego  # takes a tenth of a second to load, which few accounts need

        context = spnego.client(
            self.login,
            self._password.reveal(),
            hostname=host,
            service="HTTP",
            protocol=self.scheme,
            options=spnego.NegotiateOptions.use_ntlm
            if self.scheme == "ntlm"
            else spnego.NegotiateOptions.use_negotiate,
        )
        return Handshake(context, host, self.scheme)

    def __repr__(self) -> str:
        return f"WindowsLogin({self.login!r}, ..., {self.scheme!r})"


class Handshake:
    """
    The conversation on one connection.

    Args:
        context: pyspnego's side of it.
        host: the server.
        scheme: `ntlm` or `negotiate`.
    """

    def __init__(self, context: spnego.ContextProxy, host: str, scheme: str) -> None:
        self._context = context
        self._host = host
        self._scheme = scheme

    def first(self) -> str:
        """
        Give the header's value that opens the conversation.
        """
        return self._said(self._context.step())

    def answer(self, header: str, certificate: bytes | None) -> str | None:
        """
        Answer the server's challenge.

        Args:
            header: its `WWW-Authenticate`.
            certificate: the certificate it showed on this very connection, DER, or `None` without TLS.

        Returns:
            The header's next value, or `None` when there is nothing to answer: the server does not want this login.

        Raises:
            ConnectionLost: what it says cannot be understood.
        """
        token = next((one.token for one in challenges(header) if one.scheme == self._scheme and one.token), "")
        if not token:
            return None
        from spnego.exceptions import SpnegoError

        try:
            raw = base64.b64decode(token, validate=True)
            return self._said(self._context.step(raw, channel_bindings=binding_of(certificate)))
        # pyspnego reads structures by offsets that the server gives; a wrong one shows as any of these.
        except (SpnegoError, binascii.Error, struct.error, LookupError, ValueError) as error:
            what = f"its {_NAMES[self._scheme]} challenge cannot be read ({type(error).__name__})"
            raise ConnectionLost(self._host, what, sent=True) from error

    def _said(self, token: bytes | None) -> str:
        return f"{_NAMES[self._scheme]} {base64.b64encode(token or b'').decode('ascii')}"


def binding_of(certificate: bytes | None) -> GssChannelBindings | None:
    """
    Bind a login to the certificate of the server ([RFC 5929] 4.1).

    Args:
        certificate: DER, or `None` without TLS.

    Returns:
        The binding, or `None` where there is nothing to bind to.
    """
    if certificate is None:
        return None
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from spnego.channel_bindings import GssChannelBindings

    try:
        algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm is None:  # Ed25519 and its like name no hash; the specification leaves this open
        return None
    name = "sha256" if algorithm.name in ("md5", "sha1") else algorithm.name
    return GssChannelBindings(application_data=b"tls-server-end-point:" + hashlib.new(name, certificate).digest())
