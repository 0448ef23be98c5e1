"""
Logins as the store keeps them, for all processes that use them.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec

from carrierpost.bootstrap.errors import HubBusy, SetupError
from carrierpost.bootstrap.locks import Locks, Purpose
from carrierpost.client.login.bearer import Keeper
from carrierpost.client.login.kept import Kept, PasswordLogin, TokenLogin, decode, encode
from carrierpost.model import Account, NewAccount
from carrierpost.protocol.clock import Clock
from carrierpost.store import Store

__all__ = ["StoreKeeper", "as_logged_in", "keep_login", "kept_login"]

_LOGIN = "login"  # the name under which a login is kept
_PASSWORD = "password"  # noqa: S105 - the name under which the first stores kept a password
_LOCK_SECONDS = 0.1  # between two looks whether another process has finished to renew a login

A = TypeVar("A", bound=NewAccount)


async def kept_login(store: Store, account: Account) -> Kept | None:
    """
    Give an account's login as it is kept; `None` when there is none.

    Raises:
        SetupError: it is of a kind that this Carrierpost does not know.
    """
    return await _read(store, account.id, account.address)


async def _read(store: Store, account_id: int, address: str) -> Kept | None:
    secret = await store.secret(account_id, _LOGIN)
    if secret is None:
        password = await store.secret(account_id, _PASSWORD)
        return PasswordLogin(password=password) if password is not None else None
    try:
        return decode(secret)
    except ValueError:
        raise SetupError(
            f"the login of {address} cannot be read; renew it with: carrierpost account login {address}"
        ) from None


async def keep_login(store: Store, account: Account, kept: Kept) -> None:
    """
    Keep an account's login, in the place of an older one.
    """
    await _write(store, account.id, kept)


async def _write(store: Store, account_id: int, kept: Kept) -> None:
    await store.put_secret(account_id, _LOGIN, encode(kept))


class StoreKeeper(Keeper):
    """
    Keeps a login in the store, for all processes that use it.

    Args:
        kept: the login as it is now.
        store: where it is kept.
        account: whose it is.
        locks: its lock is held while it is renewed.
        clock: the time.
    """

    def __init__(
        self,
        kept: Kept,
        store: Store,
        account: Account,
        *,
        locks: Locks,
        clock: Clock,
    ) -> None:
        super().__init__(kept)
        self._store = store
        self._account_id = account.id  # not the whole account: it would be kept as long as the connection is held
        self._address = account.address
        self._locks = locks
        self._clock = clock

    async def load(self) -> TokenLogin | None:
        """
        Give the tokens as they are kept now; another process may have renewed them.
        """
        kept = await _read(self._store, self._account_id, self._address)
        return kept if isinstance(kept, TokenLogin) else None

    async def save(self, kept: TokenLogin) -> None:
        """
        Keep renewed tokens.
        """
        await _write(self._store, self._account_id, kept)
        await super().save(kept)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """
        Wait until no other process renews this login, and keep the others out.
        """
        with contextlib.ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._locks.alone(self._account_id, Purpose.LOGIN, self._address))
                    break
                except HubBusy:
                    await self._clock.sleep(_LOCK_SECONDS)
            yield


def as_logged_in(account: A, kept: Kept, *, typed: str | None) -> A:
    """
    Take the login name from who logged in at the authority, unless a person has typed one.
    """
    if typed is None and isinstance(kept, TokenLogin) and kept.user:
        return msgspec.structs.replace(account, login=kept.user)
    return account
