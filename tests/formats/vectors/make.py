"""
Write the files beside this one anew: an authority, two people, and messages made by `openssl cms`.

    .venv/bin/python -m tests.formats.vectors.make
"""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = Path(__file__).parent
FROM, UNTIL = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2046, 1, 1, tzinfo=dt.UTC)
CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe figures are right.\r\n"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(
    name: str,
    key: Key,
    issuer: tuple[x509.Certificate, Key] | None,
    *,
    until: dt.datetime = UNTIL,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
) -> x509.Certificate:
    """
    Make a certificate of somebody, or of an authority where it has no issuer.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = key if issuer is None else issuer[1]
    authority = signing.public_key() if issuer is None else issuer[0].public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer[0].subject)
        .public_key(key.public_key())
        .serial_number(sum(name.encode()) + 1000)
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)  # type: ignore[arg-type]
        .add_extension(
            x509.KeyUsage(
                digital_signature=issuer is not None,
                content_commitment=False,
                key_encipherment=issuer is not None,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=issuer is None,
                crl_sign=issuer is None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if issuer is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.RFC822Name(f"{name.lower()}@x.example")]), critical=False
        )
    return made.sign(signing, hashes.SHA256())


def write() -> None:
    """
    Write everything.
    """
    root = rsa.generate_private_key(65537, 2048)
    authority = certificate("Authority", root, None)
    people: dict[str, Key] = {
        "ada": rsa.generate_private_key(65537, 2048),
        "ben": ec.generate_private_key(ec.SECP256R1()),
        "eve": rsa.generate_private_key(65537, 2048),
    }
    (HERE / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    for name, key in people.items():
        purpose = ExtendedKeyUsageOID.CODE_SIGNING if name == "eve" else ExtendedKeyUsageOID.EMAIL_PROTECTION
        made = certificate(name.title(), key, (authority, root), purpose=purpose)
        (HERE / f"{name}.pem").write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    (HERE / "content.txt").write_bytes(CONTENT)
    sign, encrypt = ("-sign", "-binary", "-md", "sha256"), ("-encrypt", "-binary", "-recip", "ada.pem")
    commands: dict[str, tuple[str, ...]] = {
        "signed.eml": (*sign, "-signer", "ada.pem"),
        "signed-ec.eml": (*sign, "-signer", "ben.pem"),
        "signed-pss.eml": (*sign, "-signer", "ada.pem", "-keyopt", "rsa_padding_mode:pss"),
        "signed-two.eml": (*sign, "-signer", "ada.pem", "-signer", "ben.pem"),
        "signed-plain.eml": (*sign, "-signer", "ada.pem", "-noattr"),
        "signed-keyid.eml": (*sign, "-signer", "ada.pem", "-keyid"),
        "signed-sha1.eml": ("-sign", "-binary", "-md", "sha1", "-signer", "ada.pem"),
        "signed-eve.eml": (*sign, "-signer", "eve.pem"),
        "signed-nocerts.eml": (*sign, "-signer", "ada.pem", "-nocerts"),
        "opaque.eml": (*sign, "-nodetach", "-signer", "ada.pem"),
        "opaque-stream.eml": (*sign, "-nodetach", "-stream", "-signer", "ada.pem"),
        "aes128.eml": (*encrypt, "-aes128"),
        "aes256.eml": (*encrypt, "-aes256"),
        "3des.eml": (*encrypt, "-des3"),
        "gcm.eml": (*encrypt, "-aes-256-gcm"),
        "oaep.eml": (*encrypt, "-aes256", "-keyopt", "rsa_padding_mode:oaep"),
        "oaep-sha256.eml": (
            *(*encrypt, "-aes-128-gcm", "-keyopt", "rsa_padding_mode:oaep"),
            *("-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256"),
        ),
        "keyid.eml": (*encrypt, "-aes256", "-keyid"),
        "stream.eml": (*encrypt, "-aes256", "-stream"),
        "ecdh.eml": ("-encrypt", "-binary", "-aes256", "-recip", "ben.pem"),
    }
    for name, arguments in commands.items():
        subprocess.run(
            [
                "openssl",
                "cms",
                *arguments,
                "-in",
                "content.txt",
                "-out",
                name,
                "-from",
                "ada@x.example",
                "-subject",
                "x",
            ],
            cwd=HERE,
            check=True,
        )


if __name__ == "__main__":
    write()
