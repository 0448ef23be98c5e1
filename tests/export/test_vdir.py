"""
The address book as a plain folder.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from carrierpost.export import vdir
from carrierpost.export.vdir import mirror
from tests.export.test_book import book_of, fresh
from tests.store.values import contact


def cards_in(folder: Path) -> dict[str, bytes]:
    """Read what an address book program reads: files whose names end so and begin with no dot."""
    return {path.name: path.read_bytes() for path in folder.glob("*.vcf") if not path.name.startswith(".")}


def names_in(folder: Path) -> list[str]:
    """Read the names of all files."""
    return [path.name for path in folder.iterdir()]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(12))
async def test_CT1_a_run_that_is_killed_anywhere_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After the next run there is each card once, whole, and nothing that has gone."""
    box = await fresh()
    await box.sync("Contacts", adds=tuple(contact(number, f"N{number}", "Elm") for number in range(3)))
    await mirror(await book_of(box), tmp_path)
    await box.sync(
        "Contacts",
        adds=(contact(7, "New", "Elm"), contact(8, "Newer", "Elm")),
        updates=(await box.update("c1", "Contacts", job_title="Smith"),),
        removals=(await box.removal("c2", "Contacts"),),
    )
    left = step
    real: dict[str, Any] = {"write_bytes": Path.write_bytes, "replace": Path.replace, "unlink": Path.unlink}

    def killing(name: str) -> Any:
        def call(self: Path, *args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real[name](self, *args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in real:
            patch.setattr(Path, name, killing(name))
        with contextlib.suppress(Killed):
            await mirror(await book_of(box), tmp_path)
    for content in cards_in(tmp_path).values():
        assert content.endswith(b"END:VCARD\r\n")
    await mirror(await book_of(box), tmp_path)
    whole = tmp_path / "whole"
    await mirror(await book_of(box), whole)
    assert cards_in(tmp_path) == cards_in(whole)
    assert len(cards_in(whole)) == 4
    assert (await mirror(await book_of(box), tmp_path)).kept == 4
    assert not [name for name in names_in(tmp_path) if name.endswith(".part")]


async def test_what_somebody_changed_in_the_copy_is_as_it_was_again(tmp_path: Path) -> None:
    """The copy is no second original, and the run says which cards that were."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"), contact(2, "Bo", "Elm")))
    await mirror(await book_of(box), tmp_path)
    before = cards_in(tmp_path)
    first, second = sorted(before)
    (tmp_path / first).write_text("scribble")
    (tmp_path / second).unlink()
    done = await mirror(await book_of(box), tmp_path)
    assert set(done.written) == set(done.restored) == {first, second}
    assert cards_in(tmp_path) == before


@pytest.mark.parametrize(
    "state",
    [b"", b"[]", b"\xff", b'{"cards":{"../outside.vcf":{"tag":"x","digest":"y"},"mine.txt":{"tag":"","digest":""}}}'],
)
async def test_a_broken_or_forged_memory_touches_nothing_foreign(tmp_path: Path, state: bytes) -> None:
    """It is only looked at anew; no name in it leads out of the folder, or to what is no card."""
    box = await fresh()
    await box.sync("Contacts", adds=(contact(1, "Ada", "Elm"),))
    copy = tmp_path / "copy"
    await mirror(await book_of(box), copy)
    (tmp_path / "outside.vcf").write_text("outside")
    (copy / "mine.txt").write_text("mine")
    (copy / "1-0123456789abcdef.vcf").write_text("somebody else's")
    before = cards_in(copy)
    (copy / vdir._STATE).write_bytes(state)
    await mirror(await book_of(box), copy)
    assert cards_in(copy) == before
    assert (tmp_path / "outside.vcf").read_text() == "outside"
    assert (copy / "mine.txt").exists()
