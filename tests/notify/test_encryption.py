"""
Encrypting to a device: the vector of the specification, padding, and keys that are none.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.notify.encryption import LARGEST, DeviceKeys, b64url, encrypt, from_b64url
from carrierpost.server.push_crypto import DeviceSecrets, Unreadable, decrypt

# [RFC 8291] 5 and Appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
DEVICE_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
DEVICE_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_b64url(text), "big"), ec.SECP256R1())


DEVICE = DeviceSecrets(private(DEVICE_PRIVATE), from_b64url(AUTH))
KEYS = DeviceKeys.parse(DEVICE_PUBLIC, AUTH)


def sealed(plain: bytes, padded_to: int | None = None) -> bytes:
    return encrypt(plain, KEYS, private=private(SENDER_PRIVATE), salt=from_b64url(SALT), padded_to=padded_to)


def test_example_of_the_specification_comes_out_byte_for_byte() -> None:
    """With the keys and the salt of [RFC 8291] 5, and no padding, the body is the one printed there."""
    assert b64url(sealed(PLAIN, padded_to=len(PLAIN))) == BODY


def test_example_of_the_specification_can_be_read() -> None:
    """The built-in receiver, which is written apart, reads the body that is printed there."""
    assert decrypt(from_b64url(BODY), DEVICE) == PLAIN


def test_NT7_length_tells_nothing() -> None:
    """A wake and a short notice have the same length for whoever carries them; only three lengths exist at all."""
    lengths = {len(sealed(bytes(size))) for size in range(0, LARGEST + 1, 7)}
    assert len(sealed(b"{}")) == len(sealed(b"x" * 1000))
    assert lengths == {1024 + 103, 2048 + 103, 4096}


@given(st.binary(max_size=LARGEST))
def test_device_reads_what_was_sealed(plain: bytes) -> None:
    """Whatever fits arrives as it was, also what ends like padding does."""
    assert decrypt(sealed(plain), DEVICE) == plain


def test_another_device_reads_nothing() -> None:
    """Neither another key nor another secret opens it, nor does it open once it was changed."""
    body = sealed(PLAIN)
    others = [
        DeviceSecrets(ec.generate_private_key(ec.SECP256R1()), DEVICE.auth),
        DeviceSecrets(DEVICE.private, bytes(16)),
    ]
    for other in others:
        with pytest.raises(Unreadable, match="another device"):
            decrypt(body, other)
    with pytest.raises(Unreadable, match="damaged"):
        decrypt(body[:-1] + bytes([body[-1] ^ 1]), DEVICE)


def test_too_much_is_refused() -> None:
    """What no push service would take is not encrypted at all."""
    with pytest.raises(ValueError, match="does not fit"):
        sealed(bytes(LARGEST + 1))


@pytest.mark.parametrize(
    ("p256dh", "auth", "why"),
    [
        (DEVICE_PUBLIC, "AAAA", "auth secret has 3 bytes"),
        (DEVICE_PUBLIC, "ü", "not in base64url"),
        (b64url(b"\4" + bytes(64)), AUTH, "no point of the curve"),
        (b64url(b"\4" + b"\xff" * 64), AUTH, "no point of the curve"),
        ("", AUTH, "no point of the curve"),
    ],
)
def test_keys_that_are_none_are_named(p256dh: str, auth: str, why: str) -> None:
    """A browser's keys are checked, a point off the curve above all: it could draw out the sender's secret."""
    with pytest.raises(ValueError, match=why):
        DeviceKeys.parse(p256dh, auth)


def test_keys_come_in_each_way_that_base64_is_written() -> None:
    """With padding or without, in either alphabet."""
    padded = DEVICE_PUBLIC.replace("-", "+").replace("_", "/") + "="
    assert DeviceKeys.parse(padded, f"{AUTH}==") == KEYS
