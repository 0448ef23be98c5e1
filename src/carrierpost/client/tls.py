"""
Whom to trust: TLS contexts, and what is wrong when a certificate is refused.

Verification cannot be switched off. Who has an authority of their own names its certificate.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carrierpost.client.errors import BadCAFile, TLSRefused

__all__ = ["authorities_later", "own_tls_context", "refusal", "tls_context"]

# What X509_verify_cert of OpenSSL found, by its numbers: they are the same in every language and release.
_EXPIRED, _NOT_YET = {10}, {9}
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}
_OTHER_NAME = {62, 64}

# What a server says of our certificate, as OpenSSL names its alerts.
_ALERTS = {
    "CERTIFICATE_REQUIRED": "it wants a client certificate; give it with --certificate FILE",
    "CERTIFICATE_EXPIRED": "it says that your client certificate has expired; get a new one",
    "CERTIFICATE_REVOKED": "it says that your client certificate was revoked; get a new one",
    "ALERT_UNKNOWN_CA": "it does not know the authority that signed your client certificate",
    "ALERT_DECRYPT_ERROR": "it does not know the authority that signed your client certificate",
    "BAD_CERTIFICATE": "it does not accept your client certificate",
    "CERTIFICATE_UNKNOWN": "it does not accept your client certificate",
    "UNSUPPORTED_CERTIFICATE": "it does not accept client certificates of this kind",
    "ALERT_ACCESS_DENIED": "it does not allow your client certificate",
    "ALERT_HANDSHAKE_FAILURE": "it refuses the connection; it may want a client certificate (--certificate FILE)",
}

_ADVICE = "if it is signed by your own authority, name that authority's certificate with --ca FILE"


def tls_context(ca_file: Path | str | None = None) -> ssl.SSLContext:
    """
    Give a context that verifies certificates, by the system's authorities or by the given ones in addition.

    Those who trust the same files share it: it takes a megabyte, and holds nothing of anybody's. When a file has
    changed, the next one to ask gets a new one.

    Raises:
        BadCAFile: the file cannot be read, or holds no certificate.
    """
    system = ssl.get_default_verify_paths()
    return _context(None if ca_file is None else str(ca_file), *map(_state, (ca_file, system.cafile, system.capath)))


def _state(path: Path | str | None) -> tuple[int, int]:
    """
    Tell when a file was changed, and its size; nothing for one that is not there.
    """
    try:
        found = Path(path).stat() if path else None
    except OSError:
        found = None
    return (found.st_mtime_ns, found.st_size) if found is not None else (0, 0)


def own_tls_context(ca_file: Path | str | None = None) -> ssl.SSLContext:
    """
    Give a context like `tls_context` does, but one that nobody shares: a client certificate may be put into it.

    Raises:
        BadCAFile: the file cannot be read, or holds no certificate.
    """
    return _new_context(None if ca_file is None else str(ca_file))


@functools.lru_cache(maxsize=64)
def _context(ca_file: str | None, *_: tuple[int, int]) -> ssl.SSLContext:
    return _new_context(ca_file)


def _new_context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadCAFile(ca_file, getattr(error, "strerror", None) or str(error)) from error
    return context


def refusal(error: BaseException, host: str) -> TLSRefused:
    """
    Say why there is no trusted connection, and what to do about it.

    Args:
        error: what `ssl` or the HTTP library raised.
        host: the server it is about.
    """
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _distrusted(cause, host)
    reason = str(getattr(cause, "reason", "") or "").upper()
    text = str(cause)
    for alert, sentence in _ALERTS.items():
        if alert in reason or alert in text:
            return TLSRefused(host, f"{sentence} ({text})")
    if any(word in reason or word in text for word in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")):
        return TLSRefused(host, "it does not speak TLS at this port; check the address and the port")
    if any(word in reason or word in text for word in ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")):
        return TLSRefused(host, "it speaks only versions of TLS older than 1.2; its administrator has to renew it")
    return TLSRefused(host, f"encryption could not be agreed on ({text})")


def _distrusted(error: ssl.SSLCertVerificationError, host: str) -> TLSRefused:
    code = getattr(error, "verify_code", 0)
    said = getattr(error, "verify_message", "") or str(error)
    if code in _EXPIRED:
        what = "its certificate has expired; tell its administrator"
    elif code in _NOT_YET:
        what = "its certificate is not valid yet; check the date of this machine, then tell the server's administrator"
    elif code in _OTHER_NAME:
        what = "its certificate is made out to other names; use the name that the administrator gave you"
    elif code in _UNKNOWN_AUTHORITY:
        what = f"its certificate is signed by an authority that is not known here; {_ADVICE}"
    else:
        what = f"its certificate is not to be trusted; {_ADVICE}"
    return TLSRefused(host, f"{what} ({said.rstrip('.')})", own_authority="--ca FILE" in what)


class _LaterContext(ssl.SSLContext):
    """
    What `ssl.create_default_context()` gives, but it reads the system's authorities when it is first used.
    """

    _read = False

    def __new__(cls) -> _LaterContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self) -> None:
        if sys.version_info >= (3, 13):
            self.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        self._read_authorities()
        return super().wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        self._read_authorities()
        return super().wrap_socket(*args, **options)

    def _read_authorities(self) -> None:
        if not self._read:
            self.load_default_certs(ssl.Purpose.SERVER_AUTH)
            self._read = True


@contextlib.contextmanager
def authorities_later() -> Iterator[None]:
    """
    Let modules that are imported meanwhile make their default contexts without reading the system's authorities.

    aiohttp makes one while it is imported. Connections here never use it, and reading some hundred certificates for
    nothing would be a fifth of a program's start. Who else uses it in this process finds that it verifies as always.
    """
    before = ssl.create_default_context

    def create(*args: Any, **options: Any) -> ssl.SSLContext:
        return before(*args, **options) if args or options else _LaterContext()

    ssl.create_default_context = create
    try:
        yield
    finally:
        ssl.create_default_context = before
