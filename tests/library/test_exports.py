"""
What `import carrierpost` promises, and what it costs.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import carrierpost

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", carrierpost.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    """With a docstring of its own, unless it is a plain value; and completion lists it."""
    value = getattr(carrierpost, name)
    assert name in dir(carrierpost)
    assert name == "__version__" or value.__doc__


def test_what_is_not_exported_is_not_there() -> None:
    """A mistyped name is an ordinary error."""
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        carrierpost.conect  # noqa: B018 - that it raises is the point


def test_importing_costs_nothing() -> None:
    """The command line imports the package; nothing else of it is loaded before it is asked for."""
    code = "import carrierpost, sys; print(*[name for name in sys.modules if name.startswith('carrierpost.')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_type_checkers_see_the_same_names() -> None:
    """The imports for type checkers, the table for the interpreter and `__all__` agree, down to the module."""
    source = (ROOT / "src" / "carrierpost" / "__init__.py").read_text(encoding="utf-8")
    typed = {
        alias.name: node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("carrierpost.")
        for alias in node.names
    }
    assert typed == {name: f"carrierpost.{home}" for name, home in carrierpost._HOME_OF.items()}
    assert sorted([*typed, "__version__"]) == sorted(carrierpost.__all__)


def test_every_name_is_used_in_the_file_that_is_only_type_checked() -> None:
    """So that a change of the public face that breaks its users breaks `make check`."""
    used = {
        node.attr
        for node in ast.walk(ast.parse((ROOT / "tests" / "typing_examples.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "carrierpost"
    }
    assert set(carrierpost.__all__) - used == set()
