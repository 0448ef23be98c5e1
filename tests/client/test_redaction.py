"""
Secrets do not get into traces, however they are written; veiled texts say nothing.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.client.redaction import HIDDEN, Redaction, veil_text
from carrierpost.protocol.secret import Secret
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Calendar, Contacts, Email, Settings

PASSWORD = 'Grüße & "pass"+wörd/%'

passwords = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=4, max_size=30)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


def spellings(password: str, before: str = "", after: str = "") -> dict[str, bytes]:
    """Write a password in every way that programs write it."""
    raw = f"{before}{password}{after}".encode()
    coded = base64.b64encode(raw).decode()
    return {
        "plain": raw,
        "percent": quote(raw, safe="").encode(),
        "form": quote_plus(raw).encode(),
        "json": json.dumps(f"{before}{password}{after}").encode(),
        "xml": escape(f"{before}{password}{after}").encode(),
        "base64": coded.encode(),
        "base64 for addresses": base64.urlsafe_b64encode(raw),
        "base64, percent": quote(coded, safe="").encode(),
    }


@pytest.mark.parametrize("before", ["", "a", "ab", "alice:", "FIRM\\alice:"])
@pytest.mark.parametrize("after", ["", "z", "yz", "@host"])
def test_password_is_found_in_every_spelling(before: str, after: str) -> None:
    """As itself, in addresses, forms, JSON, XML and base64 at any offset, the password is taken out."""
    redaction = Redaction([Secret(PASSWORD)])
    for name, content in spellings(PASSWORD, before, after).items():
        shown = redaction.raw(b"start " + content + b" end")
        assert HIDDEN.encode() in shown, name
        assert shown.startswith(b"start ")
        assert shown.endswith(b" end")


def test_percent_coding_in_small_letters_is_found() -> None:
    """%c3%bc is %C3%BC."""
    content = "x=" + quote(PASSWORD, safe="").replace("%C3%BC", "%c3%bc")
    assert Redaction([Secret(PASSWORD)]).raw(content.encode()) == f"x={HIDDEN}".encode()


def test_password_in_the_old_alphabet_is_found() -> None:
    """ISO-8859-1, which some servers write, is found, plain and in base64."""
    redaction = Redaction([Secret("Grüße, Welt")])
    raw = "alice:Grüße, Welt".encode("latin-1")
    assert redaction.raw(raw) == f"alice:{HIDDEN}".encode()
    assert HIDDEN.encode() in redaction.raw(base64.b64encode(raw))


@given(password=passwords, before=texts, after=texts)
def test_no_password_survives_any_spelling(password: str, before: str, after: str) -> None:
    """Whatever the password and its neighbours are, base64 and plain text lose it."""
    redaction = Redaction([Secret(password)])
    raw = f"{before}{password}{after}".encode()
    assert HIDDEN.encode() in redaction.raw(raw)
    coded = redaction.raw(base64.b64encode(raw))
    assert HIDDEN.encode() in coded
    for part in coded.rstrip(b"=").split(HIDDEN.encode()):
        for start in range(4):
            whole = part[start : start + (len(part) - start) // 4 * 4]
            assert password.encode() not in base64.b64decode(whole)


def test_short_words_are_not_taken_out_of_everything() -> None:
    """A password of three letters cannot be told from ordinary text, and is left to the headers that carry it."""
    assert Redaction([Secret("abc")]).raw(b"abcdef") == b"abcdef"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic YWxpY2U6c2VjcmV0", HIDDEN),
        ("Cookie", "a=1; b=2", HIDDEN),
        ("Set-Cookie", "X-BE=0123456789; path=/; HttpOnly, lb=a; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
         f"X-BE={HIDDEN}, lb={HIDDEN}"),
        ("WWW-Authenticate", 'Basic realm="mail, alice", NTLM, Negotiate TlRMTVNTUAAC',
         f"Basic {HIDDEN}, NTLM {HIDDEN}, Negotiate {HIDDEN}"),
        ("Location", "https://alice:secret@mail.example.test/?User=alice&x=1",
         f"https://{HIDDEN}@mail.example.test/?User={HIDDEN}&x=1"),
        ("X-MS-PolicyKey", "3942919513", "3942919513"),
        ("Retry-After", "120", "120"),
    ],
)  # fmt: skip
def test_headers_show_what_may_be_seen(name: str, value: str, shown: str) -> None:
    """Logins and cookies go; names of cookies, ways to log in, policy keys and the rest stay."""
    assert Redaction().header(name, value) == shown


def test_cookie_and_token_are_hidden_wherever_they_return() -> None:
    """What a header carried as a secret is taken out of bodies and addresses from then on."""
    redaction = Redaction()
    redaction.header("Set-Cookie", "session=0123456789abcdef; path=/")
    redaction.header("Authorization", "Bearer eyJhbGciOi.J9")
    assert redaction.raw(b"<a href='/?s=0123456789abcdef'> eyJhbGciOi.J9") == (
        f"<a href='/?s={HIDDEN}'> {HIDDEN}".encode()
    )


def test_passwords_inside_documents_are_hidden_and_bytes_stay_bytes() -> None:
    """Password elements go whole; a secret in a text or in bytes goes, and the document can still be encoded."""
    redaction = Redaction([Secret(PASSWORD)])
    tree: wbxml.Value = [
        Settings.Password, "recovery",
        AirSync.ApplicationData, [AirSyncBase.Data, f"it is {PASSWORD}!", Email.ThreadTopic, f"x{PASSWORD}".encode()],
    ]  # fmt: skip
    shown = redaction.tree(AirSync.Sync, tree)
    assert shown == [
        Settings.Password, HIDDEN,
        AirSync.ApplicationData, [AirSyncBase.Data, f"it is {HIDDEN}!", Email.ThreadTopic, f"x{HIDDEN}".encode()],
    ]  # fmt: skip
    wbxml.encode(AirSync.Sync, shown)


def test_veil_keeps_the_shape_and_nothing_else() -> None:
    """A veiled item has the same elements, dates, numbers and lengths, and no word of the person's."""
    item: wbxml.Value = [
        Email.Subject, "Kündigung 2026", Email.DateReceived, "2026-03-02T09:00:00.000Z", Email.Read, "1",
        Email.MessageClass, "IPM.Note", AirSyncBase.Body,
        [AirSyncBase.Type, "2", AirSyncBase.Data, "<p>Für <b>Dich</b>"],
        Contacts.MobilePhoneNumber, "01711234567", Calendar.Timezone, "xP///w==", AirSync.ServerId, "5:12",
    ]  # fmt: skip
    assert Redaction(veil=True).tree(AirSync.ApplicationData, item) == [
        Email.Subject, "Xéxxxxxxx 9999", Email.DateReceived, "2026-03-02T09:00:00.000Z", Email.Read, "1",
        Email.MessageClass, "IPM.Note", AirSyncBase.Body,
        [AirSyncBase.Type, "2", AirSyncBase.Data, "<p>Xéx <b>Xxxx</b>"],
        Contacts.MobilePhoneNumber, "99999999999", Calendar.Timezone, "xP///w==", AirSync.ServerId, "5:12",
    ]  # fmt: skip


@given(st.text())
def test_veiling_twice_is_veiling_once(text: str) -> None:
    """A request that was made from a veiled answer looks like the one that was recorded."""
    once = veil_text(text)
    assert veil_text(once) == once
    assert len(once) == len(text)
