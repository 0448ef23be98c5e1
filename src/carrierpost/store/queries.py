"""
SQL from files, by name: SQL is read as SQL, not put together in Python.
"""

from __future__ import annotations

import re
from importlib import resources

__all__ = ["load_migrations", "load_queries"]

_NAME = re.compile(r"^-- (\w+): .*$", re.MULTILINE)


def load_queries(*files: str) -> dict[str, str]:
    """
    Read queries from files below `store/sql`.

    Returns:
        The text of each, by the name in the comment above it.
    """
    found = {}
    for file in files:
        text = resources.files("carrierpost.store").joinpath("sql", file).read_text()
        parts = _NAME.split(text)
        for name, query in zip(parts[1::2], parts[2::2], strict=True):
            found[name] = query.strip().rstrip(";")
    return found


def load_migrations(dialect: str) -> list[tuple[int, str, str]]:
    """
    Read a dialect's migrations.

    Returns:
        Number, file name and text of each, in order.
    """
    folder = resources.files("carrierpost.store").joinpath("sql", dialect)
    found = []
    for file in folder.iterdir():
        number = file.name.partition("-")[0]
        if number.isdigit():
            found.append((int(number), file.name, file.read_text()))
    return sorted(found)
