"""
What carries an HTTP request to a server and brings the answer.
"""

from __future__ import annotations

from typing import Protocol

from carrierpost.protocol.message import HTTPRequest, HTTPResponse

__all__ = ["MOST_BYTES", "Transport"]

MOST_BYTES = 256 * 1024 * 1024
"""Bytes of an answer, decompressed, that are accepted."""


class Transport(Protocol):
    """
    Carries requests. One transport belongs to one account: connections are never shared among people.
    """

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send a request, with the account's credentials where it allows them, and wait for the whole answer.

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
