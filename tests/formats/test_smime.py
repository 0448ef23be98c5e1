"""
S/MIME, held against messages that `openssl cms` made, and against `openssl cms` itself where it is on the machine.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost.formats import ber
from carrierpost.formats.message_in import read_message
from carrierpost.formats.smime import (
    CannotOpen,
    Identity,
    Kind,
    Opened,
    encrypt_message,
    kind_of,
    open_message,
    sign_message,
)
from tests.formats.vectors import make

VECTORS = make.HERE
NOW = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
MESSAGE = (
    b"From: Ada <ada@x.example>\r\nTo: ben@x.example\r\nSubject: Figures\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Sie stimmen, gr\xc3\xbc\xc3\x9ft Ada.\r\n"
)
openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl program on this machine")


def _identity(name: str) -> Identity:
    pem = (VECTORS / f"{name}.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return Identity(x509.load_pem_x509_certificate(pem), key)


ADA, BEN, EVE = _identity("ada"), _identity("ben"), _identity("eve")
AUTHORITY = x509.load_pem_x509_certificate((VECTORS / "authority.pem").read_bytes())


def _vector(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def _opened(mime: bytes, now: dt.datetime = NOW) -> Opened:
    return open_message(mime, now=now, authorities=[AUTHORITY], identities=[BEN, ADA])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("signed", Kind.SIGNED),
        ("signed-ec", Kind.SIGNED),
        ("signed-pss", Kind.SIGNED),
        ("signed-two", Kind.SIGNED),
        ("signed-plain", Kind.SIGNED),
        ("signed-keyid", Kind.SIGNED),
        ("opaque", Kind.OPAQUE),
        ("opaque-stream", Kind.OPAQUE),
    ],
)
def test_signatures_of_others_are_verified(name: str, kind: Kind) -> None:
    """RSA and ECDSA, PSS, without attributes, by key id, beside the text and around it, in DER and open-ended BER."""
    mime = _vector(f"{name}.eml")
    assert kind_of(mime) is kind
    opened = _opened(mime)
    assert opened.kind is kind
    assert len(opened.signatures) == (2 if name == "signed-two" else 1)
    for one in opened.signatures:
        assert (one.valid, one.trusted, one.digest, one.problems) == (True, True, "sha256", ())
        assert one.addresses[0] in ("ada@x.example", "ben@x.example")
        assert (one.signing_time is None) is (name == "signed-plain")
    message = read_message(opened.mime)
    assert (message.text, message.subject) == ("The figures are right.\r\n", "x")


@pytest.mark.parametrize("name", ["signed", "signed-ec", "signed-plain", "signed-pss"])
def test_changed_message_is_noticed(name: str) -> None:
    """One letter is enough; the text is shown, and said to be changed."""
    opened = _opened(_vector(f"{name}.eml").replace(b"figures are right", b"figures are wrong"))
    assert b"wrong" in opened.mime
    (one,) = opened.signatures
    assert not one.valid
    assert not one.trusted
    assert one.problems == (
        ("The signature does not fit the message.",)
        if name == "signed-plain"
        else ("The message was changed after it was signed.",)
    )


def test_line_ends_that_changed_on_the_way_do_not_matter() -> None:
    """Some servers keep mail with bare line feeds; a signature covers CRLF."""
    assert _opened(_vector("signed.eml").replace(b"\r\n", b"\n")).signatures[0].valid


@pytest.mark.parametrize(
    ("name", "now", "valid", "problem"),
    [
        ("signed-sha1", NOW, False, "The digest sha1 can be forged."),
        ("signed-eve", NOW, True, "The signer's certificate is not meant for mail."),
        ("signed-nocerts", NOW, False, "The signer's certificate is not in the message."),
        ("signed", dt.datetime(2050, 1, 1, tzinfo=dt.UTC), True, "The signer's certificate ended on 2046-01-01."),
        (
            "signed",
            dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
            True,
            "No known authority vouches for the signer's certificate.",
        ),
    ],
)
def test_what_is_wrong_with_a_signature_is_said(name: str, now: dt.datetime, valid: bool, problem: str) -> None:
    """A weak digest, another purpose, no certificate, one that has ended, one that is not valid yet."""
    (one,) = _opened(_vector(f"{name}.eml"), now).signatures
    assert (one.valid, one.trusted, one.problems) == (valid, False, (problem,))


def test_strangers_are_not_trusted() -> None:
    """A valid signature of somebody for whom no given authority vouches is no more than that."""
    (one,) = open_message(_vector("signed.eml"), now=NOW).signatures
    assert (one.valid, one.trusted) == (True, False)
    assert one.problems == ("No authority is known that could vouch for the signer.",)
    other = make.certificate("Authority", rsa.generate_private_key(65537, 2048), None)
    (one,) = open_message(_vector("signed.eml"), now=NOW, authorities=[other]).signatures
    assert (one.valid, one.trusted) == (True, False)


@pytest.mark.parametrize("name", ["aes128", "aes256", "3des", "gcm", "oaep", "oaep-sha256", "keyid", "stream"])
def test_messages_of_others_are_decrypted(name: str) -> None:
    """AES-CBC, 3DES and AES-GCM, with keys under PKCS#1 v1.5 and OAEP, by serial number and key id, DER and BER."""
    mime = _vector(f"{name}.eml")
    assert kind_of(mime) is Kind.ENCRYPTED
    assert read_message(_opened(mime).mime).text == "The figures are right.\r\n"


