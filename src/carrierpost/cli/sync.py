"""
`carrierpost sync` and `carrierpost watch`: bring accounts up to date, once or for as long as one likes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.failure import explain
from carrierpost.cli.live import ProgressView, counted, line_of
from carrierpost.cli.output import console, json_option, print_json, trace_options
from carrierpost.cli.running import account_option, asynchronous, pick_account, until_interrupted
from carrierpost.engine import Committed, EngineSettings, Event, Progressed, Waiting, wake_by_edits
from carrierpost.model import Account, Change, ChangeKind

__all__ = ["sync", "watch"]


async def _chosen(hub: Hub, address: str | None) -> tuple[Account, ...]:
    accounts = await hub.store.accounts()
    if address is not None or not accounts:
        return (await pick_account(hub.store, address),)
    return accounts


@dataclasses.dataclass(slots=True)
class _Tally:
    """
    What one synchronisation brought.
    """

    new: int = 0
    changed: int = 0
    gone: int = 0

    def hear(self, event: Event) -> None:
        if isinstance(event, Committed):
            for change in event.changes:
                self.new += change.kind is ChangeKind.ITEM_ADDED
                self.changed += change.kind is ChangeKind.ITEM_CHANGED
                self.gone += change.kind in (ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_LEFT)

    def __str__(self) -> str:
        parts = [(self.new, "new"), (self.changed, "changed"), (self.gone, "gone")]
        return ", ".join(f"{number} {word}" for number, word in parts if number) or "nothing new"


async def _sync(hub: Hub, account: Account, view: ProgressView) -> dict[str, Any]:
    tally = _Tally()

    def listener(event: Event) -> None:
        tally.hear(event)
        view.hear(event)

    begun = hub.clock.monotonic()
    result: dict[str, Any] = {"address": account.address, "error": None, "troubles": []}
    try:
        async with hub.runner(account, listener=listener, settings=EngineSettings(estimates=True)) as runner:
            result["troubles"] = list(await runner.sync_once())
    except Exception as error:
        result["error"] = explain(error)
        if result["error"] is None:
            raise
    result |= dataclasses.asdict(tally)
    result["items"] = dict(await hub.store.count(account.id))
    result["seconds"] = round(hub.clock.monotonic() - begun, 3)
    result["summary"] = str(tally)
    return result


def _say(result: dict[str, Any]) -> None:
    address = result["address"]
    if result["error"] is not None:
        click.echo(f"{address}: {result['error']}", err=True)
        return
    held = ", ".join(counted(number, kind) for kind, number in result["items"].items()) or "nothing"
    click.echo(f"{address}: {result['summary']} in {result['seconds']:.1f} s; held are {held}")
    for trouble in result["troubles"]:
        click.echo(f"  {trouble}", err=True)


@click.command()
@account_option
@trace_options
@json_option
@click.pass_context
@asynchronous
async def sync(context: click.Context, address: str | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Bring accounts up to date, once.

    Can be interrupted at any moment, and goes on where it was.
    """
    results = []
    async with open_hub(trace=trace, veil=veil) as hub:
        for account in await _chosen(hub, address):
            with ProgressView(console(stderr=True)) as view:
                result = await _sync(hub, account, view)
            results.append(result)
            if not as_json:
                _say(result)
    if as_json:
        print_json(results)
    if any(result["error"] for result in results):
        context.exit(1)


class _Reporter:
    """
    Prints what is committed, as it comes.
    """

    def __init__(self, hub: Hub, *, as_json: bool, several: bool) -> None:
        self._hub = hub
        self._as_json = as_json
        self._several = several
        self._queue: asyncio.Queue[tuple[Account, Change | str]] = asyncio.Queue()
        self._known: dict[int, str] = {}
        self._said: dict[int, str] = {}

    def hear(self, account: Account, event: Event) -> None:
        """
        Take an event; called by the engine, so nothing is looked up here.
        """
        match event:
            case Committed(changes):
                for change in changes:
                    self._queue.put_nowait((account, change))
            case Waiting(held=True):
                self._say(account, "connected; what arrives is told at once")
            case Waiting(seconds, reason) if seconds >= 1 or reason:
                until = f" until {event.until.astimezone():%H:%M:%S}" if event.until is not None else ""
                self._say(account, f"waiting{until}: {reason}")
            case Progressed(collection, done, _, True):
                self._queue.put_nowait((account, f"{collection.display_name}: {done} items"))

    def _say(self, account: Account, text: str) -> None:
        if self._said.get(account.id) != text:
            self._said[account.id] = text
            self._queue.put_nowait((account, text))

    async def print(self) -> None:
        """
        Print until cancelled.
        """
        out, err = console(), console(stderr=True)
        while True:
            account, told = await self._queue.get()
            prefix = f"{account.address}  " if self._several else ""
            if isinstance(told, str):
                err.print(f"{prefix}{told}", style="dim", markup=False)
                continue
            if not told.announce and told.kind is ChangeKind.ITEM_ADDED:
                continue  # what a first synchronisation brings is no news
            if told.kind is ChangeKind.OUTBOX_CHANGED and not told.detail:
                continue  # a message waits to be sent, which its sender knows
            line = await line_of(self._hub.store, told, self._known)
            if self._as_json:
                print_json({"account": account.address, **line.values()})
            else:
                out.print(prefix + line.text(latency=_lateness(told, line.received)))


def _lateness(change: Change, received: dt.datetime | None) -> str:
    """
    Say how long after the server had received a mail it is here; by the clocks of two machines.
    """
    if received is None or not change.announce:
        return ""
    seconds = (change.at - received).total_seconds()
    return f"{seconds:.0f} s after the server had it" if 0 <= seconds < 3600 else ""


@click.command()
@account_option
@click.option("--seconds", type=click.FloatRange(min=0), help="End after this time; Ctrl-C unless given.")
@trace_options
@json_option
@asynchronous
async def watch(address: str | None, seconds: float | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Stay connected and tell what arrives, as it arrives.

    With --json, one JSON object a line.
    """
    async with open_hub(trace=trace, veil=veil) as hub:
        accounts = await _chosen(hub, address)
        reporter = _Reporter(hub, as_json=as_json, several=len(accounts) > 1)

        async def work(account: Account) -> None:
            listener = lambda event: reporter.hear(account, event)  # noqa: E731
            async with hub.runner(account, listener=listener) as runner:
                waking = asyncio.ensure_future(wake_by_edits(hub.store, account.id, runner.wake))
                try:
                    await runner.run()
                finally:
                    waking.cancel()

        async def everything() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(reporter.print())
                for account in accounts:
                    group.create_task(work(account))

        await until_interrupted(everything(), seconds=seconds)
