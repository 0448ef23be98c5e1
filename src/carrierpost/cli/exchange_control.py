"""
The commands of `carrierpost exchange` that speak to a running server.

A server that runs leaves a note, `exchange/PORT.json` below Carrierpost's directory, readable by its owner alone: where
it is, the token of its control endpoint, and the certificate by which to know it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
import msgspec

from carrierpost.bootstrap import find_home
from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.server.control import CONTROL, TOKEN_HEADER
from carrierpost.server.policies import POLICIES, policy_from
from carrierpost.server.serve import Serving

__all__ = ["commands", "read_policy", "recorded"]

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = 10.0  # for an answer from the same machine


class Note(msgspec.Struct, frozen=True):
    """
    Where a running server is.

    Attributes:
        origin: scheme, host and port.
        token: opens its control endpoint.
        certificate: file with its certificate; `None` for plain HTTP.
    """

    origin: str
    token: str
    certificate: str | None = None


def _notes() -> Path:
    return find_home(os.environ) / "exchange"


@contextlib.contextmanager
def recorded(running: Serving, token: str, certificate: Path | None) -> Iterator[None]:
    """
    Leave the note about a server while it runs.
    """
    directory = _notes()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / f"{running.port}.json"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(running.host, running.host)  # noqa: S104 - compared, not bound
    origin = Serving(host, running.port, secure=running.secure).origin
    note = Note(origin, token, str(certificate.absolute()) if certificate else None)
    file.unlink(missing_ok=True)  # of a server that was killed; this one has the port now
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(note))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _found(port: int | None) -> Note:
    """
    Find the running server.

    Raises:
        click.UsageError: none runs, or several do and none was chosen.
    """
    files = sorted(_notes().glob("*.json")) if port is None else [_notes() / f"{port}.json"]
    files = [file for file in files if file.exists()]
    if not files:
        where = f" on port {port}" if port is not None else ""
        raise click.UsageError(f"no server runs{where} here; start one with: carrierpost exchange")
    if len(files) > 1:
        ports = ", ".join(file.stem for file in files)
        raise click.UsageError(f"several servers run; choose one with --port ({ports})")
    return msgspec.json.decode(files[0].read_bytes(), type=Note)


def _asked(port: int | None, method: str, what: str, value: Any = None) -> Any:
    """
    Ask the running server for something.

    Raises:
        click.ClickException: it does not answer, or refuses; says why.
    """
    note = _found(port)
    parts = urlsplit(note.origin)
    assert parts.hostname is not None
    connection: http.client.HTTPConnection
    if note.certificate is not None:
        context = _trusting(note.certificate)
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
    body = None if value is None else msgspec.json.encode(value)
    with contextlib.closing(connection):
        try:
            connection.request(method, CONTROL + what, body, {TOKEN_HEADER: note.token})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise click.ClickException(
                f"the server at {note.origin} does not answer ({error}); if it runs no more, delete "
                f"{_notes() / str(parts.port)}.json"
            ) from None
    if response.status != 200:
        raise click.ClickException(answer.get("error", "the server refuses"))
    return answer


def _trusting(certificate: str) -> ssl.SSLContext:
    """
    Trust this one certificate, whatever name it is for: the note says that it is the server's.
    """
    context = ssl.create_default_context(cafile=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def read_policy(text: str) -> ProvisioningDocument | None:
    """
    Read a policy by name, or from a JSON file with the fields of `ProvisioningDocument`.

    Raises:
        click.BadParameter: there is neither.
    """
    if text in POLICIES:
        return POLICIES[text]
    file = Path(text)
    if not file.is_file():
        raise click.BadParameter(f"{text!r} is no policy and no file; there are {', '.join(POLICIES)}")
    try:
        return policy_from(msgspec.json.decode(file.read_bytes(), type=dict[str, Any]))
    except (ValueError, msgspec.DecodeError) as error:
        raise click.BadParameter(f"{file}: {error}") from None


def _port(command: F) -> F:
    return click.option("--port", type=int, help="Which server, where several run on this machine.")(command)


_FAULT_HELP = """
Let something go wrong.

A FAULT is a name with arguments, then on which command, for whom, how likely and how often:

\b
    reject_key
    "http(503, Retry-After: 20) on Sync x3"
    "delay(5) on Ping for alice@exchange.example"
    "drop_after_commit 10% x*"
