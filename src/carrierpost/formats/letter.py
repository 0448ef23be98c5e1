"""
A message as a person reads it: every layer of protection taken off and judged, the text within.

What is judged is what the person sees: a signature counts for nothing when it is somebody else's than the author that
the message names.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence

import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

from carrierpost.formats.cms import CannotOpen, Signature
from carrierpost.formats.keyring import Keyring
from carrierpost.formats.message import Message
from carrierpost.formats.message_in import read_message
from carrierpost.formats.smime import Kind, encrypt_message, kind_of, open_message, sign_message

__all__ = ["CannotProtect", "Judged", "Letter", "Verdict", "open_letter", "protect_message"]

_MOST_LAYERS = 6


class Verdict(enum.StrEnum):
    """
    What a signature is worth to whoever reads the message.
    """

    GOOD = "good"
    NOT_TRUSTED = "not trusted"
    OTHER_SENDER = "other sender"
    BAD = "bad"


class Judged(msgspec.Struct, frozen=True):
    """
    A signature, judged.

    Attributes:
        verdict: its worth.
        signer: whose certificate it is, in words.
        signature: the signature itself.
        reasons: why it is worth no more, in sentences.
    """

    verdict: Verdict
    signer: str
    signature: Signature
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = {
            Verdict.GOOD: f"Signed by {self.signer}.",
            Verdict.NOT_TRUSTED: f"Signed by {self.signer}, whom nobody that you trust vouches for.",
            Verdict.OTHER_SENDER: f"Signed by {self.signer}, who is not the sender.",
            Verdict.BAD: f"The signature{f' of {self.signer}' if self.signer else ''} is not valid.",
        }[self.verdict]
        return " ".join((words, *self.reasons))


class Letter(msgspec.Struct, frozen=True):
    """
    A message, opened.

    Attributes:
        message: what it says, as far as it could be opened.
        encrypted: whether it came encrypted.
        signatures: its signatures, outermost first.
        problem: why it could not be opened any further; empty when all is open.
        layers: the kinds of protection that were taken off, outermost first.
    """

    message: Message
    encrypted: bool = False
    signatures: tuple[Judged, ...] = ()
    problem: str = ""
    layers: tuple[Kind, ...] = ()


def open_letter(mime: bytes, keyring: Keyring, *, now: dt.datetime) -> Letter:
    """
    Open a message, whether it is protected or not.

    Args:
        mime: the message as it came.
        keyring: the person's keys, and whom they trust.
        now: the time at which certificates have to be valid.
    """
    layers: list[Kind] = []
    found: list[Signature] = []
    problem = ""
    while (kind := kind_of(mime)) is not Kind.NONE:
        if len(layers) == _MOST_LAYERS:
            problem = "It is wrapped too often."
            break
        if kind is Kind.ENCRYPTED and not keyring.identities:
            layers.append(kind)
            problem = "It is encrypted, and no key of yours is kept here; add one with: carrierpost smime add FILE"
            break
        try:
            opened = open_message(mime, now=now, authorities=keyring.authorities, identities=keyring.identities)
        except CannotOpen as error:
            layers.append(kind)
            problem = f"It cannot be opened: {error}."
            break
        layers.append(opened.kind)
        found += opened.signatures
        mime = opened.mime
    message = read_message(mime)
    authors = {one.address.lower() for one in message.from_}
    return Letter(
        message=message,
        encrypted=Kind.ENCRYPTED in layers,
        signatures=tuple(_judge(one, authors) for one in found),
        problem=problem,
        layers=tuple(layers),
    )


def _judge(signature: Signature, authors: set[str]) -> Judged:
    signer = _name(signature.signer, signature.addresses)
    if not signature.valid:
        return Judged(Verdict.BAD, signer, signature, signature.problems)
    if not authors & set(signature.addresses):
        shown = ", ".join(sorted(authors)) or "nobody"
        named = ", ".join(signature.addresses) or "no address"
        reason = f"The mail says that it is from {shown}; the certificate names {named}."
        return Judged(Verdict.OTHER_SENDER, signer, signature, (reason, *signature.problems))
    if not signature.trusted:
        return Judged(Verdict.NOT_TRUSTED, signer, signature, signature.problems)
    return Judged(Verdict.GOOD, signer, signature)


def _name(certificate: x509.Certificate | None, addresses: Sequence[str]) -> str:
    names = [] if certificate is None else certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else ""
    address = addresses[0] if addresses else ""
    return f"{name} <{address}>" if name and address and name.lower() != address else name or address


class CannotProtect(ValueError):
    """
    A message cannot be signed or encrypted as wanted; the sentence says what is missing.
    """


def protect_message(
    mime: bytes,
    keyring: Keyring,
    *,
    sign: bool,
    encrypt: bool,
    now: dt.datetime,
    chance: bytes,
) -> bytes:
    """
    Sign a message, encrypt it, or sign and then encrypt it.

    The author can read what is encrypted as well, so the copy among what was sent stays readable.

    Args:
        mime: the message, complete.
        keyring: the author's keys and the recipients' certificates.
        sign: whether to sign.
        encrypt: whether to encrypt for all recipients.
        now: the signing time.
        chance: at least 16 bytes, for the mark between text and signature.

    Raises:
        CannotProtect: a key or certificate is missing or of no use, or a hidden recipient would be seen.
    """
    message = read_message(mime)
    if not message.from_:
        raise CannotProtect("the message names no author")
    author = message.from_[0].address
    identity = keyring.identity_for(author, now)
    if identity is None:
        raise CannotProtect(f"there is no key for {author} that is valid now; add one with: carrierpost smime add FILE")
    if encrypt and message.bcc:
        raise CannotProtect(
            "an encrypted mail names all who can read it, so its hidden recipients would be seen; send them a mail of "
            "their own"
        )
    if sign:
        mime = sign_message(mime, identity, now=now, chance=chance)
    if not encrypt:
        return mime
    readers = {author.lower(): identity.certificate}
    missing = []
    for one in (*message.to, *message.cc):
        known = keyring.certificates_of(one.address, now)
        if known:
            readers.setdefault(one.address.lower(), known[0])
        else:
            missing.append(one.address)
    if missing:
        raise CannotProtect(
            f"there is no valid certificate of {', '.join(missing)} to encrypt with; ask them for a signed mail or a "
            "file, and add it with: carrierpost smime add --person FILE"
        )
    try:
        return encrypt_message(mime, tuple(readers.values()))
    except ValueError as error:
        raise CannotProtect(str(error)) from error
