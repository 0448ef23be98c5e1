"""
A file taken out of an answer while it comes in.
"""

from __future__ import annotations

import base64
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol.commands.fetch import FetchedItem
from carrierpost.protocol.commands.item_operations import ItemOperationsRequest, ItemOperationsResponse
from carrierpost.protocol.errors import UnreadableAnswer
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.spill import Spill
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import ItemOperations

V = Version.V14_1


class Kept:
    """
    Notes what it is told.
    """

    def __init__(self) -> None:
        self.begun: list[tuple[int, int | None]] = []
        self.content = b""

    def begin(self, first: int, total: int | None) -> None:
        self.begun.append((first, total))
        self.content = b""

    def write(self, piece: bytes) -> None:
        self.content += piece


def poured(payload: Payload, size: int = 7) -> tuple[Kept, Payload]:
    """Pour an answer in pieces; gives what went to the target, and the answer without it."""
    target = Kept()
    spill = Spill("ItemOperations", target)
    spill.begin({"content-type": str(payload.content_type)})
    for start in range(0, len(payload.body), size):
        spill.feed(payload.body[start : start + size])
    return target, Payload(body=spill.finish(), content_type=payload.content_type)


def read(payload: Payload) -> FetchedItem:
    [fetched] = ItemOperationsRequest(multipart=True).decode_response(payload, V, Notes()).fetched
    return fetched


@given(content=st.binary(min_size=1, max_size=500), size=st.integers(1, 400), multipart=st.booleans())
def test_a_file_comes_out_of_either_form(content: bytes, size: int, multipart: bool) -> None:
    """As base64 within the document or as a part, the bytes reach the target, and the rest of the answer is as told."""
    told = FetchedItem(file_reference="1:2/3", content=content, content_type="a/b", total=len(content))
    target, left = poured(ItemOperationsResponse(fetched=(told,)).encode(V, multipart=multipart), size)
    assert target.content == content
    assert target.begun == [(0, len(content) if multipart else None)]
    fetched = read(left)
    assert (fetched.status, fetched.content, fetched.content_type) == (1, b"", "a/b")


@pytest.mark.parametrize("multipart", [False, True])
def test_a_continued_file_says_where_it_goes_on(multipart: bool) -> None:
    """The target hears the first byte of the range and the size of the whole, before the first byte comes."""
    told = FetchedItem(file_reference="r", content=b"world", range=(6, 10), total=11)
    target, _ = poured(ItemOperationsResponse(fetched=(told,)).encode(V, multipart=multipart))
    assert target.begun == [(6, 11)]
    told = FetchedItem(file_reference="r", content=b"world", range=(6, 10))
    target, _ = poured(ItemOperationsResponse(fetched=(told,)).encode(V, multipart=multipart))
    assert target.begun == [(6, None)]


def test_a_refusal_is_read_as_ever() -> None:
    """Nothing reaches the target, and the status is there."""
    target, left = poured(ItemOperationsResponse(fetched=(FetchedItem(status=15),)).encode(V))
    assert (target.begun, read(left).status) == ([], 15)


def test_what_a_repeated_command_gets_begins_anew() -> None:
    """The first answer was a refusal of the whole, the second has the file."""
    target = Kept()
    spill = Spill("ItemOperations", target)
    for response in (
        ItemOperationsResponse(status=142),
        ItemOperationsResponse(fetched=(FetchedItem(content=b"file"),)),
    ):
        spill.begin({"content-type": "application/vnd.ms-sync.wbxml"})
        spill.feed(response.encode(V).body)
        left = spill.finish()
    assert target.content == b"file"
    assert read(Payload(body=left)).status == 1


