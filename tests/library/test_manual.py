"""
The examples of the manual run, and print what stands below them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "python.md"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("code", "printed"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_print_what_they_promise(code: str, printed: str, tmp_path: Path) -> None:
    """As programs of their own, as a reader runs them."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (ran.stdout, ran.stderr) == (printed, "")


def test_no_example_is_left_out() -> None:
    """Each block of Python is one that runs."""
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```python") >= 4
