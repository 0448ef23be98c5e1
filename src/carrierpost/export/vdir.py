"""
An address book as a plain folder, one file for each card, as khard and vdirsyncer read it.

The folder is a copy and no second original: what is changed in its cards is written over. Files that are not ours are
never touched. Each file is replaced in one step, and a run that was interrupted is made good by the next one, since a
card's name tells by itself that it is ours.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec

from carrierpost.export.book import AddressBook, NotInBook

__all__ = ["Mirrored", "mirror"]

_STATE = ".carrierpost.json"


class Mirrored(msgspec.Struct, frozen=True):
    """
    What a run did.

    Attributes:
        written: names of cards that are new or were changed.
        removed: names of cards that are gone.
        restored: names among those written whose files somebody else had changed or removed.
        kept: how many cards stayed as they were.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    kept: int = 0


class _Known(msgspec.Struct, frozen=True):
    tag: str
    digest: str


class _State(msgspec.Struct, frozen=True):
    """
    What the last run left behind.
    """

    cards: dict[str, _Known] = {}


async def mirror(book: AddressBook, folder: Path) -> Mirrored:
    """
    Bring a folder up to date.

    Args:
        book: what is to be in it; an empty one leaves none of our cards there.
        folder: the folder; made when it is not there.

    Raises:
        OSError: it cannot be read or written.
    """
    _make(folder)
    known = _read(folder / _STATE).cards
    cards = await book.cards()
    there: dict[str, _Known] = {}
    written, restored = [], []
    for card in cards:
        before, now = known.get(card.name), _digest_of(folder / card.name)
        if before is not None and before.tag == card.tag and before.digest == now:
            there[card.name] = before
            continue
        try:
            _, text = await book.text(card.name)
        except NotInBook:
            continue  # it went in between; the next run removes it
        content = text.encode()
        digest = hashlib.sha256(content).hexdigest()
        if digest != now:
            _replace(folder / card.name, content)
            written.append(card.name)
            if before is not None and before.digest != now:
                restored.append(card.name)
        there[card.name] = _Known(card.tag, digest)
    gone = _ours(book, folder, known) - {card.name for card in cards}
    for name in sorted(gone):
        (folder / name).unlink(missing_ok=True)
    if there != known:
        _replace(folder / _STATE, msgspec.json.encode(_State(there)))
    return Mirrored(tuple(written), tuple(sorted(gone)), tuple(restored), len(there) - len(written))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _ours(book: AddressBook, folder: Path, known: dict[str, _Known]) -> set[str]:
    """
    Give the names of all files that are ours: what the last run wrote, and what one wrote that did not come to its end.
    """
    names = {path.name for path in folder.iterdir() if path.is_file() and book.is_a_name(path.name)}
    return names | {name for name in known if (folder / name).is_file()}


def _read(path: Path) -> _State:
    try:
        state = msgspec.json.decode(path.read_bytes(), type=_State)
    except (FileNotFoundError, msgspec.DecodeError):
        return _State()  # everything is looked at anew
    return _State({name: one for name, one in state.cards.items() if name.endswith(".vcf") and Path(name).name == name})


def _digest_of(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""


def _replace(path: Path, content: bytes) -> None:
    """
    Write a file that others see whole or not at all. Its name while it is written is none that a reader looks at.
    """
    beside = path.with_name(f".{path.name.removeprefix('.')}.part")
    beside.write_bytes(content)
    beside.replace(path)
