"""
A damaged store: refused with one sentence, never silently wrong, and rebuilt from what can be read and from the server.
"""

from __future__ import annotations

import io
import random
import shutil
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

import pytest

from carrierpost.bootstrap import HubBusy, SetupError, rebuild
from carrierpost.bootstrap.locks import Locks, Purpose
from carrierpost.cli import main
from carrierpost.model import HierarchyCommit, IntentKind, NewAccount, NewOutboxEntry, OutboxState, Secret
from carrierpost.store import FeedForgotten, StoreDamaged, StoreError, WrongKey, find_key, open_store, rebuild_store
from tests.store.conftest import KEY, SteadyClock
from tests.store.values import FOLDERS, Mailbox, mail
from tests.support.hub import ADDRESS, Bench, bench
from tests.support.hub import mail as deliver
from tests.support.virtual import virtual

T = TypeVar("T")
Content = tuple[object, ...]


async def make(path: Path, clock: SteadyClock, mails: int = 40) -> Content:
    """Make a store with some of everything, and give what is in it."""
    async with await open_store(path, KEY, clock=clock) as store:
        box = await Mailbox.begin(store)
        await box.sync(adds=tuple(mail(number, f"linden {number} " * 40) for number in range(mails)))
        await store.put_secret(box.id, "password", Secret("pass"))
        for name in ("a", "b"):
            entry = NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id=name, payload=b"x" * 300)
            await store.queue(entry)
        await store.index()
    return await content(path, clock)


async def content(path: Path, clock: SteadyClock) -> Content:
    """Read everything that a store holds."""
    async with await open_store(path, KEY, clock=clock) as store:
        assert await store.check() == ()
        [one] = await store.accounts()
        items = await store.items(one.id)
        return (
            one,
            items,
            [await store.body(item.id) for item in items],
            await store.secret(one.id, "password"),
            await store.outbox(one.id),
            await store.feed(one.id),
            [hit.item.id for hit in await store.search(one.id, "linden", limit=100)],
        )


async def outcome(work: Awaitable[T]) -> T | StoreError:
    """Give what comes of it, or the refusal; anything else is an error of the test's."""
    try:
        return await work
    except StoreError as refused:
        return refused


def flip(file: Path, at: int, mask: int = 0xFF) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        old = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([old ^ mask]))


@pytest.mark.parametrize("seed", range(40))
async def test_SK15_a_flipped_byte_is_noticed_or_harmless(tmp_path: Path, clock: SteadyClock, seed: int) -> None:
    """Wherever the file is hurt, the store refuses with a sentence that says what to do, or gives what was written."""
    path, chance = tmp_path / "store.db", random.Random(seed)
    before = await make(path, clock)
    size = path.stat().st_size
    # Every tenth hits the beginning, which everything depends on; some hit several places.
    for _ in range(1 + seed % 3):
        flip(path, chance.randrange(200) if seed % 10 == 0 else chance.randrange(size), 1 << chance.randrange(8))
    after = await outcome(content(path, clock))
    if isinstance(after, StoreError):
        assert str(path) in str(after)
        assert "\n" not in str(after)
        assert "carrierpost account rebuild" in str(after) or not isinstance(after, StoreDamaged | WrongKey)
    else:
        assert after == before


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.999])
async def test_SK15_a_truncated_file_is_refused(tmp_path: Path, clock: SteadyClock, share: float) -> None:
    """A file that lost its end, or everything, is neither opened as if it were whole nor as if it were new."""
    path = tmp_path / "store.db"
    await make(path, clock)
    pages = path.stat().st_size // 4096
    with path.open("r+b") as stream:
        stream.truncate(int(pages * share) * 4096)
    with pytest.raises((StoreDamaged, WrongKey), match="carrierpost account rebuild"):
        await content(path, clock)


