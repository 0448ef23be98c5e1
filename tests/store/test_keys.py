"""
The key of a store: where it is found, how it is made, and what is refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from carrierpost.store import WrongKey, find_key

KEY = bytes(range(32))


def private(file: Path, text: str = KEY.hex()) -> Path:
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_a_key_is_made_on_first_use_and_found_again(tmp_path: Path) -> None:
    """The file is readable by its owner only, whatever the umask, and nothing else is left lying about."""
    file = tmp_path / "home" / "store.key"
    before = os.umask(0)
    try:
        made = find_key(file, {}, make=lambda size: KEY[:size])
    finally:
        os.umask(before)
    assert made == KEY
    assert find_key(file, {}) == KEY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_keys_differ(tmp_path: Path) -> None:
    """Two stores have two keys."""
    assert find_key(tmp_path / "a", {}) != find_key(tmp_path / "b", {})


def test_whoever_is_slower_takes_the_key_that_is_there(tmp_path: Path) -> None:
    """Two processes begin at once: the key of the first is never overwritten."""
    file = tmp_path / "store.key"

    def late(size: int) -> bytes:
        private(file)
        return bytes(size)

    assert find_key(file, {}, make=late) == KEY
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The sentence says which file, and the command that mends it."""
    file = private(tmp_path / "store.key")
    file.chmod(mode)
    with pytest.raises(WrongKey, match=f"chmod 600 {file}"):
        find_key(file, {})


@pytest.mark.parametrize("text", ["", "\n", "abc", "zz" * 32, "00" * 31, "00" * 33, "\udce9"])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    """Wherever it stands: the place is named, what stands there is not."""
    file = tmp_path / "store.key"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    file.chmod(0o600)
    with pytest.raises(WrongKey, match=r"the file .*store\.key holds no key") as refused:
        find_key(file, {})
    assert not text.strip() or text.strip() not in str(refused.value)
    assert file.exists()


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """A key in the environment needs no file, and none is made."""
    file = tmp_path / "store.key"
    assert find_key(file, {"CARRIERPOST_STORE_KEY": f" {KEY.hex().upper()}\n"}) == KEY
    assert not file.exists()
    with pytest.raises(WrongKey, match="CARRIERPOST_STORE_KEY holds no key"):
        find_key(file, {"CARRIERPOST_STORE_KEY": "secret"})


def test_a_service_credential_comes_before_the_files(tmp_path: Path) -> None:
    """What systemd hands to a service is taken, whatever its mode; without it the file is."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "carrierpost-store-key").write_text(KEY.hex())
    other = private(tmp_path / "store.key", "11" * 32)
    environment = {"CREDENTIALS_DIRECTORY": str(folder), "CARRIERPOST_STORE_KEY_FILE": str(other)}
    assert find_key(other, environment) == KEY
    (folder / "carrierpost-store-key").write_text("no")
    with pytest.raises(WrongKey, match="credential carrierpost-store-key"):
        find_key(other, environment)
    (folder / "carrierpost-store-key").unlink()
    assert find_key(other, environment) == bytes([0x11]) * 32


def test_another_file_may_be_named(tmp_path: Path) -> None:
    """A file elsewhere, on a medium of its own perhaps, takes the place of the usual one."""
    named = private(tmp_path / "elsewhere")
    assert find_key(tmp_path / "store.key", {"CARRIERPOST_STORE_KEY_FILE": str(named)}) == KEY
    assert not (tmp_path / "store.key").exists()


def test_no_key_is_made_for_a_store_that_has_one(tmp_path: Path) -> None:
    """A key file that is gone is missed at once, and no other is put in its place."""
    store = tmp_path / "store.db"
    store.write_bytes(b"x")
    with pytest.raises(WrongKey, match=r"is gone.*account rebuild"):
        find_key(tmp_path / "store.key", {}, store=store)
    assert list(tmp_path.iterdir()) == [store]
