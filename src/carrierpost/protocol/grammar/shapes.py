"""
Judging a tree: what may stand in an element in one version, and what is wrong with what does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from carrierpost.protocol.grammar.language import Block, Element, Rule, Term
from carrierpost.wbxml.pages import name_of
from carrierpost.wbxml.tree import TEXT

__all__ = ["Judge", "Violation"]


@dataclasses.dataclass(frozen=True, slots=True)
class Violation:
    """
    One thing that the grammar does not allow.

    Attributes:
        path: where, from the root: `Sync/Collections/Collection[2]/SyncKey`; the number counts those of one name.
        problem: what is wrong; never holds a value of the document.
    """

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclasses.dataclass(slots=True)
class _Shape:
    """
    A block as one version has it.
    """

    ordered: bool
    places: dict[int, tuple[int, Element]]
    required: list[Element]
    rules: list[Rule]
    elsewhere: dict[int, str]


class Judge:
    """
    The grammar as one version has it.
    """

    def __init__(self, groups: dict[str, Block], version: int) -> None:
        self._groups = groups
        self._version = version
        self._shapes: dict[int, _Shape] = {}

    def judge(self, block: Block, value: Any, path: str, found: list[Violation]) -> None:
        """
        Judge the children of an element.

        Args:
            block: what may stand there.
            value: the element's value.
            path: the element's path.
            found: receives what is wrong.
        """
        shape = self._shapes.get(id(block)) or self._shape(block)
        counts: dict[int, int] = {}
        texts: dict[int, Any] = {}
        last = -1
        children: Iterator[Any] = iter(value if type(value) is list else ())
        if isinstance(value, str | bytes) and value:
            found.append(Violation(path, "a value stands where elements are expected"))
        for tag, child in zip(children, children, strict=True):
            count = counts[tag] = counts.get(tag, 0) + 1
            place = shape.places.get(tag)
            if place is None:
                found.append(Violation(path, _stranger(tag, shape, self._version)))
                continue
            index, element = place
            if index < last and shape.ordered:
                found.append(Violation(path, f"{_name(tag)} comes too late"))
            last = index
            texts.setdefault(tag, child)
            if count > element.most:
                if count == element.most + 1:
                    found.append(Violation(path, f"{_name(tag)} comes more than {element.most:.0f} time(s)"))
                continue
            self._element(element, child, path, count, found)
        missing = (one.tag for one in shape.required if counts.get(one.tag, 0) < one.least)
        found += (Violation(path, f"{_name(tag)} is missing") for tag in missing)
        for rule in shape.rules:
            _apply(rule, counts, texts, path, found)

    def _element(self, element: Element, value: Any, path: str, count: int, found: list[Violation]) -> None:
        if value is None or value == "" or (value == [] and element.kind is not None):
            if element.empty:
                return
            if element.kind is not None:
                found.append(Violation(_below(path, element.tag, count), "is empty"))
                return
        elif element.kind is not None and type(value) is not list:
            if problem := element.kind(value, self._version):
                found.append(Violation(_below(path, element.tag, count), problem))
            return
        below = _below(path, element.tag, count)
        if element.block is not None:
            self.judge(element.block, value, below, found)
        elif element.groups:
            found += self._best(element.groups, value, below)
        elif element.properties:
            if type(value) is list and any(value[1::2]):
                found.append(Violation(below, "lists properties, which have no values here"))
        else:
            found.append(Violation(below, "elements stand where a value is expected"))

    def _best(self, groups: tuple[str, ...], value: Any, path: str) -> list[Violation]:
        """
        Judge by the group that fits best.
        """
        if len(groups) > 1 and type(value) is list:
            tags = set(value[0::2])
            strangers = {name: len(tags - self._of(name).places.keys()) for name in groups}
            fewest = min(strangers.values())
            groups = tuple(name for name in groups if strangers[name] == fewest)
        best: list[Violation] | None = None
        for name in groups:
            found: list[Violation] = []
            self.judge(self._groups[name], value, path, found)
            if not found:
                return found
            if best is None or len(found) < len(best):
                best = found
        return best or []

    def _of(self, group: str) -> _Shape:
        block = self._groups[group]
        return self._shapes.get(id(block)) or self._shape(block)

    def _shape(self, block: Block) -> _Shape:
        version = self._version
        known = [element for element in block.elements if version in element.versions]
        places = {element.tag: (index, element) for index, element in enumerate(known)}
        assert len(places) == len(known), "two elements of one name in one version"
        rules = []
        for rule in block.rules:
            terms = tuple(term for term in rule.terms if term.tag in places)
            if version in rule.versions and terms and (rule.when is None or rule.when.tag in places):
                rules.append(dataclasses.replace(rule, terms=terms))
        shape = self._shapes[id(block)] = _Shape(
            ordered=block.ordered,
            places=places,
            required=[element for element in known if element.least],
            rules=rules,
            elsewhere={one.tag: str(one.versions) for one in block.elements if one.tag not in places},
        )
        return shape


def _name(tag: int) -> str:
    return name_of(tag)[1] if tag != TEXT else "text"


def _below(path: str, tag: int, count: int) -> str:
    return f"{path}/{_name(tag)}" if count == 1 else f"{path}/{_name(tag)}[{count}]"


def _stranger(tag: int, shape: _Shape, version: int) -> str:
    if tag == TEXT:
        return "text stands between elements"
    if tag in shape.elsewhere:
        return f"{_name(tag)} belongs to {shape.elsewhere[tag]}, not to {version // 10}.{version % 10}"
    return f"{':'.join(name_of(tag))} does not belong here"


def _apply(rule: Rule, counts: dict[int, int], texts: dict[int, Any], path: str, found: list[Violation]) -> None:
    def holds(term: Term) -> bool:
        return term.tag in counts and (term.value is None or texts.get(term.tag) == term.value)

    if rule.when is not None and not holds(rule.when):
        return
    there = [term for term in rule.terms if holds(term)]
    names = ", ".join(map(str, rule.terms))
    match rule.kind:
        case "needs":
            found += (Violation(path, f"{rule.when} needs {term}") for term in rule.terms if term not in there)
        case "forbids":
            found += (Violation(path, f"{rule.when} forbids {term}") for term in there)
        case "needs any of" if not there:
            found.append(Violation(path, f"{rule.when} needs any of {names}"))
        case "together" if 0 < len(there) < len(rule.terms):
            found.append(Violation(path, f"only together: {names}"))
        case "at most one of" if len(there) > 1:
            found.append(Violation(path, f"at most one of {names}"))
        case "exactly one of" if len(there) != 1:
            found.append(Violation(path, f"exactly one of {names}"))
        case "at least one of" if not there:
            found.append(Violation(path, f"at least one of {names}"))
