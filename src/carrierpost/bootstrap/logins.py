"""
Logins as the store keeps them, for all processes that use them.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import msgspec

from carrierpost.bootstrap.errors import HubBusy, SetupError
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
    secret = await store.secret(account.id, _LOGIN)
    if secret is None:
        password = await store.secret(account.id, _PASSWORD)
        return PasswordLogin(password=password) if password is not None else None
    try:
        return decode(secret)
    except ValueError:
        raise SetupError(
            f"the login of {account.address} cannot be read; renew it with: carrierpost account login {account.address}"
        ) from None


async def keep_login(store: Store, account: Account, kept: Kept) -> None:
    """
    Keep an account's login, in the place of an older one.
    """
    await store.put_secret(account.id, _LOGIN, encode(kept))


class StoreKeeper(Keeper):
    """
    Keeps a login in the store, for all processes that use it.

    Args:
        kept: the login as it is now.
        store: where it is kept.
        account: whose it is.
        alone: gives the lock that is held while it is renewed; refuses with `HubBusy` while another process holds it.
        clock: the time.
    """

    def __init__(
        self,
        kept: Kept,
        store: Store,
        account: Account,
        *,
        alone: Callable[[str, str], contextlib.AbstractContextManager[None]],
        clock: Clock,
    ) -> None:
        super().__init__(kept)
        self._store = store
        self._account = account
        self._alone = alone
        self._clock = clock

    async def load(self) -> TokenLogin | None:
        """
        Give the tokens as they are kept now; another process may have renewed them.
        """
        kept = await kept_login(self._store, self._account)
        return kept if isinstance(kept, TokenLogin) else None

    async def save(self, kept: TokenLogin) -> None:
        """
        Keep renewed tokens.
        """
        await keep_login(self._store, self._account, kept)
        await super().save(kept)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """
        Wait until no other process renews this login, and keep the others out.
        """
        with contextlib.ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._alone(f"login-{self._account.id}.lock", self._account.address))
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
