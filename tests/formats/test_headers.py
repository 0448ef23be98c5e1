"""
Header fields as text: real and hostile ones are read, written ones are read back by the standard library.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.formats.headers import (
    Address,
    address_field,
    decode_bytes,
    decode_header,
    message_ids,
    parse_addresses,
    parse_date,
    text_field,
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?ISO-8859-1?Q?caf=E9_noir?=", "café noir"),
        ("=?utf-8?b?5L2g?= =?utf-8?b?5aW9?=", "你好"),
        ("=?utf-8?b?5L0=?=\r\n =?utf-8?b?oA==?=", "你"),  # a character split over two words
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?windows-1252?q?=93x=94?=", "“x”"),
        ("=?us-ascii?q?=93x=94?=", "“x”"),
        ("=?gb2312?b?xOO6ww==?=", "你好"),
        ("=?nobody-knows?q?x=C3=A9?=", "xé"),
        ("=?utf-8?q?a=00b=0D=0AX-Evil:_1?=", "a b  X-Evil: 1"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?x?y?=", "=?utf-8?x?y?="),
        ("Gr\udcc3\udcbc\udcc3\udc9fe", "Grüße"),
        ("caf\udce9", "café"),
        ("folded\r\n line", "folded line"),
    ],
)
def test_fields_are_decoded(raw: str, text: str) -> None:
    """Encoded words, raw octets, folding; what cannot be decoded stays, what would break a line goes."""
    assert decode_header(raw) == text


@given(st.text(max_size=100) | st.from_regex(r"(=\?[a-z0-9-]{1,8}\?[bq]\?[ -~]{0,20}\?= ?){0,5}", fullmatch=True))
def test_any_field_is_decoded(raw: str) -> None:
    """Never an error, never more than one line, never half a surrogate pair."""
    text = decode_header(raw)
    assert "\n" not in text
    assert "\r" not in text
    text.encode()


@given(st.binary(max_size=60), st.text(max_size=12) | st.sampled_from(["utf-7", "idna", "utf-16", "rot13", "hex"]))
def test_any_octets_are_text(raw: bytes, charset: str) -> None:
    """Whatever the character set is called, and whatever the octets are."""
    decode_bytes(raw, charset).encode()


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ('"Ada, Countess" <ada@x.example>, ben@x.example', [("ada@x.example", "Ada, Countess"), ("ben@x.example", "")]),
        ("ada@x.example (Ada)", [("ada@x.example", "Ada")]),
        ("=?utf-8?q?J=C3=BCrgen=2C_Dr?= <j@x.example>", [("j@x.example", "Jürgen, Dr")]),
        ("Team: ada@x.example, Ben <ben@x.example>;", [("ada@x.example", ""), ("ben@x.example", "Ben")]),
        ("undisclosed-recipients:;", []),
        ("<ada@x.example>;<ben@x.example>", [("ada@x.example", ""), ("ben@x.example", "")]),
        ("no address at all", [("", "no address at all")]),
        ("", []),
    ],
)
def test_address_lists_are_read(raw: str, people: list[tuple[str, str]]) -> None:
    """As they are written in the wild."""
    assert parse_addresses(raw) == tuple(Address(*one) for one in people)


@pytest.mark.parametrize("raw", ["(" * 3000, "<" * 3000, '"' * 3001, "a@b," * 50_000, ":" * 5000, "=?utf-8?q?" * 9000])
def test_hostile_address_lists_are_read_in_no_time(raw: str) -> None:
    """Brackets, quotes and lists without end neither recurse nor grow; a thousand recipients are looked at."""
    assert len(parse_addresses(raw)) <= 1000


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", "2026-03-02T10:00:00+01:00"),
        ("Mon, 2 Mar 2026 10:00:00 -0000", "2026-03-02T10:00:00+00:00"),
        ("Mon, 2 Mar 2026 10:00:00 +9999", None),
        ("Mon, 99 Mar 2026 10:00:00 +0100", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read(raw: str, moment: str | None) -> None:
    """With their zone; what is no date, or lies outside of time, is none."""
    assert parse_date(raw) == (dt.datetime.fromisoformat(moment) if moment else None)


def test_message_ids_are_found() -> None:
    """In angle brackets, whatever stands between them."""
    assert message_ids("<a@x>\r\n <b@x>, junk <c d>") == ("<a@x>", "<b@x>")


_names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=30)


@given(st.lists(st.builds(lambda n, w: Address("ada@x.example", " ".join([n, w]).strip()), _names, _names), max_size=8))
def test_written_address_lists_are_read_back(people: list[Address]) -> None:
    """By our reader with the same names, and by the standard library with the same addresses; all ASCII, all folded."""
    field = address_field("To", tuple(people))
    assert field.isascii()
    assert all(len(line) <= 998 for line in field.split(b"\r\n"))
    raw = field.decode().partition(":")[2]
    assert parse_addresses(raw) == tuple(people)
    message = email.message_from_bytes(field + b"\r\n", policy=email.policy.SMTP)
    assert [one.addr_spec for one in message["To"].addresses] == ["ada@x.example"] * len(people)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_written_text_is_read_back(text: str) -> None:
    """A subject of any letters and length comes back; line breaks in it become blanks and open no new field."""
    field = text_field("Subject", text)
    assert field.isascii()
    assert field.count(b"\r\n") == 1 + field.count(b"\r\n ")
    assert (
        decode_header(field.decode().partition(":")[2]).split()
        == "".join(char if char >= " " and char != "\x7f" else " " for char in " ".join(text.split())).split()
        or "=?" in text
    )


def test_addresses_in_other_alphabets_are_written() -> None:
    """A domain in its ASCII form, a local part that has none as UTF-8."""
    assert address_field("To", (Address("ada@bücher.example"),)) == b"To: ada@xn--bcher-kva.example\r\n"
    assert address_field("To", (Address("jürgen@x.example"),)) == "To: jürgen@x.example\r\n".encode()


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@", "a da@x.example", "ada@x.example\r\nBcc: evil@x.example", "<a@b>"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """With the thing and what it has to look like; no line can be smuggled in."""
    with pytest.raises(ValueError, match=r"is no mail address; it has to look like"):
        address_field("To", (Address(address),))
