"""
The house keeps its shape: imports go down the stairs only, and rooms are furnished alike.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "carrierpost"

# Which rooms a room may import directly. The order of floors in pyproject.toml says less: it would let `client`
# see `model`, for instance. wbxml stands beside protocol where a document itself is shown (traces, faults).
BELOW_BOOTSTRAP = {"engine", "notify", "export", "client", "server", "store", "policy", "delivery"}
BASE = {"model", "formats", "protocol", "wbxml"}
MAY_IMPORT = {
    "__main__": {"cli"},
    "cli": {"web", "bootstrap"} | BELOW_BOOTSTRAP | BASE,
    "library": {"bootstrap"} | BELOW_BOOTSTRAP | BASE,
    "web": {"bootstrap"} | BELOW_BOOTSTRAP | BASE,
    "bootstrap": BELOW_BOOTSTRAP | BASE,
    "engine": {"client", "store", "policy", "delivery", "model", "formats", "protocol"},
    "notify": {"store", "policy", "delivery", "model", "formats", "protocol"},
    "export": {"store", "policy", "model", "formats", "protocol"},
    "client": {"protocol", "wbxml"},
    "server": {"formats", "protocol", "wbxml"},
    "store": {"model", "formats", "protocol"},
    "policy": {"model", "protocol"},
    "delivery": {"model"},
    "model": {"protocol"},
    "formats": {"protocol"},
    "protocol": {"wbxml"},
    "wbxml": set[str](),
}

# What would bring bytes, clock or chance into rooms that are handed them. The one door is protocol.clock.
OUTSIDE = {"asyncio", "socket", "ssl", "threading", "subprocess", "time", "random", "secrets", "sqlite3", "uuid"}
PURE_ROOMS = ["wbxml", "protocol", "formats", "model", "policy", "delivery"]
DOORS = {"protocol.clock"}

MODULES = sorted(SOURCE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_import_contract_is_kept() -> None:
    """`lint-imports` finds no import that goes up the stairs, or sideways."""
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_each_room_imports_only_what_the_table_gives_it() -> None:
    """A room's direct imports are those of its line in the table; a room without a line does not exist."""
    graph = grimp.build_graph("carrierpost", cache_dir=None)
    wrong = []
    for importer in sorted(graph.modules):
        if importer == "carrierpost":
            continue
        room = importer.split(".")[1]
        assert room in MAY_IMPORT, f"{room} is no room of the house"
        for imported in graph.find_modules_directly_imported_by(importer):
            other = imported.partition(".")[2].partition(".")[0]
            if other and other != room and other not in MAY_IMPORT[room]:
                wrong.append(f"{importer} -> {imported}")
    assert not wrong


def test_table_refuses_what_it_should() -> None:
    """The table itself is a staircase: no two rooms may import each other, not even by a detour."""

    def reach(room: str) -> set[str]:
        below = set(MAY_IMPORT[room])
        for other in MAY_IMPORT[room]:
            below |= reach(other)
        return below

    for room in MAY_IMPORT:
        assert room not in reach(room)


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_pure_rooms_touch_no_clock_no_chance_and_no_wire(room: str) -> None:
    """Time, randomness and bytes are handed in to the rooms that decide."""
    wrong = []
    for path in MODULES:
        name = _name(path)
        if name.partition(".")[0] != room or name in DOORS:
            continue
        for node in ast.walk(_tree(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
                if owner in {"datetime", "date"} and node.attr in {"now", "utcnow", "today"}:
                    wrong.append(f"{name}: {owner}.{node.attr}")
            wrong += [f"{name}: {item}" for item in names if item.partition(".")[0] in OUTSIDE]
    assert not wrong


def test_packages_are_packages() -> None:
    """Every folder with Python in it has an `__init__.py`; without one the import contract would not see it."""
    folders = {path.parent for path in MODULES}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_modules_say_what_they_are_for() -> None:
    """Each module begins with a docstring."""
    assert [_name(path) for path in MODULES if not ast.get_docstring(_tree(path))] == []


def test_nothing_is_called_utils() -> None:
    """A helper lives in the lowest room that needs it, under a name that says what it does."""
    vague = {"utils", "util", "helpers", "misc", "common"}
    assert [_name(path) for path in MODULES if path.stem in vague] == []


def test_manual_shows_the_table_that_is_checked() -> None:
    """The table in the manual gives each room what the one above gives it."""
    text = (ROOT / "docs" / "explanation" / "house.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    assert {room for room, _ in rows} >= {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    for room, allowed in rows:
        if allowed != "everything below":
            assert MAY_IMPORT[room] == set(re.findall(r"`(\w+)`", allowed)), room


@pytest.mark.parametrize("name", [_name(path) for path in MODULES if path.stem != "__main__"])
def test_modules_export_what_they_say(name: str) -> None:
    """Whatever `__all__` lists is there, and listed once."""
    module = importlib.import_module(f"carrierpost.{name}".rstrip("."))
    exported = getattr(module, "__all__", [])
    assert len(exported) == len(set(exported))
    assert [item for item in exported if not hasattr(module, item)] == []
