"""
`carrierpost doctor`: how an account is doing, what its server says of itself, and what follows from it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import click

from carrierpost.bootstrap import Hub, SetupError, open_hub
from carrierpost.cli.failure import explain
from carrierpost.cli.folders import PUBLIC_FOLDERS
from carrierpost.cli.login import in_words
from carrierpost.cli.output import json_option, local_time, print_json
from carrierpost.cli.running import asynchronous, pick_account
from carrierpost.client.login.kept import LoginFacts
from carrierpost.model import Account, AccountState, Collection, Progress
from carrierpost.notify.forecast import forecast
from carrierpost.policy import Verdict, judge_stored
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.quirks import quirks_of
from carrierpost.protocol.version import Version

__all__ = ["doctor"]

_NEEDED = ("FolderSync", "Ping", "Provision", "Sync", "ItemOperations", "SendMail", "Settings", "GetItemEstimate")


_SOON = dt.timedelta(days=14)
"""Before the end of a login, when a person is told to renew it."""

_MARKS: dict[bool | None, str] = {
    True: click.style("ok  ", fg="green"),
    False: click.style("bad ", fg="red"),
    None: click.style("note", fg="yellow"),
}


@dataclasses.dataclass(slots=True)
class _Finding:
    """
    One thing that was looked at.
    """

    name: str
    good: bool | None
    text: str


async def _server(hub: Hub, account: Account) -> list[_Finding]:
    """
    Ask the server now.
    """

    async def ignore(_: object) -> None:
        """Keep nothing."""

    try:
        session = await hub.connect(account, on_partnership=ignore, on_agreement=ignore)
        try:
            facts = await session.options()
        finally:
            await session.close()
    except Exception as error:
        reason = explain(error)
        if reason is None:
            raise
        return [_Finding("server", False, reason)]
    missing = [name for name in _NEEDED if name not in facts.commands]
    found = [
        _Finding("server", True, f"answers at {account.url}" + (f", product {facts.product}" if facts.product else "")),
        _Finding(
            "versions", True, f"it offers {facts.all_versions}; {account.version or max(facts.versions)} is spoken"
        ),
    ]
    if missing:
        found.append(_Finding("commands", None, f"it does not offer {', '.join(missing)}"))
    found += [_Finding("quirk", None, f"{quirk.name}: {quirk.sentence}; {quirk.remedy}") for quirk in quirks_of(facts)]
    return found


_VERDICTS = {Verdict.MET: True, Verdict.NOT_MET: None, Verdict.NOT_APPLICABLE: True}


def _policy(hub: Hub, account: Account) -> list[_Finding]:
    if "policy_at" not in account.server:
        return [_Finding("policy", None, "not agreed on yet; the first synchronisation does it")]
    if not account.policy:
        return [_Finding("policy", True, "the server has none for this device")]
    judgements = judge_stored(account.policy, hub.capabilities)
    answer = str(account.policy.get("compliance") or "").lower().replace("_", " ")
    text = f"{len(judgements)} requirements, answered as {answer}" if judgements else "it demands nothing"
    return [
        _Finding("policy", True, text),
        *(
            _Finding("policy", _VERDICTS[one.verdict], f"{one.name} ({one.demand}) is {one.verdict}: {one.reason}")
            for one in judgements
        ),
    ]


def _state(account: Account) -> _Finding:
    match account.state:
        case AccountState.ACTIVE:
            return _Finding("account", True, "active")
        case AccountState.WAITING:
            until = local_time(account.wait_until)
            return _Finding(
                "account", None, f"waiting until {until}, because the server asked for it: {account.reason}"
            )
        case _:
            return _Finding("account", False, f"{account.state.value}: {account.reason}")


def _connection(account: Account) -> _Finding:
    if not account.heartbeat:
        return _Finding("held connection", None, "nothing is learned yet; carrierpost watch finds out")
    text = f"held for up to {account.heartbeat} s"
    if account.heartbeat_ceiling:
        text += (
            f"; {account.heartbeat_ceiling} s was cut, by a firewall or proxy between here and the server, "
            "which is kept in mind"
        )
    return _Finding("held connection", True, text)


async def _folders(hub: Hub, account: Account, collections: tuple[Collection, ...]) -> list[_Finding]:
    complete = [one for one in collections if one.progress is Progress.COMPLETE]
    found = [_Finding("folders", True, f"{len(complete)} of {len(collections)} are synchronized")]
    found += [_Finding("folder", None, f"{one.display_name}: {one.note}") for one in collections if one.note]
    aside = await hub.store.set_aside(account.id)
    names = {one.id: one.display_name for one in collections}
    found += [
        _Finding("set aside", False, f"an item in {names.get(one.collection_id, '?')}: {one.reason}") for one in aside
    ]
    if await _looks_quarantined(hub, account, collections):
        found.append(
            _Finding(
                "quarantine",
                None,
                "the server shows one mail and nothing else; it may keep this device in quarantine until an "
                "administrator admits it: read that mail",
            )
        )
    return found


async def _looks_quarantined(hub: Hub, account: Account, collections: tuple[Collection, ...]) -> bool:
    counts = await hub.store.count(account.id)
    inbox = next((one for one in collections if one.type is FolderType.INBOX), None)
    if inbox is None or inbox.progress is not Progress.COMPLETE:
        return False
    return sum(counts.values()) == 1 and counts.get(ContentClass.EMAIL) == 1


def _password(account: Account) -> list[_Finding]:
    expires = account.server.get("password_expires")
    if expires is None:
        return []
    return [_Finding("password", None, f"the server says that it expires on {expires}; change it before")]


async def _login(hub: Hub, account: Account) -> _Finding:
    """
    Say how the account logs in, and when a person has to do something about it.
    """
    try:
        kept = await hub.login_of(account)
    except SetupError as error:
        return _Finding("login", False, str(error))
    if kept is None:
        return _Finding("login", False, f"none is kept; give it with: carrierpost account login {account.address}")
    facts = LoginFacts.of(kept)
    text = in_words(facts)
    if facts.token_expires is not None and facts.token_expires != facts.expires:
        text += f"; the present token ends {local_time(facts.token_expires)}, and is renewed by itself"
    if facts.expires is not None:
        left = facts.expires - hub.clock.now()
        if left < _SOON:
            text += f"; renew it with: carrierpost account login {account.address}"
            return _Finding("login", False if left <= dt.timedelta(0) else None, text)
    return _Finding("login", True, text)


def _advice(account: Account) -> list[_Finding]:
    version = account.version
    if version is None or version >= Version.V14_1:
        return []
    return [
        _Finding("version", None, f"{version} is old: no drafts, and some fields of contacts and events are missing")
    ]


async def _device(context: click.Context, device_id: int, as_json: bool) -> None:
    """
    Say what would happen to a mail arriving now.
    """
    async with open_hub() as hub:
        found = await forecast(hub.store, device_id, now=hub.clock.now())
    if as_json:
        print_json({"device": found.device, "findings": [dataclasses.asdict(one) for one in found.findings]})
    else:
        click.echo(found.device)
        for one in found.findings:
            click.echo(f"  {_MARKS[one.good]}  {one.name}: {one.text}")
    if any(one.good is False for one in found.findings):
        context.exit(1)


@click.command()
@click.argument("address", required=False)
@click.option("--device", "device_id", metavar="ID", type=int, help="What would happen to a mail for it now, and why.")
@json_option
@click.pass_context
@asynchronous
async def doctor(context: click.Context, address: str | None, device_id: int | None, as_json: bool) -> None:
    """
    Explain how an account is doing, and why.

    Asks the server what it speaks; nothing at the server or here is changed. With --device it asks nobody, and tells
    what would happen to a mail arriving now.
    """
    if device_id is not None:
        await _device(context, device_id, as_json)
        return
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        collections = await hub.store.collections(account.id)
        findings = [_state(account), *await _server(hub, account), await _login(hub, account), *_password(account)]
        findings += [
            *_advice(account),
            *_policy(hub, account),
            _connection(account),
            *await _folders(hub, account, collections),
        ]
        findings.append(_Finding("public folders", None, PUBLIC_FOLDERS))
    if as_json:
        values: list[dict[str, Any]] = [dataclasses.asdict(one) for one in findings]
        print_json({"address": account.address, "findings": values})
    else:
        click.echo(f"{account.address}, device {account.device_id}")
        for one in findings:
            click.echo(f"  {_MARKS[one.good]}  {one.name}: {one.text}")
    if any(one.good is False for one in findings):
        context.exit(1)
