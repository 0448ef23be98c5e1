"""
`carrierpost demo`: a made-up mailbox, really synchronized.

Nothing here is played: the built-in server listens on a port of this machine, the client speaks HTTP to it, the store
is encrypted, the engine is the one that keeps real mailboxes. Only the people are made up, and all of it lives in a
temporary directory that is removed in the end.
"""

from __future__ import annotations

import asyncio
import collections
import gc
import random
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.demo_view import Outcome, TextView, View
from carrierpost.cli.failure import explain, is_unread
from carrierpost.cli.live import line_of
from carrierpost.cli.output import json_option, print_json
from carrierpost.cli.running import asynchronous, until_interrupted
from carrierpost.cli.showing import headline
from carrierpost.engine import Committed, EngineSettings, Event, Waiting
from carrierpost.model import Account, Change, Progress
from carrierpost.protocol.clock import SystemClock
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.serve import serving
from carrierpost.server.world import Happening, World, build_world
from carrierpost.store import NotHeld

__all__ = ["demo"]

_PACE = (1.2, 4.0)  # least and most seconds between two happenings, for somebody who reads along
_HEADLESS_PACE = (0.02, 0.18)
_GRACE = 3.0  # seconds in which what has happened may still arrive at the end


def _version(_: click.Context, __: click.Parameter, value: str | None) -> Version | None:
    try:
        return None if value is None else Version.parse(value)
    except LocalProtocolError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option("--headless", is_flag=True, help="No window and no pauses for a reader: things happen several a second.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="Watch arrivals for this time; until Ctrl-C unless given."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another number makes another world.")
@click.option("--version", callback=_version, metavar="14.1", help="Speak this version of the protocol, 12.1 to 16.1.")
@click.option(
    "--trace", type=click.Path(file_okay=False, path_type=Path), help="Write every exchange with the server here."
)
@json_option
@click.pass_context
@asynchronous
async def demo(
    context: click.Context,
    headless: bool,
    seconds: float | None,
    seed: int,
    version: Version | None,
    trace: Path | None,
    as_json: bool,
) -> None:
    """
    Watch a lifelike mailbox being synchronized, nothing to set up.

    A mail server with a made-up office starts inside this process, one of its mailboxes is synchronized, and then you
    see what arrives while the others go on writing. Nothing of yours is read or changed.
    """
    view = View() if as_json else TextView()
    showing = _Demonstration(view, pace=_HEADLESS_PACE if headless else _PACE, seconds=seconds)
    await until_interrupted(showing.run(seed=seed, version=version, trace=trace))
    outcome = showing.outcome()
    if as_json:
        print_json(outcome.values())
    else:
        view.close(outcome)
    if outcome.errors:
        context.exit(1)


class _Arrivals:
    """
    Follows what happens on the server to its arrival in the store, by the items' server ids.
    """

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self._waiting: dict[str, collections.deque[tuple[Happening, set[str]]]] = {}
        self._server_ids: dict[int, str] = {}
        self._folders: frozenset[str] = frozenset()

    def watch(self, folders: Iterable[str]) -> None:
        """
        Say in which folders, by their server ids, something can arrive.
        """
        self._folders = frozenset(folders)

    def know(self, item_id: int, server_id: str) -> None:
        """
        Note which item of the store is which of the server's.
        """
        self._server_ids[item_id] = server_id

    def knows(self, item_id: int) -> bool:
        """
        Tell whether an item was noted.
        """
        return item_id in self._server_ids

    def expect(self, happening: Happening) -> None:
        """
        Wait for something, unless it is where an old version of the protocol does not reach: it has no notes.
        """
        if not self._folders.issuperset(one.partition(":")[0] for one in happening.server_ids):
            return
        left = set(happening.server_ids)
        for server_id in happening.server_ids:
            self._waiting.setdefault(server_id, collections.deque()).append((happening, left))

    def arrive(self, item_id: int, monotonic: float) -> float | None:
        """
        Take note that an item's change is in the store.

        Returns:
            Milliseconds since it was committed on the server; `None` when it was not waited for.
        """
        server_id = self._server_ids[item_id]
        queue = self._waiting.get(server_id)
        if not queue or queue[0][0].committed > monotonic:
            return None
        happening, left = queue.popleft()
        if not queue:
            del self._waiting[server_id]
        late = (monotonic - happening.committed) * 1000
        left.discard(server_id)
        if not left:  # with this the whole of it has arrived
            self.latencies.append(late)
        return late

    @property
    def missing(self) -> list[Happening]:
        """
        What has not arrived.
        """
        found = {id(one): one for queue in self._waiting.values() for one, _ in queue}
        return list(found.values())