@pytest.mark.parametrize(
    ("mime", "words"),
    [
        (_vector("ecdh.eml"), "in a way other than RSA"),
        (b"Subject: x\r\n\r\nx", "neither signed nor encrypted"),
        (b"Content-Type: application/pkcs7-mime\r\n\r\nAAAA", "cannot be read"),
        (b"Content-Type: application/pkcs7-mime\r\n\r\n", "cannot be read"),
        (b"Content-Type: multipart/signed; protocol=application/pkcs7-signature\r\n\r\nx", "names no mark"),
        (
            b"Content-Type: multipart/signed; protocol=application/pkcs7-signature; boundary=b\r\n\r\n--b\r\n\r\nx\r\n",
            "its signature is missing",
        ),
    ],
)
def test_what_cannot_be_opened_says_why(mime: bytes, words: str) -> None:
    """In a sentence, not a traceback."""
    with pytest.raises(CannotOpen, match=words):
        _opened(mime)


def test_messages_for_others_stay_closed() -> None:
    """Without a key of one of its recipients."""
    with pytest.raises(CannotOpen, match="encrypted for others"):
        open_message(_vector("aes256.eml"), now=NOW, identities=[EVE])
    stranger = Identity(ADA.certificate, EVE.key)
    for name in ("aes256", "oaep", "gcm"):
        with pytest.raises(CannotOpen, match="cannot be decrypted with the given key"):
            open_message(_vector(f"{name}.eml"), now=NOW, identities=[stranger])


@pytest.mark.parametrize("identity", [ADA, BEN], ids=["rsa", "ecdsa"])
@pytest.mark.parametrize("detached", [True, False], ids=["detached", "opaque"])
def test_signed_message_is_opened_again(identity: Identity, detached: bool) -> None:
    """Its fields stay outside, its text comes back octet by octet."""
    signed = sign_message(MESSAGE, identity, now=NOW, chance=bytes(16), detached=detached)
    message = read_message(signed)
    assert (message.subject, message.from_[0].address) == ("Figures", "ada@x.example")
    opened = _opened(signed)
    (one,) = opened.signatures
    assert (one.valid, one.trusted, one.signing_time, one.problems) == (True, True, NOW, ())
    assert read_message(opened.mime).text == "Sie stimmen, grüßt Ada.\r\n"


def test_signed_and_encrypted_message_is_opened_step_by_step() -> None:
    """Encryption around a signature; the fields are there after each step."""
    signed = sign_message(MESSAGE, BEN, now=NOW, chance=bytes(16))
    sealed = encrypt_message(signed, [ADA.certificate])
    assert b"stimmen" not in sealed
    first = _opened(sealed)
    assert kind_of(first.mime) is Kind.SIGNED
    second = _opened(first.mime)
    assert second.signatures[0].trusted
    assert read_message(second.mime).subject == "Figures"


