"""
The table of code pages.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from carrierpost.wbxml import pages

ROOT = Path(__file__).resolve().parents[2]


def test_pages_are_generated_from_the_table() -> None:
    """`pages.py` is what `tools/make_pages.py` makes of `codepages.csv`."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_pages.py", "--check"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_all_26_pages_and_their_elements() -> None:
    """Pages 0 to 25 are there, with current and legacy elements."""
    assert sorted(pages.NAMESPACES) == list(range(26))
    assert len(pages.TAGS) == len(set(pages.TAGS.values())) == 652
    assert pages.AirSyncBase.Body == 17 << 6 | 0x0A
    assert pages.Email.Body == 2 << 6 | 0x0C  # legacy, readable


def test_names_and_tags_stand_for_each_other() -> None:
    """Known and unknown tokens have a name that leads back to them."""
    for (namespace, element), tag in pages.TAGS.items():
        assert pages.name_of(tag) == (namespace, element)
        assert pages.tag_of(namespace, element) == tag
    assert pages.name_of(0x3F) == ("AirSync", "Token-0x3F")
    assert pages.tag_of("AirSync", "Token-0x3F") == 0x3F
    for wrong in ("Nonsense", "Token-0x01", "Token-0x40"):
        with pytest.raises(KeyError):
            pages.tag_of("AirSync", wrong)
