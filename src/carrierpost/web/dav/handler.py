"""
The address book as an ASGI application: finds the place, lets a device in, does what the method asks.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from carrierpost.export.book import NotInBook
from carrierpost.export.decision import Way
from carrierpost.formats.vcard import VCardVersion
from carrierpost.store import StoreError
from carrierpost.web.dav.door import enter
from carrierpost.web.dav.multistatus import BEGIN, END, MEDIA_TYPE, Refusal, response, xml_response
from carrierpost.web.dav.places import ROOT, Kind, Place, book_path, find_place, home_path
from carrierpost.web.dav.properties import LARGEST_CARD, Visit, asked_of, card_response, place_response
from carrierpost.web.dav.reports import answer_report, card_version
from carrierpost.web.dav.writing import delete_card, write_card
from carrierpost.web.dav.xml import DAV, Element, XMLRefused, read_xml
from carrierpost.web.exporting import book_for
from carrierpost.web.office import Office
from carrierpost.web.problems import problem_of

__all__ = ["DavHandler", "dav_routes"]

_LARGEST_QUESTION = 16_000_000  # octets; a program may name ten thousands of cards in one
_PIECE = 65_536  # letters that are sent at once
_CLASSES = "1, 3, access-control, addressbook"
_METHODS = {
    Kind.CARD: "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH",
    Kind.BOOK: "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT",
}
_OTHERWISE = "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH"
_LOG = structlog.get_logger("carrierpost.dav")


def dav_routes(office: Office) -> list[BaseRoute]:
    """
    Give the routes of the address book, which come before those of the pages.
    """
    handler = DavHandler(office)

    async def found(request: Request) -> Response:
        # [RFC 6764] 5: the well-known address leads to the real one.
        return RedirectResponse(ROOT, 301, {"Cache-Control": "no-store"})

    everything = [*_OTHERWISE.split(", "), "PUT", "DELETE", "REPORT", "POST", "MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK"]
    return [
        Route("/.well-known/carddav", found, methods=everything),
        Route("/dav", handler, methods=everything),
        Route("/dav/{path:path}", handler, methods=everything),
        Route("/principals", handler, methods=["PROPFIND", "OPTIONS"]),
        Route("/principals/", handler, methods=["PROPFIND", "OPTIONS"]),
        Route("/", handler, methods=["PROPFIND", "OPTIONS"]),
    ]


class DavHandler:
    """
    Answers for the address books of all devices.

    Args:
        office: what all operations share.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._methods: dict[str, Callable[[Visit, Place, Request], Awaitable[Response]]] = {
            "GET": self._get,
            "HEAD": self._get,
            "PROPFIND": self._propfind,
            "PROPPATCH": self._proppatch,
            "REPORT": self._report,
            "PUT": self._put,
            "DELETE": self._delete,
        }
        self._writing: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer a request.
        """
        request = Request(scope, receive)
        begun = self._office.hub.clock.monotonic()
        try:
            answer = await self._answer(request)
        except Refusal as refusal:
            answer = refusal.response()
        except StoreError as error:
            problem = problem_of(error)
            assert problem is not None
            answer = Refusal(problem.status, problem.detail).response()
        figures = self._office.figures
        figures.requests.labels(f"dav {request.method}", str(answer.status_code)).inc()
        figures.seconds.labels(f"dav {request.method}").observe(self._office.hub.clock.monotonic() - begun)
        answer.headers["DAV"] = _CLASSES
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        place = find_place(request.url.path if "path" not in request.scope else str(request.scope["path"]))
        if request.method == "OPTIONS":  # asked before anybody has a password
            return Response(status_code=200, headers={"Allow": _allowed(place)})
        guest = await enter(request, self._office)
        book, policy = await book_for(self._office, guest.account, Way.SYNC, guest.device)
        visit = Visit(self._office, guest.account, guest.device, book, policy)
        if place is None or not visit.owns(place):
            raise Refusal(404, "nothing is there; a program finds the address book from /dav/ on")
        if request.method not in _allowed(place).split(", "):
            raise Refusal(405, f"{request.method} is not done there", headers={"Allow": _allowed(place)})
        return await self._methods[request.method](visit, place, request)

    async def _get(self, visit: Visit, place: Place, request: Request) -> Response:
        if place.kind is not Kind.CARD:
            words = "This is an address book for programs; set one up with this address, a name and a password.\n"
            return PlainTextResponse(words, headers={"Cache-Control": "no-store"})
        if not visit.book.decision.allowed:
            raise Refusal(403, visit.book.decision.reason)
        try:
            card, text = await visit.book.text(place.name, version=_accepted(request.headers.get("accept", "")))
        except NotInBook as error:
            raise Refusal(404, str(error)) from None
        headers = {"ETag": f'"{card.tag}"', "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
        known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
        if headers["ETag"] in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(text.encode(), 200, headers, "text/vcard; charset=utf-8")

    async def _propfind(self, visit: Visit, place: Place, request: Request) -> Response:
        depth = request.headers.get("depth", "infinity").strip().lower()
        if depth not in ("0", "1", "infinity"):
            raise Refusal(400, "Depth is 0 or 1")
        if depth == "infinity" and place.kind is not Kind.CARD:
            raise Refusal(403, "ask with Depth 0 or 1", "<D:propfind-finite-depth/>")
        question = await _question(request, (DAV, "propfind"), may_be_empty=True)
        asked = asked_of(question)
        if place.kind is Kind.CARD:
            card = await visit.book.look_up(place.name)
            if card is None:
                raise Refusal(404, f"there is no card {place.name[:60]}")
            return xml_response(BEGIN + card_response(visit, card, asked) + END)
        parts = [BEGIN, await place_response(visit, place, asked)]
        if depth == "1":
            parts += [await place_response(visit, one, asked) for one in _below(visit, place)]
            if place.kind is Kind.BOOK:
                parts += [card_response(visit, card, asked) for card in await visit.book.cards()]
        return xml_response("".join([*parts, END]))

    async def _report(self, visit: Visit, place: Place, request: Request) -> Response:
        question = await _question(request)
        assert question is not None
        pieces = await answer_report(visit, question)
        first = await anext(pieces)  # what refuses does so before the answer has begun
        headers = {"Cache-Control": "no-store", "DAV": _CLASSES}
        return StreamingResponse(_gathered(first, pieces), 207, headers, MEDIA_TYPE)

    async def _proppatch(self, visit: Visit, place: Place, request: Request) -> Response:
        """
        Refuse to set properties: a view has none of its own ([RFC 4918] 9.2).
        """
        question = await _question(request, (DAV, "propertyupdate"))
        assert question is not None
        named = [one.key for change in question.children for kind in change.children for one in kind.children]
        return xml_response(BEGIN + response(place.path, (), dict.fromkeys(named), status=403) + END)

    async def _put(self, visit: Visit, place: Place, request: Request) -> Response:
        data = await _body(request, LARGEST_CARD)
        async with self._one_at_a_time(visit):
            return await write_card(visit, place, request, data)

    async def _delete(self, visit: Visit, place: Place, request: Request) -> Response:
        async with self._one_at_a_time(visit):
            return await delete_card(visit, place, request)

    def _one_at_a_time(self, visit: Visit) -> asyncio.Lock:
        """
        Let a second program wait that writes into the same account, so that conditions hold until what they guard.
        """
        return self._writing.setdefault(visit.account.id, asyncio.Lock())


def _allowed(place: Place | None) -> str:
    return _METHODS.get(place.kind, _OTHERWISE) if place is not None else _OTHERWISE


def _below(visit: Visit, place: Place) -> list[Place]:
    """
    Give the collections in a collection.
    """
    device_id = visit.device.id
    match place.kind:
        case Kind.ROOT | Kind.HOMES:
            return [Place(Kind.HOME, home_path(device_id), device_id)]
        case Kind.HOME:
            return [Place(Kind.BOOK, book_path(device_id), device_id)]
        case _:
            return []


def _accepted(header: str) -> VCardVersion:
    """
    Give the version of vCard that an Accept header wishes: 3.0 unless it names another ([RFC 6352] 5.1.1).
    """
    for one in header.split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        if kind == "text/vcard":
            wish = next((part.removeprefix("version=").strip('"') for part in parameters if "version=" in part), "")
            return card_version(wish) or VCardVersion.V3
    return VCardVersion.V3


async def _question(
    request: Request, expected: tuple[str, str] | None = None, *, may_be_empty: bool = False
) -> Element | None:
    data = await _body(request, _LARGEST_QUESTION)
    if not data.strip() and may_be_empty:
        return None
    try:
        question = read_xml(data)
    except XMLRefused as error:
        raise Refusal(400, str(error)) from None
    if expected is not None and question.key != expected:
        raise Refusal(400, f"{expected[1]} is expected, and not {question.name[:60]}")
    return question


async def _body(request: Request, largest: int) -> bytes:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > largest:
            raise Refusal(413, f"the request is larger than {largest} octets", "<C:max-resource-size/>")
    return bytes(data)


async def _gathered(first: str, pieces: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """
    Send a little at a time, but not each little by itself.
    """
    waiting, size = [first], len(first)
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()
