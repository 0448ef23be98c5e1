"""
Pages on the protocol: commands, items, code pages, statuses.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types

from carrierpost import protocol, wbxml
from carrierpost.protocol import classes, commands, status
from carrierpost.wbxml.pages import NAMESPACES, TAGS, page_of
from tools.reference.clauses import DOCUMENTS
from tools.reference.markdown import docstring, page, source_of, table
from tools.reference.records import described

__all__ = ["pages"]


def pages() -> dict[str, str]:
    """
    Make all of them.
    """
    return {
        "commands.md": _commands(),
        "items.md": _items(),
        "statuses.md": _statuses(),
        "code-pages.md": _code_pages(),
    }


def _modules(package: types.ModuleType) -> list[types.ModuleType]:
    names = [found.name for found in pkgutil.iter_modules(package.__path__)]
    return [importlib.import_module(f"{package.__name__}.{name}") for name in sorted(names)]


def _chapters(package: types.ModuleType) -> list[str]:
    return [_chapter(module) for module in _modules(package)]


def _chapter(module: types.ModuleType) -> str:
    title = module.__name__.rpartition(".")[2].replace("_", " ")
    text = docstring(module).text
    sources = source_of(inspect.getsource(module))
    where = f"`{module.__name__}`" + (f", after {sources}" if sources else "")
    return f"## {title}\n\n{text}\n\n{where}\n\n{described(module)}"


def _commands() -> str:
    return page(
        "Commands",
        f"Every command is a request and an answer, both typed, in a module of its own below `{protocol.__name__}."
        "commands`. A request encodes itself and decodes its answer for a protocol version; the server's side is the "
        "mirror image. Fields that travel as an element of their own name it; [code pages](code-pages.md) tell which "
        "document specifies the elements of a namespace. Clauses are numbered as in the revisions of [MS-ASCMD] that "
        "have Find, which moved the commands after it.",
        *_chapters(commands),
    )


def _items() -> str:
    return page(
        "Items",
        docstring(classes).text,
        "A version beside a field says when its element exists; for other versions it is left out when writing and "
        "still accepted when reading. Clauses are numbered as in the revisions that know version 16.1; where a name "
        "alone does not tell the clause, the document is named.",
        *_chapters(classes),
    )


def _statuses() -> str:
    parts = [docstring(status).text, "## What is done about it", _actions()]
    for command, known in status.known_statuses().items():
        title = {"common": "Common to all commands", "HTTP": "HTTP statuses"}.get(command, command)
        rows = [(code, found.name, found.action.value, found.sentence) for code, found in sorted(known.items())]
        parts.append(f"## {title}\n\n{table(('status', 'name', 'action', 'what a person is told'), rows)}")
    return page("Statuses", *parts)


def _actions() -> str:
    told = docstring(status.Action).text
    return f"{told}\n\n" + ", ".join(f"*{action.value}*" for action in status.Action) + "."


def _code_pages() -> str:
    rows = []
    for number, namespace in sorted(NAMESPACES.items()):
        names = [name for (space, name), tag in TAGS.items() if space == namespace and page_of(tag) == number]
        document = DOCUMENTS.get(namespace, "MS-ASCMD")
        rows.append((number, f"`{namespace}`", f"[{document}]", len(names), ", ".join(names)))
    return page(
        "Code pages",
        docstring(wbxml).text,
        table(("page", "namespace", "specified in", "elements", "names"), rows),
    )
