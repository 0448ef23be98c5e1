"""
Signed and encrypted mail at a terminal: keys kept, mail protected, read and judged; held against `openssl cms`.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from carrierpost.formats.cms import Identity
from carrierpost.formats.smime import sign_message
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.post_office import PostOffice
from tests.cli.town import ADA, PASSWORD, Town
from tests.support.keys import authority, bundle, identity, pem

BEA, EVE = "bea@larch.example", "eve@larch.example"
NOW = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl program on this machine")


@pytest.fixture
def keyed(town: Town, tmp_path: Path) -> Town:
    """
    Give a town in which Ada has her key, Bea's certificate and an authority.
    """
    town.do(lambda: town.server.add_user(BEA, PASSWORD))
    town.add()
    town.run("sync")
    (tmp_path / "ada.p12").write_bytes(bundle(identity(ADA, "Ada Larch"), "s3cret"))
    (tmp_path / "bea.pem").write_bytes(pem(identity(BEA, "Bea Elm")))
    (tmp_path / "authority.pem").write_bytes(pem(authority()))
    for words, typed in (
        (("ada.p12", "--password-file", "-"), "s3cret\n"),
        (("bea.pem", "--person"), ""),
        (("authority.pem", "--trust"), ""),
    ):
        file, *options = words
        ran = town.run("smime", "add", str(tmp_path / file), *options, typed=typed)
        assert ran.status == 0, ran.err
    return town


def letter(text: str = "The figures are right.", author: str = BEA) -> bytes:
    return (
        f"From: {author}\r\nTo: {ADA}\r\nSubject: Figures\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain\r\n\r\n{text}\r\n"
    ).encode()


def receive(town: Town, mime: bytes) -> str:
    """Let Ada receive a message, and synchronize; gives its number."""
    town.do(lambda: PostOffice(town.server).receive(town.mailbox, mime))
    town.run("sync")
    return str(town.run("mail", "list", "--json", "--folder", "Inbox").json[0]["id"])


def signed(one: Identity, mime: bytes) -> bytes:
    return sign_message(mime, one, now=NOW, chance=b"0123456789abcdef")


def received(town: Town, address: str) -> bytes:
    """Give the only message in somebody's Inbox as it came."""

    def look() -> bytes:
        [item] = town.server.mailbox(address).folder(FolderType.INBOX).items.values()
        assert item.mime is not None
        return item.mime

    return town.do(look)


def protection(town: Town, number: str) -> dict[str, Any]:
    found: dict[str, Any] = town.run("mail", "show", number, "--json").json["protection"]
    return found


def test_keys_are_listed_and_removed(keyed: Town) -> None:
    """Each kind is named with its addresses; a fingerprint's beginning removes one."""
    listed = keyed.run("smime", "list", "--json").json
    assert [(one["kind"], one["name"], one["valid"]) for one in listed] == [
        ("your key", "Ada Larch", True),
        ("person", "Bea Elm", True),
        ("authority", "An authority for mail", True),
    ]
    assert listed[1]["addresses"] == [BEA]
    short = keyed.run("smime", "remove", listed[1]["fingerprint"][:4])
    assert short.status == 2
    assert keyed.run("smime", "remove", listed[1]["fingerprint"][:12]).status == 0
    assert [one["kind"] for one in keyed.run("smime", "list", "--json").json] == ["your key", "authority"]


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("x.p12", bundle(identity(ADA), "right"), ("--password-file", "-"), "the password is wrong"),
        ("x.pem", pem(identity(ADA)), (), "no private key"),
        ("x.pem", b"nothing", ("--person",), "no certificate"),
        ("x.pem", pem(identity(ADA)), ("--trust",), "is no authority"),
        ("x.pem", pem(identity(ADA), key=True).replace(pem(identity(ADA)), pem(identity(BEA))), (), "belongs to it"),
    ],
)
def test_a_file_of_no_use_is_refused(
    town: Town, tmp_path: Path, name: str, content: bytes, options: tuple[str, ...], said: str
) -> None:
    """A sentence says what is wrong with it, and nothing is kept."""
    town.add()
    (tmp_path / name).write_bytes(content)
    ran = town.run("smime", "add", str(tmp_path / name), *options, typed="wrong\n")
    assert ran.status == 2
    assert said in ran.err
    assert town.run("smime", "list", "--json").json == []


