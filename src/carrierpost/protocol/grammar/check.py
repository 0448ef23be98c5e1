"""
Checking whole messages against the grammar.
"""

from __future__ import annotations

import functools
from importlib import resources

from carrierpost import wbxml
from carrierpost.protocol.grammar.language import Block, Direction, Form, Messages, Syntax, read
from carrierpost.protocol.grammar.shapes import Judge, Violation
from carrierpost.protocol.grammar.values import kind_of
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.multipart import split_parts
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import name_of

__all__ = ["check", "check_payload", "commands_of"]

_REFUSAL = kind_of("status")


@functools.cache
def _grammar() -> tuple[dict[str, Block], Messages]:
    folder = resources.files("carrierpost.protocol.grammar") / "text"
    files = sorted(folder.iterdir(), key=lambda one: one.name)
    return read((one.name, one.read_text(encoding="utf-8")) for one in files if one.name.endswith(".txt"))


@functools.cache
def _judge(version: int) -> Judge:
    return Judge(_grammar()[0], version)


def _syntax(command: str, direction: Direction, version: Version) -> Syntax | None:
    for syntax in _grammar()[1].get((command, direction), ()):
        if version in syntax.versions:
            return syntax
    return None


def commands_of(root: int) -> tuple[str, ...]:
    """
    Name the commands whose messages have this root element.
    """
    return tuple(
        dict.fromkeys(
            command
            for (command, _), syntaxes in _grammar()[1].items()
            if any(syntax.root == root for syntax in syntaxes)
        )
    )


def check(document: wbxml.Document, command: str, direction: Direction, version: Version) -> list[Violation]:
    """
    Check a document.

    Args:
        document: the document.
        command: the command whose message it is, `FolderSync`.
        direction: who said it.
        version: the version spoken.

    Returns:
        What is wrong, none for a document that the grammar allows.
    """
    syntax = _syntax(command, direction, version)
    if syntax is None or syntax.form is not Form.WBXML:
        return [Violation(command, f"{version} has no document as {direction} of {command}")]
    assert syntax.block is not None
    root = name_of(document.root)[1]
    if document.root != syntax.root:
        return [Violation(root, f"the root must be {name_of(syntax.root)[1]}")]
    if direction is Direction.ANSWER and _is_refusal(document, version):
        return []
    found: list[Violation] = []
    _judge(version).judge(syntax.block, document.value, root, found)
    return found


def _is_refusal(document: wbxml.Document, version: Version) -> bool:
    """
    Say whether an answer is nothing but a status that all commands have, which may stand alone.
    """
    value = document.value
    if type(value) is not list or len(value) != 2 or not isinstance(value[1], str):
        return False
    page, name = name_of(value[0])
    return (page, name) == (name_of(document.root)[0], "Status") and not _REFUSAL(value[1], version)


def check_payload(payload: Payload, command: str, direction: Direction, version: Version) -> list[Violation]:
    """
    Check a message's body: whether it may be empty, a message or a file, and the document if it is one.
    """
    syntax = _syntax(command, direction, version)
    if syntax is None:
        return [Violation(command, f"there is no {direction} of this in {version}")]
    body = payload.body
    if not body:
        allowed = syntax.may_be_nothing or syntax.form in (Form.NOTHING, Form.FILE)
        return [] if allowed else [Violation(command, f"the {direction} has no body")]
    if syntax.form is Form.NOTHING:
        return [Violation(command, f"the {direction} has a body")]
    if syntax.form is Form.FILE:
        return []
    if syntax.form is Form.MAIL:
        is_mail = payload.content_type is ContentType.MAIL
        return [] if is_mail else [Violation(command, f"the {direction} must be {ContentType.MAIL}")]
    try:
        if payload.content_type is ContentType.MULTIPART:
            body = split_parts(body)[0]
        document = wbxml.decode(body)
    except (wbxml.WBXMLError, ValueError, IndexError) as error:
        return [Violation(command, f"the {direction} cannot be read: {error}")]
    return check(document, command, direction, version)
