"""
What of an account's contacts may leave, by which way and for which device: policy, switch and other accounts joined.
"""

from __future__ import annotations

from carrierpost.engine.policies import PolicyDesk
from carrierpost.export.book import AddressBook, open_book
from carrierpost.export.decision import ExportDecision, NativeAccounts, Way, decide_export, native_accounts_of
from carrierpost.model import Account, Device
from carrierpost.policy import EffectivePolicy
from carrierpost.web.office import Office

__all__ = ["book_for", "policy_and_decision"]


async def policy_and_decision(
    office: Office, account: Account, way: Way, device: Device | None = None
) -> tuple[EffectivePolicy, ExportDecision]:
    """
    Decide whether contacts may leave by one way.

    Args:
        office: what all operations share.
        account: whose contacts.
        way: the way.
        device: where they would go; `None` where no device is concerned.
    """
    store = office.hub.store
    platform = device.platform if device is not None else None
    policy = await PolicyDesk(store).effective(account.address, platform=platform)
    turned_on, native = False, NativeAccounts()
    if device is not None:
        settings = await store.device_settings(device.id)
        turned_on = settings.sync_with_local_contacts
        native = native_accounts_of(await store.device_life(device.id), settings)
    return policy, decide_export(way, policy, platform=platform, turned_on=turned_on, native=native)


async def book_for(
    office: Office, account: Account, way: Way, device: Device | None = None, *, every_folder: bool = False
) -> tuple[AddressBook, EffectivePolicy]:
    """
    Open what may leave by one way, as an address book; it is empty where nothing may.
    """
    hub = office.hub
    policy, decision = await policy_and_decision(office, account, way, device)
    back = await hub.store.cards_put_back(device.id) if device is not None and way is Way.SYNC else {}
    book = await open_book(
        hub.store, account, policy, decision,
        chance=hub.chance.randbytes(16), every_folder=every_folder, put_back=back,
    )  # fmt: skip
    return book, policy