@pytest.mark.parametrize("seed", range(20))
async def test_SK15_a_hurt_journal_gives_an_older_state_at_worst(tmp_path: Path, clock: SteadyClock, seed: int) -> None:
    """What was not yet in the file itself may be lost with the journal, but only from its end, and whole commits."""
    path, chance = tmp_path / "store.db", random.Random(seed)
    store = await open_store(path, KEY, clock=clock)
    box = await Mailbox.begin(store)
    for page in range(5):
        await box.sync(adds=tuple(mail(page * 10 + number, "x" * 500) for number in range(10)))
    copy = tmp_path / "copy.db"  # as a machine leaves it that stops at this moment
    shutil.copyfile(path, copy)
    journal = shutil.copyfile(f"{path}-wal", Path(f"{copy}-wal"))
    await store.close()
    if seed % 2:
        flip(journal, chance.randrange(journal.stat().st_size))
    else:
        with journal.open("r+b") as stream:
            stream.truncate(chance.randrange(journal.stat().st_size))
    keys_and_counts = await outcome(pages(copy, clock))
    if isinstance(keys_and_counts, StoreError):
        assert "carrierpost account rebuild" in str(keys_and_counts)
    else:
        assert keys_and_counts in ([], [("0", 0)], *([(f"s{page}", page * 10)] for page in range(1, 6)))


async def pages(path: Path, clock: SteadyClock) -> list[tuple[str, int]]:
    """Tell the key and the number of mails of each inbox in a store that is consistent."""
    async with await open_store(path, KEY, clock=clock) as store:
        assert await store.check() == ()
        return [
            (one.sync_key, len(await store.items(account.id)))
            for account in await store.accounts()
            for one in (await store.collections(account.id))[:1]
        ]


async def test_SK15_a_rebuilt_store_keeps_what_only_it_knew(tmp_path: Path, clock: SteadyClock) -> None:
    """Account, password and outbox are there, items and keys are not; the old file is aside, byte by byte."""
    path = tmp_path / "store.db"
    await make(path, clock)
    async with await open_store(path, KEY, clock=clock) as store:
        [one] = await store.accounts()
        entry = (await store.outbox(one.id))[0]
        await store.mark_outbox(entry.id, OutboxState.SENDING)
        highest = max(item.id for item in await store.items(one.id))
    old = path.read_bytes()

    done = rebuild_store(path, KEY, KEY, clock=clock)
    assert (done.accounts, done.secrets, done.outbox, done.unreadable) == (("ada@larch.example",), 1, 2, ())
    assert done.aside.read_bytes() == old
    assert done.aside.name == "store.db.damaged-20260302-090000"
    async with await open_store(path, KEY, clock=clock) as store:
        [kept] = await store.accounts()
        assert (kept.id, kept.login, kept.device_id, kept.hierarchy_key) == (one.id, one.login, one.device_id, "0")
        assert await store.secret(kept.id, "password") == Secret("pass")
        assert [(e.client_id, e.state, e.payload) for e in await store.outbox(kept.id)] == [
            ("a", OutboxState.SENDING, b"x" * 300),
            ("b", OutboxState.QUEUED, b"x" * 300),
        ]
        assert not any([await store.items(kept.id), await store.collections(kept.id)])
        assert await store.feed(kept.id, kept.feed_position) == ()
        with pytest.raises(FeedForgotten):  # whoever followed the old feed begins anew
            await store.feed(kept.id, one.feed_position)
        box = Mailbox(store, kept)
        await store.commit_hierarchy(HierarchyCommit(account_id=kept.id, from_key="0", to_key="h1", upserts=FOLDERS))
        await box.sync(adds=(mail(1),))
        assert (await box.item("m1")).id > highest
        assert await store.check() == ()


@pytest.mark.parametrize("seed", range(12))
async def test_SK15_whatever_is_damaged_can_be_rebuilt(tmp_path: Path, clock: SteadyClock, seed: int) -> None:
    """However badly a file is hurt, a new store takes its place; nothing is kept that was not there before."""
    path, chance = tmp_path / "store.db", random.Random(seed)
    await make(path, clock)
    if seed % 3 == 0:
        with path.open("r+b") as stream:
            stream.truncate(chance.randrange(path.stat().st_size))
    else:
        for _ in range(seed * 2):
            flip(path, chance.randrange(path.stat().st_size))
    hurt = path.read_bytes()
    done = rebuild_store(path, KEY, KEY, clock=clock)
    assert done.aside.read_bytes() == hurt
    async with await open_store(path, KEY, clock=clock) as store:
        assert await store.check() == ()
        accounts = await store.accounts()
        assert tuple(one.address for one in accounts) == done.accounts
        assert done.accounts in ((), ("ada@larch.example",))
        assert bool(done.accounts) or "accounts" in done.unreadable
        for one in accounts:
            assert [entry.client_id for entry in await store.outbox(one.id)] in ([], ["a"], ["b"], ["a", "b"])


