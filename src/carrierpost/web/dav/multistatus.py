"""
Answers in XML: multi-status, errors, properties. Text is escaped here and nowhere else.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from xml.sax.saxutils import escape

from starlette.responses import Response

from carrierpost.web.dav.xml import CARDDAV, CS, DAV

__all__ = [
    "BEGIN",
    "END",
    "Refusal",
    "element",
    "gone",
    "href",
    "limited",
    "property_name",
    "response",
    "safe_text",
    "xml_response",
]

_PREFIXES = {DAV: "D", CARDDAV: "C", CS: "S"}
_DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in _PREFIXES.items())
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
BEGIN = f"{_HEAD}<D:multistatus {_DECLARED}>"
END = "</D:multistatus>"
MEDIA_TYPE = "application/xml; charset=utf-8"

_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], "�")


class Refusal(Exception):
    """
    Ends a request with a status and, where a specification names one, the condition that was not met.

    Args:
        status: the HTTP status.
        reason: what is wrong and what to do next, a sentence for a person.
        condition: the element of the condition, written; empty for none.
        headers: further headers of the answer.
    """

    def __init__(self, status: int, reason: str, condition: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.condition = condition
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """
        Make the answer ([RFC 4918] 16).
        """
        described = f"<D:responsedescription>{safe_text(self.reason)}</D:responsedescription>"
        return xml_response(
            f"{_HEAD}<D:error {_DECLARED}>{self.condition}{described}</D:error>", self.status, self.headers
        )


def safe_text(text: str) -> str:
    """
    Write text so that it is text in XML, whatever is in it. A carriage return is kept, as vCards need it.
    """
    return escape(text.translate(_NOT_XML), {"\r": "&#13;"})


def property_name(key: tuple[str, str]) -> tuple[str, str]:
    """
    Give how a name is written and what has to be declared for it: names that nobody knows come from programs.
    """
    namespace, name = key
    if prefix := _PREFIXES.get(namespace):
        return f"{prefix}:{name}", ""
    declared = escape(namespace, {'"': "&quot;"})
    return (f"X:{name}", f' xmlns:X="{declared}"') if namespace else (name, "")


def element(key: tuple[str, str], content: str = "") -> str:
    """
    Write an element; the content is written already.
    """
    name, declared = property_name(key)
    return f"<{name}{declared}>{content}</{name}>" if content else f"<{name}{declared}/>"


def href(path: str) -> str:
    """
    Write an address on this server.
    """
    return f"<D:href>{safe_text(urllib.parse.quote(path))}</D:href>"


def response(path: str, found: Iterable[str], missing: Iterable[tuple[str, str]] = (), *, status: int = 404) -> str:
    """
    Write what is known of one resource.

    Args:
        path: where it is.
        found: its properties, written.
        missing: names of properties that it has not.
        status: why it has not.
    """
    there, lacking = "".join(found), "".join(map(element, missing))
    parts = [f"<D:response>{href(path)}"]
    if there or not lacking:
        parts.append(_propstat(there, 200))
    if lacking:
        parts.append(_propstat(lacking, status))
    return "".join([*parts, "</D:response>"])


def gone(path: str) -> str:
    """
    Write that nothing is there, or not any more.
    """
    return f"<D:response>{href(path)}{_status(404)}</D:response>"


def limited(path: str, reason: str) -> str:
    """
    Write that there is more than was told ([RFC 6578] 3.6).
    """
    described = f"<D:responsedescription>{safe_text(reason)}</D:responsedescription>"
    within = "<D:error><D:number-of-matches-within-limits/></D:error>"
    return f"<D:response>{href(path)}{_status(507)}{within}{described}</D:response>"


def xml_response(text: str, status: int = 207, headers: Mapping[str, str] | None = None) -> Response:
    """
    Answer with XML.
    """
    return Response(text.encode(), status, {"Cache-Control": "no-store"} | dict(headers or {}), MEDIA_TYPE)


def _propstat(properties: str, status: int) -> str:
    return f"<D:propstat><D:prop>{properties}</D:prop>{_status(status)}</D:propstat>"


def _status(status: int) -> str:
    return f"<D:status>HTTP/1.1 {status} {HTTPStatus(status).phrase}</D:status>"
