"""
What a person would forget: generated files, versions, numbers, and addresses that belong to nobody else.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import carrierpost
from carrierpost.protocol.quirks import QUIRKS
from scripts.real.settings import Settings
from tools import make_docs, make_reference

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Places that are this machine's or somebody's company's, and options by which installers name an index.
PRIVATE = re.compile(
    r"""
    (?<![\w/.]) / (?: work | root | home/\w+ | opt | Users/\w+ ) /      # absolute paths of a machine
    | --(?:extra-)?index-url | --find-links | --trusted-host            # an index in a requirements file
    | \b(?:artifactory|nexus|devpi|pypiserver)\b                        # a mirror of one
    | (?:^|\W)(?:pypi|files\.pythonhosted|registry\.npmjs|deb\.debian|security\.debian)\.org\b
    """,
    re.VERBOSE,
)
# Where the words above are meant: the check itself, and the script that keeps them out of the lock files.
MEANT = {"tests/test_project.py", "scripts/lock"}


def tracked() -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    return [name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_machine() -> None:
    """No tracked file tells where somebody's package index is, or how a machine's directories are called."""
    wrong = []
    for name in tracked():
        if name in MEANT:
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{name}: {match[0].strip()}" for match in PRIVATE.finditer(text)]
    assert not wrong


@pytest.mark.parametrize(
    "parts",
    [
        ("cd /wo", "rk/main"),
        ("--index-", "url https://mirror.example/simple"),
        ("https://py", "pi.org/simple"),
        ("/ro", "ot/.cache/x"),
    ],
)
def test_the_search_for_addresses_finds_them(parts: tuple[str, ...]) -> None:
    """The pattern above is no empty promise; its examples are in pieces, so that this file keeps the rule too."""
    assert PRIVATE.search("".join(parts))


@pytest.mark.parametrize("name", ["run", "build", "dev"])
def test_locked_packages_are_exact_and_hashed(name: str) -> None:
    """Each locked package has one version for a system, and hashes; nothing comes from an address."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"\\\n\s*", " ", text).strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    for entry in packages:
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert "@ file" not in text


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9.-]", line, maxsplit=1)[0].lower() for line in requirements}


def locked(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))


def asked(name: str) -> list[str]:
    text = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_lock_holds_whatever_is_asked_for() -> None:
    """A dependency that somebody added without `make lock` is noticed."""
    run = names(PROJECT["project"]["dependencies"])
    build, dev = names(asked("build")), names(asked("dev"))
    assert run <= locked("run")
    assert build <= locked("build")
    assert run | build | dev <= locked("dev")


def test_build_requirements_are_the_build_systems() -> None:
    """What `[build-system]` asks for stands in requirements/build.in, word for word."""
    assert set(PROJECT["build-system"]["requires"]) <= set(asked("build"))


def test_version_is_said_once_and_the_same_everywhere() -> None:
    """Package, metadata and the newest entry of the changelog agree."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert carrierpost.__version__ == PROJECT["project"]["version"] == newest[1]


def test_licence_is_the_one_that_is_named() -> None:
    """The file holds the licence that the metadata name."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    """Decisions count from 0001; each has its number as title, a date, reasons and costs, and a line in the index."""
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text(encoding="utf-8")
    pages = sorted(path for path in folder.glob("*.md") if path.name != "index.md")
    for number, path in enumerate(pages, start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04}-"), path.name
        assert text.startswith(f"# {number:04} "), path.name
        assert re.search(r"\*\*Decided\*\* \d{4}-\d\d-\d\d\.", text), path.name
        assert "**Why.**" in text, path.name
        assert "**Cost.**" in text, path.name
        assert f"({path.name})" in index, path.name


def test_reference_says_what_the_code_says() -> None:
    """The generated pages are current; `python -m tools.make_reference` makes them so."""
    assert make_reference.stale() == []


def test_code_pages_are_those_of_their_table() -> None:
    """`carrierpost/wbxml/pages.py` is what `tools/make_pages.py` writes."""
    done = subprocess.run(
        [sys.executable, "tools/make_pages.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_manual_has_no_loose_ends() -> None:
    """Every page is in the navigation, and every link leads to a file."""
    assert make_docs.problems() == []


def test_loose_ends_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without entry, an entry without page, a dead link and a missing title are each named."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("nav: [gone.md, a.md]", encoding="utf-8")
    (tmp_path / "docs" / "a.md").write_text("# A\n[b](c.md)", encoding="utf-8")
    (tmp_path / "docs" / "b.md").write_text("text", encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md"):
        (tmp_path / name).write_text("# Title", encoding="utf-8")
    monkeypatch.setattr(make_docs, "ROOT", tmp_path)
    monkeypatch.setattr(make_docs, "DOCS", tmp_path / "docs")
    assert make_docs.problems() == [
        "mkdocs.yml lists gone.md, which does not exist",
        "docs/b.md is not in the navigation of mkdocs.yml",
        "docs/a.md links to c.md, which does not exist",
        "docs/b.md has no title",
    ]


def test_make_targets_are_all_explained() -> None:
    """`make` lists every target that README, CONTRIBUTING and the manual tell somebody to type."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    spoken_of = {
        name
        for path in texts
        for name in re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert spoken_of <= explained
    assert {"setup", "demo", "test", "test-real", "check", "bench", "fuzz", "lock", "docs", "clean"} <= explained


def test_ports_of_the_real_stack_do_not_meet(tmp_path: Path) -> None:
    """Every server of the stack has a port of its own, within the 444 that the manual promises."""
    settings = Settings(state=tmp_path, port_base=30000)
    services = ("http", "https", "sogod", "memcached", "lmtp", "smtp", "imap", "postgres")
    ports = [settings.port(name) for name in services]
    assert len(set(ports)) == len(ports)
    assert all(30000 <= port < 30444 for port in ports)


def test_every_quirk_has_a_test_against_the_real_server() -> None:
    """A named quirk of a server is shown by a test of that name, and no such test outlives its quirk."""
    text = (ROOT / "tests" / "real" / "test_quirks.py").read_text(encoding="utf-8")
    shown = set(re.findall(r"^async def test_quirk_(\w+)\(", text, re.MULTILINE))
    assert shown == {quirk.name.replace("-", "_") for quirk in QUIRKS}
