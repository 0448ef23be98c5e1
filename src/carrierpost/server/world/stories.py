"""
The two text files beside this one, read: conversations between people, and what machines and newsletters send.

The files are written to be added to; each begins with the rules of its form. What a person reads in the end is made
here as well: facts put into braces, and one of several wordings chosen.
"""

from __future__ import annotations

import functools
import importlib.resources
import random
import re
from collections.abc import Mapping

import msgspec

__all__ = ["Beat", "Notice", "Story", "fill", "notices", "stories"]

_CHOICE = re.compile(r"\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")
_FACT = re.compile(r"\{([a-z_0-9]+)\}")


class Beat(msgspec.Struct, frozen=True):
    """
    One message of a story, facts not yet filled in.

    Attributes:
        role: who writes it.
        text: what it says, without greeting and signature.
        file: the name of a file to attach, or empty.
        picture: the kind of picture to show (`photo`, `plan`, `chart`), or empty.
    """

    role: str
    text: str
    file: str = ""
    picture: str = ""


class Story(msgspec.Struct, frozen=True):
    """
    A conversation as it may happen.

    Attributes:
        subject: its subject.
        roles: who takes part.
        tags: its categories.
        language: in which it is held.
        beats: its messages in order.
    """

    subject: str
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    language: str
    beats: tuple[Beat, ...]


class Notice(msgspec.Struct, frozen=True):
    """
    What a machine or a newsletter sends.

    Attributes:
        subject: its subject.
        sender: name and address, as in a header.
        style: how it looks: `newsletter`, `receipt` or `system`.
        file: the name of a file to attach, or empty.
        text: what it says.
        entries: for newsletters and receipts what stands before and behind the colon of each line.
    """

    subject: str
    sender: str
    style: str
    file: str
    text: str
    entries: tuple[tuple[str, str], ...]


def fill(text: str, facts: Mapping[str, str], chance: random.Random) -> str:
    """
    Put facts into a text and choose among its wordings.

    Raises:
        KeyError: the text asks for a fact that there is not.
    """
    chosen = _CHOICE.sub(lambda match: chance.choice(match.group(1).split("|")), text)
    return _FACT.sub(lambda match: facts[match.group(1)], chosen)


@functools.cache
def stories() -> tuple[Story, ...]:
    """
    Read `stories.txt`.
    """
    return tuple(_story(block) for block in _blocks("stories.txt"))


@functools.cache
def notices() -> tuple[Notice, ...]:
    """
    Read `notices.txt`.
    """
    return tuple(_notice(block) for block in _blocks("notices.txt"))


def _blocks(name: str) -> list[list[str]]:
    """
    Divide a file into what begins with `subject:`; the lines before the first are its rules.
    """
    text = importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("subject:"):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return blocks


def _header(block: list[str]) -> tuple[dict[str, str], list[str]]:
    """
    Take the `name: value` lines from the top.
    """
    values: dict[str, str] = {}
    names = ("subject", "with", "tags", "language", "from", "style", "file")
    for number, line in enumerate(block):
        name, colon, value = line.partition(":")
        if not colon or name not in names:
            return values, block[number:]
        values[name] = value.strip()
    return values, []


def _story(block: list[str]) -> Story:
    values, lines = _header(block)
    beats: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("@"):
            beats.append((line[1:], []))
        elif beats:
            beats[-1][1].append(line)
    return Story(
        subject=values["subject"],
        roles=tuple(values["with"].split()),
        tags=tuple(values.get("tags", "").split()),
        language=values.get("language", "en"),
        beats=tuple(_beat(head, "\n".join(text).strip()) for head, text in beats),
    )


def _beat(head: str, text: str) -> Beat:
    role, _, rest = head.partition(" ")
    options = dict(one.strip().split("=", 1) for one in rest.split(";") if "=" in one)
    return Beat(role, text, options.get("file", ""), options.get("picture", ""))


def _notice(block: list[str]) -> Notice:
    values, lines = _header(block)
    entries = []
    for line in lines:
        if line.startswith("* "):
            before, _, behind = line[2:].partition(": ")
            entries.append((before, behind))
    text = "\n".join(line for line in lines if not line.startswith("* ")).strip()
    return Notice(
        subject=values["subject"],
        sender=values["from"],
        style=values["style"],
        file=values.get("file", ""),
        text=text,
        entries=tuple(entries),
    )
