"""
Names of attachments, made fit for a disk.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.formats.file_names import numbered, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.pdf", "plan.pdf"),
        ("Übersicht 2026 (final).xlsx", "Übersicht 2026 (final).xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("/etc/cron.d/x", "x"),
        ("..", "attachment"),
        (".bashrc", "bashrc"),
        ("", "attachment"),
        ("a/", "attachment"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("Lpt1 .log", "_Lpt1 .log"),
        ("console.txt", "console.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\nc.txt", "a_b_c.txt"),
        ('what?"<>|*.txt', "what______.txt"),
        ("file.txt:stream", "file.txt_stream"),
        ("trailing. . ", "trailing"),
        ("e\u0301.txt", "é.txt"),
        ("\ud800.txt", "_.txt"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    """No folders, no devices, nothing hidden, nothing that reads otherwise than it is; the rest stays."""
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    """It is cut before the ending, between characters, and is short enough for a number as well."""
    name = safe_name("ä" * 300 + ".tar.gz")
    assert name.endswith("ä.tar.gz")
    assert len(numbered(name, 99).encode()) <= 200


@pytest.mark.parametrize(
    ("name", "second"),
    [("plan.pdf", "plan (2).pdf"), ("plan", "plan (2)"), ("a.tar.gz", "a (2).tar.gz"), ("a b.c d", "a b.c d (2)")],
)
def test_another_file_of_a_name_gets_a_number(name: str, second: str) -> None:
    """The ending stays at the end, so that the file opens as before."""
    assert numbered(name, 1) == name
    assert numbered(name, 2) == second


@given(st.text(max_size=400))
def test_whatever_a_stranger_writes_is_one_file_in_the_folder(name: str) -> None:
    """The name can be made into a file directly in the folder, and nowhere else."""
    safe = safe_name(name)
    folder = Path("/somewhere")
    assert (folder / safe).parent == folder
    assert safe not in ("", ".", "..")
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 200
    assert "\0" not in safe
