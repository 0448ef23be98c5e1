"""
The account runner: decides the next step, carries it out, learns from how it went, and begins again.

Everything it must not forget is in the store before the next request leaves; a runner may be killed at any moment. One
runner per account works at a time, and it asks one thing after the other. Beside that, one request of a person who
opens a mail may be under way: two connections at most.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec

from carrierpost.client.errors import ClientError, TLSRefused, Unreachable
from carrierpost.client.session import Session
from carrierpost.engine.bell import Bell
from carrierpost.engine.context import Connect, Context
from carrierpost.engine.errors import AccountStopped, AccountWaits
from carrierpost.engine.events import Event, Phase, Waiting
from carrierpost.engine.failure import Remedy, judge
from carrierpost.engine.fetching import fetch_attachment, fetch_body, retry_aside
from carrierpost.engine.folder import sync_folder
from carrierpost.engine.gate import Gate
from carrierpost.engine.heartbeat import Heartbeat
from carrierpost.engine.hierarchy import fetch_folders
from carrierpost.engine.indexing import index_all
from carrierpost.engine.inviting import invite_attendees
from carrierpost.engine.moving import move_items
from carrierpost.engine.order import next_step
from carrierpost.engine.outbox import send_outbox
from carrierpost.engine.remedies import hold_back, note_server, recovered, remedy, take_hints
from carrierpost.engine.request import unsynchronized
from carrierpost.engine.responding import respond
from carrierpost.engine.sending import send_message
from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.state import AccountRun
from carrierpost.engine.steps import (
    Acknowledge,
    AnswerMeeting,
    FetchFolders,
    Hold,
    Idle,
    MoveAway,
    Negotiate,
    Provision,
    RetryAside,
    SendMessage,
    SendOutbox,
    Step,
    Stop,
    SyncFolder,
    TellAttendees,
    TellDevice,
)
from carrierpost.engine.watching import hold
from carrierpost.engine.wiping import acknowledge
from carrierpost.model import Account, AccountState, Doubt, ItemBody
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.item_operations import FetchedItem
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.errors import HTTPStatusError, ProtocolError, StatusError, UnreadableAnswer
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import choose_version
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld, StaleCommit

__all__ = ["AccountRunner"]

T = TypeVar("T")

_SETTINGS = EngineSettings()  # one for all that have no others

_INDEXED_AT_ONCE = 1000  # items, when nothing else is to be done: a third cheaper than small batches


def _label(step: Step) -> str:
    """
    Name a step, so that only its own success ends a row of its failures.
    """
    match step:
        case SyncFolder() | SendOutbox() | RetryAside():
            return f"{type(step).__name__} {step.collection.id}"
        case _:
            return type(step).__name__


def _is_news(context: Context, step: Step) -> bool:
    """
    Tell whether a step fetches what a held connection has just named.
    """
    return isinstance(step, SyncFolder) and context.run.folder(step.collection.id).woken


def _ignore(event: Event) -> None:
    """
    Listen to nothing.
    """


class AccountRunner:
    """
    Keeps one account in sync.

    Args:
        store: where the account is kept.
        account_id: the account.
        connect: opens its session with the server.
        clock: the time.
        chance: spreads pauses.
        settings: what may be tuned.
        listener: receives events, at once and on the loop; it must not raise.
        gate: is entered for each step but the held connection, where the accounts of a server are many; `None` for a
            lone one.

    Use it as an asynchronous context manager, or call `close`.
    """

    def __init__(
        self,
        store: Store,
        account_id: int,
        connect: Connect,
        *,
        clock: Clock,
        chance: random.Random,
        settings: EngineSettings | None = None,
        listener: Callable[[Event], None] = _ignore,
        gate: Gate | None = None,
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._connect = connect
        self._clock = clock
        self._chance = chance
        self._settings = settings or _SETTINGS
        self._listener = listener
        self._gate = gate
        self._wanted: frozenset[int] | None = None
        self._wished = False
        self._looked_at: frozenset[int] = frozenset()
        self._working = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._beside = asyncio.Lock()
        self._refreshed = False
        self._bell = Bell()
        self._context: Context | None = None
        self._last_error: ClientError | ProtocolError | None = None

    async def __aenter__(self) -> AccountRunner:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """
        Close the connections. What runs is to be cancelled before.
        """
        context, self._context = self._context, None
        if context is not None:
            await context.session.close()

    def wake(self) -> None:
        """
        End the wait for news: something is to be done, or a setting has changed.
        """
        self._bell.ring()

    def refresh(self, wished: Iterable[int] = ()) -> None:
        """
        Look for news everywhere at once, as when a person pulls down a list: pauses end that are our own, not those
        that the server asked for, and a stopped account is tried again.

        Args:
            wished: ids of folders that are asked for this once, whether or not they are by themselves.
        """
        self._refreshed = self._wished = True
        self._looked_at |= frozenset(wished)
        self._bell.ring()

    def want(self, wanted: Iterable[int] | None) -> None:
        """
        Say which folders are asked for by themselves: held, or at their frequency. `None` stands for all that are not
        set to manual, which is what a runner does unless it is told otherwise.
        """
        ids = None if wanted is None else frozenset(wanted)
        if ids != self._wanted:
            self._wanted = ids
            self._bell.ring()

    # -- working

    async def sync_once(self, *, patience: int = 3) -> tuple[str, ...]:
        """
        Synchronize everything once, and return when the server has nothing more.

        Somebody asks for it, so an account that was stopped is tried again. Not to be called while `run` works on the
        account: `refresh` does the same there.

        Args:
            patience: failures in a row after which to give up.

        Returns:
            A sentence for each folder that could not be synchronized; none when all is well.

        Raises:
            AccountStopped: a person has to do something first.
            AccountWaits: the server asked to be left alone.
            ClientError: it could not be reached.
            ProtocolError: it refused.
        """
        async with self._working:
            context = await self._open()
            self._refreshed = True
            while True:
                step = await self._next(context)
                match step:
                    case Stop():
                        raise AccountStopped(step.reason)
                    case Hold() | Idle():
                        if await self._is_settled(context, patience):
                            break
                        await self._clock.sleep(step.recheck if isinstance(step, Hold) else step.seconds)
                    case _:
                        await self._do(context, step)
            while await self._store.index(_INDEXED_AT_ONCE):
                pass
            return await self._troubles(context)

    async def _is_settled(self, context: Context, patience: int) -> bool:
        """
        Tell whether there is nothing more to wait for; raises what stands in the way of the whole account.
        """
        account = await self._store.account(self._account_id)
        if account.wait_until is not None and account.wait_until > self._clock.now():
            raise AccountWaits(account.reason, account.wait_until)
        if context.run.not_before > self._clock.monotonic():
            if context.run.failures >= patience and self._last_error is not None:
                raise self._last_error
            return False
        held = {one.id for one in await self._store.collections(self._account_id)}
        runs = [run for collection_id, run in context.run.folders.items() if collection_id in held]
        waiting = [run for run in runs if run.due and run.not_before > 0]
        return all(run.failures >= patience or run.doubted_since is not None for run in waiting)

    async def _troubles(self, context: Context) -> tuple[str, ...]:
        found = []
        for collection in await self._store.collections(self._account_id):
            folder = context.run.folder(collection.id)
            if folder.due and folder.failures and unsynchronized(collection, None) is None:
                found.append(f"{collection.display_name}: {folder.reason}")
            elif collection.doubt is Doubt.ASKED:
                found.append(f"{collection.display_name}: {collection.note}")
        return tuple(found)

    async def run(self) -> None:
        """
        Keep the account in sync until cancelled: synchronize, hold a connection, and so on.

        Raises:
            AccountStopped: the account is no longer held; `wake` makes that known at once.
        """
        async with self._working:
            context = await self._open()
            if self._gate is not None and not self._wished:
                self._bell.silence()
                await self._sleep(self._gate.pause())  # unless somebody waits for it
            self._refreshed = True
            while True:
                step = await self._next(context)
                match step:
                    case Stop():
                        context.tell(Waiting(0.0, step.reason))
                        await self._sleep(None)
                    case Hold():
                        self._wished = False
                        await self._do(context, step)
                    case Idle():
                        until = self._clock.now() + dt.timedelta(seconds=step.seconds)
                        context.tell(Waiting(step.seconds, step.reason, until=until))
                        await self._sleep(step.seconds)
                    case _:
                        await self._do(context, step)

    async def _sleep(self, seconds: float | None) -> None:
        """
        Wait for some time or for `wake`.
        """
        never = asyncio.get_running_loop().create_future()
        await self._bell.until(never if seconds is None else self._clock.sleep(seconds))
        self._bell.silence()

    async def _next(self, context: Context) -> Step:
        try:
            found = await self._store.standing(self._account_id)
        except NotHeld:
            raise AccountStopped("the account is no longer held here") from None
        account, collections = found.account, found.collections
        context.run.wanted = self._wanted
        if self._refreshed:
            self._refreshed = False
            account = await self._begin_anew(context, account)
        context.run.waits = account.state is AccountState.WAITING
        if len(context.run.folders) > len(collections):
            held = {one.id for one in collections}
            context.run.folders = {one: folder for one, folder in context.run.folders.items() if one in held}
        return next_step(
            account, collections, found.asides, context.run, self._settings,
            now=self._clock.now(), monotonic=self._clock.monotonic(), outbox=found.outbox,
        )  # fmt: skip

    async def _begin_anew(self, context: Context, account: Account) -> Account:
        """
        Make everything due, because somebody asks for it.
        """
        run = context.run
        run.hierarchy_due, run.not_before, run.failures = True, 0.0, 0
        for folder in run.folders.values():
            folder.due = True
            if folder.doubted_since is None:
                folder.not_before, folder.failures = 0.0, 0
        for collection_id in self._looked_at:
            run.folder(collection_id).wished = run.folder(collection_id).due = True
        self._looked_at = frozenset()
        if account.state is AccountState.STOPPED:
            return await self._store.update_account(self._account_id, state=AccountState.ACTIVE, reason="")
        return account

    async def _do(self, context: Context, step: Step) -> None:
        """
        Carry out a step, and learn from how it went.
        """
        run = context.run
        try:
            await self._attempt(context, step)
        except (StaleCommit, NotHeld) as error:
            # Another process changed the account or removed a folder; the next look at the store shows which.
            run.failures += 1
            run.failed_at = _label(step)
            if run.failures >= 3:
                hold_back(context, f"somebody else works on this account at the same time: {error}")

    async def _attempt(self, context: Context, step: Step) -> None:
        run = context.run
        try:
            # A held connection keeps nobody waiting, and a person is not kept waiting by others.
            if isinstance(step, Hold):
                await self._hold(context, step)
            elif self._wished or self._gate is None:
                await self._act(context, step)
            else:
                async with self._gate.passed(news=_is_news(context, step)):
                    await self._act(context, step)
            await take_hints(context)
        except (ClientError, ProtocolError) as error:
            self._last_error = error
            away = isinstance(error, Unreachable | TLSRefused)
            run.failed_at = "" if away else _label(step)
            if away and isinstance(step, Hold):
                run.folder(step.collections[0].id).due = True  # a quick question tells whether the network is back
            await remedy(context, error)
        else:
            if run.failed_at in ("", _label(step)) or isinstance(step, Hold):
                run.failures, run.failed_at = 0, ""
                await recovered(context)

    async def _act(self, context: Context, step: Step) -> None:
        match step:
            case Negotiate():
                await self._negotiate(context)
            case Acknowledge():
                await acknowledge(context, step.owed)
            case Provision():
                context.tell(Phase("agreeing on the server's policy"))
                await context.session.provision()
            case TellDevice():
                await self._tell_device(context)
            case FetchFolders():
                await fetch_folders(context)
            case SyncFolder():
                await sync_folder(context, step.collection, step.limits)
            case SendOutbox():
                await send_outbox(context, step.collection, step.entries)
            case MoveAway():
                await move_items(context, step.entries)
            case SendMessage():
                await send_message(context, step.entry)
            case AnswerMeeting():
                await respond(context, step.entry)
            case TellAttendees():
                await invite_attendees(context, step.entry)
            case RetryAside():
                await retry_aside(context, step.collection, step.aside, step.limits)
            case Hold() | Stop() | Idle():
                raise AssertionError("these are no acts")

    async def _tell_device(self, context: Context) -> None:
        """
        Say what device this is; a server that does not care to know is no reason to go without mail.
        """
        try:
            await context.session.send(SettingsRequest(device=context.session.device))
        except (StatusError, HTTPStatusError, UnreadableAnswer) as error:
            if judge(error).remedy not in (Remedy.RETRY, Remedy.NEGOTIATE, Remedy.SMALLER):
                raise
        else:
            await note_server(context, device_told="yes")
        context.run.device_told = True

    async def _hold(self, context: Context, step: Hold) -> None:
        if self._gate is not None:  # then somebody else indexes for all
            await hold(context, step, self._bell)
        else:
            indexing = asyncio.ensure_future(index_all(self._store))
            try:
                await hold(context, step, self._bell)
            finally:
                indexing.cancel()
                await asyncio.gather(indexing, return_exceptions=True)
        self._bell.silence()

    # -- beginning

    async def _open(self) -> Context:
        """
        Open the session on first use.
        """
        async with self._opening:
            if self._context is None:
                account = await self._store.account(self._account_id)
                session = await self._connect(
                    account, on_partnership=self._keep_partnership, on_agreement=self._keep_agreement
                )
                heartbeat = Heartbeat.of(self._settings, account.heartbeat, account.heartbeat_ceiling)
                told = "device_told" in account.server
                run = AccountRun(heartbeat=heartbeat, device_told=told, window_size=self._settings.window_size)
                self._context = Context(
                    account_id=self._account_id, store=self._store, session=session, clock=self._clock,
                    chance=self._chance, settings=self._settings, run=run, tell=self._listener,
                    gate=self._gate,
                )  # fmt: skip
            return self._context

    async def _keep_partnership(self, partnership: Partnership) -> None:
        await self._store.update_account(
            self._account_id,
            url=partnership.url,
            version=partnership.version,
            policy_key=partnership.policy_key,
        )

    async def _keep_agreement(self, agreement: Agreement) -> None:
        policy: dict[str, object] = {}
        if agreement.document is not None:
            policy = {
                "document": msgspec.to_builtins(agreement.document),
                "compliance": agreement.compliance.name if agreement.compliance is not None else None,
            }
        before = await self._store.account(self._account_id)
        facts = {**before.server, "policy_at": self._clock.now().isoformat()}
        await self._store.update_account(self._account_id, policy=policy, server=facts)
        if before.policy != policy:
            self._bell.ring()  # other windows may be allowed now; a Ping that is repeated meanwhile would hide that

    async def _negotiate(self, context: Context) -> None:
        context.tell(Phase("asking what the server speaks"))
        facts = await context.session.options()
        account = await note_server(
            context,
            versions=facts.all_versions,
            commands=", ".join(sorted(facts.commands)),
            product=facts.product,
            request_id=facts.request_id,
        )
        version = choose_version(facts.versions, pinned=account.pinned_version)
        await context.session.change(version=version)
        await self._store.update_account(self._account_id, version=version)
        context.run.negotiated = True

    # -- for a person

    async def session(self) -> Session:
        """
        Give the account's session, opened when needed.
        """
        return (await self._open()).session

    async def ask(self, question: Callable[[Context], Awaitable[T]]) -> T:
        """
        Ask the server something for a person, beside what the runner does: a search, a setting, a new folder.

        Args:
            question: asks it, and gives the answer; see `carrierpost.engine.folders`, `looking` and `away`.

        Raises:
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        async with self._beside:
            return await question(await self._open())

    async def fetch_body(self, item_id: int) -> ItemBody:
        """
        Fetch an item's whole body and keep it.

        Raises:
            NotHeld: there is no such item.
            NotFetched: the server does not give it.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        async with self._beside:
            return await fetch_body(await self._open(), item_id)

    async def fetch_attachment(self, item_id: int, file_reference: str) -> FetchedItem:
        """
        Fetch an attachment.

        Args:
            item_id: the item that it is attached to.
            file_reference: the attachment's reference, from the item.

        Raises:
            NotHeld: there is no such item.
            NotFetched: the server does not give it.
            ClientError, ProtocolError: the server could not be asked, or refused.
        """
        async with self._beside:
            return await fetch_attachment(await self._open(), item_id, file_reference)
