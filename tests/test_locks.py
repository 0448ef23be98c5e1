"""
The locks of a home: who is kept out, who is not, and what they take.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from carrierpost.bootstrap.errors import HubBusy
from carrierpost.bootstrap.locks import Locks, Purpose

_HOLD = """
import sys
from pathlib import Path
from carrierpost.bootstrap.locks import Locks, Purpose
with Locks(Path(sys.argv[1])).alone(7, Purpose.WORK, "ada@larch.example"):
    print("held", flush=True)
    sys.stdin.read()
"""


def free(home: Path, account_id: int, purpose: Purpose = Purpose.WORK) -> bool:
    """Tell whether a lock can be had, by somebody who holds none yet."""
    try:
        with Locks(home).alone(account_id, purpose, "ada@larch.example"):
            return True
    except HubBusy:
        return False


def test_another_process_is_kept_out_until_it_ends(tmp_path: Path) -> None:
    """Of that account alone, and for that purpose alone; a process that is killed leaves nothing locked."""
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert not free(tmp_path, 7)
        assert free(tmp_path, 6)
        assert free(tmp_path, 8)
        assert free(tmp_path, 7, Purpose.LOGIN)
        assert not free(tmp_path, 7)  # that others came and went took nothing away
        with pytest.raises(HubBusy, match="an account of this store"), Locks(tmp_path).all_alone():
            pass
        other.kill()
    assert free(tmp_path, 7)
    with Locks(tmp_path).all_alone():
        assert not free(tmp_path, 7)
    assert free(tmp_path, 7)


def test_another_hub_of_this_process_is_kept_out(tmp_path: Path) -> None:
    """So is the same one, when it asks twice; giving one lock back leaves the others."""
    locks = Locks(tmp_path)
    with locks.alone(1, Purpose.WORK, "ada@larch.example"):
        with locks.alone(2, Purpose.WORK, "bea@elm.example"):
            assert not free(tmp_path, 2)
        assert free(tmp_path, 2)
        assert not free(tmp_path, 1)
        with pytest.raises(HubBusy, match="works on ada@larch"):
            locks.alone(1, Purpose.WORK, "ada@larch.example").__enter__()
        assert not free(tmp_path, 1)
    assert free(tmp_path, 1)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not list open files")
def test_a_thousand_locks_are_one_open_file(tmp_path: Path) -> None:
    """And none when the last is given back."""

    def opened() -> int:
        return sum(one.exists() and one.resolve().parent == tmp_path for one in Path("/proc/self/fd").iterdir())

    locks = Locks(tmp_path)
    with contextlib.ExitStack() as held:
        for number in range(1000):
            held.enter_context(locks.alone(number, Purpose.WORK, f"p{number}@larch.example"))
        assert opened() == 1
        assert not free(tmp_path, 500)
    assert opened() == 0


def test_without_a_home_nobody_can_be_in_the_way() -> None:
    """What is in memory is reached by nobody else."""
    with Locks(None).alone(1, Purpose.WORK, "ada@larch.example"), Locks(None).all_alone():
        pass