@pytest.mark.parametrize(("at", "said"), [(3, "too early"), (20, "too early"), (-1, "too early")])
def test_a_multipart_answer_that_was_cut_is_no_file(at: int, said: str) -> None:
    """What ended without an error of the network is found by the answer's own table."""
    payload = ItemOperationsResponse(fetched=(FetchedItem(content=b"x" * 100),)).encode(V, multipart=True)
    spill = Spill("ItemOperations", Kept())
    spill.begin({"content-type": str(payload.content_type)})
    with pytest.raises(UnreadableAnswer, match=said):  # noqa: PT012 - either may notice
        spill.feed(payload.body[:at])
        spill.finish()


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff" + b"\0" * 100,
        b"\x02\0\0\0" + b"\x14\0\0\0\x08\0\0\0" + b"\x10\0\0\0\x08\0\0\0" + b"\0" * 20,
    ],
)
def test_a_table_that_lies_is_refused(body: bytes) -> None:
    """No parts, too many, or parts that lie in each other."""
    spill = Spill("ItemOperations", Kept())
    spill.begin({"content-type": "application/vnd.ms-sync.multipart"})
    with pytest.raises(UnreadableAnswer, match=r"cannot be|within another"):
        spill.feed(body)


@pytest.mark.parametrize("text", ["AAA=AAAA", "A", "AAAAA", "A*AA", "ÄAAA"])
def test_broken_base64_is_refused(text: str) -> None:
    """It is never written as if it were the file."""
    properties = [ItemOperations.Data, text]
    fetch = [ItemOperations.Status, "1", ItemOperations.Properties, properties]
    raw = wbxml.encode(
        ItemOperations.ItemOperations,
        [ItemOperations.Status, "1", ItemOperations.Response, [ItemOperations.Fetch, fetch]],
    )
    spill = Spill("ItemOperations", Kept())
    spill.begin({"content-type": "application/vnd.ms-sync.wbxml"})
    with pytest.raises(UnreadableAnswer):  # noqa: PT012 - either may notice
        spill.feed(raw)
        spill.finish()


@pytest.mark.parametrize(
    ("media", "pages", "taken"),
    [("text/html", False, b""), ("text/html", True, b"<html>"), ("text/csv", False, b"<html>"), ("", False, b"<html>")],
)
def test_a_web_page_is_taken_for_the_file_only_where_the_file_is_one(media: str, pages: bool, taken: bytes) -> None:
    """GetAttachment answers with the bytes alone, and a proxy's login page must not be saved in their place."""
    target = Kept()
    spill = Spill("GetAttachment", target, pages=pages)
    spill.begin({"content-type": media, "content-length": "6"})
    spill.feed(b"<html>")
    assert spill.finish() == (b"" if taken else b"<html>")
    assert target.content == taken
    assert target.begun == ([(0, 6)] if taken else [])


def test_the_length_of_what_was_compressed_is_not_taken_for_that_of_the_file() -> None:
    """The header counts what travels."""
    target = Kept()
    Spill("GetAttachment", target).begin({"content-length": "6", "content-encoding": "gzip"})
    assert target.begun == [(0, None)]


@pytest.mark.parametrize("multipart", [False, True])
def test_a_large_file_is_never_in_memory(multipart: bool) -> None:
    """32 MB pass with less than 1 MB held, in pieces as the network gives them."""
    size = 32 * 1024 * 1024
    marker = b"marker of the file" * 4
    told = FetchedItem(file_reference="r", content=marker, total=size)
    payload = ItemOperationsResponse(fetched=(told,)).encode(V, multipart=multipart)
    if multipart:
        start = payload.body.index(marker)
        head = bytearray(payload.body[:start])
        head[16:20] = size.to_bytes(4, "little")
        piece, tail = b"x" * 65536, b""
    else:
        coded = base64.b64encode(marker)
        start = payload.body.index(coded)
        head, tail = bytearray(payload.body[:start]), payload.body[start + len(coded) :]
        piece = base64.b64encode(b"x" * 49152)

    class Counted(Kept):
        count = 0

        def write(self, piece: bytes) -> None:
            self.count += len(piece)

    target = Counted()
    spill = Spill("ItemOperations", target)
    tracemalloc.start()
    try:
        spill.begin({"content-type": str(payload.content_type)})
        spill.feed(bytes(head))
        for _ in range(size // 65536 if multipart else size // 49152):
            spill.feed(piece)
        spill.feed(tail)
        left = spill.finish()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert target.count > size - 65536
    assert peak < 1_000_000
    assert read(Payload(body=left, content_type=payload.content_type)).content == b""
