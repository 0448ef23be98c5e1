"""
What can be asked over HTTP, as a list: each operation is a function from typed values to typed values.

A function's annotations are its contract. Its first parameter is the `Call`; `body` and `query` are read into the
structs that they name, and whatever else stands in the path arrives as a number or a text. The description in OpenAPI
is made from the same annotations, so it cannot say anything else than what is done.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carrierpost.model import Account, Device
from carrierpost.store import NotHeld
from carrierpost.web.office import Office
from carrierpost.web.principal import Principal
from carrierpost.web.problems import Problem

__all__ = ["Access", "Call", "Operation", "Operations", "body_of", "path_of", "query_of"]

_LARGEST_ID = 2**53 - 1  # what a script's number holds exactly
_PARAMETER = re.compile(r"\{(\w+)\}")


class Access(enum.Enum):
    """
    Who may ask.
    """

    ANYBODY = "anybody"
    SIGNED_IN = "a signed-in browser or a device"
    BROWSER = "a signed-in browser"
    ADMINISTRATOR = "an administrator"


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """
    One thing that can be asked.

    Attributes:
        method: of HTTP.
        path: below `/api/v1`, parameters in braces.
        call: carries it out.
        access: who may ask.
        status: of the answer when all is well.
        media_type: of an answer that is no JSON; `None` for JSON, or nothing at all.
        problems: statuses of further problems that it may end in.
        largest_body: octets, where that is another limit than usual.
    """

    method: str
    path: str
    call: Callable[..., Awaitable[Any]]
    access: Access
    status: int
    media_type: str | None
    problems: tuple[int, ...]
    largest_body: int | None

    @property
    def name(self) -> str:
        """
        Its name in the description, and in figures.
        """
        return self.call.__name__

    @property
    def tag(self) -> str:
        """
        What it belongs to: the module that it stands in.
        """
        return self.call.__module__.rpartition(".")[2].replace("_", " ")

    @property
    def hints(self) -> dict[str, Any]:
        """
        The types of its parameters and, as `return`, of its answer.
        """
        return typing.get_type_hints(self.call)

    @property
    def parameters(self) -> tuple[str, ...]:
        """
        The names of the parameters in its path.
        """
        return tuple(_PARAMETER.findall(self.path))

    @property
    def summary(self) -> str:
        """
        The first line of its docstring.
        """
        return self.description.partition("\n")[0]

    @property
    def description(self) -> str:
        """
        Its docstring.
        """
        return inspect.getdoc(self.call) or ""


class Operations:
    """
    A list of operations, filled by decorators.
    """

    def __init__(self) -> None:
        self.all: list[Operation] = []

    def __call__(
        self,
        method: str,
        path: str,
        *,
        access: Access = Access.SIGNED_IN,
        status: int = 200,
        media_type: str | None = None,
        problems: Sequence[int] = (),
        largest_body: int | None = None,
    ) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]:
        """
        Add the function below; see `Operation`.
        """

        def add(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            self.all.append(Operation(method, path, call, access, status, media_type, tuple(problems), largest_body))
            return call

        return add


@dataclasses.dataclass(slots=True)
class Call:
    """
    One request, once it is known who asks.

    Attributes:
        office: what all operations share.
        request: as it came.
        principal: who asks, or `None` for nobody.
        headers: what an operation adds to its answer.
        status: what it answers with instead of the usual.
        after: what is still to be done with the answer, such as handing out a cookie.
    """

    office: Office
    request: Request
    principal: Principal | None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    status: int | None = None
    after: list[Callable[[Response], None]] = dataclasses.field(default_factory=list)

    @property
    def who(self) -> Principal:
        """
        Who asks.

        Raises:
            Problem: nobody does.
        """
        if self.principal is None:
            raise Problem(401, "not-signed-in", "sign in first", {"WWW-Authenticate": "Bearer"})
        return self.principal

    @property
    def client(self) -> str:
        """
        Where the request came from, for limits.
        """
        return self.request.client.host if self.request.client is not None else ""

    def account(self, account_id: int) -> Account:
        """
        Give an account of who asks; see `Principal.account`.
        """
        return self.who.account(account_id)

    async def device(self, device_id: int) -> Device:
        """
        Give a device of who asks.

        Raises:
            Problem: there is none, or it is somebody else's: no difference is told.
        """
        with contextlib.suppress(NotHeld):
            device = await self.office.hub.store.device(device_id)
            if self.who.may_see(device):
                return device
        raise Problem(404, "not-found", f"there is no device {device_id}, or it is not yours")


def path_of(operation: Operation, request: Request) -> dict[str, int | str]:
    """
    Read the parameters of a path.

    Raises:
        Problem: one of them cannot be.
    """
    hints = operation.hints
    found: dict[str, int | str] = {}
    for name in operation.parameters:
        text = request.path_params[name]
        if hints[name] is int:
            if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) <= _LARGEST_ID):
                raise Problem(404, "not-found", f"{name.replace('_', ' ')} is a number from 1 on")
            found[name] = int(text)
        else:
            found[name] = text
    return found


def query_of(kind: type[Any], request: Request) -> Any:
    """
    Read what stands behind the question mark.

    Raises:
        Problem: it is not what the operation takes.
    """
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in values:
            raise Problem(400, "bad-query", f"{name} stands there twice")
        values[name] = value
    try:
        return msgspec.convert(values, kind, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise Problem(400, "bad-query", f"the query cannot be read: {error}") from None


async def body_of(kind: type[Any], request: Request, largest: int) -> Any:
    """
    Read what was sent.

    Raises:
        Problem: it is too large, no JSON, or not what the operation takes.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind is not bytes and media_type != "application/json":
        raise Problem(415, "no-json", "send the request as application/json")
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > largest:
            raise Problem(413, "too-large", f"the request is larger than {largest} octets")
    if kind is bytes:
        return bytes(data)
    try:
        return msgspec.json.decode(bytes(data), type=kind)
    except msgspec.ValidationError as error:
        raise Problem(422, "bad-body", f"the request makes no sense: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "no-json", f"the request is no JSON: {error}") from None
