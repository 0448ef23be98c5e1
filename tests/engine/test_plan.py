"""
From an answer to what is written: hearing, matching, progress. Pure, so any story can be told to it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.engine.plan import Known, brings_nothing, hear, is_last, plan_fetched, plan_page
from carrierpost.model import Collection, Item, Progress, SyncCommit
from carrierpost.protocol.classes import Contact, ContentClass, Email, identity
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    CollectionResponse,
    Delete,
    FilterType,
    ItemCommand,
    SoftDelete,
)
from tests.support.virtual import EPOCH

NOTHING = Known({}, {}, frozenset())


def folder(**values: Any) -> Collection:
    """Make a complete Inbox."""
    made = Collection(
        id=1, account_id=1, server_id="1", parent_id="0", display_name="Inbox", type=FolderType.INBOX,
        content_class=ContentClass.EMAIL, sync_key="5", progress=Progress.COMPLETE, window_applied=FilterType.ALL,
    )  # fmt: skip
    return msgspec.structs.replace(made, **values)


def answer(*commands: ItemCommand, key: str = "6", more: bool = False) -> CollectionResponse:
    """Make an answer."""
    return CollectionResponse(collection_id="1", sync_key=key, commands=commands, more_available=more)


def planned(
    collection: Collection, *commands: ItemCommand, known: Known = NOTHING, window: FilterType = FilterType.ALL,
    newest: dt.datetime | None = None, bare: bool = False, more: bool = False,
) -> SyncCommit:  # fmt: skip
    """Plan a page."""
    given_answer = answer(*commands, more=more)
    return plan_page(
        collection,
        collection.sync_key,
        given_answer,
        hear(given_answer),
        known,
        window,
        EPOCH,
        newest=newest,
        bare=bare,
    )


def held(number: int, data: Email | Contact, **values: Any) -> Item:
    """Make a held item."""
    made = Item(
        id=number, account_id=1, collection_id=1, server_id=f"1:{number}", content_class=ContentClass.EMAIL, data=data
    )  # fmt: skip
    return msgspec.structs.replace(made, **values)


def mail(subject: str = "s", **values: Any) -> Email:
    """Make a mail's properties."""
    return Email(subject=subject, **values)


texts = st.sampled_from(["a", "b", "c", None])
ids = st.sampled_from(["1:1", "1:2", "1:3"])
some_mail = st.builds(
    lambda subject, read: Email(subject=subject, read=read), texts, st.sampled_from([True, False, None])
)
commands = st.one_of(
    st.builds(lambda i, d: Add(server_id=i, data=d), ids, some_mail),
    st.builds(lambda i: Add(server_id=i), ids),
    st.builds(lambda i, d: Change(server_id=i, data=d), ids, some_mail),
    st.builds(lambda i: Delete(server_id=i), ids),
    st.builds(lambda i: SoftDelete(server_id=i), ids),
)


@given(st.lists(commands, max_size=12))
def test_the_last_word_on_each_item_counts(story: list[ItemCommand]) -> None:
    """Told one after the other or at once, the outcome is the same; no item is in two places at the end."""
    heard = hear(answer(*story))
    there, gone, left = set(heard.items), set(heard.gone), set(heard.left)
    assert not there & gone
    assert not there & left
    assert not gone & left
    assert not set(heard.unreadable) & (gone | left)
    for server_id in {one.server_id for one in story if not isinstance(one, str)}:
        about = [one for one in story if one.server_id == server_id]
        last = about[-1]
        assert (server_id in gone) is isinstance(last, Delete)
        assert (server_id in left) is isinstance(last, SoftDelete)
        if isinstance(last, Add) and last.data is not None:
            assert heard.items[server_id] == (last.data, True)
            assert server_id not in heard.unreadable
        if isinstance(last, Add | Change) and last.data is None:
            assert server_id in heard.unreadable


def test_an_item_without_an_id_is_named_and_not_swallowed() -> None:
    """It can neither be held nor asked for again; the others are."""
    commit = planned(folder(), Add(server_id="", data=mail()), Add(server_id="1:1", data=mail()))
    assert [one.server_id for one in commit.adds] == ["1:1"]
    [aside] = commit.set_aside
    assert "without an id" in aside.reason
    assert aside.next_at is None


@pytest.mark.parametrize("progress", list(Progress))
def test_only_what_comes_to_a_complete_folder_is_news(progress: Progress) -> None:
    """Not what a first synchronisation brings, nor a matching, nor a window that was just changed."""
    assert planned(folder(progress=progress), Add(server_id="1:1", data=mail())).adds[0].announce is (
        progress is Progress.COMPLETE
    )
    other = folder(progress=progress, window_applied=FilterType.ONE_WEEK)
    assert not planned(other, Add(server_id="1:1", data=mail())).adds[0].announce


