"""
Markdown and docstrings: what all pages are made of.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Docstring", "docstring", "page", "source_of", "table"]

_SECTIONS = {"Args", "Attributes", "Raises", "Returns", "Yields"}
_CLAUSE = re.compile(r"\[MS-[A-Z0-9]+\](?: \d+(?:\.\d+)*)?")
_ENTRY = re.compile(r"(\*{0,2}[A-Za-z_.\[\]]+(?:, [A-Za-z_.]+)*): (.*)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """
    A docstring taken apart.

    Attributes:
        text: what stands before the first section, as Markdown paragraphs.
        sections: entries of sections such as `Attributes`, by section and name.

    """

    text: str = ""
    sections: dict[str, dict[str, str]] = field(default_factory=dict)


def docstring(thing: object) -> Docstring:
    """
    Read a docstring in Google's form; an absent one is empty.
    """
    lines = (inspect.getdoc(thing) or "").splitlines()
    text: list[str] = []
    sections: dict[str, dict[str, str]] = {}
    entries: dict[str, str] | None = None
    name = ""
    for line in lines:
        if line.rstrip(":") in _SECTIONS and line.endswith(":"):
            entries = sections.setdefault(line[:-1], {})
        elif entries is None:
            text.append(line)
        elif match := _ENTRY.match(line.strip()) if line.startswith("    ") and line[4:5] != " " else None:
            name = match[1]
            entries[name] = match[2]
        elif line.strip() and name in entries:
            entries[name] += " " + line.strip()
    return Docstring("\n".join(text).strip(), sections)


def source_of(text: str) -> str:
    """
    Find the clauses of the specification that a text names, in order; empty without any. A document is not named by
    itself beside clauses of it.
    """
    found = set(_CLAUSE.findall(text))
    numbered = {one.partition(" ")[0] for one in found if " " in one}
    return ", ".join(sorted(found - numbered))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """
    Write a table; a column that is empty in all rows is left out.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    kept = [index for index in range(len(head)) if any(row[index] for row in cells)]
    lines = [[head[index] for index in kept], ["---"] * len(kept), *([row[index] for index in kept] for row in cells)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def page(title: str, *parts: str) -> str:
    """
    Put a page together.
    """
    note = "<!-- Written by `python -m tools.make_reference` from the code; change that. -->"
    return "\n\n".join([note, f"# {title}", *(part.strip() for part in parts if part.strip())]) + "\n"
