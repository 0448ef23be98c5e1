"""
The contract: conversations.
"""

from __future__ import annotations

import pytest

from carrierpost.model import NewItem, Thread
from carrierpost.protocol.classes import Email
from carrierpost.store import NotHeld, Store
from carrierpost.store.summary import thread_of
from tests.store.values import Mailbox, mail


def told(number: int, thread: int, **values: object) -> NewItem:
    """Describe a mail of which the server says the conversation."""
    return mail(number, conversation_id=bytes([thread]) * 16, **values)  # type: ignore[arg-type]


def ids(threads: tuple[Thread, ...]) -> list[tuple[str | None, int, int]]:
    return [(one.newest.server_id, one.count, one.unread) for one in threads]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (Email(conversation_id=b"1" * 16, subject="Larch"), Email(conversation_id=b"1" * 16, subject="Elm"), True),
        (Email(conversation_id=b"1" * 16, subject="Larch"), Email(conversation_id=b"2" * 16, subject="Larch"), False),
        (Email(subject="Felling the larch"), Email(subject="RE: AW:  Felling the  Larch "), True),
        (Email(subject="Fw: about", thread_topic="Larch"), Email(subject="Re: larch"), True),
        (Email(subject="Larch"), Email(subject="Larches"), False),
    ],
)
def test_which_mails_belong_together(one: Email, other: Email, together: bool) -> None:
    """What the server says decides; before 14.0 it says nothing, and the topic decides without its marks of answers."""
    assert thread_of(one) is not None
    assert (thread_of(one) == thread_of(other)) is together


@pytest.mark.parametrize("mail", [Email(), Email(subject=""), Email(subject=" Re: "), Email(conversation_id=b"")])
def test_mails_about_nothing_stand_alone(mail: Email) -> None:
    """Without a topic nothing tells that mails belong together, so none do."""
    assert thread_of(mail) is None


async def test_conversations_are_listed_by_their_newest_mail(store: Store, box: Mailbox) -> None:
    """Each stands once, with all its mails counted, whatever folder they lie in; those about nothing stand alone."""
    await box.sync(adds=(told(1, 1, read=True), told(2, 2), mail(3, subject=None), mail(4, subject=""), told(6, 1)))
    await box.sync("Sent", adds=(told(5, 1, read=True), told(7, 3, read=True)))
    listed = await store.threads(box.id)
    assert ids(listed) == [("m7", 1, 0), ("m6", 3, 1), ("m4", 1, 1), ("m3", 1, 1), ("m2", 1, 1)]
    sent = (await box.folder("Sent")).id
    assert ids(await store.threads(box.id, collection_id=sent)) == [("m7", 1, 0), ("m5", 3, 1)]
    assert await store.threads(box.id, limit=2) == listed[:2]
    assert await store.threads(box.id, limit=9, after=listed[1].newest) == listed[2:]


async def test_a_conversation_is_given_oldest_first(store: Store, box: Mailbox) -> None:
    """Whichever of its mails is named; a mail about nothing is its own conversation."""
    await box.sync(adds=(told(1, 1), told(3, 1), told(2, 2), mail(9, subject=None)))
    await box.sync("Sent", adds=(told(4, 1),))
    for item in ((await box.item("m1")), (await box.item("m4", "Sent"))):
        assert [one.server_id for one in await store.thread(item.id)] == ["m1", "m3", "m4"]
    alone = await box.item("m9")
    assert await store.thread(alone.id) == (alone,)
    with pytest.raises(NotHeld):
        await store.thread(999)


async def test_a_conversation_follows_its_mails(store: Store, box: Mailbox) -> None:
    """A mail that changes its conversation, is read or goes, changes what is listed."""
    await box.sync(adds=(told(1, 1), told(2, 1), told(3, 2)))
    await box.sync(updates=(await box.update("m2", conversation_id=b"\2" * 16, read=True),))
    assert ids(await store.threads(box.id)) == [("m3", 2, 1), ("m1", 1, 1)]
    await box.sync(removals=(await box.removal("m3"),))
    assert ids(await store.threads(box.id)) == [("m2", 1, 0), ("m1", 1, 1)]


async def test_accounts_have_conversations_of_their_own(store: Store, box: Mailbox) -> None:
    """The same conversation in two accounts is two."""
    other = await Mailbox.begin(store, "bea@elm.example")
    await box.sync(adds=(told(1, 1),))
    await other.sync(adds=(told(2, 1),))
    assert ids(await store.threads(box.id)) == [("m1", 1, 1)]
    assert [one.server_id for one in await store.thread((await other.item("m2")).id)] == ["m2"]