async def test_two_rebuilds_in_a_second_keep_both_files(tmp_path: Path, clock: SteadyClock) -> None:
    """What was moved aside before is never overwritten."""
    path = tmp_path / "store.db"
    await make(path, clock)
    first, second = (rebuild_store(path, KEY, KEY, clock=clock).aside for _ in range(2))
    assert first != second
    assert first.stat().st_size > second.stat().st_size


def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARRIERPOST_HOME", str(tmp_path))
    for name in ("CARRIERPOST_STORE_KEY", "CARRIERPOST_STORE_KEY_FILE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "store.key").write_text(KEY.hex())
    (tmp_path / "store.key").chmod(0o600)
    return tmp_path / "store.db"


@pytest.fixture
async def damaged(tmp_path: Path, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the store of a home, and damage the page that most of the mail is on."""
    path = home(tmp_path, monkeypatch)
    await make(path, clock)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size * 9 // 10)
    return path


def test_SK15_the_command_line_explains_and_rebuilds(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged store is one sentence and exit status 1; the command that it names mends it, once it may."""
    assert main(["mail", "list"]) == 1
    error = capsys.readouterr().err
    assert "store.db is damaged" in error
    assert "carrierpost account rebuild" in error
    assert "Traceback" not in error

    assert main(["account", "rebuild", "--yes"]) == 0
    output = capsys.readouterr().out
    assert "store.db.damaged-" in output
    assert "1 accounts, 1 passwords, 2 waiting to be sent" in output
    assert main(["account", "list"]) == 0
    assert ADDRESS in capsys.readouterr().out


def test_SK15_a_rebuild_is_asked_before_it_is_done(
    damaged: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a yes nothing moves."""
    before = damaged.read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["account", "rebuild"]) == 130
    assert damaged.read_bytes() == before
    assert list(damaged.parent.glob("*damaged*")) == []


def test_a_rebuild_needs_a_store_and_nobody_at_work(damaged: Path, tmp_path: Path) -> None:
    """Where there is none, or while another process syncs, nothing is moved."""
    with pytest.raises(SetupError, match="there is no store"):
        rebuild(environment={"CARRIERPOST_HOME": str(tmp_path / "elsewhere")})
    with Locks(damaged.parent).alone(1, Purpose.WORK, "ada@larch.example"), pytest.raises(HubBusy):
        rebuild()
    assert list(damaged.parent.glob("*damaged*")) == []


def test_a_store_whose_key_is_lost_begins_anew(damaged: Path) -> None:
    """Nothing can be read without the key: the new store is empty and has a key of its own."""
    (damaged.parent / "store.key").unlink()
    done = rebuild()
    assert done.accounts == ()
    assert find_key(damaged.parent / "store.key", {}) != KEY


@virtual
async def test_SK15_a_sync_after_a_rebuild_fetches_everything_again() -> None:
    """Server and rebuilt store agree again, without the person having typed anything."""
    async with bench() as made:
        for number in range(30):
            deliver(made.mailbox, number)
        account = await made.account()
        wanted = NewAccount(address=account.address, login=account.login, url=account.url, device_id=account.device_id)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.db"
            for begin in (True, False):
                async with await open_store(path, KEY, clock=made.clock, inline=True) as store:
                    hub = Bench(store, made.server, made.clock, made.settings)
                    hub.account_id = (await store.add_account(wanted)).id if begin else (await store.accounts())[0].id
                    async with hub.new_runner() as runner:
                        await runner.sync_once()
                    assert await hub.contradictions() == []
                    assert sum((await store.count(hub.account_id)).values()) == 30
                if begin:
                    rebuild_store(path, KEY, KEY, clock=made.clock)
