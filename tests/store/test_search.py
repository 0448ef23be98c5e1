"""
The contract: finding items by words.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrierpost.protocol.classes import Attendee
from carrierpost.store import Store
from tests.store.values import Mailbox, contact, event, html, mail, note


async def found(box: Mailbox, text: str, **values: int) -> list[str | None]:
    """Give the server ids of what is found."""
    return [hit.item.server_id for hit in await box.store.search(box.id, text, **values)]


@pytest.fixture
async def letters(box: Mailbox) -> Mailbox:
    """Hold some mail that is worth searching."""
    await box.sync(
        adds=(
            mail(1, "The linden stands by the old gate."),
            mail(2, "An old gate, and no linden near.", subject="Invoice 4711"),
            mail(3, body=html("<p>Grüße aus dem <b>Café</b> Zoë</p><script>hidden()</script>"), subject="Täglich"),
            mail(4, subject="Re: C++ & naïve_bayes", cc="Cai Alder <cai.alder@birch.example>"),
        )
    )
    return box


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linden", ["m2", "m1"]),
        ("LINDEN", ["m2", "m1"]),
        ("linden invoice", ["m2"]),
        ("lin", ["m2", "m1"]),
        ("lin gate", []),
        ("gate lin", ["m2", "m1"]),
        ('"old gate"', ["m2", "m1"]),
        ('"gate old"', []),
        ('"linden stands" gate', ["m1"]),
        ('"lin"', []),
        ("4711", ["m2"]),
        ("cafe", ["m3"]),
        ("CAFÉ", ["m3"]),
        ("cafe\u0301", ["m3"]),
        ("gruße", ["m3"]),
        ("taglich zoe", ["m3"]),
        ("hidden", []),
        ("script", []),
        ("cai.alder@birch.example", ["m4"]),
        ("alder birch", ["m4"]),
        ("naive", ["m4"]),
        ("naïve_bayes", ["m4"]),
        ("nothing", []),
        ("bea", ["m4", "m3", "m2", "m1"]),
    ],
)
async def test_words_phrases_beginnings_and_accents(letters: Mailbox, text: str, expected: list[str]) -> None:
    """All words must occur; the last may be a beginning; quotes make a phrase; case and accents do not matter."""
    assert await found(letters, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", '"', '""', '"""', "*", "lin*", "-linden", "AND", "OR", "NOT", "a AND", "NEAR(linden gate, 2)",
        "title:linden", "(", ")", "^linden", "{title}: x", "+", "++", "c++", "'; DROP TABLE items; --", "\0",
        "linden\0gate", "%", "_", "\ud800", "😀", '"open phrase', "a" * 10_000, '" "', "\\", "linden:gate", "$1", "ß",
        "İstanbul",
    ],
)  # fmt: skip
async def test_no_text_is_an_error(letters: Mailbox, text: str) -> None:
    """Quotes, operators and control characters are what somebody typed, and are looked for or passed over."""
    await letters.store.search(letters.id, text)


async def test_operators_are_words(letters: Mailbox) -> None:
    """What a search engine takes for an operator is looked for like any word."""
    await letters.sync(adds=(mail(5, "this and that OR not near"),))
    assert await found(letters, "AND") == ["m5", "m2"]
    assert await found(letters, "NOT near") == ["m5"]
    assert await found(letters, "-linden") == ["m2", "m1"]
    assert await found(letters, "*") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.text(alphabet='"*()^:-+{}ANDORlindengate \0'))
async def test_any_text_may_be_searched(letters: Mailbox, text: str) -> None:
    """Hypothesis finds no text that makes a search fail."""
    await letters.store.search(letters.id, text)


async def test_what_is_not_indexed_yet_is_found(store: Store, box: Mailbox) -> None:
    """A search indexes what waits before it looks, a mail that has just come included."""
    await box.sync(adds=tuple(mail(number, "linden") for number in range(250)))
    assert await store.index(10) == 10
    assert len(await found(box, "linden", limit=1000)) == 250
    assert await store.index() == 0


async def test_the_newest_are_indexed_first(store: Store, box: Mailbox) -> None:
    """People look for what is new: it is the first that can be found."""
    await box.sync(adds=tuple(mail(number, "linden") for number in range(30)))
    assert [await store.index(20), await store.index(20), await store.index(20)] == [20, 10, 0]


async def test_words_follow_their_item(store: Store, box: Mailbox) -> None:
    """A changed text is found by its new words only, and a deleted one not at all."""
    await box.sync(adds=(mail(1, "linden"), mail(2, "linden")))
    assert await found(box, "linden") == ["m2", "m1"]
    await box.sync(updates=(await box.update("m1", body=html("<p>birch</p>")),))
    assert await found(box, "linden") == ["m2"]
    assert await found(box, "birch") == ["m1"]
    await box.sync(removals=(await box.removal("m2"),))
    assert await found(box, "linden") == []


async def test_every_kind_of_item_is_found(store: Store, box: Mailbox) -> None:
    """Contacts by their parts, events by place and guests, notes by title."""
    guest = Attendee(name="Cai Alder", email="cai@alder.example")
    await box.sync(
        "Contacts", adds=(contact(1, "Zoë", "Elm", company_name="Tanne AG", email1_address="zoe@elm.example"),)
    )
    await box.sync("Calendar", adds=(event(1, "Pruning", location="Arboretum", attendees=(guest,)),))
    await box.sync("Notes", adds=(note(1, "Seeds to buy"),))
    assert await found(box, "zoe tanne") == ["c1"]
    assert await found(box, "arboretum") == await found(box, "pruning alder") == ["e1"]
    assert await found(box, "seeds") == ["n1"]


async def test_newest_first_and_not_more_than_wanted(store: Store, box: Mailbox) -> None:
    """Hits are in the order of their dates, whatever the order in which they came."""
    await box.sync(adds=tuple(mail(number, "linden") for number in (3, 9, 1, 7)))
    assert await found(box, "linden") == ["m9", "m7", "m3", "m1"]
    assert await found(box, "linden", limit=2) == ["m9", "m7"]


async def test_a_search_sees_one_account_only(store: Store, box: Mailbox) -> None:
    """What another account holds is not found."""
    other = await Mailbox.begin(store, "bea@elm.example")
    await other.sync(adds=(mail(1, "linden"),))
    assert await found(box, "linden") == []
    assert await found(other, "linden") == ["m1"]


async def test_a_snippet_shows_the_match(letters: Mailbox) -> None:
    """The words around the match are shown, as plain text, accents kept."""
    [hit] = await letters.store.search(letters.id, "cafe")
    assert hit.snippet == "Grüße aus dem [Café] Zoë"
