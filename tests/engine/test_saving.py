"""
Attachments saved to disk while they come in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from carrierpost.client.errors import ConnectionLost
from carrierpost.engine import NotFetched
from carrierpost.engine.saving import FileProgress, save_attachment
from carrierpost.protocol.classes import Attachment, AttachmentMethod
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.item_operations import ItemOperationsResponse
from carrierpost.protocol.message import HTTPRequest, HTTPResponse, Sink
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server import Attached
from tests.support import wire
from tests.support.hub import Bench, bench
from tests.support.virtual import virtual

CONTENT = bytes(range(256)) * 400


async def attached(hub: Bench, *names: str, content: bytes = CONTENT, estimate: int | None = None) -> list[str]:
    """Deliver a mail with attachments, and synchronize; gives their references."""
    item = hub.mailbox.deliver("Figures", "attached")
    folder, _ = hub.mailbox.find(item.server_id) or (None, None)
    assert folder is not None
    described = []
    for number, name in enumerate(names):
        reference = f"{item.server_id}/{number}"
        item.attached[reference] = Attached(content, "text/html" if name.endswith("html") else "application/x")
        described.append(
            Attachment(
                display_name=name,
                file_reference=reference,
                method=AttachmentMethod.FILE,
                estimated_data_size=len(content) if estimate is None else estimate,
            )
        )
    hub.mailbox.change(folder, item, attachments=tuple(described))
    await hub.new_runner().sync_once()
    return [one.file_reference or "" for one in described]


async def save(hub: Bench, reference: str, folder: Path, told: Callable[[FileProgress], None] | None = None) -> Path:
    """Save an attachment of the only mail."""
    [held] = await hub.held(FolderType.INBOX)
    options: dict[str, Any] = {} if told is None else {"on_progress": told}
    return await hub.runner.ask(
        functools.partial(save_attachment, item_id=held.id, file_reference=reference, folder=folder, **options)
    )


def names_in(folder: Path) -> list[str]:
    """List what a folder holds, hidden files as well."""
    return sorted(one.name for one in folder.iterdir())


class Cut:
    """
    A network that ends some answers after so many bytes; `pieces` are what the others come in.
    """

    def __init__(self, *after: int, pieces: int = 1000) -> None:
        self.after = list(after)
        self.pieces = pieces
        self.asked = 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it between the hub and its server."""
        send = wire.Wire.send

        async def cut(transport: wire.Wire, request: HTTPRequest) -> HTTPResponse:
            if request.sink is None:
                return await send(transport, request)
            self.asked += 1
            whole = await send(transport, _without_sink(request))
            most = self.after.pop(0) if self.after else len(whole.body)
            return _pour(request.sink, whole, most, self.pieces)

        monkeypatch.setattr(wire.Wire, "send", cut)


def _without_sink(request: HTTPRequest) -> HTTPRequest:
    return msgspec.structs.replace(request, sink=None)


def _pour(sink: Sink, whole: HTTPResponse, most: int, size: int) -> HTTPResponse:
    sink.begin(whole.headers)
    for start in range(0, min(most, len(whole.body)), size):
        sink.feed(whole.body[start : min(start + size, most)])
    if most < len(whole.body):
        raise ConnectionLost("localhost", "it was cut", sent=True)
    return msgspec.structs.replace(whole, body=sink.finish())


@virtual
@pytest.mark.parametrize("version", list(Version))
async def test_an_attachment_is_saved_under_its_name(tmp_path: Path, version: Version) -> None:
    """In every version; the progress grows to the whole, and what is left in the folder is the file alone."""
    async with bench(version=version) as hub:
        [reference] = await attached(hub, "figures.csv", estimate=100_000)
        told: list[FileProgress] = []
        file = await save(hub, reference, tmp_path / "new", told.append)
    assert file == tmp_path / "new" / "figures.csv"
    assert file.read_bytes() == CONTENT
    assert names_in(tmp_path / "new") == ["figures.csv"]
    assert told[-1] == FileProgress(len(CONTENT), len(CONTENT), exact=True)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert file.stat().st_mode & 0o077 == 0


