"""
The contract: sessions, tokens, tickets, requests that are repeated, and how often somebody may try.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from carrierpost.model import Answered, Ticket
from carrierpost.store import NotHeld, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import NOW, Mailbox, phone

DAY = dt.timedelta(days=1)


async def test_a_session_works_on_what_was_proved_in_it(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """It may work on nothing at first, then on each account that signed in, also after the store was opened again."""
    made = await store.add_session("s", name="Firefox", expires_at=NOW + DAY)
    assert await store.session("s") is None
    other = await Mailbox.begin(store, "bea@elm.example")
    await store.sign_in(made.id, box.id)
    clock.time += dt.timedelta(seconds=60)
    await store.sign_in(made.id, other.id)
    async with await place.open(clock) as again:
        found = await again.session("s")
        assert found is not None
        assert (found.id, found.name, found.expires_at) == (made.id, "Firefox", NOW + DAY)
        assert [(one.account_id, one.proved_at) for one in found.accounts] == [
            (box.id, NOW), (other.id, NOW + dt.timedelta(seconds=60))
        ]  # fmt: skip
        assert await again.sessions(box.id) == (found,)
    assert await store.session("t") is None


async def test_a_session_ends_at_its_time(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """From that moment it opens nothing, and nothing can be signed in to it; the sweep forgets it."""
    made = await store.add_session("s", name="Firefox", expires_at=NOW + DAY)
    await store.sign_in(made.id, box.id)
    clock.time = NOW + DAY
    assert await store.session("s") is None
    assert await store.sessions(box.id) == ()
    with pytest.raises(NotHeld, match="session is over"):
        await store.sign_in(made.id, box.id)
    await store.sweep()
    clock.time = NOW
    assert await store.session("s") is None


async def test_signing_out_of_one_account_leaves_the_other(store: Store, box: Mailbox) -> None:
    """A session with two accounts goes on with one; without any it is over."""
    other = await Mailbox.begin(store, "bea@elm.example")
    made = await store.add_session("s", name="Firefox", expires_at=NOW + DAY)
    for one in (box, other):
        await store.sign_in(made.id, one.id)
    await store.sign_out(made.id, box.id)
    found = await store.session("s")
    assert found is not None
    assert [one.account_id for one in found.accounts] == [other.id]
    await store.sign_out(made.id, other.id)
    assert await store.session("s") is None
    await store.sign_out(made.id)
    await store.sign_out(made.id)


async def test_signing_out_everywhere_spares_the_one_that_asks(store: Store, box: Mailbox) -> None:
    """All sessions lose the account, but the one that is named; what else they work on stays."""
    other = await Mailbox.begin(store, "bea@elm.example")
    made = [await store.add_session(name, name=name, expires_at=NOW + DAY) for name in ("a", "b", "c")]
    for session in made:
        await store.sign_in(session.id, box.id)
    await store.sign_in(made[1].id, other.id)
    await store.sign_out_everywhere(box.id, but=made[2].id)
    assert [one.name for one in await store.sessions(box.id)] == ["c"]
    assert [one.name for one in await store.sessions(other.id)] == ["b"]
    await store.sign_out_everywhere(box.id)
    assert await store.sessions(box.id) == ()


async def test_a_browser_is_a_device_of_the_account_that_it_shows(store: Store, box: Mailbox) -> None:
    """A session is bound to a device of its own account only; proving the login again keeps the device."""
    other = await Mailbox.begin(store, "bea@elm.example")
    own, foreign = await store.add_device(phone(box.id)), await store.add_device(phone(other.id))
    made = await store.add_session("s", name="Firefox", expires_at=NOW + DAY)
    await store.sign_in(made.id, box.id)
    await store.bind_session(made.id, box.id, own.id)
    with pytest.raises(NotHeld, match="has no device"):
        await store.bind_session(made.id, box.id, foreign.id)
    with pytest.raises(NotHeld, match="has no device"):
        await store.sign_in(made.id, box.id, device_id=foreign.id)
    with pytest.raises(NotHeld, match="session is over"):
        await store.bind_session(made.id + 1, box.id, own.id)
    await store.sign_in(made.id, box.id)
    found = await store.session("s")
    assert found is not None
    assert [one.device_id for one in found.accounts] == [own.id]


async def test_a_token_opens_its_device_until_it_is_removed_or_over(
    store: Store, box: Mailbox, clock: SteadyClock
) -> None:
    """Each is seen with its name and its times; one that is removed opens nothing, the other goes on."""
    device = await store.add_device(phone(box.id))
    lasting = await store.add_device_token(device.id, "a", name="app")
    short = await store.add_device_token(device.id, "b", name="watch", expires_at=NOW + DAY)
    assert await store.device_tokens(device.id) == (lasting, short)
    clock.time += dt.timedelta(seconds=60)
    await store.use_device_token(lasting.id)
    found = await store.device_token("a")
    assert found is not None
    assert (found.device_id, found.used_at) == (device.id, NOW + dt.timedelta(seconds=60))
    clock.time = NOW + DAY
    assert await store.device_token("b") is None
    assert await store.device_token("a") is not None
    await store.sweep()
    assert [one.name for one in await store.device_tokens(device.id)] == ["app"]
    with pytest.raises(NotHeld, match="no token"):
        await store.remove_device_token(device.id + 1, lasting.id)
    await store.remove_device_token(device.id, lasting.id)
    assert await store.device_token("a") is None


async def test_a_ticket_is_good_for_one_thing_once(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """It opens nothing else, nothing twice, also not for two who come at once, and nothing after its time."""
    ticket = Ticket(purpose="sign-in", expires_at=NOW + DAY, account_id=box.id, data="x")
    for name in ("a", "b", "c"):
        await store.put_ticket(name, ticket)
    assert await store.take_ticket("a", "passkey") is None
    assert sorted(map(str, await asyncio.gather(*(store.take_ticket("a", "sign-in") for _ in range(3))))) == sorted(
        map(str, [ticket, None, None])
    )
    clock.time = NOW + DAY
    assert await store.take_ticket("b", "sign-in") is None
    await store.sweep()
    clock.time = NOW
    assert await store.take_ticket("c", "sign-in") is None
    with pytest.raises(NotHeld, match="no account 77"):
        await store.put_ticket("d", Ticket(purpose="sign-in", expires_at=NOW + DAY, account_id=77))


async def test_a_repeated_request_gets_the_first_answer(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """That it is being worked on is known, and afterwards its answer; one that came to nothing may be made anew."""
    other = await Mailbox.begin(store, "bea@elm.example")
    assert await store.begin_answer(box.id, "k", "d") is None
    assert await store.begin_answer(box.id, "k", "d") == Answered(digest="d")
    assert await store.begin_answer(other.id, "k", "e") is None
    await store.end_answer(box.id, "k", Answered(digest="d", status=202, body=b"{}"))
    assert await store.begin_answer(box.id, "k", "x") == Answered(digest="d", status=202, body=b"{}")
    await store.end_answer(other.id, "k", None)
    assert await store.begin_answer(other.id, "k", "f") is None
    clock.time = NOW + DAY
    await store.sweep()
    assert await store.begin_answer(box.id, "k", "x") is None
    with pytest.raises(NotHeld, match="no account 77"):
        await store.begin_answer(77, "k", "d")


async def test_a_bucket_gives_what_it_holds_and_what_comes_back(store: Store, clock: SteadyClock) -> None:
    """Three at once, then one every ten seconds; whoever comes too early hears when, and loses nothing by asking."""
    assert [await store.take("a", size=3, seconds=10) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert await store.take("b", size=3, seconds=10) == 0
    clock.time += dt.timedelta(seconds=4)
    assert await store.take("a", size=3, seconds=10) == 6
    clock.time += dt.timedelta(seconds=6)
    assert [await store.take("a", size=3, seconds=10) for _ in range(2)] == [0, 10]
    clock.time += dt.timedelta(seconds=1000)
    assert [await store.take("a", size=3, seconds=10) for _ in range(4)] == [0, 0, 0, 10]


async def test_a_bucket_holds_for_all_who_come_at_once(store: Store, clock: SteadyClock) -> None:
    """Twenty who try in the same moment get no more than it holds; a full one is forgotten by the sweep."""
    waits = await asyncio.gather(*(store.take("a", size=3, seconds=10) for _ in range(20)))
    assert waits.count(0) == 3
    await store.sweep()
    assert await store.take("a", size=3, seconds=10) > 0
    clock.time += dt.timedelta(seconds=31)
    await store.sweep()
    assert await store.take("a", size=3, seconds=10) == 0


async def test_a_new_session_takes_over_what_an_old_one_works_on(store: Store, box: Mailbox) -> None:
    """The old one is over, its secret opens nothing; accounts and devices go on in the new one."""
    device = await store.add_device(phone(box.id))
    old = await store.add_session("old", name="Firefox", expires_at=NOW + DAY)
    await store.sign_in(old.id, box.id, device_id=device.id)
    new = await store.add_session("new", name="Firefox", expires_at=NOW + DAY)
    await store.move_sign_ins(old.id, new.id)
    assert await store.session("old") is None
    found = await store.session("new")
    assert found is not None
    assert [(one.account_id, one.device_id) for one in found.accounts] == [(box.id, device.id)]
