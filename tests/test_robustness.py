"""
The page of what breaks in the real world says the truth about the tests.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "explanation" / "robustness.md"
ROW = re.compile(r"^\| ((?:[A-Z]{2}\d+)(?: to [A-Z]{2}\d+)?) \| [^|]+ \| (tested|later: [^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d+(?![A-Z0-9])")


def _tested() -> set[str]:
    """List the rows that are named by tests, as the beginning of a name or among others in it."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name.startswith(
                "test_"
            ):
                found |= {part for part in node.name.split("_") if NAMED.fullmatch(part)}
    return found


def test_every_row_that_is_called_tested_has_a_test_and_every_test_has_its_row() -> None:
    """`test_SK5_...` belongs to a row SK5 that says so; what comes later has a reason and no test."""
    rows = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
    listed = {row for row, state in rows.items() if state == "tested"}
    assert listed
    assert _tested() == listed


def test_every_line_of_a_table_is_a_row() -> None:
    """No typing error takes a row out of the comparison."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [A-Z]{2}\d", line)]
    assert all(ROW.match(line) for line in lines)
    assert len(lines) == len(set(ROW.findall(PAGE.read_text(encoding="utf-8"))))
