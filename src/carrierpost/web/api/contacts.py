"""
Contacts.
"""

from __future__ import annotations

from carrierpost.protocol.classes import ContentClass
from carrierpost.web.operations import Call, Operations
from carrierpost.web.views.contacts import ContactLine, contact_line

__all__ = ["operations"]

operations = Operations()


@operations("GET", "/accounts/{account_id}/contacts")
async def list_contacts(call: Call, account_id: int) -> tuple[ContactLine, ...]:
    """
    List an account's contacts, of all folders.
    """
    account, store = call.account(account_id), call.office.hub.store
    waiting = {one.item_id for one in await store.outbox(account.id)}
    items = await store.items(account.id, content_class=ContentClass.CONTACTS)
    return tuple(contact_line(one, waiting=one.id in waiting) for one in items)
