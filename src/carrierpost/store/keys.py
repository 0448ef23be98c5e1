"""
The key that opens a store: 32 bytes, from the environment, a service credential or a file.

The file is made on first use, readable by its owner only. Whoever has it and the store can read everything, so a
backup of the one should not lie beside a backup of the other.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from carrierpost.store.errors import WrongKey

__all__ = ["find_key"]

_VARIABLE = "CARRIERPOST_STORE_KEY"
_CREDENTIAL = "carrierpost-store-key"


def find_key(
    file: Path,
    environment: Mapping[str, str],
    *,
    store: Path | None = None,
    make: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """
    Find the store's key, or make one.

    Args:
        file: where the key is kept when neither the environment nor a credential has it; made if it is not there.
        environment: `CARRIERPOST_STORE_KEY` holds the key itself, `CARRIERPOST_STORE_KEY_FILE` names another file,
            `CREDENTIALS_DIRECTORY` is set by systemd and may hold `carrierpost-store-key`.
        store: the store that the key is for; once it is there, no key is made any more.
        make: gives random bytes.

    Returns:
        32 bytes.

    Raises:
        WrongKey: what was found is no key, the file may be read by others, or the key of a store is gone.
        OSError: the file cannot be read or made.
    """
    if text := environment.get(_VARIABLE):
        return _parse(text, f"the variable {_VARIABLE}")
    if directory := environment.get("CREDENTIALS_DIRECTORY"):
        credential = Path(directory) / _CREDENTIAL
        if credential.exists():
            return _parse(_text(credential), f"the credential {_CREDENTIAL}")
    if named := environment.get(f"{_VARIABLE}_FILE"):
        file = Path(named)
    if not file.exists():
        if store is not None and store.exists():
            raise WrongKey(
                f"{file} is gone, and {store} cannot be opened without the key in it; put it back, or begin anew with: "
                "carrierpost account rebuild"
            )
        _make(file, make(32))
    if file.stat().st_mode & 0o077:
        raise WrongKey(f"{file} may be read by others; run: chmod 600 {file}")
    return _parse(_text(file), f"the file {file}")


def _make(file: Path, key: bytes) -> None:
    """
    Write a key under another name first: it is never readable by others, never half there, and never overwritten.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{key.hex()}\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster, and its key is the key
            os.link(new, file)
    finally:
        new.unlink()


def _text(file: Path) -> str:
    return file.read_bytes().decode("ascii", "replace")


def _parse(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise WrongKey(f"{where} holds no key; a key is 64 hexadecimal digits")
    return key
