"""
Build the manual, and refuse what a reader would stumble over.

    python -m tools.make_docs           write site/
    python -m tools.make_docs --check   the same, and say nothing when all is well

A page that the navigation does not list, an entry without a page, a link or picture that leads nowhere, and a page
without a title are errors.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

__all__ = ["main", "problems"]

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)")


def listed() -> list[str]:
    """
    List the pages of the navigation, in order.
    """

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    return list(walk(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))


def problems() -> list[str]:
    """
    Say what is wrong with the pages, a sentence each.
    """
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    nav = listed()
    found = [f"mkdocs.yml lists {name}, which does not exist" for name in nav if name not in pages]
    found += [f"docs/{name} is not in the navigation of mkdocs.yml" for name in sorted(pages - set(nav))]
    found += [f"mkdocs.yml lists {name} twice" for name in sorted({name for name in nav if nav.count(name) > 1})]
    for path in sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]):
        found += _page_problems(path)
    return found


def _page_problems(path: Path) -> list[str]:
    name = path.relative_to(ROOT)
    text = path.read_text(encoding="utf-8")
    found = [] if re.search(r"^# \S", text, re.MULTILINE) else [f"{name} has no title"]
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for target in _LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        where = path.parent / target.partition("#")[0]
        if not where.exists():
            found.append(f"{name} links to {target}, which does not exist")
    return found


def build() -> str | None:
    """
    Let zensical build the site.

    Returns:
        What it complained about, `None` when it did not.

    """
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else f"{done.stdout}{done.stderr}".split("Traceback")[0].strip()


def main(arguments: list[str]) -> int:
    """
    Run the command line; returns the exit status.
    """
    found = problems()
    for problem in found:
        print(problem)
    complaint = build()
    if complaint is not None:
        print(complaint)
    elif "--check" not in arguments:
        print(f"the manual is in {ROOT / 'site'}")
    return 1 if found or complaint else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
