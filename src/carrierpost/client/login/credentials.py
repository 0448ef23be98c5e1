"""
What a transport needs of a login that goes with each request.
"""

from __future__ import annotations

import abc

from carrierpost.protocol.message import HTTPResponse

__all__ = ["Credentials"]


class Credentials(abc.ABC):
    """
    Something that gives the `Authorization` header.
    """

    @abc.abstractmethod
    async def authorization(self) -> str:
        """
        Give the header's value for the next request.

        Raises:
            ClientError: there is none at present; `LoginNeeded` when a person has to log in again.
        """

    def heed(self, response: HTTPResponse, authorization: str) -> None:
        """
        Look at an answer: a refusal may say what is missing (`WWW-Authenticate`).

        Args:
            response: the answer.
            authorization: the header's value that the request carried.

        Raises:
            LoginNeeded: a person has to log in again.
        """
        return

    async def refresh(self) -> bool:
        """
        Renew what the server refused; `False` when nothing can be renewed. Called once for many waiting requests.

        Raises:
            ClientError: it could be renewed, but not now; `LoginNeeded` when a person has to log in again.
        """
        return False

    async def close(self) -> None:
        """
        Finish what is under way.
        """
        return
