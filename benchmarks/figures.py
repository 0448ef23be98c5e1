"""
What a measurement gives: figures, targets, and what was missing. Pure, but for the name of the machine.
"""

from __future__ import annotations

import dataclasses
import math
import os
import platform
import statistics
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["Part", "Target", "interpreter", "machine", "median", "percentile"]


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """
    A bound that a figure has to keep.

    Attributes:
        name: what is bounded, in words.
        value: the figure.
        bound: its bound.
        least: whether the bound is the least value allowed; else it is the most.
        unit: of both.
    """

    name: str
    value: float
    bound: float
    least: bool = True
    unit: str = "times"

    @property
    def held(self) -> bool:
        """
        Whether the bound is kept.
        """
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self) -> str:
        word = "at least" if self.least else "at most"
        return f"{self.name}: {self.value:.3g} {self.unit}, {word} {self.bound:g} wanted"

    def values(self) -> dict[str, Any]:
        """
        Give it as plain values.
        """
        return {**dataclasses.asdict(self), "held": self.held}


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """
    One part of the measurements.

    Attributes:
        name: its name on the command line.
        figures: what was measured, as plain values.
        lines: the same for a person.
        targets: the bounds that it has to keep.
        missing: why something could not be compared; then its target is not claimed.
    """

    name: str
    figures: dict[str, Any]
    lines: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """
        Whether all targets hold, and none had to be left out.
        """
        return not self.missing and all(target.held for target in self.targets)


def median(values: Sequence[float]) -> float:
    """
    Give the middle one.
    """
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """
    Give the value that so many percent of all do not exceed: one of them, by nearest rank.

    Raises:
        ValueError: there is none.
    """
    if not values:
        raise ValueError("there are no values")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def interpreter() -> str:
    """
    Name the interpreter so that its build can be told: builds of one version differ by a third.
    """
    options = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    tuned = [name for name in ("--enable-optimizations", "--with-lto") if name in options]
    build = " ".join(tuned) or "no optimizations asked for"
    return f"{platform.python_implementation()} {platform.python_version()} ({build}; {platform.python_compiler()})"


def machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, Any]:
    """
    Describe the machine, and how busy it is with other things.
    """
    model = platform.processor() or platform.machine()
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    return {
        "processor": model,
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 2),
    }
