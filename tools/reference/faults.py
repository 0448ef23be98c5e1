"""
The page on the faults that the built-in server commits on request.
"""

from __future__ import annotations

import inspect

from carrierpost.server import faults
from tools.reference.markdown import docstring, page, table

__all__ = ["pages"]


def pages() -> dict[str, str]:
    """
    Make the page.
    """
    rows = [(f"`{name}({_arguments(make)})`", docstring(make).text) for name, make in faults.FAULTS.items()]
    return {
        "faults.md": page(
            "Faults of the built-in server",
            docstring(faults).text,
            table(("fault", "what happens"), rows),
            "## Asking for one from Python",
            _entries(faults.Faults.add),
            "## Asking for one in a line of text",
            _entries(faults.parse_fault),
        )
    }


def _arguments(function: object) -> str:
    parameters = inspect.signature(function).parameters if callable(function) else {}
    return ", ".join(parameters)


def _entries(function: object) -> str:
    told = docstring(function)
    rows = [(f"`{name}`", meaning) for name, meaning in told.sections.get("Args", {}).items()]
    return told.text + ("\n\n" + table(("argument", "meaning"), rows) if rows else "")