def test_a_key_is_nowhere_in_the_clear(keyed: Town) -> None:
    """Neither the key nor its password stands in any file of the home, nor in what is printed."""
    ran = keyed.run("smime", "list", "--json")
    assert "PRIVATE" not in ran.out + ran.err
    raw = identity(ADA, "Ada Larch").key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    line = raw.splitlines()[3]
    for file in keyed.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert line not in content
            assert b"s3cret" not in content


def test_a_good_signature_is_told(keyed: Town) -> None:
    """Who signed, and that somebody trusted vouches for them; the text is the one that was signed."""
    number = receive(keyed, signed(identity(BEA, "Bea Elm"), letter()))
    shown = keyed.run("mail", "show", number).out
    assert f"Signed by Bea Elm <{BEA}>." in shown
    assert "The figures are right." in shown
    told = protection(keyed, number)
    assert (told["good"], told["layers"], [one["verdict"] for one in told["signatures"]]) == (
        True,
        ["signed"],
        ["good"],
    )


@pytest.mark.parametrize(
    ("mime", "verdict", "said"),
    [
        (signed(identity(BEA), letter()).replace(b"are right", b"are wrong"), "bad", "was changed after"),
        (signed(identity(EVE), letter()), "other sender", f"from {BEA}; the certificate names {EVE}"),
        (
            signed(identity(BEA, until=dt.datetime(2020, 6, 2, tzinfo=dt.UTC)), letter()),
            "not trusted",
            "ended on 2020-06-02",
        ),
    ],
    ids=["changed", "somebody else's", "expired"],
)
def test_a_signature_of_no_worth_is_told(keyed: Town, mime: bytes, verdict: str, said: str) -> None:
    """The text is shown all the same, with what is wrong about it."""
    number = receive(keyed, mime)
    told = protection(keyed, number)
    assert told["good"] is False
    assert [one["verdict"] for one in told["signatures"]] == [verdict]
    shown = keyed.run("mail", "show", number).out
    assert said in shown.replace("\n", " ")
    assert "The figures are" in shown


def test_a_stranger_is_not_trusted_until_the_authority_is(keyed: Town) -> None:
    """Nobody vouches for the signer once the authority is removed."""
    number = receive(keyed, signed(identity(BEA), letter()))
    assert protection(keyed, number)["good"] is True
    [trusted] = [one for one in keyed.run("smime", "list", "--json").json if one["kind"] == "authority"]
    keyed.run("smime", "remove", trusted["fingerprint"])
    assert [one["verdict"] for one in protection(keyed, number)["signatures"]] == ["not trusted"]


def test_mail_is_signed_and_encrypted_and_its_copy_can_be_read(keyed: Town) -> None:
    """Bea gets what only her key opens; Ada reads her own copy, signed by herself."""
    ran = keyed.run("mail", "send", "--to", BEA, "--subject", "Secret", "--text", "At noon.", "--sign", "--encrypt")
    assert ran.status == 0, ran.err
    mime = received(keyed, BEA)
    assert b"At noon." not in mime
    assert b"enveloped-data" in mime
    keyed.run("sync")
    [copy] = keyed.run("mail", "list", "--folder", "Sent Items", "--json").json
    shown = keyed.run("mail", "show", str(copy["id"])).out
    assert "Encrypted, and opened with your key." in shown
    assert f"Signed by Ada Larch <{ADA}>." in shown
    assert "At noon." in shown


