"""
Reading the grammar: its text becomes blocks of elements and rules.

A block lists what may stand inside an element, one element a line: its name with its code page, how often (`1`, `?`,
`*`, `+`, `0-2`), then what it holds: children indented below (`in order` or `any order`), those of a named group (`like
Body`), of one of several (`either Mail, Event`), or a kind of value (`integer 0..2`; `values.py` has them all).
`or empty` lets it be empty besides. In brackets stand the versions, all where there are none. `with` takes a
group's lines over. A `rule` says what must hold between children. The text in `text/` shows it all.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterable, Iterator

from carrierpost.protocol.grammar.values import Kind, kind_of
from carrierpost.wbxml.pages import name_of, tag_of

__all__ = ["Block", "Direction", "Element", "Form", "GrammarError", "Rule", "Syntax", "Term", "Versions", "read"]


class GrammarError(Exception):
    """
    The grammar's own text is wrong; names the line.
    """


class Direction(enum.StrEnum):
    """
    Who speaks.
    """

    REQUEST = "request"
    ANSWER = "answer"


class Form(enum.StrEnum):
    """
    What the body of a message is.
    """

    WBXML = "wbxml"
    MAIL = "mail"
    FILE = "file"
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True, slots=True)
class Versions:
    """
    From which version to which, as numbers (`141`), both included.
    """

    first: int = 0
    last: int = 999

    def __contains__(self, version: int) -> bool:
        return self.first <= version <= self.last

    def __str__(self) -> str:
        first, last = (f"{number // 10}.{number % 10}" for number in (self.first, self.last))
        if self.last == Versions().last:
            return f"{first} and later" if self.first else "every version"
        return f"{first} to {last}" if self.first and self.first != self.last else f"up to {last}"


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """
    A child that is there, or that has a value.
    """

    tag: int
    name: str
    value: str | None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name} {self.value}"


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """
    What must hold between children.

    Attributes:
        kind: `needs`, `needs any of`, `forbids`, `together`, `at most one of`, `exactly one of`, `at least one of`.
        when: the child on which it depends; only of the first three kinds.
        terms: the others.
        versions: where it holds.
    """

    kind: str
    when: Term | None
    terms: tuple[Term, ...]
    versions: Versions


@dataclasses.dataclass(slots=True)
class Block:
    """
    What may stand inside an element.
    """

    ordered: bool = False
    elements: list[Element] = dataclasses.field(default_factory=list)
    rules: list[Rule] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Element:
    """
    One child, and what it holds.

    Attributes:
        tag: which element.
        least: how often at least.
        most: how often at most.
        versions: where it is known.
        kind: what its value must be, or `None` where it holds children.
        block: its children, or `None`.
        groups: names of the groups whose children it may hold instead.
        empty: whether it may be empty besides.
        properties: whether it holds names of properties, all empty.
    """

    tag: int
    least: int
    most: float
    versions: Versions
    kind: Kind | None = None
    block: Block | None = None
    groups: tuple[str, ...] = ()
    empty: bool = False
    properties: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Syntax:
    """
    What a message of one command may be.
    """

    form: Form
    versions: Versions
    root: int = 0
    block: Block | None = None
    may_be_nothing: bool = False


Messages = dict[tuple[str, Direction], list[Syntax]]
_LINE = re.compile(r"(?P<name>\w+:\w+) (?P<often>[1?*+]|\d+-\d+) (?P<holds>.+)")
_HEAD = re.compile(r"(?P<way>request|answer) (?P<command>\w+): (?P<is>.+)")
_GROUP = re.compile(r"group (?P<name>\w+) (?P<order>in|any) order")
_RULE = re.compile(r"rule (at most one of|exactly one of|at least one of|together) (?P<terms>.+)")
_DEPENDENCE = re.compile(r"rule (?P<when>\w+(?: \w+)?) (needs any of|needs|forbids) (?P<terms>.+)")
_OFTEN: dict[str, tuple[int, float]] = {"1": (1, 1), "?": (0, 1), "*": (0, float("inf")), "+": (1, float("inf"))}
_STEP = 4


def read(texts: Iterable[tuple[str, str]]) -> tuple[dict[str, Block], Messages]:
    """
    Read the grammar.

    Args:
        texts: names and contents of its files.

    Returns:
        Groups by name, and what each command's messages may be.

    Raises:
        GrammarError: a line cannot be read.
    """
    reader = _Reader()
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            try:
                reader.take(line.partition("#")[0].rstrip())
            except (ValueError, KeyError, IndexError, AttributeError) as error:
                raise GrammarError(f"{name}, line {number}: {line.strip()}: {error}") from None
    try:
        reader.finish()
    except (ValueError, KeyError) as error:
        raise GrammarError(str(error)) from None
    return reader.groups, reader.messages


class _Reader:
    def __init__(self) -> None:
        self.groups: dict[str, Block] = {}
        self.messages: Messages = {}
        self._open: list[Block] = []
        self._included: list[tuple[Block, str]] = []
        self._rules: list[tuple[Block, str, Versions]] = []
        self._named: set[str] = set()

    def take(self, line: str) -> None:
        if not line:
            return
        depth, rest = divmod(len(line) - len(line.lstrip()), _STEP)
        if rest or depth > len(self._open):
            raise ValueError("it is indented wrongly")
        words, versions = _versions(line.strip())
        del self._open[depth:]
        if depth == 0:
            self._head(words, versions)
        elif words.startswith("with "):
            self._included.append((self._open[-1], words.removeprefix("with ")))
        elif words.startswith("rule "):
            self._rules.append((self._open[-1], words, versions))
        else:
            self._element(words, versions)

    def _head(self, words: str, versions: Versions) -> None:
        block = Block()
        self._open = [block]
        if (group := _GROUP.fullmatch(words)) is not None:
            if group["name"] in self.groups:
                raise ValueError("there is a group of this name already")
            block.ordered = group["order"] == "in"
            self.groups[group["name"]] = block
            return
        head = _HEAD.fullmatch(words)
        if head is None:
            raise ValueError("it is neither a group nor a message")
        kind = head["is"].removesuffix(", or nothing")
        if kind in (Form.MAIL, Form.FILE, Form.NOTHING):
            syntax = Syntax(Form(kind), versions)
        else:
            name, way, _ = kind.split(" ")
            block.ordered = way == "in"
            syntax = Syntax(Form.WBXML, versions, _tag(name), block, kind != head["is"])
        self.messages.setdefault((head["command"], Direction(head["way"])), []).append(syntax)

    def _element(self, words: str, versions: Versions) -> None:
        parts = _LINE.fullmatch(words)
        if parts is None:
            raise ValueError("it is no element")
        often, holds = parts["often"], parts["holds"]
        least, most = _OFTEN[often] if often in _OFTEN else (int(often.split("-")[0]), float(often.split("-")[1]))
        element = Element(_tag(parts["name"]), least, most, versions)
        if holds.endswith(", or empty"):
            element.empty, holds = True, holds.removesuffix(", or empty")
        if holds.endswith(", or text"):
            element.kind, holds = kind_of("text"), holds.removesuffix(", or text")
        if holds in ("in order", "any order"):
            element.block = Block(ordered=holds == "in order")
            self._open.append(element.block)
        elif holds.startswith(("like ", "either ")):
            element.groups = tuple(holds.partition(" ")[2].split(", "))
            self._named.update(element.groups)
        elif holds == "properties":
            element.properties = True
        else:
            element.kind = kind_of(holds)
            element.empty = element.empty or holds.split()[0] in ("text", "empty", "mime", "bytes")
        self._open[-1 - (element.block is not None)].elements.append(element)

    def finish(self) -> None:
        """
        Put in what stands elsewhere, and see that all that is named exists.
        """
        rules = [(block, _rule(self._whole(block), words, versions)) for block, words, versions in self._rules]
        for block, rule in rules:
            block.rules.append(rule)
        for block, name in self._included:
            block.elements += self.groups[name].elements
            block.rules += self.groups[name].rules
        unknown = self._named - self.groups.keys()
        if unknown:
            raise ValueError(f"there is no group {', '.join(sorted(unknown))}")

    def _whole(self, block: Block) -> Block:
        """
        Give a block together with what it takes over, for rules that speak of both.
        """
        taken = [self.groups[name].elements for one, name in self._included if one is block]
        return Block(elements=[*block.elements, *(element for elements in taken for element in elements)])


def _tag(name: str) -> int:
    page, _, element = name.partition(":")
    return tag_of(page, element)


def _versions(words: str) -> tuple[str, Versions]:
    found = re.fullmatch(r"(.+?)\s+\[([0-9.+]+)\]", words)
    if found is None:
        return words, Versions()
    text = found[2]
    if text.endswith("+"):
        return found[1], Versions(_number(text[:-1]))
    first, dots, last = text.partition("..")
    if not dots:
        return found[1], Versions(_number(text), _number(text))
    return found[1], Versions(_number(first) if first else 0, _number(last))


def _number(text: str) -> int:
    return int(text.replace(".", ""))


def _rule(block: Block, words: str, versions: Versions) -> Rule:
    tags = {name_of(element.tag)[1]: element.tag for element in block.elements}
    if (found := _RULE.fullmatch(words)) is not None:
        return Rule(found[1], None, tuple(_terms(found["terms"], tags)), versions)
    found = _DEPENDENCE.fullmatch(words)
    if found is None:
        raise ValueError(f"{words}: it is no rule")
    [when] = _terms(found["when"], tags)
    return Rule(found[2], when, tuple(_terms(found["terms"], tags)), versions)


def _terms(words: str, tags: dict[str, int]) -> Iterator[Term]:
    for one in words.split(", "):
        name, _, value = one.partition(" ")
        if name not in tags:
            raise ValueError(f"a rule speaks of {name}, which is not among its neighbours")
        yield Term(tags[name], name, value or None)
