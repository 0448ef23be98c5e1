"""
Names of attachments made fit for a disk: whoever wrote the mail chose them.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["numbered", "safe_name"]

_MOST = 180  # bytes; file systems take 255, and a number or a mark may be added
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_ENDING = re.compile(r"(?:\.tar)?\.[^. ]{1,16}\Z")


def safe_name(name: str, *, otherwise: str = "attachment") -> str:
    """
    Give a name that is a single visible file in the folder it is put into, on every common system.

    Folders are cut off, marks that would turn the reading direction (and let `cod.exe` look like `exe.doc`) are taken
    out, names of devices are changed, and what is too long is cut before its ending.

    Args:
        name: as the mail has it.
        otherwise: the name of one that has none.
    """
    name = unicodedata.normalize("NFC", re.sub("[\ud800-\udfff]", "_", name))
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cf", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", name).strip(" .\u00a0")
    if not name:
        return otherwise
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MOST:
        return name
    ending = match[0] if (match := _ENDING.search(name)) else ""
    room = _MOST - len(ending.encode())
    return name.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + ending


def numbered(name: str, number: int) -> str:
    """
    Give the name that a file gets where `number - 1` of its name are already: `plan (2).pdf`.
    """
    if number <= 1:
        return name
    ending = match[0] if (match := _ENDING.search(name)) and match.start() > 0 else ""
    stem = name[: len(name) - len(ending)] if ending else name
    return f"{stem} ({number}){ending}"
