"""
`carrierpost wbxml`: look into a message, and make one.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from carrierpost.protocol.grammar import Direction, check, commands_of
from carrierpost.protocol.version import Version
from carrierpost.wbxml import XMLError, decode, encode, from_xml, pages, to_xml

__all__ = ["wbxml"]


@click.group()
def wbxml() -> None:
    """
    Turn WBXML into XML and back.

    The XML names each element's code page as its namespace (xmlns="AirSync"); byte arrays are base64 with the
    attribute opaque="base64". Decoding and encoding a canonical document gives the same bytes.
    """


@wbxml.command("decode")
@click.argument("file", type=click.File("rb"))
def decode_file(file: BinaryIO) -> None:
    """
    Print the WBXML document in FILE as XML; - reads standard input.
    """
    document = decode(file.read())
    click.echo(to_xml(document))
    for tag, count in document.unknown.items():
        namespace, element = pages.name_of(tag)
        click.echo(f"unknown element {namespace}:{element}, seen {count} times", err=True)


@wbxml.command("encode")
@click.argument("file", type=click.File("rb"))
@click.option("-o", "--output", type=click.File("wb"), help="Write here instead of to standard output.")
def encode_file(file: BinaryIO, output: BinaryIO | None) -> None:
    """
    Write the XML document in FILE as WBXML; - reads standard input.
    """
    if output is None and sys.stdout.isatty():
        raise click.UsageError("WBXML is binary: name a file with --output, or send standard output into one")
    try:
        text = file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise XMLError(f"it is not UTF-8 (at byte {error.start})", 1) from None
    document = from_xml(text)
    stream = output if output is not None else sys.stdout.buffer
    stream.write(encode(document.root, document.value))


@wbxml.command("check")
@click.argument("file", type=click.File("rb"))
@click.option("--version", default="16.1", show_default=True, help="The protocol version that was spoken.")
@click.option(
    "--as", "said", type=click.Choice([str(one) for one in Direction]), help="Who said it; what fits better is assumed."
)
@click.pass_context
def check_file(context: click.Context, file: BinaryIO, version: str, said: str | None) -> None:
    """
    Check the WBXML document in FILE against the protocol's grammar; - reads standard input.

    Says what stands in the wrong place, in the wrong order, too often or not at all, and which values are of the
    wrong kind. Exits with 1 when there is anything.
    """
    spoken, document = Version.parse(version), decode(file.read())
    commands = commands_of(document.root)
    name = ":".join(pages.name_of(document.root))
    if not commands:
        raise click.UsageError(f"{name} is the root of no command's message")
    directions = [Direction(said)] if said else list(Direction)
    judged = [(check(document, command, one, spoken), command, one) for command in commands for one in directions]
    found, command, direction = min(judged, key=lambda one: len(one[0]))
    for violation in found:
        click.echo(str(violation))
    click.echo(
        f"{direction} of {command} in {spoken}: {f'{len(found)} wrong' if found else 'as it should be'}", err=True
    )
    if found:
        context.exit(1)
