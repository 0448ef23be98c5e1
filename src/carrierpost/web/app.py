"""
The ASGI application: finds the operation, finds out who asks, carries it out, answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from carrierpost.web.api import OPERATIONS
from carrierpost.web.dav import dav_routes
from carrierpost.web.guard import Guard
from carrierpost.web.office import Office
from carrierpost.web.openapi import describe
from carrierpost.web.operations import Access, Call, Operation, body_of, path_of, query_of
from carrierpost.web.principal import Principal, principal_of
from carrierpost.web.problems import Problem, problem_of
from carrierpost.web.setup import setup_routes

__all__ = ["API", "build_app"]

API = "/api/v1"


def build_app(office: Office, *, pages: ASGIApp | None = None) -> Starlette:
    """
    Make the application.

    Args:
        office: what all operations share.
        pages: serves everything that is not the interface: the app's own pages.
    """
    description = msgspec.json.encode(describe(OPERATIONS))

    async def openapi(request: Request) -> Response:
        return Response(description, media_type="application/json")

    async def front(request: Request) -> Response:
        return PlainTextResponse(f"Carrierpost is running. Its interface is described at {API}/openapi.json\n")

    routes: list[BaseRoute] = [Route(f"{API}/openapi.json", openapi)]
    paths: dict[str, list[Operation]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, []).append(one)
    routes += [
        Route(API + path, _endpoint(office, {one.method: one for one in several}), methods=_METHODS)
        for path, several in sorted(paths.items(), key=_plain_first)
    ]
    routes += [*dav_routes(office), *setup_routes(office)]
    routes.append(Mount("/", pages) if pages is not None else Route("/", front))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, settings=office.settings)],
        exception_handlers={HTTPException: _refused},
    )


def _plain_first(entry: tuple[str, object]) -> list[bool]:
    """
    Put what is named before what stands in braces, which would match it, too.
    """
    return [part.startswith("{") for part in entry[0].split("/")]


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        detail = f"nothing is done with {request.url.path} that way"
        return Problem(405, "other-method", detail, error.headers).response()
    return Problem(error.status_code, "no-such-address", f"nothing is at {request.url.path}", error.headers).response()


def _endpoint(office: Office, operations: dict[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    """
    Make what answers at one path.
    """

    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = operations.get(method)
        if operation is None:
            allowed = ", ".join(sorted(operations))
            return Problem(
                405, "other-method", f"at {request.url.path} one can {allowed}", {"Allow": allowed}
            ).response()
        begun = office.hub.clock.monotonic()
        try:
            response = await _carry_out(office, operation, request)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                office.figures.requests.labels(operation.name, "500").inc()
                raise
            response = problem.response()
        office.figures.requests.labels(operation.name, str(response.status_code)).inc()
        if operation.media_type != "text/event-stream":
            office.figures.seconds.labels(operation.name).observe(office.hub.clock.monotonic() - begun)
        return response

    return answer


async def _carry_out(office: Office, operation: Operation, request: Request) -> Response:
    principal = await principal_of(request, office)
    call = Call(office, request, principal)
    _check_access(operation.access, call)
    values: dict[str, Any] = dict(path_of(operation, request))
    hints = operation.hints
    if "query" in hints:
        values["query"] = query_of(hints["query"], request)
    if "body" in hints:
        largest = operation.largest_body or office.settings.largest_body
        values["body"] = await body_of(hints["body"], request, largest)
    result = await operation.call(call, **values)
    response = result if isinstance(result, Response) else _written(operation, call, result)
    for work in call.after:
        work(response)
    return response


def _check_access(access: Access, call: Call) -> None:
    """
    Refuse whom an operation is not for.
    """
    if access is Access.ANYBODY:
        return
    who: Principal = call.who
    if access is not Access.SIGNED_IN and who.session_id is None:
        raise Problem(403, "browser-only", "a device's token is not enough for this; sign in with a browser")
    if access is Access.ADMINISTRATOR and not who.administrator:
        raise Problem(403, "administrator-only", "only an administrator may do this")


def _written(operation: Operation, call: Call, result: Any) -> Response:
    status = call.status or operation.status
    headers = {"Cache-Control": "no-store"} | call.headers
    if status in (204, 304):
        return Response(status_code=status, headers=headers)
    return Response(msgspec.json.encode(result), status, headers, "application/json")
