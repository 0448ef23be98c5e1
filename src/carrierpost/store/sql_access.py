"""
Who may come in, in a SQL database; see `carrierpost.store.access_contract`.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.model import Answered, DeviceToken, Session, SignedIn, Ticket, TokenPurpose
from carrierpost.store.access_contract import AccessStore
from carrierpost.store.database import Row, Transaction
from carrierpost.store.errors import NotHeld
from carrierpost.store.sql_base import SQLBase, active_account
from carrierpost.store.sql_devices import one_device

__all__ = ["SQLAccess"]


class SQLAccess(SQLBase, AccessStore):
    """
    Who may come in to what a SQL store holds.
    """

    # -- sessions

    async def add_session(self, token_hash: str, *, name: str, expires_at: dt.datetime) -> Session:
        """
        Begin a session; see `AccessStore.add_session`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> Session:
            [(number,)] = transaction.rows("add_session", token_hash, name, now.isoformat(), expires_at.isoformat())
            return Session(id=number, name=name, created_at=now, seen_at=now, expires_at=expires_at)

        return await self._database.write(work, durable=True)

    async def session(self, token_hash: str) -> Session | None:
        """
        Give the session with a hash; see `AccessStore.session`.
        """
        now = self._clock.now().isoformat()

        def work(transaction: Transaction) -> Session | None:
            rows = transaction.rows("session", token_hash, now)
            session = _session_of(transaction, rows[0]) if rows else None
            return session if session is not None and session.accounts else None

        return await self._database.read(work)

    async def sessions(self, account_id: int) -> tuple[Session, ...]:
        """
        List the sessions of an account; see `AccessStore.sessions`.
        """
        now = self._clock.now().isoformat()
        return await self._database.read(
            lambda transaction: tuple(
                _session_of(transaction, row) for row in transaction.rows("sessions_of", account_id, now)
            )
        )

    async def see_session(self, session_id: int) -> None:
        """
        Note that a session was used; see `AccessStore.see_session`.
        """
        now = self._clock.now().isoformat()
        await self._database.write(lambda transaction: transaction.rows("see_session", now, session_id))

    async def sign_in(self, session_id: int, account_id: int, *, device_id: int | None = None) -> None:
        """
        Let a session work on an account; see `AccessStore.sign_in`.
        """
        now = self._clock.now().isoformat()

        def work(transaction: Transaction) -> None:
            if not transaction.rows("session_by_id", session_id, now):
                raise NotHeld("the session is over; sign in anew")
            active_account(transaction, account_id)
            if device_id is not None:
                _own_device(transaction, account_id, device_id)
            transaction.rows("sign_in", session_id, account_id, now, device_id)

        await self._database.write(work, durable=True)

    async def bind_session(self, session_id: int, account_id: int, device_id: int) -> None:
        """
        Note which device a session's browser is; see `AccessStore.bind_session`.
        """

        def work(transaction: Transaction) -> None:
            _own_device(transaction, account_id, device_id)
            if not transaction.rows("bind_session", device_id, session_id, account_id):
                raise NotHeld("the session is over; sign in anew")

        await self._database.write(work, durable=True)

    async def move_sign_ins(self, session_id: int, to: int) -> None:
        """
        Let a new session work on what an old one does; see `AccessStore.move_sign_ins`.
        """

        def work(transaction: Transaction) -> None:
            transaction.rows("move_sign_ins", to, session_id)
            transaction.rows("delete_session", session_id)

        await self._database.write(work, durable=True)

    async def sign_out(self, session_id: int, account_id: int | None = None) -> None:
        """
        Take an account away from a session, or end it; see `AccessStore.sign_out`.
        """
        query = ("delete_session", session_id) if account_id is None else ("sign_out", session_id, account_id)
        await self._database.write(lambda transaction: transaction.rows(*query), durable=True)

    async def sign_out_everywhere(self, account_id: int, *, but: int | None = None) -> None:
        """
        Take an account away from all sessions; see `AccessStore.sign_out_everywhere`.
        """
        await self._database.write(
            lambda transaction: transaction.rows("sign_out_everywhere", account_id, but), durable=True
        )

    # -- tokens of devices

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
        Keep the hash of a token; see `AccessStore.add_device_token`.
        """
        now = self._clock.now()
        until = expires_at.isoformat() if expires_at is not None else None

        def work(transaction: Transaction) -> DeviceToken:
            one_device(transaction, device_id)
            values = (device_id, token_hash, name, now.isoformat(), until, str(purpose))
            [(number,)] = transaction.rows("add_device_token", *values)
            return DeviceToken(
                id=number, device_id=device_id, name=name, created_at=now, expires_at=expires_at, purpose=purpose
            )

        return await self._database.write(work, durable=True)

    async def device_token(self, token_hash: str, purpose: TokenPurpose = TokenPurpose.APP) -> DeviceToken | None:
        """
        Give the token with a hash; see `AccessStore.device_token`.
        """
        now = self._clock.now().isoformat()

        def work(transaction: Transaction) -> DeviceToken | None:
            rows = transaction.rows("device_token", token_hash, str(purpose), now)
            return _token_of(rows[0]) if rows else None

        return await self._database.read(work)

    async def device_tokens(self, device_id: int) -> tuple[DeviceToken, ...]:
        """
        List a device's tokens; see `AccessStore.device_tokens`.
        """
        return await self._database.read(
            lambda transaction: tuple(map(_token_of, transaction.rows("device_tokens", device_id)))
        )

    async def use_device_token(self, token_id: int) -> None:
        """
        Note that a token was used; see `AccessStore.use_device_token`.
        """
        now = self._clock.now().isoformat()
        await self._database.write(lambda transaction: transaction.rows("use_device_token", now, token_id))

    async def remove_device_token(self, device_id: int, token_id: int) -> None:
        """
        Forget a token; see `AccessStore.remove_device_token`.
        """

        def work(transaction: Transaction) -> None:
            if not transaction.rows("delete_device_token", token_id, device_id):
                raise NotHeld(f"device {device_id} has no token {token_id}; it may have been removed")

        await self._database.write(work, durable=True)

    # -- tickets

    async def put_ticket(self, token_hash: str, ticket: Ticket) -> None:
        """
        Keep the hash of a ticket; see `AccessStore.put_ticket`.
        """

        def work(transaction: Transaction) -> None:
            if ticket.account_id is not None:
                active_account(transaction, ticket.account_id)
            until = ticket.expires_at.isoformat()
            transaction.rows("put_ticket", token_hash, ticket.purpose, until, ticket.account_id, ticket.data)

        await self._database.write(work, durable=True)

    async def take_ticket(self, token_hash: str, purpose: str) -> Ticket | None:
        """
        Give a ticket and forget it; see `AccessStore.take_ticket`.
        """
        rows = await self._database.write(
            lambda transaction: transaction.rows("take_ticket", token_hash, purpose), durable=True
        )
        if not rows:
            return None
        kept, until, account_id, data = rows[0]
        ticket = Ticket(purpose=kept, expires_at=dt.datetime.fromisoformat(until), account_id=account_id, data=data)
        return ticket if ticket.expires_at > self._clock.now() else None

    # -- requests that may be repeated

    async def begin_answer(self, account_id: int, key: str, digest: str) -> Answered | None:
        """
        Note that a request is being worked on; see `AccessStore.begin_answer`.
        """
        now = self._clock.now().isoformat()

        def work(transaction: Transaction) -> Answered | None:
            active_account(transaction, account_id)
            if transaction.rows("begin_answer", account_id, key, digest, b"", now):
                return None
            [(held, status, body)] = transaction.rows("answered", account_id, key)
            return Answered(digest=held, status=status, body=body)

        return await self._database.write(work, durable=True)

    async def end_answer(self, account_id: int, key: str, answered: Answered | None) -> None:
        """
        Keep what a request was answered; see `AccessStore.end_answer`.
        """

        def work(transaction: Transaction) -> None:
            if answered is None:
                transaction.rows("delete_answer", account_id, key)
            else:
                transaction.rows("put_answer", answered.status, answered.body, account_id, key)

        await self._database.write(work, durable=True)

    # -- how often

    async def take(self, bucket: str, *, size: int, seconds: float) -> float:
        """
        Take a drop out of a bucket; see `AccessStore.take`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> float:
            rows = transaction.rows("bucket", bucket)
            full_at = max(now, dt.datetime.fromisoformat(rows[0][0])) if rows else now
            wait = (full_at - now).total_seconds() + seconds - size * seconds
            if wait > 0:
                return wait
            transaction.rows("put_bucket", bucket, (full_at + dt.timedelta(seconds=seconds)).isoformat())
            return 0.0

        return await self._database.write(work)

    async def sweep(self, *, answers_seconds: float = 86_400.0) -> None:
        """
        Forget what is over; see `AccessStore.sweep`.
        """
        now = self._clock.now()
        old = now - dt.timedelta(seconds=answers_seconds)

        def work(transaction: Transaction) -> None:
            for what in ("expired_sessions", "expired_tokens", "expired_tickets", "full_buckets"):
                transaction.rows(f"delete_{what}", now.isoformat())
            transaction.rows("delete_idle_sessions")
            transaction.rows("delete_old_answers", old.isoformat())

        await self._database.write(work)


def _own_device(transaction: Transaction, account_id: int, device_id: int) -> None:
    if one_device(transaction, device_id).account_id != account_id:
        raise NotHeld(f"account {account_id} has no device {device_id}")


def _session_of(transaction: Transaction, row: Row) -> Session:
    number, name, created_at, seen_at, expires_at = row
    return Session(
        id=number,
        name=name,
        created_at=dt.datetime.fromisoformat(created_at),
        seen_at=dt.datetime.fromisoformat(seen_at),
        expires_at=dt.datetime.fromisoformat(expires_at),
        accounts=tuple(
            SignedIn(account_id=account_id, proved_at=dt.datetime.fromisoformat(proved_at), device_id=device_id)
            for account_id, proved_at, device_id in transaction.rows("session_accounts", number)
        ),
    )


def _token_of(row: Row) -> DeviceToken:
    number, device_id, name, created_at, used_at, expires_at, purpose = row
    return DeviceToken(
        id=number,
        device_id=device_id,
        name=name,
        created_at=dt.datetime.fromisoformat(created_at),
        used_at=dt.datetime.fromisoformat(used_at) if used_at else None,
        expires_at=dt.datetime.fromisoformat(expires_at) if expires_at else None,
        purpose=TokenPurpose(purpose),
    )
