"""
Obeying a wipe order ([MS-ASPROV] RemoteWipe, AccountOnlyRemoteWipe).

Everything of the account goes in one transaction, at once and whatever the server says next; nothing outside of it
is touched, also when the order is for the whole device, since a hub is not the person's device. The login alone stays
until the server was told that it is done, so that a restart in between can still tell it. After some attempts it goes
untold: an account that was wiped keeps no key.
"""

from __future__ import annotations

from carrierpost.client.errors import ClientError
from carrierpost.engine.backoff import pause
from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase
from carrierpost.protocol.errors import ProtocolError, WipeOrdered

__all__ = ["acknowledge", "obey"]

_WIPED = "the server ordered this account to be wiped; everything of it was erased here"
_WIPED_DEVICE = (
    "the server ordered this device to be wiped; everything of this account was erased here, and nothing else"
)
_ATTEMPTS = 5
_ACCOUNT, _DEVICE = "account", "device"


async def obey(context: Context, order: WipeOrdered) -> None:
    """
    Forget everything of the account but its login.
    """
    reason, owed = (_WIPED, _ACCOUNT) if order.account_only else (_WIPED_DEVICE, _DEVICE)
    await context.store.wipe_account(context.account_id, reason, owed=owed)
    context.run.failures, context.run.not_before = 0, 0.0


async def acknowledge(context: Context, owed: str) -> None:
    """
    Tell the server that its order was carried out, then forget the login as well and close the connections.

    Args:
        context: the account at work.
        owed: what was wiped, as the account says (`Account.wipe_owed`).
    """
    run = context.run
    context.tell(Phase("telling the server that the account was wiped"))
    account = await context.store.account(context.account_id)
    try:
        await context.session.acknowledge_wipe(account_only=owed == _ACCOUNT)
    except (ClientError, ProtocolError) as error:
        run.untold += 1
        if run.untold < _ATTEMPTS:
            run.reason = str(error)
            run.not_before = context.clock.monotonic() + pause(run.untold, context.chance)
            return
    await context.store.wipe_account(context.account_id, account.reason)
    await context.session.close()
