"""
From the octets of a vCard file to lines that `contentlines` reads: every dialect is brought to one form.

* Letters come in UTF-8, with or without a mark in front, in UTF-16, or in what Windows used to write.
* vCard 2.1 leaves the names of parameters out (`TEL;HOME;VOICE:`), has values in quoted-printable that go on over
  several lines, and base64 whose lines may begin anywhere.
* Types may be repeated (`type=CELL;type=pref`); they become one list.
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterable, Iterator

__all__ = ["decode_octets", "normalised"]

_HEAD = re.compile(r'((?:[^":]|"[^"]*")*):', re.DOTALL)
_PARAMETERS = re.compile(r';((?:[^";]|"[^"]*")*)')
_QUOTED = re.compile(r"[;=]QUOTED-PRINTABLE\b", re.IGNORECASE)
_BASE64 = re.compile(r"[;=](?:BASE64|B)\b", re.IGNORECASE)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"}
_PLACES = {"INLINE", "URL", "CONTENT-ID", "CID"}
_LONGEST_HEAD = 2000  # characters before the colon; a head that is longer is nobody's
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_octets(octets: bytes) -> str:
    """
    Read a file's octets as text; no octets make it fail.
    """
    for mark, coding in _MARKS:
        if octets.startswith(mark):
            return octets[len(mark) :].decode(coding, "replace")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def normalised(text: str) -> str:
    """
    Bring the lines of a file to the form of vCard 3.0; what cannot be read stays as it is.
    """
    return "\n".join(map(_line, _whole(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """
    Put together what belongs to one line.
    """
    pieces: list[str] = []
    quoted = coded = False
    for line in lines:
        if quoted and pieces[-1].endswith("="):  # a soft line break, whatever the next line looks like
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
            continue
        if pieces and line[:1] in (" ", "\t"):
            pieces.append(line[1:])
            continue
        if coded and line and _BASE64_LINE.fullmatch(line):
            pieces.append(line)
            continue
        if pieces:
            yield "".join(pieces)
        pieces = [line]
        head = line[:_LONGEST_HEAD].partition(":")[0]
        quoted, coded = bool(_QUOTED.search(head)), bool(_BASE64.search(head))
    if pieces:
        yield "".join(pieces)


def _line(line: str) -> str:
    found = _HEAD.match(line[: _LONGEST_HEAD + 1])
    if found is None or ";" not in found[1]:
        return line
    name, value = found[1].partition(";")[0], line[found.end() :]
    kept: list[str] = []
    types: list[str] = []
    coding = charset = ""
    for parameter in _PARAMETERS.findall(found[1][len(name) :]):
        key, mark, text = parameter.partition("=")
        key, text = (key.strip().upper(), text) if mark else _named(key.strip())
        if key == "TYPE":
            types += [one.strip() for one in text.strip('"').split(",") if one.strip()]
        elif key == "ENCODING" and text.strip('"').upper() == "QUOTED-PRINTABLE":
            coding = "quoted-printable"
        elif key == "CHARSET":
            charset = text.strip('"')
        elif key and (text or mark):
            kept.append(f"{key}={text}")
    if types:
        kept.append(f"TYPE={','.join(types)}")
    if coding:
        value = _unquoted(value, charset)
    return ";".join([name, *kept]) + f":{value}"


def _named(word: str) -> tuple[str, str]:
    """
    Give a parameter that came without a name its name ([vCard 2.1] 2.4).
    """
    upper = word.upper()
    if upper in _ENCODINGS:
        return "ENCODING", upper
    return ("VALUE", upper) if upper in _PLACES else ("TYPE", word)


def _unquoted(value: str, charset: str) -> str:
    """
    Read quoted-printable; line ends within it are written as in version 3.0.
    """
    octets = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        text = octets.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        text = decode_octets(octets)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
