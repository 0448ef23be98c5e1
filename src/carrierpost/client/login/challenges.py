"""
What a server asks for when it refuses: `WWW-Authenticate` ([RFC 9110] 11.6.1), taken apart. Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

import msgspec

__all__ = ["Challenge", "challenges", "claims_of", "offered", "strongest"]

_PIECE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PARAMETER = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?!=|$)(.*)", re.DOTALL)
_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)(?:\s+(.*))?$", re.DOTALL)
_STRONGEST_FIRST = ("negotiate", "ntlm", "basic")
_NAMES = {"basic": "Basic", "bearer": "Bearer", "negotiate": "Negotiate", "ntlm": "NTLM"}


class Challenge(msgspec.Struct, frozen=True):
    """
    One way to log in that a server offers.

    Attributes:
        scheme: its name, in lower case.
        parameters: what belongs to it; names in lower case.
        token: the data of schemes that talk (NTLM, Negotiate), base64.
    """

    scheme: str
    parameters: Mapping[str, str] = {}
    token: str = ""


def challenges(header: str) -> tuple[Challenge, ...]:
    """
    Read a `WWW-Authenticate` header, several of which may have been joined by commas.

    What cannot be read is left out: a server's mistake in one offer must not hide the others.
    """
    found: list[tuple[str, dict[str, str], str]] = []
    for piece in _PIECE.findall(header):
        parameter = _PARAMETER.fullmatch(piece)
        if parameter is None:
            scheme = _SCHEME.fullmatch(piece.strip())
            if scheme is None:
                continue
            found.append((scheme[1].lower(), {}, ""))
            rest = (scheme[2] or "").strip()
            parameter = _PARAMETER.fullmatch(rest)
            if parameter is None:
                found[-1] = (found[-1][0], {}, rest)
        if parameter is not None and found:
            found[-1][1].setdefault(parameter[1].lower(), _unquoted(parameter[2].strip()))
    return tuple(Challenge(*one) for one in found)


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
    return text


def offered(header: str) -> tuple[str, ...]:
    """
    Name the ways to log in that a server offers, in its order, as people write them.
    """
    return tuple(dict.fromkeys(_NAMES.get(one.scheme, one.scheme.capitalize()) for one in challenges(header)))


def strongest(header: str) -> str | None:
    """
    Choose how name and password are proved: by Negotiate, NTLM, or Basic, the first of them that is offered.

    Negotiate and NTLM do not show the password to whoever answers; Basic does, and only TLS protects it.

    Returns:
        The scheme in lower case, or `None` when none of them is offered.
    """
    schemes = {one.scheme for one in challenges(header)}
    return next((scheme for scheme in _STRONGEST_FIRST if scheme in schemes), None)


def claims_of(header: str) -> str:
    """
    Give what a token has to say besides, when a server asks for more than it got (a claims challenge).

    Returns:
        The JSON text for the authority's `claims` parameter; empty when nothing is asked for.
    """
    for one in challenges(header):
        text = one.parameters.get("claims", "") if one.scheme == "bearer" else ""
        if text.lstrip().startswith("{"):
            return text
        try:
            plain = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==").decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if plain.lstrip().startswith("{"):
            return plain
    return ""
