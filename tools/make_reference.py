"""
Write the reference pages of the manual from the code.

    python -m tools.make_reference           write docs/reference/
    python -m tools.make_reference --check   only say whether it is current (exit status 1 if not)
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

__all__ = ["made", "main", "stale"]

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
MAKERS = ("command_line", "protocol", "library", "faults", "delivery", "policies", "http_interface")
BY_HAND = {"index.md"}


def made() -> dict[Path, str]:
    """
    Make all pages, without writing them.
    """
    pages: dict[Path, str] = {}
    for name in MAKERS:
        maker = importlib.import_module(f"tools.reference.{name}")
        pages |= {REFERENCE / file: text for file, text in maker.pages().items()}
    return pages


def stale() -> list[str]:
    """
    Name the pages that differ from what the code says, and those that nothing makes any more.
    """
    pages = made()
    old = [path.name for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    kept = set(pages) | {REFERENCE / name for name in BY_HAND}
    return sorted(old + [path.name for path in REFERENCE.glob("*.md") if path not in kept])


def main(arguments: list[str]) -> int:
    """
    Run the command line; returns the exit status.
    """
    if "--check" in arguments:
        for name in stale():
            print(f"docs/reference/{name} is not what the code says; run: python -m tools.make_reference")
        return 1 if stale() else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
