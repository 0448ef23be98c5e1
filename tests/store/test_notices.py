"""
The contract: what devices are told, what waits, what became of it, and the trace.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.model import (
    ChangeKind,
    Device,
    FolderRule,
    LockScreenDetail,
    Notice,
    NoticeCommit,
    NoticeKind,
    NoticeMove,
    NoticeSettings,
    NoticeState,
    NoticeWithdrawal,
    QuietHours,
    Step,
    TraceStep,
)
from carrierpost.store import NotHeld, StaleCommit, Store
from tests.store.conftest import SteadyClock
from tests.store.values import NOW, Mailbox, notice, phone, told

MINUTE = dt.timedelta(minutes=1)


async def tell(store: Store, box: Mailbox, device: Device, *keys: str, **values: Any) -> tuple[Notice, ...]:
    """Decide to tell a device, on the next piece of the feed."""
    after = (await store.notify_positions()).get(box.id, 0)
    return await store.commit_notices(told(box.id, device.id, *keys, after=after, **values))


async def hand(store: Store, *notices: Notice, **values: Any) -> tuple[Notice, ...]:
    return await store.move_notices(
        [NoticeMove(notice_id=one.id, state=NoticeState.HANDED, **values) for one in notices]
    )


async def settle(store: Store, state: NoticeState, *notices: Notice, **values: Any) -> tuple[Notice, ...]:
    return await store.move_notices([NoticeMove(notice_id=one.id, state=state, **values) for one in notices])


async def withdraw(store: Store, box: Mailbox, **values: Any) -> tuple[Notice, ...]:
    after = (await store.notify_positions()).get(box.id, 0)
    return await store.commit_notices(
        NoticeCommit(
            account_id=box.id,
            after=after,
            position=after,
            expires_at=NOW + dt.timedelta(hours=1),
            withdrawals=(NoticeWithdrawal(item_id=1, reason="it was read elsewhere", **values),),
        )
    )


async def test_decision_notice_trace_and_position_are_one(store: Store, box: Mailbox) -> None:
    """What was decided is there with the piece of the feed that it was about."""
    device = await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    assert (await store.notify_positions())[box.id] == 1
    assert await store.notice(made.token) == made
    assert await store.notices_of_item(1) == (made,)
    assert [(one.step, one.told, one.notice) for one in await store.trace_of_item(1)] == [
        (Step.DECIDED, True, made.token)
    ]
    assert await store.notified(box.id, {"mail:1", "mail:2"}) == {(device.id, "mail:1")}


async def test_a_piece_of_the_feed_is_decided_on_once(store: Store, box: Mailbox) -> None:
    """Whoever decided on what was decided on already is refused, and nothing of it is written."""
    device = await store.add_device(phone(box.id))
    await tell(store, box, device)
    with pytest.raises(StaleCommit, match="up to 1 already, and not up to 0"):
        await store.commit_notices(told(box.id, device.id, "mail:2", after=0))
    assert len(await store.notices(box.id)) == 1
    assert len(await store.trace(box.id)) == 1


async def test_no_device_is_told_the_same_twice(store: Store, box: Mailbox) -> None:
    """The same key for the same device makes no second notice; another device gets its own."""
    first, second = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    await tell(store, box, first)
    assert await tell(store, box, first) == ()
    [other] = await tell(store, box, second)
    assert other.device_id == second.id


async def test_what_is_due_waits_in_order(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """Devices that wait longest come first; what lies ahead is not due, and it is known when it is."""
    first, second = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    later = notice(box.id, first.id, "reminder", due_at=NOW + 10 * MINUTE)
    late = notice(box.id, second.id, "old", due_at=NOW - MINUTE)
    now = notice(box.id, first.id, "now")
    await store.commit_notices(
        NoticeCommit(account_id=box.id, after=0, position=1, expires_at=NOW, notices=(later, now, late))
    )
    assert await store.due_devices() == (second.id, first.id)
    assert await store.due_devices(limit=1) == (second.id,)
    assert [one.key for one in await store.due_notices(first.id)] == ["now"]
    assert await store.next_due() == NOW + 10 * MINUTE
    clock.time += 10 * MINUTE
    assert [one.key for one in await store.due_notices(first.id)] == ["reminder", "now"]
    assert await store.next_due() is None


async def test_a_notice_goes_its_way(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """Handed, put off, handed again, accepted, received, shown: attempts counted, its words forgotten at last."""
    device = await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    [handed] = await hand(store, made)
    assert (handed.state, handed.attempts, handed.sent_at) == (NoticeState.HANDED, 1, NOW)
    assert await store.due_devices() == ()
    [again] = await settle(store, NoticeState.WAITING, made, due_at=NOW + MINUTE, detail="busy")
    assert (again.state, again.remark, again.due_at) == (NoticeState.WAITING, "busy", NOW + MINUTE)
    clock.time += MINUTE
    await hand(store, made)
    [accepted] = await settle(store, NoticeState.ACCEPTED, made, detail="id 7")
    assert (accepted.attempts, accepted.text) == (2, None)
    for step, state in ((Step.SHOWN, NoticeState.SHOWN), (Step.RECEIVED, NoticeState.SHOWN)):
        [heard] = await store.receipt(device.id, made.token, step, clock.time)
        assert heard.state is state
    assert [one.step for one in await store.trace_of_notice(made.token)] == [Step.DECIDED, Step.SHOWN, Step.RECEIVED]


async def test_only_the_device_that_was_told_can_say_so(store: Store, box: Mailbox) -> None:
    """A receipt of another device, or for a name that nobody was given, is refused."""
    device, other = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    for device_id, token in ((other.id, made.token), (device.id, "guessed")):
        with pytest.raises(NotHeld, match="was sent no notice"):
            await store.receipt(device_id, token, Step.SHOWN, NOW)


async def test_a_receipt_speaks_for_all_that_were_in_the_message(store: Store, box: Mailbox) -> None:
    """Several notices that left as one message arrive as one."""
    device = await store.add_device(phone(box.id))
    first, second = await tell(store, box, device, "mail:1", "mail:2")
    await hand(store, first)
    await hand(store, second, joined=first.token)
    await settle(store, NoticeState.ACCEPTED, first, second)
    heard = await store.receipt(device.id, first.token, Step.RECEIVED, NOW)
    assert {one.key for one in heard} == {"mail:1", "mail:2"}
    assert {one.state for one in heard} == {NoticeState.RECEIVED}


async def test_NT9_what_waits_is_told_to_nobody_when_it_was_read(store: Store, box: Mailbox) -> None:
    """A notice that was not sent yet never is; nothing has to be taken away from the device."""
    device = await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    assert await withdraw(store, box) == ()
    assert (await store.notice(made.token)).state is NoticeState.WITHDRAWN
    assert await store.due_devices() == ()
    assert await hand(store, made) == ()


@pytest.mark.parametrize("state", [NoticeState.HANDED, NoticeState.ACCEPTED])
async def test_NT9_what_was_sent_is_taken_away_when_it_was_read(store: Store, box: Mailbox, state: NoticeState) -> None:
    """The device gets word which notice to take away, once; what comes of its sending changes nothing any more."""
    device = await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    await hand(store, made)
    if state is NoticeState.ACCEPTED:
        await settle(store, state, made)
    [removal] = await withdraw(store, box)
    assert (removal.kind, removal.about, removal.text) == (NoticeKind.WITHDRAWAL, made.token, None)
    assert await withdraw(store, box) == ()
    assert await settle(store, NoticeState.ACCEPTED, made) == ()
    assert (await store.notice(made.token)).remark == "it was read elsewhere"


async def test_a_message_that_spoke_for_several_stays_until_all_are_read(store: Store, box: Mailbox) -> None:
    """Two mails in one notice: it is taken away when the second of them was read."""
    device = await store.add_device(phone(box.id))
    [first] = await tell(store, box, device, "mail:1")
    after = (await store.notify_positions())[box.id]
    other = notice(box.id, device.id, "mail:2", item_id=2)
    [second] = await store.commit_notices(
        NoticeCommit(account_id=box.id, after=after, position=after, expires_at=NOW, notices=(other,))
    )
    await hand(store, first)
    await hand(store, second, joined=first.token)
    await settle(store, NoticeState.ACCEPTED, first, second)
    assert await withdraw(store, box) == ()
    withdrawal = NoticeWithdrawal(item_id=2, reason="it was deleted")
    [removal] = await store.commit_notices(
        NoticeCommit(account_id=box.id, after=after, position=after, expires_at=NOW + MINUTE, withdrawals=(withdrawal,))
    )
    assert removal.about == first.token


async def test_some_kinds_and_keys_are_left_alone(store: Store, box: Mailbox) -> None:
    """A moved event takes back its reminders, but for those that hold; what waits of these is made anew."""
    device = await store.add_device(phone(box.id))
    [mail] = await tell(store, box, device, "mail:1")
    kept = notice(box.id, device.id, "kept", kind=NoticeKind.REMINDER)
    gone = notice(box.id, device.id, "gone", kind=NoticeKind.REMINDER)
    renewed = notice(box.id, device.id, "kept", kind=NoticeKind.REMINDER, token="other", reason="renamed")
    await store.commit_notices(
        NoticeCommit(account_id=box.id, after=1, position=1, expires_at=NOW, notices=(kept, gone))
    )
    withdrawal = NoticeWithdrawal(
        item_id=1, reason="it moved", kinds=frozenset({NoticeKind.REMINDER}), keep=frozenset({"kept"}), renew=True
    )
    await store.commit_notices(
        NoticeCommit(
            account_id=box.id, after=1, position=1, expires_at=NOW, withdrawals=(withdrawal,), notices=(renewed,)
        )
    )
    assert {(one.key, one.reason) for one in await store.due_notices(device.id)} == {
        ("mail:1", mail.reason), ("kept", "renamed"),
    }  # fmt: skip


async def test_what_was_with_a_channel_when_the_hub_ended_waits_again(store: Store, box: Mailbox) -> None:
    """Nobody knows what became of it, so it is tried again, under its own name."""
    device = await store.add_device(phone(box.id))
    [made] = await tell(store, box, device)
    await hand(store, made)
    assert await store.take_up_handed("the hub ended") == 1
    [again] = await store.due_notices(device.id)
    assert (again.token, again.remark, again.attempts) == (made.token, "the hub ended", 1)
    assert await store.take_up_handed("the hub ended") == 0


async def test_silent_messages_are_counted_once_each(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """Not for each notice that one of them spoke for, and not those that showed something."""
    device = await store.add_device(phone(box.id))
    first, second, third = await tell(store, box, device, "a", "b", "c")
    await hand(store, first, silent=True)
    await hand(store, second, silent=True, joined=first.token)
    clock.time += MINUTE
    await hand(store, third)
    assert await store.silent_since(device.id, NOW - MINUTE) == (NOW,)
    assert await store.silent_since(device.id, NOW) == ()


async def test_settings_belong_to_a_device_and_important_people_to_its_account(store: Store, box: Mailbox) -> None:
    """What is set on one device stays there, but who is important; setting the same again is no change."""
    first, second = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    settings = NoticeSettings(
        detail=LockScreenDetail.SENDER,
        quiet=(QuietHours(dt.time(22), dt.time(7), frozenset({0, 6})),),
        folders={3: FolderRule.VIP},
        vips=frozenset({"bea@elm.example", "@board.example"}),
    )
    await store.set_notice_settings(first.id, settings)
    assert await store.notice_settings(first.id) == settings
    assert await store.notice_settings(second.id) == NoticeSettings(vips=settings.vips)
    before = (await store.account(box.id)).feed_position
    await store.set_notice_settings(first.id, settings)
    assert (await store.account(box.id)).feed_position == before
    [change] = [one for one in await store.feed(box.id) if one.fields == ("notice_settings",)]
    assert (change.kind, change.device_id) == (ChangeKind.DEVICE_CHANGED, first.id)
    with pytest.raises(NotHeld):
        await store.set_notice_settings(999, settings)


async def test_what_goes_takes_its_notices_with_it(store: Store, box: Mailbox) -> None:
    """A removed device, a wiped account, a removed account: nothing that was to be told is left, nor a trace."""
    first, second = await store.add_device(phone(box.id)), await store.add_device(phone(box.id))
    await tell(store, box, first)
    await tell(store, box, second)
    await store.add_steps([TraceStep(account_id=box.id, step=Step.COMMITTED, at=NOW, item_id=1)])
    await store.remove_device(first.id)
    assert {one.device_id for one in await store.notices(box.id)} == {second.id}
    await store.add_steps([TraceStep(account_id=box.id, step=Step.SHOWN, at=NOW, device_id=first.id)])
    assert {one.device_id for one in await store.trace(box.id)} == {None, second.id}
    await store.wipe_account(box.id, "it was lost")
    assert await store.notices(box.id) == ()
    assert await store.trace(box.id) == ()


async def test_SC3_old_notices_and_traces_are_forgotten(store: Store, box: Mailbox, clock: SteadyClock) -> None:
    """By age, and by count; what still waits stays, however old it is."""
    device = await store.add_device(phone(box.id))
    old = await tell(store, box, device, *(f"old:{number}" for number in range(5)))
    await settle(store, NoticeState.ACCEPTED, *old[1:])
    clock.time += dt.timedelta(days=40)
    fresh = await tell(store, box, device, *(f"fresh:{number}" for number in range(5)))
    await settle(store, NoticeState.ACCEPTED, *fresh)
    await store.add_steps(
        [TraceStep(account_id=box.id, step=Step.COMMITTED, at=clock.time, item_id=number) for number in range(5)]
    )
    before = clock.time - dt.timedelta(days=30)
    assert await store.prune_notices(before, most_notices=100, most_steps=100) == 4 + 10
    assert {one.key for one in await store.notices(box.id)} == {"old:0", *(f"fresh:{number}" for number in range(5))}
    assert await store.prune_notices(before, most_notices=2, most_steps=3) == 3 + 2
    assert [one.key for one in await store.notices(box.id)] == ["fresh:4", "fresh:3", "old:0"]
    assert [one.item_id for one in await store.trace(box.id)] == [4, 3, 2]
