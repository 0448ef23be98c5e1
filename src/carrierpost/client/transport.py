"""
What carries an HTTP request to a server and brings the answer.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from carrierpost.protocol.message import HTTPRequest, HTTPResponse, Sink

__all__ = ["MOST_BYTES", "Transport", "poured", "sink_of"]

MOST_BYTES = 256 * 1024 * 1024
"""Bytes of an answer, decompressed, that are held in memory; what a request's sink takes is for the sink to limit."""


class Transport(Protocol):
    """
    Carries requests. One transport belongs to one account: connections are never shared among people.
    """

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send a request, with the account's credentials where it allows them, and wait for the whole answer. The body of
        a successful one goes to the request's sink, if it has one.

        Cancelling is safe: the connection is closed, and the server notices.

        Raises:
            ClientError: there is no answer; `sent` tells whether the request may have arrived.
        """

    async def refresh(self) -> bool:
        """
        Renew the credentials, where they can be.
        """

    async def close(self) -> None:
        """
        Close all connections.
        """


def sink_of(request: HTTPRequest, status: int) -> Sink | None:
    """
    Give what takes the body of an answer with this HTTP status, if anything does.
    """
    return request.sink if 200 <= status < 300 else None


def poured(request: HTTPRequest, response: HTTPResponse) -> HTTPResponse:
    """
    Let a request's sink, if it has one, take an answer that came as a whole.
    """
    sink = sink_of(request, response.status)
    if sink is None:
        return response
    sink.begin(response.headers)
    sink.feed(response.body)
    return msgspec.structs.replace(response, body=sink.finish())