def test_certificates_are_looked_for_at_the_server(keyed: Town) -> None:
    """Who is not among the people kept here may be in the address list, with a certificate."""
    carl = "carl@larch.example"
    der = identity(carl).certificate.public_bytes(serialization.Encoding.DER)

    def join() -> None:
        keyed.server.add_user(carl, PASSWORD).certificates = (der,)

    keyed.do(join)
    ran = keyed.run("mail", "send", "--to", carl, "--text", "At noon.", "--encrypt")
    assert ran.status == 0, ran.err
    assert b"At noon." not in received(keyed, carl)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "dan@larch.example", "--encrypt"), "no valid certificate of dan@larch.example"),
        (("--to", BEA, "--bcc", "dan@larch.example", "--encrypt"), "hidden recipients would be seen"),
    ],
)
def test_what_cannot_be_protected_is_not_sent(keyed: Town, options: tuple[str, ...], said: str) -> None:
    """It never goes out in the clear instead."""
    ran = keyed.run("mail", "send", *options, "--text", "At noon.")
    assert ran.status == 2
    assert said in ran.err.replace("\n", " ")
    assert keyed.do(lambda: len(keyed.server.mailbox(BEA).folder(FolderType.INBOX).items)) == 0
    assert keyed.run("set-aside", "list", "--json").status == 0


def test_without_a_key_encrypted_mail_is_named(town: Town, tmp_path: Path) -> None:
    """What to do is said; the rest of the mail is shown."""
    from carrierpost.formats.smime import encrypt_message

    town.add()
    number = receive(town, encrypt_message(letter(), (identity(ADA).certificate,)))
    shown = town.run("mail", "show", number).out
    assert "no key of yours is kept here" in shown
    assert "The figures" not in shown
    (tmp_path / "ada.pem").write_bytes(pem(identity(ADA), key=True))
    assert town.run("smime", "add", str(tmp_path / "ada.pem")).status == 0
    assert "The figures are right." in town.run("mail", "show", number, "--held").out


def test_the_server_is_asked_about_a_signer(keyed: Town) -> None:
    """With `--check` its opinion stands beside; this one trusts nobody."""
    number = receive(keyed, signed(identity(BEA, "Bea Elm"), letter()))
    shown = keyed.run("mail", "show", number, "--check").out
    assert f"The server on Bea Elm <{BEA}>: not valid;" in shown.replace("\n", " ")


@openssl
def test_openssl_verifies_and_decrypts_what_is_sent(keyed: Town, tmp_path: Path) -> None:
    """The program that everybody measures by opens both layers."""
    keyed.run("mail", "send", "--to", BEA, "--text", "At noon.", "--sign", "--encrypt")
    (tmp_path / "mail.eml").write_bytes(received(keyed, BEA))
    (tmp_path / "bea-key.pem").write_bytes(pem(identity(BEA, "Bea Elm"), key=True))
    subprocess.run(
        ["openssl", "cms", "-decrypt", "-in", "mail.eml", "-recip", "bea-key.pem", "-out", "inner.eml"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    found = subprocess.run(
        ["openssl", "cms", "-verify", "-in", "inner.eml", "-CAfile", "authority.pem", "-purpose", "smimesign"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert b"At noon." in found.stdout


@openssl
def test_what_openssl_made_is_read(keyed: Town, tmp_path: Path) -> None:
    """Signed by Bea and encrypted for Ada, by another program."""
    (tmp_path / "text.txt").write_bytes(b"Content-Type: text/plain\r\n\r\nAt noon.\r\n")
    (tmp_path / "bea-key.pem").write_bytes(pem(identity(BEA, "Bea Elm"), key=True))
    (tmp_path / "ada.pem").write_bytes(pem(identity(ADA, "Ada Larch")))
    for words in (
        ("-sign", "-signer", "bea-key.pem", "-in", "text.txt", "-out", "signed.eml"),
        ("-encrypt", "-aes256", "-in", "signed.eml", "-out", "sealed.eml", "ada.pem"),
    ):
        subprocess.run(["openssl", "cms", *words], cwd=tmp_path, check=True, capture_output=True)
    head = f"From: {BEA}\r\nTo: {ADA}\r\nSubject: Lunch\r\n".encode()
    number = receive(keyed, head + (tmp_path / "sealed.eml").read_bytes())
    told = protection(keyed, number)
    assert (told["layers"], told["good"]) == (["encrypted", "signed"], True)
    assert "At noon." in keyed.run("mail", "show", number).out
