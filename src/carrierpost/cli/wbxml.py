"""
`carrierpost wbxml`: look into a message, and make one.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

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
