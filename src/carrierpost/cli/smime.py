"""
`carrierpost smime`: the keys and certificates with which mail is signed, encrypted and read.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any, TextIO

import click
from cryptography import x509

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.engine.reading import keep_keyring, keyring_of
from carrierpost.formats.cms import mail_addresses
from carrierpost.formats.keyring import BadKeyFile, Keyring, fingerprint, read_certificates, read_identities
from carrierpost.model import Account

__all__ = ["smime"]

_SHORTEST = 8  # letters of a fingerprint
_SHOWN = 16


@click.group()
def smime() -> None:
    """
    Keep keys and certificates for signed and encrypted mail.
    """


@smime.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--person", is_flag=True, help="It holds certificates of others, to encrypt for them.")
@click.option("--trust", is_flag=True, help="It holds authorities whose word about others is good.")
@click.option("--password-file", type=click.File("r"), help="The file's password in a file; - is standard input.")
@account_option
@json_option
@asynchronous
async def add(
    file: Path, person: bool, trust: bool, password_file: TextIO | None, address: str | None, as_json: bool
) -> None:
    """
    Add your key with its certificate (PKCS#12 or PEM), or with --person or --trust certificates of others.

    What is kept is encrypted, like passwords. Old keys stay: old mail is read with them.
    """
    if person and trust:
        raise click.UsageError("choose --person or --trust")
    new = _read(file, password_file, person=person, trust=trust)
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        try:
            await keep_keyring(hub.store, account.id, lambda held: held.joined(new))
        except BadKeyFile as error:
            raise click.UsageError(str(error)) from None
        now = hub.clock.now()
    rows = _rows(new, now)
    if as_json:
        print_json(rows)
        return
    for one in rows:
        click.echo(f"{one['kind']}: {one['name']}, valid until {one['until']:%Y-%m-%d}")
    own = [one.certificate for one in new.identities]
    if own and not any(account.address.lower() in mail_addresses(one) for one in own):
        click.echo(f"Beware: it does not name {account.address}; what it signs looks like somebody else's.", err=True)


def _read(file: Path, password_file: TextIO | None, *, person: bool, trust: bool) -> Keyring:
    data = file.read_bytes()
    try:
        if person:
            return Keyring(people=read_certificates(data))
        if trust:
            return Keyring(authorities=_authorities(read_certificates(data)))
        return Keyring(identities=read_identities(data, _password(data, file, password_file)))
    except BadKeyFile as error:
        raise click.UsageError(f"{file}: {error}") from None


def _authorities(found: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    for one in found:
        try:
            allowed = one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (x509.ExtensionNotFound, ValueError):
            allowed = False
        if not allowed:
            raise BadKeyFile(f"{_name(one)} is no authority; use --person for the certificate of somebody")
    return found


def _password(data: bytes, file: Path, source: TextIO | None) -> str | None:
    """
    Read the password of a file that needs one, or ask for it.
    """
    if source is not None:
        return source.readline().rstrip("\r\n")
    if b"-----BEGIN " in data and b"ENCRYPTED" not in data:
        return None
    if sys.stdin.isatty():
        return str(click.prompt(f"Password of {file}", hide_input=True, default="", show_default=False))
    return ""


@smime.command("list")
@account_option
@json_option
@asynchronous
async def list_keys(address: str | None, as_json: bool) -> None:
    """
    List your keys, people's certificates and the authorities that you trust.
    """
    async with open_hub() as hub:
        _, held = await _held(hub, address)
        rows = _rows(held, hub.clock.now())
    if as_json:
        print_json(rows)
        return
    cells = [
        (one["fingerprint"][:_SHOWN], one["kind"], one["name"], ", ".join(one["addresses"]), f"{one['until']:%Y-%m-%d}",
         "" if one["valid"] else "not valid now")
        for one in rows
    ]  # fmt: skip
    empty = "no keys are kept; add yours with: carrierpost smime add FILE"
    print_table(("Fingerprint", "What", "Whose", "Addresses", "Until", ""), cells, empty=empty)


@smime.command("remove")
@click.argument("beginning", metavar="FINGERPRINT")
@account_option
@asynchronous
async def remove(beginning: str, address: str | None) -> None:
    """
    Remove what has this fingerprint, or one that begins so. Mail that was encrypted for a removed key stays unreadable.
    """
    beginning = beginning.replace(":", "").lower()
    async with open_hub() as hub:
        account, held = await _held(hub, address)
        found = [one for one in _rows(held, hub.clock.now()) if one["fingerprint"].startswith(beginning)]
        if len(beginning) < _SHORTEST or len({one["fingerprint"] for one in found}) != 1:
            raise click.UsageError(
                f"{len(found)} fingerprints begin so; give at least {_SHORTEST} letters of one: carrierpost smime list"
            )
        await keep_keyring(hub.store, account.id, lambda kept: kept.without(beginning))
    click.echo(f"removed: {found[0]['name']}")


async def _held(hub: Hub, address: str | None) -> tuple[Account, Keyring]:
    account = await pick_account(hub.store, address)
    try:
        return account, await keyring_of(hub.store, account.id)
    except BadKeyFile as error:
        raise click.UsageError(str(error)) from None


def _rows(held: Keyring, now: dt.datetime) -> list[dict[str, Any]]:
    kinds = (
        ("your key", [one.certificate for one in held.identities]),
        ("person", held.people),
        ("authority", held.authorities),
    )
    return [
        {
            "kind": kind,
            "name": _name(one),
            "addresses": mail_addresses(one),
            "until": one.not_valid_after_utc,
            "valid": one.not_valid_before_utc <= now <= one.not_valid_after_utc,
            "fingerprint": fingerprint(one),
        }
        for kind, certificates in kinds
        for one in certificates
    ]


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