def test_nobody_encrypts_for_whom_it_is_impossible() -> None:
    """No recipient, or one without an RSA key."""
    with pytest.raises(ValueError, match="no certificate of a recipient"):
        encrypt_message(MESSAGE, [])
    with pytest.raises(ValueError, match="CN=Ben has no RSA key"):
        encrypt_message(MESSAGE, [ADA.certificate, BEN.certificate])


def test_identity_does_not_print_its_key() -> None:
    """Nor anything else that is secret."""
    assert repr(ADA) == "Identity('CN=Ada')"


def _openssl(tmp_path: Path, *arguments: str, mime: bytes) -> bytes:
    (tmp_path / "in.eml").write_bytes(mime)
    done = subprocess.run(
        ["openssl", "cms", *arguments, "-in", "in.eml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@openssl
@pytest.mark.parametrize("identity", [ADA, BEN], ids=["rsa", "ecdsa"])
@pytest.mark.parametrize("detached", [True, False], ids=["detached", "opaque"])
def test_openssl_verifies_what_we_sign(tmp_path: Path, identity: Identity, detached: bool) -> None:
    """And gives back the text that was signed."""
    signed = sign_message(MESSAGE, identity, now=dt.datetime.now(dt.UTC), chance=bytes(16), detached=detached)
    read = _openssl(tmp_path, "-verify", "-CAfile", str(VECTORS / "authority.pem"), mime=signed)
    assert read.endswith(MESSAGE.partition(b"\r\n\r\n")[2])


@openssl
def test_openssl_decrypts_what_we_encrypt(tmp_path: Path) -> None:
    """With the recipient's key."""
    sealed = encrypt_message(MESSAGE, [EVE.certificate, ADA.certificate])
    read = _openssl(tmp_path, "-decrypt", "-recip", str(VECTORS / "ada.pem"), mime=sealed)
    assert read.endswith(MESSAGE.partition(b"\r\n\r\n")[2])


@given(
    st.sampled_from(["signed", "opaque-stream", "gcm", "oaep", "3des"]),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=3), st.integers(0, 30)), min_size=1, max_size=6),
)
@settings(max_examples=200)
def test_mutated_messages_are_opened_or_refused(name: str, changes: list[tuple[int, bytes, int]]) -> None:
    """No other error than the documented one; and no changed text ever has a valid signature."""
    mime = bytearray(_vector(f"{name}.eml"))
    for place, octets, length in changes:
        mime[place % len(mime) : place % len(mime) + length] = octets
    try:
        opened = _opened(bytes(mime))
    except CannotOpen:
        return
    if any(one.valid for one in opened.signatures):
        assert b"The figures are right." in opened.mime


@given(st.binary(max_size=200))
def test_any_octets_are_a_value_or_refused(data: bytes) -> None:
    """The reader below does not run away either."""
    try:
        value = ber.read(data)
        value.children()
        value.octets()
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut off"),
        (b"\x30\x05\x01", "cut off"),
        (b"\x30\x85\xff\xff\xff\xff\xff", "length that cannot be"),
        (b"\x04\x80\x00\x00", "length that cannot be"),
        (b"\x30\x80" * 100, "nested too deep"),
        (b"\x30\x80\x02\x01\x00", "cut off"),
    ],
)
def test_values_that_cannot_be_are_refused(data: bytes, words: str) -> None:
    """Lengths beyond the end, without an end, and within each other without end."""
    with pytest.raises(ValueError, match=words):
        ber.read(data)


@given(st.integers(-(2**70), 2**70), st.lists(st.integers(0, 2**40), max_size=6))
def test_written_values_are_read_back(number: int, arcs: list[int]) -> None:
    """Integers of any size and sign, identifiers of any length."""
    assert ber.read(ber.integer(number)).number() == number
    dotted = ".".join(map(str, (1, 2, *arcs)))
    assert ber.read(ber.oid(dotted)).identifier() == dotted
