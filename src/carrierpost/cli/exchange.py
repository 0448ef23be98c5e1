"""
`carrierpost exchange`: the built-in ActiveSync server on a port, for tests and trials.

Without a command it serves until Ctrl-C. The commands speak to a server that runs on this machine; they find it, and
the token that lets them in, in a file which only its owner may read (`carrierpost.cli.exchange_control`).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import random
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from carrierpost.cli.exchange_control import commands, read_policy, recorded
from carrierpost.cli.output import console, json_option, print_json
from carrierpost.cli.running import asynchronous, until_interrupted
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.version import Version
from carrierpost.server.certificate import self_made
from carrierpost.server.exchange import ExchangeServer
from carrierpost.server.faults import parse_fault
from carrierpost.server.front import Handled
from carrierpost.server.serve import Serving, serving
from carrierpost.server.world import World, build_world

__all__ = ["exchange"]

DEFAULT_PORT = 8095
DOMAIN = "exchange.example"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """
    Somebody with a mailbox on the server.

    Attributes:
        address: the mail address.
        password: made for this run unless it was given; shown to whoever started the server.
    """

    address: str
    password: str


def _users(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[User, ...]:
    users = []
    for value in values:
        name, _colon, password = value.partition(":")
        if not name.strip():
            raise click.BadParameter(f"{value!r} names nobody; write NAME or NAME:PASSWORD")
        address = name.strip().lower() if "@" in name else f"{name.strip().lower()}@{DOMAIN}"
        users.append(User(address, password or secrets.token_urlsafe(9)))
    return tuple(users)


def _versions(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[Version, ...]:
    chosen: set[Version] = set()
    for value in values:
        first, dash, last = value.partition("-")
        try:
            low, high = Version.parse(first), Version.parse(last if dash else first)
        except LocalProtocolError as error:
            raise click.BadParameter(str(error)) from None
        chosen |= {version for version in Version if low <= version <= high}
        if low > high:
            raise click.BadParameter(f"{value} is no range; the older version comes first")
    return tuple(sorted(chosen)) or tuple(Version)


def _faults(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[Any, ...]:
    try:
        return tuple(parse_fault(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.group(invoke_without_command=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 is every address.")
@click.option(
    "--user",
    "users",
    multiple=True,
    callback=_users,
    metavar="NAME[:PASSWORD]",
    help="Somebody with a mailbox, again for more; alice and bob if nobody is. A password is made where none is named.",
)
@click.option(
    "--version",
    "versions",
    multiple=True,
    callback=_versions,
    metavar="VERSION",
    help="Offer only this version (14.1) or these (12.1-14.1); again for more.",
)
@click.option(
    "--policy",
    callback=lambda _, __, value: read_policy(value),
    metavar="NAME|FILE",
    default="none",
    help="Demand a device policy: none, basic, strict, or a JSON file.",
)
@click.option("--tls", is_flag=True, help="Speak HTTPS with a certificate made for this run.")
@click.option("--certificate", type=_FILE, help="Speak HTTPS with this certificate (PEM).")
@click.option("--key", type=_FILE, help="The certificate's key (PEM).")
@click.option(
    "--client-ca", type=_FILE, help="Want a client certificate that these authorities (PEM) signed, by HTTPS."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    callback=_faults,
    metavar="FAULT",
    help='Go wrong from the start, again for more: "delay(5) on Sync x3".',
)
@click.option("--world", is_flag=True, help="With a made-up office and a year of its mail, instead of empty mailboxes.")
@click.option(
    "--every", type=click.FloatRange(min=0.01), metavar="SECONDS", help="Let something happen in the world so often."
)
@click.option("--log", "with_log", is_flag=True, help="Print a line for each request.")
@click.option("--seconds", type=float, help="Stop by itself after this time.")
@json_option
@click.pass_context
def exchange(ctx: click.Context, /, **options: Any) -> None:
    """
    Run the built-in ActiveSync server, for tests and trials.

    Mailboxes live in memory and end with it. While it runs, the commands below deliver mail to it, ask it for faults,
    and play its administrator, from another terminal on the same machine.
    """
    given = [
        param.opts[0]
        for param in exchange.params
        if ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.COMMANDLINE
    ]
    if ctx.invoked_subcommand is None:
        _serve(**options)
    elif given:
        raise click.UsageError(
            f"{given[0]} before {ctx.invoked_subcommand} has no effect; options of a command come after its name"
        )


for _command in commands:
    exchange.add_command(_command)


@asynchronous
async def _serve(
    *,
    port: int,
    host: str,
    users: tuple[User, ...],
    versions: tuple[Version, ...],
    policy: Any,
    tls: bool,
    certificate: Path | None,
    key: Path | None,
    client_ca: Path | None,
    faults: tuple[Any, ...],
    world: bool,
    every: float | None,
    with_log: bool,
    seconds: float | None,
    as_json: bool,
) -> None:
    if tls and certificate:
        raise click.UsageError("--tls makes a certificate; leave it out when --certificate names one")
    if key and not certificate:
        raise click.UsageError("--key needs --certificate")
    if client_ca and not (tls or certificate):
        raise click.UsageError("--client-ca needs --tls or --certificate: only HTTPS has certificates")
    if every and not world:
        raise click.UsageError("--every needs --world, in which things can happen")
    server = ExchangeServer(versions=versions, policy=policy, enforce=policy is not None, chance=random.SystemRandom())
    made_up = build_world(server, now=server.clock.now(), chance=random.SystemRandom()) if world else None
    residents = _settle(server, made_up, users)
    for fault, where in faults:
        server.faults.add(fault, **where)
    server.control_token = secrets.token_urlsafe(24)
    if with_log:
        server.on_handled = lambda handled: _print_handled(handled, as_json)
    async with contextlib.AsyncExitStack() as stack:
        made = stack.enter_context(_certificate(host, tls))
        certificate, key = made or (certificate, key)
        try:
            running = await stack.enter_async_context(serving(server, host, port, certificate, key, client_ca))
        except ValueError as error:  # a certificate that is none
            raise click.UsageError(str(error)) from None
        stack.enter_context(recorded(running, server.control_token, certificate))
        _introduce(running, server, residents, certificate, as_json=as_json, make_trust=made is not None)
        await until_interrupted(_live(server, made_up, every), seconds=seconds)


def _settle(server: ExchangeServer, made_up: World | None, users: tuple[User, ...]) -> tuple[User, ...]:
    """
    Give everybody a mailbox: the people of the world, those who were named, alice and bob if there is nobody else.
    """
    lives = tuple(User(one.address, one.password) for one in made_up.people) if made_up is not None else ()
    if not lives and not users:
        users = tuple(User(f"{name}@{DOMAIN}", secrets.token_urlsafe(9)) for name in ("alice", "bob"))
    for user in users:
        server.add_user(user.address, user.password)
    return (*lives, *users)


async def _live(server: ExchangeServer, made_up: World | None, every: float | None) -> None:
    """
    Let things happen, or nothing, until it is cancelled.
    """
    if made_up is None or every is None:
        await asyncio.Event().wait()
    else:
        while True:
            await server.clock.sleep(every)
            made_up.happen()


@contextlib.contextmanager
def _certificate(host: str, wanted: bool) -> Iterator[tuple[Path, Path] | None]:
    """
    Make a certificate for a run, in files that go with it.
    """
    if not wanted:
        yield None
        return
    names = list(dict.fromkeys([host, "localhost", "127.0.0.1", "::1"]))
    chain, secret = self_made(names, now=dt.datetime.now(dt.UTC))
    with tempfile.TemporaryDirectory(prefix="carrierpost-exchange-") as directory:  # only its owner may look into it
        files = Path(directory, "certificate.pem"), Path(directory, "key.pem")
        files[0].write_bytes(chain)
        files[1].write_bytes(secret)
        yield files


def _introduce(
    running: Serving,
    server: ExchangeServer,
    users: tuple[User, ...],
    certificate: Path | None,
    *,
    as_json: bool,
    make_trust: bool,
) -> None:
    """
    Say where the server is, who has a mailbox, and what to do with it.
    """
    versions = [str(version) for version in server.versions]
    if as_json:
        print_json(
            {
                "url": running.url,
                "port": running.port,
                "users": [dataclasses.asdict(user) for user in users],
                "versions": versions,
                "certificate": str(certificate) if certificate else None,
            }
        )
        return
    out = console()
    out.print(f"ActiveSync {', '.join(versions)} at [bold]{running.url}[/]")
    for user in users:
        out.print(f"  {user.address}  password [bold]{user.password}[/]", markup=True)
    first, port = users[0], f" --port {running.port}" if running.port != DEFAULT_PORT else ""
    trust = f" --ca {certificate}" if make_trust else ""
    out.print("\nConnect to it:", style="dim")
    click.echo(
        f"  CARRIERPOST_PASSWORD={first.password} carrierpost account add {first.address}"
        f" --server {running.origin}{trust}"
    )
    out.print("From another terminal:", style="dim")
    click.echo(f'  carrierpost exchange deliver{port} --to {first.address.partition("@")[0]} --subject "Tea?"')
    click.echo(f'  carrierpost exchange fault{port} "delay(5) on Sync"')
    out.print("Ctrl-C ends it, and the mailboxes with it.", style="dim")


def _print_handled(handled: Handled, as_json: bool) -> None:
    """
    Print a request that is over. Neither passwords nor contents are part of it.
    """
    if as_json:
        print_json(msgspec.to_builtins(handled) | {"at": dt.datetime.now(dt.UTC)})
        return
    status = handled.http_status or "no answer"
    fault = f"  fault {handled.fault}" if handled.fault else ""
    version = f" {handled.version}" if handled.version else ""
    click.echo(
        f"{dt.datetime.now():%H:%M:%S}  {handled.command:<15}{version}  {status}  {handled.size} bytes  "  # noqa: DTZ005
        f"{handled.seconds:.3f} s  {handled.user or '-'} {handled.device_id}{fault}"
    )
