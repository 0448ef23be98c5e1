"""
What is answered when something cannot be done: `application/problem+json` (RFC 9457), which names the thing and says
what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from carrierpost.bootstrap import HubBusy, SetupError
from carrierpost.client.errors import ClientError
from carrierpost.delivery import EventNotPossible
from carrierpost.engine import EngineError
from carrierpost.protocol.errors import ProtocolError
from carrierpost.store import AlreadyHeld, NotHeld, StaleCommit, StoreError

__all__ = ["MEDIA_TYPE", "Problem", "ProblemView", "problem_of"]

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not done this way",
    409: "Not possible now",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not understood",
    421: "Not this server",
    422: "The request makes no sense",
    429: "Too often",
    500: "A defect in Carrierpost",
    502: "The mail server cannot be used",
    503: "Not available now",
}


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A problem as it travels.

    Attributes:
        type: which one, for programs: a URN that stays the same.
        title: what kind of problem, for people.
        status: the HTTP status.
        detail: what is wrong with what, and what to do next.
    """

    type: str
    title: str
    status: int
    detail: str


class Problem(Exception):
    """
    Ends a request with an explanation.

    Args:
        status: the HTTP status.
        code: which problem, a few words with hyphens; stays the same from version to version.
        detail: what is wrong with what, and what to do next; one sentence for a person.
        headers: further headers of the answer.
    """

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})

    @property
    def view(self) -> ProblemView:
        """
        The problem as it travels.
        """
        return ProblemView(
            type=f"urn:carrierpost:problem:{self.code}",
            title=_TITLES.get(self.status, "Not done"),
            status=self.status,
            detail=self.detail,
        )

    def response(self) -> Response:
        """
        Make the answer.
        """
        headers = {"Cache-Control": "no-store"} | self.headers
        return Response(msgspec.json.encode(self.view), self.status, headers, MEDIA_TYPE)


_KNOWN: tuple[tuple[type[Exception], int, str], ...] = (
    (NotHeld, 404, "not-found"),
    (AlreadyHeld, 409, "already-there"),
    (StaleCommit, 409, "changed-meanwhile"),
    (EventNotPossible, 409, "event-not-possible"),
    (HubBusy, 503, "busy"),
    (SetupError, 409, "set-up"),
    (EngineError, 409, "not-possible"),
    (ClientError, 502, "mail-server"),
    (ProtocolError, 502, "mail-server"),
    (StoreError, 503, "store"),
)


def problem_of(error: Exception) -> Problem | None:
    """
    Give the problem for what our rooms raise on purpose; `None` for a defect.
    """
    if isinstance(error, Problem):
        return error
    return next((Problem(status, code, str(error)) for kind, status, code in _KNOWN if isinstance(error, kind)), None)