class _Demonstration:
    """
    One run from the first line to the last.

    Args:
        view: shows it.
        pace: least and most seconds between two happenings.
        seconds: how long to watch, or `None` for ever.
    """

    def __init__(self, view: View, *, pace: tuple[float, float], seconds: float | None) -> None:
        self._view = view
        self._pace = pace
        self._seconds = seconds
        self._clock = SystemClock()
        self._arrivals = _Arrivals()
        self._committed: asyncio.Queue[tuple[Change, float]] = asyncio.Queue()
        self._connected = asyncio.Event()
        self._errors: dict[str, None] = {}
        self._items: dict[str, int] = {}
        self._folders = 0

    def outcome(self) -> Outcome:
        """
        Give what there is to say in the end.
        """
        return Outcome(self._items, self._folders, tuple(self._arrivals.latencies), tuple(self._errors))

    async def run(self, *, seed: int, version: Version | None, trace: Path | None) -> None:
        """
        Build, synchronize, watch; cancelling it ends it in good order at any moment.
        """
        self._view.open()
        server = ExchangeServer(clock=self._clock, chance=random.Random(seed))  # noqa: S311 - sample data
        world = build_world(server, now=self._clock.now(), chance=random.Random(seed))  # noqa: S311 - sample data
        try:
            with tempfile.TemporaryDirectory(prefix="carrierpost-demo-") as directory:
                async with (
                    serving(server) as running,
                    open_hub(home=Path(directory), trace=trace, environment={}, clock=self._clock) as hub,
                ):
                    person = world.person
                    added = await hub.add_account(
                        person.address, Secret(person.password), url=running.url, version=version
                    )
                    self._view.begin(running.origin, added.version, world)
                    await self._keep(hub, added.account, world)
        except Exception as error:
            sentence = explain(error)
            if sentence is None or is_unread(error):
                raise
            self._errors[sentence] = None

    async def _keep(self, hub: Hub, account: Account, world: World) -> None:
        settings = EngineSettings(estimates=True)
        try:
            async with hub.runner(account, listener=self._hear, settings=settings) as runner:
                begun = self._clock.monotonic()
                with self._view.progress():
                    self._errors |= dict.fromkeys(await runner.sync_once())
                seconds = self._clock.monotonic() - begun
                known = await self._learn(hub, account)
                await self._view.summary(hub, account, seconds)
                gc.freeze()  # the world stays as it is; going through it now and then would hold up an arrival
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(runner.run()), group.create_task(self._follow(hub, known))]
                    await self._go_on(world)
                    for task in tasks:
                        task.cancel()
        finally:
            gc.unfreeze()
            await self._count(hub, account)

    async def _learn(self, hub: Hub, account: Account) -> dict[int, str]:
        """
        Note what is held after the first synchronisation, and drop what was told of it.
        """
        while not self._committed.empty():
            self._committed.get_nowait()
        titles = {}
        folders = await hub.store.collections(account.id)
        self._arrivals.watch(one.server_id for one in folders if one.progress is Progress.COMPLETE)
        for item in await hub.store.items(account.id):
            if item.server_id is not None:
                self._arrivals.know(item.id, item.server_id)
            titles[item.id] = headline(item.data)
        return titles

    async def _count(self, hub: Hub, account: Account) -> None:
        counts = await hub.store.count(account.id)
        self._items = {kind.lower(): number for kind, number in counts.items()}
        self._folders = len(await hub.store.collections(account.id))

    # -- watching

    def _hear(self, event: Event) -> None:
        """
        Take an event from the engine; nothing is looked up here, for it waits.
        """
        self._view.hear(event)
        match event:
            case Committed(changes, monotonic):
                for change in changes:
                    self._committed.put_nowait((change, monotonic))
            case Waiting(held=True):
                self._connected.set()
            case Waiting(_, reason) if reason:
                self._errors[reason] = None

    async def _go_on(self, world: World) -> None:
        """
        Let things happen until the time is over, and wait a moment for the last of them.
        """
        await self._connected.wait()
        self._view.connected()
        end = None if self._seconds is None else self._clock.monotonic() + self._seconds
        pauses = random.Random()  # noqa: S311 - it is only to look alive
        while end is None or self._clock.monotonic() < end:
            pause = pauses.uniform(*self._pace)
            await self._clock.sleep(pause if end is None else min(pause, max(0.0, end - self._clock.monotonic())))
            if end is None or self._clock.monotonic() < end:
                self._arrivals.expect(world.happen())
        patience = self._clock.monotonic() + _GRACE
        while self._arrivals.missing and self._clock.monotonic() < patience:
            await self._clock.sleep(0.02)
        for one in self._arrivals.missing:
            self._errors[f"{one.what} ({one.title}), and after {_GRACE:g} s it was not here"] = None

    async def _follow(self, hub: Hub, known: dict[int, str]) -> None:
        """
        Show what is committed, as it comes, until cancelled.
        """
        while True:
            change, monotonic = await self._committed.get()
            if change.item_id is None:
                continue
            if not self._arrivals.knows(change.item_id):
                server_id = await _server_id(hub, change.item_id)
                if server_id is None:
                    continue
                self._arrivals.know(change.item_id, server_id)
            late = self._arrivals.arrive(change.item_id, monotonic)
            line = await line_of(hub.store, change, known)
            self._view.line(line, late)


async def _server_id(hub: Hub, item_id: int) -> str | None:
    """
    Look up which of the server's items this is; `None` when it came and went before we looked.
    """
    try:
        return (await hub.store.item(item_id)).server_id
    except NotHeld:
        return None
