"""
Autodiscover without IO: which addresses to ask in which order, what to ask, what the answer says.

[MS-ASCMD] 2.2.1.1 is the XML form, [MS-OXDISCO] the order of places.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from urllib.parse import quote
from xml.sax.saxutils import escape

import msgspec

from carrierpost.protocol.http import PATH

__all__ = ["Answer", "Candidate", "candidates", "read_json", "read_xml", "write_answer", "write_request"]

_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover"
_REQUEST = f"{_SCHEMA}/mobilesync/requestschema/2006"
_RESPONSE = f"{_SCHEMA}/mobilesync/responseschema/2006"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """
    An address to ask.

    Attributes:
        how: `pox` (XML, with login), `json` (without), `redirect` (plain http without login, only for where it
            leads), `options` (is there an ActiveSync at the usual path).
        url: the address.
    """

    how: str
    url: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an answer says; one of these is set.

    Attributes:
        url: the ActiveSync endpoint.
        address: ask again with this mail address.
        error: why there is none, in words.
    """

    url: str = ""
    address: str = ""
    error: str = ""


def candidates(address: str, services: tuple[str, ...] = ()) -> tuple[Candidate, ...]:
    """
    List what to ask for a mail address, best first.

    Args:
        address: the mail address.
        services: hosts that the domain's SRV record `_autodiscover._tcp` names.
    """
    domain = address.rpartition("@")[2]
    found = [
        Candidate(how="pox", url=f"https://{host}/autodiscover/autodiscover.xml")
        for host in (domain, f"autodiscover.{domain}")
    ]
    quoted = quote(address)
    found += [
        Candidate(
            how="json",
            url=f"https://{host}/autodiscover/autodiscover.json/v1.0/{quoted}?Protocol=ActiveSync&RedirectCount=1",
        )
        for host in (f"autodiscover.{domain}", domain)
    ]
    found.append(Candidate(how="redirect", url=f"http://autodiscover.{domain}/autodiscover/autodiscover.xml"))
    found += [Candidate(how="pox", url=f"https://{host}/autodiscover/autodiscover.xml") for host in services]
    found += [
        Candidate(how="options", url=f"https://{host}{PATH}")
        for host in (domain, f"mail.{domain}", f"autodiscover.{domain}")
    ]
    found.append(
        Candidate(
            how="json",
            url=f"https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/{quoted}?Protocol=ActiveSync&RedirectCount=1",
        )
    )
    return tuple(found)


def write_request(address: str) -> bytes:
    """
    Write the XML request.
    """
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{_REQUEST}"><Request>'
        f"<EMailAddress>{escape(address)}</EMailAddress>"
        f"<AcceptableResponseSchema>{_RESPONSE}</AcceptableResponseSchema></Request></Autodiscover>"
    ).encode()


def write_answer(address: str, name: str, url: str) -> bytes:
    """
    Write the XML answer that names an endpoint.
    """
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{_SCHEMA}/responseschema/2006">'
        f'<Response xmlns="{_RESPONSE}"><Culture>en:us</Culture><User><DisplayName>{escape(name)}</DisplayName>'
        f"<EMailAddress>{escape(address)}</EMailAddress></User><Action><Settings><Server><Type>MobileSync</Type>"
        f"<Url>{escape(url)}</Url><Name>{escape(url)}</Name></Server></Settings></Action></Response></Autodiscover>"
    ).encode()


def read_xml(body: bytes) -> Answer:
    """
    Read the XML answer; whatever is wrong with it is an `error`.
    """
    try:
        root = _parse(body)
    except (ET.ParseError, ValueError, LookupError) as error:  # the last for an encoding that nobody knows
        return Answer(error=f"the answer is no XML: {error}")
    names: dict[str, list[str]] = {}
    url = ""
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        names.setdefault(tag, []).append((element.text or "").strip())
        if tag == "Server":
            parts = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
            if parts.get("Type") == "MobileSync" and not url:
                url = parts.get("Url", "")
    if url:
        return Answer(url=url)
    if redirect := next(iter(names.get("Redirect", [])), ""):
        return Answer(address=redirect)
    for key in ("Message", "ErrorCode", "Status"):
        if text := next(iter(names.get(key, [])), ""):
            return Answer(error=f"the server answers {key} {text}")
    return Answer(error="the answer names no ActiveSync server")


class _NoDoctype(ET.TreeBuilder):
    """
    Refuses doctypes, and with them every kind of entity.
    """

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("a doctype is not allowed")


def _parse(body: bytes) -> ET.Element:
    parser = ET.XMLParser(target=_NoDoctype())  # noqa: S314 - without a doctype there are no entities
    parser.feed(body[:1_000_000])
    element: ET.Element = parser.close()
    return element


def read_json(body: bytes) -> Answer:
    """
    Read the JSON answer; whatever is wrong with it is an `error`.
    """
    try:
        values = json.loads(body[:1_000_000])
    except ValueError as error:
        return Answer(error=f"the answer is no JSON: {error}")
    if not isinstance(values, dict):
        return Answer(error="the answer is no JSON object")
    if isinstance(values.get("Url"), str) and values["Url"]:
        return Answer(url=values["Url"])
    return Answer(
        error=f"the server answers {values.get('ErrorCode') or 'nothing'} {values.get('ErrorMessage') or ''}".strip()
    )
