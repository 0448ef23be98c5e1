"""
Header fields as text, both ways ([RFC 5322] 2.2, [RFC 2047], [RFC 2231]).

The standard library's modern policy raises on hostile headers and takes seconds for long ones, so reading is done
here: never an error, a limit on everything. Writing is done here as well, for its folding of names with commas and
letters of other alphabets has changed their meaning in several releases.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email.header
import email.utils
import quopri
import re

import msgspec

from carrierpost.protocol.text import split_addresses

__all__ = [
    "Address",
    "address_field",
    "decode_bytes",
    "decode_header",
    "message_ids",
    "parse_addresses",
    "parse_date",
    "text_field",
]

_MOST = 100_000  # characters of a field that are looked at
_MOST_WORDS = 2000  # encoded words that are decoded in a field
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_COMMENT = re.compile(r"\s*(\S+@\S+?)\s*\(([^()]*)\)\s*")
_GROUP = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\Z))|(?:^|(?<=[,;]))[^<>@",;:]*:(?!//)')
_PLAIN_NAME = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@(?:[^\s<>()\[\],;:\\\"@]+|\[[0-9a-fA-F.:IPv]+\])")

# Labels as mail programs use them, which mean more than they say ([WHATWG Encoding]).
_WIDER = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "iso-8859-8", "x-unknown": "utf-8", "unicode-1-1-utf-7": "utf-7",
}  # fmt: skip
_NO_CHARSETS = ("idna", "punycode", "escape", "undefined", "mbcs", "oem")
"""Codecs of Python that are no character sets, some of them slow on long input."""


class Address(msgspec.Struct, frozen=True):
    """
    Somebody in a header field.

    Attributes:
        address: the mail address; empty where the field names no more than a name.
        name: the display name, decoded; may be empty.
    """

    address: str
    name: str = ""


def decode_bytes(raw: bytes, charset: str | None) -> str:
    """
    Decode text of a named character set, whatever the name is worth.

    Text that is UTF-8 although it says to be ASCII is taken for UTF-8; a set that nobody knows is tried as UTF-8 and
    else taken for Windows-1252. Never raises; no lone surrogates come out.
    """
    label = (charset or "ascii").strip().lower()
    if label.startswith("x-") and label not in _WIDER:
        label = label[2:]
    if label in ("ascii", "us-ascii", "utf-8", "utf8", "x-unknown"):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            label = "utf-8" if label.startswith("utf") else "cp1252"
    try:
        if any(word in label.replace("-", "_") for word in _NO_CHARSETS):
            raise LookupError(label)
        text = raw.decode(_WIDER.get(label, label), "replace")
    except (LookupError, ValueError):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    return _SURROGATES.sub("\ufffd", text)


def decode_header(raw: str) -> str:
    """
    Give a field's value as text on one line: unfolded, encoded words decoded, raw octets read as UTF-8 or Windows-1252.

    Args:
        raw: the value as it stands; octets that are not ASCII may be surrogate escapes.

    Returns:
        The text; what cannot be decoded stays as it is.
    """
    text = raw[:_MOST].replace("\r", "").replace("\n", "")
    if not text.isascii():
        text = decode_bytes(text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace"), None)
    if "=?" not in text:
        return _CONTROLS.sub(" ", text).strip()
    pieces: list[str] = []
    words: list[tuple[str, bytes]] = []
    position = 0
    for number, match in enumerate(_WORD.finditer(text)):
        octets = _octets(match) if number < _MOST_WORDS else None
        if octets is None:
            continue
        between = text[position : match.start()]
        if not words or between.strip():  # blanks between encoded words belong to the folding
            pieces += (_joined(words), between)
            words = []
        words.append((match[1].partition("*")[0].lower(), octets))
        position = match.end()
    pieces += (_joined(words), text[position:])
    return _CONTROLS.sub(" ", "".join(pieces)).strip()


def _escaped(text: str) -> bool:
    return all("\udc80" <= char <= "\udcff" for char in _SURROGATES.findall(text))


def _octets(word: re.Match[str]) -> bytes | None:
    coded = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return quopri.decodestring(coded.replace(b"_", b" "), header=False)
    try:
        return base64.b64decode(coded + b"=" * (-len(coded) % 4))
    except (binascii.Error, ValueError):
        return None


def _joined(words: list[tuple[str, bytes]]) -> str:
    """
    Decode neighbouring words; those of one character set together, for some programs split a character.
    """
    pieces: list[str] = []
    position = 0
    while position < len(words):
        charset = words[position][0]
        end = position
        while end < len(words) and words[end][0] == charset:
            end += 1
        pieces.append(decode_bytes(b"".join(octets for _, octets in words[position:end]), charset))
        position = end
    return "".join(pieces)


def parse_addresses(raw: str, *, most: int = 1000) -> tuple[Address, ...]:
    """
    Read an address list, lenient as mail is: groups are opened, `ada@example.org (Ada)` is understood.

    Args:
        raw: the field's value as it stands.
        most: no more than this many are read.
    """
    text = _GROUP.sub(lambda match: match[1] or "", raw[:_MOST].replace("\r", "").replace("\n", ""))
    found = []
    for name, address in split_addresses(text, most=most):
        name = decode_header(name)
        if not address and (comment := _COMMENT.fullmatch(name)):
            name, address = comment[2].strip(), comment[1]
        address = decode_header(address)
        if name or address:
            found.append(Address(address, name))
    return tuple(found)


def parse_date(raw: str) -> dt.datetime | None:
    """
    Read a date ([RFC 5322] 3.3), with its zone; `None` for what is none.
    """
    try:
        moment = email.utils.parsedate_to_datetime(decode_header(raw[:200]))
        if moment.tzinfo is None:  # "-0000": UTC, and nothing known of the place
            moment = moment.replace(tzinfo=dt.UTC)
        moment.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return moment


def message_ids(raw: str) -> tuple[str, ...]:
    """
    List the message ids in a field, with their angle brackets.
    """
    return tuple(_MESSAGE_ID.findall(raw[:_MOST]))


def text_field(name: str, text: str) -> bytes:
    """
    Write an unstructured field, folded, as encoded words where it is not ASCII.
    """
    text = " ".join(_SURROGATES.sub("?", text).split())
    if text.isascii() and len(text) + len(name) < 900:
        value = email.header.Header(text, "us-ascii", header_name=name, maxlinelen=78).encode(linesep="\r\n")
    else:
        value = email.header.Header(text, "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")
    return f"{name}: {value}\r\n".encode("ascii")


def address_field(name: str, people: tuple[Address, ...]) -> bytes:
    """
    Write an address list, one on each line where they do not fit.

    A domain that is not ASCII is written in its IDNA form. A local part that is not ASCII stays as UTF-8
    ([RFC 6532]), for it has no other form.

    Raises:
        ValueError: one of them is no mail address.
    """
    written = [_person(one) for one in people]
    lines = [f"{name}: "]
    for number, one in enumerate(written):
        piece = one + (", " if number < len(written) - 1 else "")
        if len(lines[-1]) + len(piece) > 78 and lines[-1].strip() != f"{name}:":
            lines.append(f" {piece}")
        else:
            lines[-1] += piece
    return "\r\n".join(line.rstrip() for line in lines).encode() + b"\r\n"


def _person(one: Address) -> str:
    if not _ADDRESS.fullmatch(one.address) or len(one.address) > 320:
        raise ValueError(f"{one.address[:80]!r} is no mail address; it has to look like name@example.org")
    local, _, domain = one.address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(f"the domain of {one.address[:80]!r} cannot exist; look for a slip of the pen") from None
    address = f"{local}@{domain}"
    name = " ".join(_SURROGATES.sub("?", one.name).split())
    if not name:
        return address
    if not name.isascii() or "=?" in name or len(name) > 60:
        return f"{email.header.Header(name, 'utf-8', maxlinelen=70).encode(linesep=chr(13) + chr(10))} <{address}>"
    if _PLAIN_NAME.fullmatch(name):
        return f"{name} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'