@pytest.mark.parametrize(
    ("received", "news"),
    [(EPOCH, True), (EPOCH + dt.timedelta(hours=1), True), (EPOCH - dt.timedelta(seconds=1), False)],
)
def test_a_mail_that_arrived_while_the_place_was_lost_is_news(received: dt.datetime, news: bool) -> None:
    """Later than the newest that was held, and matched by nothing."""
    matching = folder(progress=Progress.MATCHING)
    commit = planned(matching, Add(server_id="9", data=mail(date_received=received)), newest=EPOCH)
    assert commit.adds[0].announce is news
    assert not planned(matching, Add(server_id="9", data=mail(date_received=received))).adds[0].announce


def test_an_equal_item_only_confirms() -> None:
    """No field, no announcement, no change of its content."""
    item = held(1, mail(read=False))
    commit = planned(folder(), Add(server_id="1:1", data=mail(read=False)), known=Known({"1:1": item}, {}, frozenset()))
    [update] = commit.updates
    assert (update.fields, update.announce) == ((), False)
    assert brings_nothing(commit, Known({"1:1": item}, {}, frozenset()))


def test_a_matching_recognises_by_content_what_has_a_new_id() -> None:
    """The item keeps its number and takes the new id; one that is taken is not taken twice."""
    person = Contact(file_as="Bea", email1_address="b@elm.example")
    item = held(1, person, unconfirmed=True, content_class=ContentClass.CONTACTS)
    contacts = folder(
        progress=Progress.MATCHING,
        type=FolderType.CONTACTS,
        content_class=ContentClass.CONTACTS,
        window_applied=FilterType.ALL,
    )
    name = identity(person)
    assert name is not None
    known = Known({}, {name: [item]}, frozenset())
    commit = planned(contacts, Add(server_id="7", data=person), Add(server_id="8", data=person), known=known)
    assert [(one.item_id, one.server_id) for one in commit.updates] == [(1, "7")]
    assert [one.server_id for one in commit.adds] == ["8"]


def test_a_change_of_something_never_sent_is_set_aside_and_fetched_at_once() -> None:
    """Its other properties are not known, so it cannot be held yet."""
    [aside] = planned(folder(), Change(server_id="1:9", data=mail())).set_aside
    assert aside.next_at == EPOCH


def test_what_left_the_window_is_not_said_to_be_deleted() -> None:
    """SoftDelete and Delete are told apart."""
    known = Known({f"1:{n}": held(n, mail()) for n in (1, 2)}, {}, frozenset())
    commit = planned(folder(), Delete(server_id="1:1"), SoftDelete(server_id="1:2"), known=known)
    assert {(one.item_id, one.left_window) for one in commit.removals} == {(1, False), (2, True)}


def test_a_matching_ends_with_dropping_what_did_not_come_again_and_only_at_its_end() -> None:
    """Not with a page that brings items, nor with one that promises more."""
    matching = folder(progress=Progress.MATCHING)
    assert not planned(matching, Add(server_id="1:1", data=mail())).drop_unconfirmed
    assert not planned(matching, more=True).drop_unconfirmed
    end = planned(matching)
    assert end.drop_unconfirmed
    assert end.progress is Progress.COMPLETE


def test_the_ladder_is_climbed_rung_by_rung() -> None:
    """Three days, a month, everything; complete only with the last."""
    collection = folder(progress=Progress.NEW, window_applied=None, sync_key="0")
    seen = []
    commit = plan_page(collection, "0", answer(), hear(answer()), NOTHING, FilterType.THREE_DAYS, EPOCH)
    for _ in range(4):
        assert commit.window_applied is not None
        seen.append((commit.progress, commit.window_applied))
        collection = msgspec.structs.replace(
            collection, progress=commit.progress, window_applied=commit.window_applied, sync_key=commit.to_key
        )
        commit = planned(collection, window=commit.window_applied)
    assert seen == [
        (Progress.FILLING, FilterType.THREE_DAYS),
        (Progress.FILLING, FilterType.ONE_MONTH),
        (Progress.FILLING, FilterType.ALL),
        (Progress.COMPLETE, FilterType.ALL),
    ]


@pytest.mark.parametrize(
    ("key", "given_answer", "last"),
    [("0", answer(), False), ("5", answer(), True), ("5", answer(more=True), False),
     ("5", answer(Delete(server_id="1")), False)],
)  # fmt: skip
def test_which_answer_is_the_last(key: str, given_answer: CollectionResponse, last: bool) -> None:
    """One without commands and promises, to a key other than the first."""
    assert is_last(key, given_answer) is last


def test_an_item_fetched_later_completes_what_is_held_or_is_added() -> None:
    """The key stays, and it is no longer set aside."""
    for item in (None, held(1, mail(read=False))):
        commit = plan_fetched(folder(), "1:1", mail(read=True), item, None)
        assert commit.from_key == commit.to_key == "5"
        assert commit.recovered == ("1:1",)
        assert len(commit.adds) == (item is None)
        assert [one.fields for one in commit.updates] == ([] if item is None else [("read",)])