@virtual
async def test_nothing_is_overwritten_and_names_are_safe(tmp_path: Path) -> None:
    """Two attachments of one name, and a file that was there: all three stay; no name leads out of the folder."""
    (tmp_path / "plan.pdf").write_bytes(b"mine")
    async with bench() as hub:
        references = await attached(hub, "plan.pdf", "../../plan.pdf", "con.txt")
        files = [await save(hub, one, tmp_path) for one in references]
    assert [one.relative_to(tmp_path).name for one in files] == ["plan (2).pdf", "plan (3).pdf", "_con.txt"]
    assert (tmp_path / "plan.pdf").read_bytes() == b"mine"


@virtual
@pytest.mark.parametrize("multipart", [True, False])
async def test_a_cut_download_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, multipart: bool
) -> None:
    """What came before each cut is not asked for again, and the file is whole in the end."""
    async with bench(version=Version.V14_1) as hub:
        [reference] = await attached(hub, "figures.csv")
        if not multipart:
            plain = ItemOperationsResponse.encode
            monkeypatch.setattr(ItemOperationsResponse, "encode", lambda self, version, **_: plain(self, version))
        cut = Cut(30_000, 40_000)
        cut.install(monkeypatch)
        told: list[FileProgress] = []
        file = await save(hub, reference, tmp_path, told.append)
    assert file.read_bytes() == CONTENT
    assert cut.asked == 3
    done = [one.done for one in told]
    assert done == sorted(done), "it began anew"
    assert told[-1].done == told[-1].total == len(CONTENT)


@virtual
async def test_a_cut_download_begins_anew_where_the_server_knows_no_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """12.1 cannot say where to go on; nothing of the first attempt stays in the file."""
    async with bench(version=Version.V12_1) as hub:
        [reference] = await attached(hub, "figures.csv")
        cut = Cut(70_000)
        cut.install(monkeypatch)
        file = await save(hub, reference, tmp_path)
    assert file.read_bytes() == CONTENT
    assert cut.asked == 2


@virtual
async def test_a_download_that_brings_nothing_ends_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some attempts without a byte the person hears of it; no piece stays behind."""
    async with bench(version=Version.V14_1) as hub:
        [reference] = await attached(hub, "figures.csv")
        Cut(*[0] * 20).install(monkeypatch)
        with pytest.raises(ConnectionLost):
            await save(hub, reference, tmp_path)
    assert names_in(tmp_path) == []


@virtual
async def test_PV7_what_really_comes_is_held_against_the_policy(tmp_path: Path) -> None:
    """An estimate that is too small lets nothing through; no piece stays behind."""
    for version in (Version.V12_1, Version.V16_1):
        async with bench(version=version, policy=ProvisioningDocument(max_attachment_size=5000), enforce=True) as hub:
            [reference] = await attached(hub, "figures.csv", estimate=10)
            with pytest.raises(NotFetched, match="up to 5000 bytes; this has"):
                await save(hub, reference, tmp_path)
    assert names_in(tmp_path) == []


@virtual
async def test_an_attachment_that_is_gone_is_named(tmp_path: Path) -> None:
    """The server's refusal is a sentence, in both generations; an attachment that the mail does not have is another."""
    for version in (Version.V12_1, Version.V14_1):
        async with bench(version=version) as hub:
            [reference] = await attached(hub, "figures.csv")
            [item] = hub.mailbox.folder(FolderType.INBOX).items.values()
            item.attached.clear()
            with pytest.raises(NotFetched):
                await save(hub, reference, tmp_path)
            with pytest.raises(NotFetched, match="no such attachment"):
                await save(hub, "other", tmp_path)
    assert names_in(tmp_path) == []


@virtual
async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The person hears which, and why."""
    (tmp_path / "file").write_text("")
    async with bench() as hub:
        [reference] = await attached(hub, "figures.csv")
        with pytest.raises(NotFetched, match=r"cannot be written to .*file"):
            await save(hub, reference, tmp_path / "file")


@virtual
async def test_an_attached_web_page_is_saved(tmp_path: Path) -> None:
    """In 12.1 the answer is the file alone, and this one looks like a login page; its name says that it is none."""
    async with bench(version=Version.V12_1) as hub:
        [reference] = await attached(hub, "page.html", content=b"<html><p>larch</p></html>")
        assert (await save(hub, reference, tmp_path)).read_bytes() == b"<html><p>larch</p></html>"