"""


@click.command(help=_FAULT_HELP)
@_port
@click.argument("faults", nargs=-1, required=True, metavar="FAULT...")
@json_option
def fault(port: int | None, faults: tuple[str, ...], as_json: bool) -> None:
    """
    Ask the running server for faults.
    """
    answer: Any = {}
    for one in faults:
        answer = _asked(port, "POST", "faults", {"fault": one})
    _show_faults(answer, as_json)


@click.group("faults")
def faults_group() -> None:
    """
    See which faults are still to come, or let everything work again.
    """


@faults_group.command("list")
@_port
@json_option
def list_faults(port: int | None, as_json: bool) -> None:
    """
    List the faults that are still to come.
    """
    _show_faults(_asked(port, "GET", ""), as_json)


@faults_group.command("clear")
@_port
@json_option
def clear_faults(port: int | None, as_json: bool) -> None:
    """
    Let everything work again.
    """
    _show_faults(_asked(port, "DELETE", "faults"), as_json)


def _show_faults(answer: Any, as_json: bool) -> None:
    if as_json:
        print_json({"faults": answer["faults"]})
    else:
        click.echo("\n".join(answer["faults"]) or "no fault is to come")


@click.command()
@_port
@click.option("--to", required=True, metavar="USER", help="Whose Inbox: an address, or its first part.")
@click.option("--subject", required=True, help="The subject.")
@click.option("--text", default="", help="The text.")
@click.option("--from", "sender", metavar="ADDRESS", help='Who wrote it: "Bob" <bob@exchange.example>.')
@click.option("--count", type=click.IntRange(1, 10_000), default=1, help="How many, numbered.")
@json_option
def deliver(port: int | None, to: str, subject: str, text: str, sender: str | None, count: int, as_json: bool) -> None:
    """
    Deliver a mail.
    """
    mail: dict[str, Any] = {"to": to, "subject": subject, "text": text, "count": count}
    answer = _asked(port, "POST", "mail", mail | ({"from": sender} if sender else {}))
    if as_json:
        print_json(answer)
    else:
        number = len(answer["delivered"])
        click.echo(f"delivered {number} {'mail' if number == 1 else 'mails'} to {to}")


@click.command()
@_port
@click.argument("device")
@click.option("--account-only", is_flag=True, help="Only what came from this server (devices that speak 16.1).")
@click.option("--clear", is_flag=True, help="Let the device in again.")
@json_option
def wipe(port: int | None, device: str, account_only: bool, clear: bool, as_json: bool) -> None:
    """
    Order DEVICE to be wiped, or let it in again.
    """
    if account_only and clear:
        raise click.UsageError("choose one of --account-only and --clear")
    what = "clear" if clear else "account" if account_only else "device"
    answer = _asked(port, "POST", "wipe", {"device": device, "what": what})
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{device} is let in again" if clear else f"{device} will be told to wipe at its next request")


@click.command()
@_port
@click.argument("policy", metavar="NAME|FILE")
@click.option("--observe", is_flag=True, help="Offer it, and let devices in that do not agree.")
@click.option("--strict", is_flag=True, help="Refuse devices that do not follow all of it.")
@json_option
def policy(port: int | None, policy: str, observe: bool, strict: bool, as_json: bool) -> None:
    """
    Change the device policy: none, basic, strict, or a JSON file. All devices have to agree anew.
    """
    document = read_policy(policy)
    value = msgspec.to_builtins(document) if document is not None else None
    answer = _asked(port, "POST", "policy", {"policy": value, "enforce": not observe, "strict": strict})
    if as_json:
        print_json(answer)
    else:
        click.echo("no policy any more" if document is None else "the policy holds from the next request on")


@click.command()
@_port
@click.argument("user")
@click.argument("status", type=int)
@click.option("--device", help="Only this device.")
@json_option
def refuse(port: int | None, user: str, status: int, device: str | None, as_json: bool) -> None:
    """
    Keep USER out with STATUS (126 to 131, 177); 0 lets in again.
    """
    answer = _asked(port, "POST", "refusal", {"user": user, "status": status, "device": device})
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{answer['user']} is refused with {status}" if status else f"{answer['user']} is let in")


@click.command()
@_port
@json_option
def status(port: int | None, as_json: bool) -> None:
    """
    Show the running server: users, devices, policy, faults.
    """
    answer = _asked(port, "GET", "")
    if as_json:
        print_json(answer)
        return
    click.echo(f"versions  {', '.join(answer['versions'])}")
    click.echo(f"users     {', '.join(answer['users'])}")
    demanded = "none" if answer["policy"] is None else "enforced" if answer["enforce"] else "offered"
    click.echo(f"policy    {demanded}")
    click.echo(f"faults    {'; '.join(answer['faults']) or 'none'}\n")
    print_table(
        ("Device", "Type", "User", "Version", "Folders>", "Agreed", "Wipe"),
        [
            (
                one["device"], one["type"], one["user"], one["version"] or "", one["folders"],
                "yes" if one["provisioned"] else "no", one["wipe"],
            )
            for one in answer["devices"]
        ],
        empty="no device has come yet",
    )  # fmt: skip


commands: tuple[click.Command, ...] = (fault, faults_group, deliver, wipe, policy, refuse, status)
"""What `carrierpost exchange` can do to a server that runs."""
