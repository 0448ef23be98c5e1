"""
The contract: accounts and their secrets.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.model import AccountState, ChangeKind, IntentKind, NewOutboxEntry, Origin, Secret
from carrierpost.protocol.version import Version
from carrierpost.store import AlreadyHeld, NotHeld, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import NOW, Mailbox, account, mail


async def test_an_account_comes_back_as_it_was_given(store: Store, place: Place, clock: SteadyClock) -> None:
    """Everything that is said of a new account is there after the store was opened again."""
    given = account(pinned_version=Version.V14_1, ca_file="/etc/ca.pem", time_zone="Europe/Berlin")
    added = await store.add_account(given)
    async with await place.open(clock) as again:
        [found] = await again.accounts()
    assert found == added
    assert (found.login, found.pinned_version, found.time_zone) == (given.login, Version.V14_1, "Europe/Berlin")
    assert found.state is AccountState.ACTIVE
    assert (found.policy_key, found.hierarchy_key, found.feed_position) == ("0", "0", 0)


@pytest.mark.parametrize("address", ["ada@larch.example", "Ada@Larch.Example"])
async def test_an_address_is_held_once(store: Store, address: str) -> None:
    """A second account of one address is refused, however it is spelt; the first stays."""
    first = await store.add_account(account())
    with pytest.raises(AlreadyHeld, match=r"(?i)ada@larch\.example"):
        await store.add_account(account(address))
    assert await store.accounts() == (first,)


async def test_facts_are_learned_silently_and_states_are_told(store: Store) -> None:
    """A heartbeat is nobody's business; that an account stops, and why, is a change in the feed."""
    made = await store.add_account(account())
    until = NOW + dt.timedelta(hours=1)
    changed = await store.update_account(
        made.id, version=Version.V16_1, heartbeat=900, server={"product": "Tanne"}, policy={"answered": True}
    )
    assert await store.feed(made.id) == ()
    assert await store.account(made.id) == changed
    assert (changed.version, changed.heartbeat, changed.server["product"]) == (Version.V16_1, 900, "Tanne")

    waiting = await store.update_account(made.id, state=AccountState.WAITING, reason="busy", wait_until=until)
    [told] = await store.feed(made.id)
    assert (told.kind, told.origin, told.detail) == (ChangeKind.ACCOUNT_CHANGED, Origin.HUB, "busy")
    assert (waiting.wait_until, waiting.feed_position) == (until, 1)


@pytest.mark.parametrize("name", ["id", "address", "feed_position"])
async def test_what_an_account_is_known_by_cannot_be_set(store: Store, name: str) -> None:
    """Its number, its address and its place in the feed are not for setting."""
    made = await store.add_account(account())
    values: dict[str, Any] = {name: 7}
    with pytest.raises(TypeError, match=name):
        await store.update_account(made.id, **values)
    assert await store.account(made.id) == made


async def test_an_unknown_account_is_named(store: Store) -> None:
    """Whatever is asked of an account that is not held is refused, and nothing is written."""
    for asked in (
        store.account(7),
        store.update_account(7, heartbeat=1),
        store.remove_account(7),
        store.wipe_account(7, "no"),
        store.put_secret(7, "password", Secret("x")),
        store.queue(NewOutboxEntry(account_id=7, kind=IntentKind.SEND, client_id="a")),
    ):
        with pytest.raises(NotHeld, match="no account 7"):
            await asked
    assert await store.secret(7, "password") is None
    assert not any([await store.collections(7), await store.items(7), await store.outbox(7), await store.feed(7)])


async def test_secrets_are_kept_replaced_and_shown_to_nobody(store: Store) -> None:
    """A secret is given only to whoever names it; a newer one replaces it; its text does not print."""
    one, other = await store.add_account(account()), await store.add_account(account("bea@elm.example"))
    await store.put_secret(one.id, "password", Secret("first"))
    await store.put_secret(one.id, "password", Secret("pässwörd"))
    await store.put_secret(one.id, "token", Secret("t"))
    found = await store.secret(one.id, "password")
    assert found is not None
    assert found.reveal() == "pässwörd"
    assert "pässwörd" not in repr(found) + str(found)
    assert await store.secret(other.id, "password") is None
    assert "pässwörd" not in repr(await store.accounts())


async def test_a_removed_account_is_gone_and_the_other_is_not_touched(store: Store) -> None:
    """Everything of an account goes with it; ids are not given again; another account keeps all it has."""
    one, other = await Mailbox.begin(store), await Mailbox.begin(store, "bea@elm.example")
    for box in (one, other):
        await box.sync(adds=(mail(1, "linden"), mail(2)))
        await store.put_secret(box.id, "password", Secret("secret"))
        await store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="c1"))
    await store.index()
    ids = {item.id for item in (await one.held()).values()}
    await store.remove_account(one.id)

    assert [found.id for found in await store.accounts()] == [other.id]
    assert await store.secret(one.id, "password") is None
    assert not any([await store.items(one.id), await store.outbox(one.id), await store.feed(one.id)])
    assert await store.search(one.id, "linden") == ()
    assert [hit.item.server_id for hit in await store.search(other.id, "linden")] == ["m1"]
    assert len(await other.held()) == 2
    assert await store.check() == ()

    anew = await Mailbox.begin(store)
    await anew.sync(adds=(mail(1),))
    assert anew.id > other.id
    assert not ids & {item.id for item in (await anew.held()).values()}


async def test_a_wiped_account_keeps_its_name_and_its_reason_only(store: Store, box: Mailbox) -> None:
    """After a wipe nothing can be read any more, nor sent; the account is blocked and the feed says so."""
    await store.update_account(box.id, policy_key="77", policy={"a": 1})
    await box.sync(adds=(mail(1, "linden"),))
    await store.put_secret(box.id, "password", Secret("secret"))
    await store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="c1"))
    await store.index()
    item = await box.item("m1")
    await store.wipe_account(box.id, "the server ordered a wipe")

    found = await store.account(box.id)
    assert (found.state, found.reason) == (AccountState.WIPED, "the server ordered a wipe")
    assert (found.policy_key, found.policy, found.hierarchy_key) == ("0", {}, "0")
    assert await store.secret(box.id, "password") is None
    assert not any([await store.collections(box.id), await store.items(box.id), await store.outbox(box.id)])
    assert await store.search(box.id, "linden") == ()
    assert await store.body(item.id) is None
    last = (await store.feed(box.id))[-1]
    assert (last.kind, last.origin, last.number) == (ChangeKind.ACCOUNT_CHANGED, Origin.SERVER, found.feed_position)
