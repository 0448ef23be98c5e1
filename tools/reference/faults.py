"""
The page on the faults that the built-in server commits on request.
"""

from __future__ import annotations

import importlib
import inspect

from tools.reference.markdown import docstring, page, table

__all__ = ["pages"]

_MODULE = "carrierpost.server.faults"


def pages() -> dict[str, str]:
    """
    Make the page.
    """
    title = "Faults of the built-in server"
    try:
        module = importlib.import_module(_MODULE)
    except ImportError:
        return {"faults.md": page(title, "The built-in server is not part of this tree yet.")}
    rows = []
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            rows.append((f"`{name}`", docstring(thing).text))
    return {"faults.md": page(title, docstring(module).text, table(("name", "what it does"), rows))}
