"""
Figures, targets and the processes that give them.
"""

from __future__ import annotations

import pytest

from benchmarks.child import Child, ChildFailed, peak_memory
from benchmarks.figures import Part, Target, interpreter, percentile
from benchmarks.mails import mails


def test_a_target_holds_on_its_side_of_the_bound() -> None:
    """The least value allowed may be exceeded, the most may not; the bound itself is allowed."""
    assert Target("speed", 5.0, 5.0).held
    assert not Target("speed", 4.99, 5.0).held
    assert Target("latency", 100.0, 100.0, least=False).held
    assert not Target("latency", 100.1, 100.0, least=False).held


def test_what_is_missing_claims_nothing() -> None:
    """A part without its peer does not hold, however good its figures are."""
    good = Target("speed", 9.0, 5.0)
    assert Part("first-sync", {}, (), (good,)).held
    assert not Part("first-sync", {}, (), (good,), missing=("mbsync was not found",)).held


def test_percentiles_are_values_that_were_measured() -> None:
    """By nearest rank: of 200 values, the 99th percent is the 198th, and of one it is that one."""
    values = [float(number) for number in range(200, 0, -1)]
    assert percentile(values, 50) == 100
    assert percentile(values, 99) == 198
    assert percentile([7.0], 99) == percentile([7.0], 1) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_the_interpreter_is_named_with_its_build() -> None:
    """A version alone would not tell two builds apart."""
    name = interpreter()
    assert "Python 3." in name
    assert "(" in name


def test_memory_is_read_as_bytes() -> None:
    """The kernel counts in kibibytes; where it does not say, nothing is claimed."""

    def silent() -> str:
        raise FileNotFoundError

    assert peak_memory(lambda: "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t   2048 kB\n") == 2 * 1024 * 1024
    assert peak_memory(silent) == 0


def test_mails_are_the_same_for_every_peer() -> None:
    """Twice the same texts of the wanted size, oldest first, none after the last day."""
    first, again = list(mails(20, size=300)), list(mails(20, size=300))
    assert first == again
    assert {len(one.text.encode()) for one in first} == {300}
    assert [one.received for one in first] == sorted(one.received for one in first)
    assert (first[-1].received - first[0].received).days > 300
    assert first[0].message("a@b.example").endswith(first[0].text.encode())


def test_a_child_that_ends_early_is_told_with_its_status(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever waits for its answer is not left waiting."""
    with Child("benchmarks.no_such_module") as child, pytest.raises(ChildFailed, match="no_such_module ended with"):
        child.hear()
    assert "no_such_module" in capfd.readouterr().err
