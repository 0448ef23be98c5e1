"""
S/MIME: mail that is signed or encrypted ([RFC 8551], [RFC 1847] multipart/signed).

A signature covers octets, so messages are cut apart here by their octets and nothing is written anew. Signing within
encryption, and the other way round, opens step by step: what `open_message` gives may be opened again.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import re
from collections.abc import Sequence

import msgspec
from cryptography import x509

from carrierpost.formats import cms, enveloping
from carrierpost.formats.cms import CannotOpen, Identity, Signature
from carrierpost.formats.message_in import remove_headers

__all__ = [
    "CannotOpen",
    "Identity",
    "Kind",
    "Opened",
    "Signature",
    "encrypt_message",
    "kind_of",
    "open_message",
    "sign_message",
]

_HEAD = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)(?:\r?\n|\Z)")
_PARAMETER = re.compile(rb";\s*([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))")
_OF_THE_CONTENT = re.compile(r"content-.*|mime-version", re.IGNORECASE)
_LINE = 76


class Kind(enum.Enum):
    """
    How a message is protected.
    """

    NONE = "none"
    SIGNED = "signed"
    OPAQUE = "opaque"
    ENCRYPTED = "encrypted"


class Opened(msgspec.Struct, frozen=True):
    """
    A message with one layer of protection taken off.

    Attributes:
        kind: the layer: signed beside its text, signed around it, or encrypted.
        mime: the message without that layer: its own fields with the content that was in there.
        signatures: the signatures of the layer.
    """

    kind: Kind
    mime: bytes
    signatures: tuple[Signature, ...] = ()


def kind_of(mime: bytes) -> Kind:
    """
    Tell how a message is protected; what only claims to be is told apart when it is opened.
    """
    fields, _ = _apart(mime)
    kind, parameters = _content_type(fields)
    if kind == b"multipart/signed" and b"pkcs7-signature" in parameters.get(b"protocol", b"").lower():
        return Kind.SIGNED
    if kind in (b"application/pkcs7-mime", b"application/x-pkcs7-mime"):
        told = parameters.get(b"smime-type", b"").lower()
        return Kind.OPAQUE if told in (b"signed-data", b"certs-only") else Kind.ENCRYPTED
    return Kind.NONE


def open_message(
    mime: bytes, *, now: dt.datetime, authorities: Sequence[x509.Certificate] = (), identities: Sequence[Identity] = ()
) -> Opened:
    """
    Take one layer of protection off a message.

    Args:
        mime: the message as it came.
        now: the time at which certificates have to be valid.
        authorities: the certificates that are trusted.
        identities: the person's certificates and keys.

    Returns:
        The message within. A signature that is not valid is no error, but one of its signatures; the text is given
        either way.

    Raises:
        CannotOpen: it is not protected, is broken, or is encrypted for others.
    """
    fields, body = _apart(mime)
    kind = kind_of(mime)
    if kind is Kind.NONE:
        raise CannotOpen("it is neither signed nor encrypted")
    if kind is Kind.SIGNED:
        content, signature = _signed_parts(fields, body)
        signatures = _verified(signature, content, authorities, now)
        return Opened(kind, _within(mime, content), signatures)
    structure = _decoded(fields, body)
    if kind is Kind.ENCRYPTED:
        try:
            return Opened(kind, _within(mime, enveloping.decrypt(structure, identities)))
        except CannotOpen:
            if _content_type(fields)[1].get(b"smime-type"):
                raise  # else it does not say what it is, and may be signed
            try:
                signatures, content = cms.verify(structure, None, authorities=authorities, now=now)
            except CannotOpen:
                pass
            else:
                return Opened(Kind.OPAQUE, _within(mime, content), signatures)
            raise
    signatures, content = cms.verify(structure, None, authorities=authorities, now=now)
    return Opened(kind, _within(mime, content), signatures)


def _verified(
    signature: bytes, content: bytes, authorities: Sequence[x509.Certificate], now: dt.datetime
) -> tuple[Signature, ...]:
    """
    Verify the content as it came, and else with the line ends that it had when it was signed.
    """
    found, _ = cms.verify(signature, content, authorities=authorities, now=now)
    canonical = _canonical(content)
    if canonical != content and not all(one.valid for one in found):
        again, _ = cms.verify(signature, canonical, authorities=authorities, now=now)
        if all(one.valid for one in again):
            return again
    return found


def _canonical(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _apart(mime: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """
    Split a message or part into its fields (of each name the first, unfolded) and its body.
    """
    end = _HEAD.search(mime)
    head = mime[: end.start()] if end is not None else mime
    fields: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(head):
        fields.setdefault(match[1].lower(), re.sub(rb"\r?\n", b"", match[2]).strip())
    return fields, mime[end.end() :] if end is not None else b""


def _content_type(fields: dict[bytes, bytes]) -> tuple[bytes, dict[bytes, bytes]]:
    value = fields.get(b"content-type", b"text/plain")[:10_000]
    parameters = {match[1].lower(): match[2] or match[3] or b"" for match in _PARAMETER.finditer(value)}
    return value.partition(b";")[0].strip().lower(), parameters


def _decoded(fields: dict[bytes, bytes], body: bytes) -> bytes:
    if fields.get(b"content-transfer-encoding", b"").lower() in (b"binary", b"8bit", b"7bit") and body[:1] == b"\x30":
        return body
    try:
        return base64.b64decode(b"".join(body.split()))
    except ValueError:
        raise CannotOpen("its content is no base64") from None


def _signed_parts(fields: dict[bytes, bytes], body: bytes) -> tuple[bytes, bytes]:
    """
    Cut the signed octets and the signature out of a multipart/signed; the line end before a mark belongs to the mark.
    """
    mark = _content_type(fields)[1].get(b"boundary")
    if not mark:
        raise CannotOpen("it names no mark between its parts")
    edges = list(re.finditer(rb"(?:\A|\r?\n)--" + re.escape(mark) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", body))
    if len(edges) < 2:
        raise CannotOpen("its signature is missing")
    parts = [
        re.sub(rb"\A\r?\n", b"", body[one.end() : other.start()])
        for one, other in zip(edges, [*edges[1:], re.search(rb"\Z", body)], strict=True)
        if other is not None
    ]
    of_signature, encoded = _apart(parts[1])
    return parts[0], _decoded(of_signature, encoded)


def _within(mime: bytes, content: bytes) -> bytes:
    """
    Put the fields of the whole (From, Subject, ...) before the content that was in it.
    """
    fields, _ = _apart(mime)
    end = _HEAD.search(mime)
    head = mime[: end.start()] + b"\r\n\r\n" if end is not None else mime
    outer = [name.decode("ascii") for name in fields if _OF_THE_CONTENT.fullmatch(name.decode("ascii"))]
    inner = [name.decode("ascii") for name in _apart(content)[0]]
    kept = remove_headers(head, [*outer, *inner]).rstrip(b"\r\n")
    return kept + b"\r\n" + content if kept else content


def sign_message(mime: bytes, identity: Identity, *, now: dt.datetime, chance: bytes, detached: bool = True) -> bytes:
    """
    Sign a message.

    Args:
        mime: the message.
        identity: who signs.
        now: the signing time.
        chance: at least 16 bytes, for the mark between text and signature.
        detached: whether the text stays readable for everybody; else it is wrapped, which survives servers that
            change what passes through.
    """
    outer, content = _divided(mime)
    structure = _lines(cms.sign(content, identity, now=now, detached=detached))
    if not detached:
        return outer + _wrapped("signed-data", structure)
    mark = b"s" + chance[:16].hex().encode()
    edge = b"--" + mark
    return b"".join(
        (
            outer,
            b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=sha-256;",
            b'\r\n protocol="application/pkcs7-signature";',
            b'\r\n boundary="' + mark + b'"\r\n\r\n',
            edge + b"\r\n" + content + b"\r\n" + edge + b"\r\n",
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n',
            b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n',
            structure + b"\r\n" + edge + b"--\r\n",
        )
    )


def encrypt_message(mime: bytes, recipients: Sequence[x509.Certificate]) -> bytes:
    """
    Encrypt a message, signed or not.

    Args:
        mime: the message. Its own fields, the subject among them, stay readable.
        recipients: certificates of all who shall read it; that of the author as well, for the copy that is kept.

    Raises:
        ValueError: there is no recipient, or one has no RSA key.
    """
    outer, content = _divided(mime)
    return outer + _wrapped("enveloped-data", _lines(enveloping.encrypt(content, recipients)))


def _divided(mime: bytes) -> tuple[bytes, bytes]:
    """
    Divide a message into the fields that stay outside and the content with its own, in canonical lines.
    """
    mime = _canonical(mime)
    head, gap, body = mime.partition(b"\r\n\r\n")
    names = [match[1].decode("ascii") for match in _FIELD.finditer(head)]
    inside = [name for name in names if _OF_THE_CONTENT.fullmatch(name)]
    outside = [name for name in names if name not in inside]
    outer = remove_headers(head + b"\r\n\r\n", inside).rstrip(b"\r\n")
    inner = remove_headers(head + b"\r\n\r\n", [*outside, "MIME-Version"]).rstrip(b"\r\n")
    content = (inner + b"\r\n\r\n" if inner else b"Content-Type: text/plain\r\n\r\n") + (body if gap else b"")
    return (outer + b"\r\n" if outer else b""), content


def _wrapped(kind: str, structure: bytes) -> bytes:
    head = (
        f"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type={kind};\r\n"
        ' name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
    )
    return head.encode() + structure + b"\r\n"


def _lines(raw: bytes) -> bytes:
    coded = base64.b64encode(raw)
    return b"\r\n".join(coded[start : start + _LINE] for start in range(0, len(coded), _LINE))
