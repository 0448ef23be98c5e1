"""
What every store promises of who may come in: sessions, tokens, tickets, and how often somebody may try.

What is shown at the door is never handed in, only its hash: a store that is stolen opens no door.
"""

from __future__ import annotations

import abc
import datetime as dt

from carrierpost.model import Answered, DeviceToken, Session, Ticket, TokenPurpose

__all__ = ["AccessStore"]


class AccessStore(abc.ABC):
    """
    The part of a store that is about who may come in.
    """

    # -- sessions

    @abc.abstractmethod
    async def add_session(self, token_hash: str, *, name: str, expires_at: dt.datetime) -> Session:
        """
        Begin a session that may not work on anything yet.
        """

    @abc.abstractmethod
    async def session(self, token_hash: str) -> Session | None:
        """
        Give the session with a hash; `None` when there is none, or it may work on nothing, or its time is over.
        """

    @abc.abstractmethod
    async def sessions(self, account_id: int) -> tuple[Session, ...]:
        """
        List the sessions that may work on an account now, the oldest first.
        """

    @abc.abstractmethod
    async def see_session(self, session_id: int) -> None:
        """
        Note that a session was used now.
        """

    @abc.abstractmethod
    async def sign_in(self, session_id: int, account_id: int, *, device_id: int | None = None) -> None:
        """
        Let a session work on an account, whose login was proved just now.

        Raises:
            NotHeld: the session, the account or the device is gone.
        """

    @abc.abstractmethod
    async def bind_session(self, session_id: int, account_id: int, device_id: int) -> None:
        """
        Note which device a session's browser is for an account: when that is removed, the session loses the account.

        Raises:
            NotHeld: the session does not work on the account, or the device is gone.
        """

    @abc.abstractmethod
    async def move_sign_ins(self, session_id: int, to: int) -> None:
        """
        Let a new session work on what an old one does, which is over then: after each sign-in a browser has another
        secret than before.
        """

    @abc.abstractmethod
    async def sign_out(self, session_id: int, account_id: int | None = None) -> None:
        """
        Take an account away from a session, or end it; doing it twice is harmless.
        """

    @abc.abstractmethod
    async def sign_out_everywhere(self, account_id: int, *, but: int | None = None) -> None:
        """
        Take an account away from all sessions, perhaps but one.
        """

    # -- tokens of devices

    @abc.abstractmethod
    async def add_device_token(
        self,
        device_id: int,
        token_hash: str,
        *,
        name: str,
        expires_at: dt.datetime | None = None,
        purpose: TokenPurpose = TokenPurpose.APP,
    ) -> DeviceToken:
        """
        Keep the hash of a token by which a device comes in, for one purpose.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def device_token(self, token_hash: str, purpose: TokenPurpose = TokenPurpose.APP) -> DeviceToken | None:
        """
        Give the token with a hash; `None` when there is none for this purpose, or its time is over.
        """

    @abc.abstractmethod
    async def device_tokens(self, device_id: int) -> tuple[DeviceToken, ...]:
        """
        List a device's tokens for all purposes, the oldest first.
        """

    @abc.abstractmethod
    async def use_device_token(self, token_id: int) -> None:
        """
        Note that a token was used now.
        """

    @abc.abstractmethod
    async def remove_device_token(self, device_id: int, token_id: int) -> None:
        """
        Forget a token.

        Raises:
            NotHeld: the device has no such token.
        """

    # -- tickets

    @abc.abstractmethod
    async def put_ticket(self, token_hash: str, ticket: Ticket) -> None:
        """
        Keep the hash of a ticket.

        Raises:
            NotHeld: the account that it is for is gone.
        """

    @abc.abstractmethod
    async def take_ticket(self, token_hash: str, purpose: str) -> Ticket | None:
        """
        Give a ticket and forget it; `None` when there is none for this purpose, or its time is over.
        """

    # -- requests that may be repeated

    @abc.abstractmethod
    async def begin_answer(self, account_id: int, key: str, digest: str) -> Answered | None:
        """
        Note that a request is being worked on.

        Returns:
            `None` when it is the first with this key; else what is known of the one before.

        Raises:
            NotHeld: there is no such account.
        """

    @abc.abstractmethod
    async def end_answer(self, account_id: int, key: str, answered: Answered | None) -> None:
        """
        Keep what a request was answered; `None` when it came to nothing and may be made anew.
        """

    # -- how often

    @abc.abstractmethod
    async def take(self, bucket: str, *, size: int, seconds: float) -> float:
        """
        Take a drop out of a bucket, which is made full on first use.

        Args:
            bucket: its name.
            size: how many drops it holds.
            seconds: how long it takes for one drop to come back.

        Returns:
            0 when there was one; else after how many seconds there will be.
        """

    @abc.abstractmethod
    async def sweep(self, *, answers_seconds: float = 86_400.0) -> None:
        """
        Forget what is over: sessions, tokens, tickets, full buckets, and answers after so many seconds.
        """
