"""
The fuzz driver finds harnesses, notices failures, and repeats them from their seed.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fuzz import __main__ as driver
from fuzz._kill import Deaths
from fuzz._mutate import mutate


@pytest.mark.parametrize("name", driver.harnesses())
def test_harness_holds_for_a_few_attempts(name: str) -> None:
    """Every harness runs, and its invariant holds for the first seeds."""
    attempt = driver.harnesses()[name]
    for seed in range(200):
        attempt(random.Random(seed))


def test_failure_is_told_with_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed attempt ends its harness, names the seed, and that seed fails again."""
    tried: list[float] = []

    def fails_sometimes(chance: random.Random) -> None:
        tried.append(chance.random())
        assert tried[-1] < 0.5

    assert not driver.attempts({"sometimes": fails_sometimes}, 5)
    said = capsys.readouterr().out
    seed = int(said.partition("--seed ")[2].split()[0])
    assert "--only sometimes" in said
    assert random.Random(seed).random() == tried[-1]
    assert driver.replay({"sometimes": fails_sometimes}, seed) == 1


def test_unknown_harness_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name is answered with those that exist."""
    assert driver.main(["--only", "wbxlm"]) == 2
    assert "wbxml" in capsys.readouterr().out


def test_a_story_of_deaths_is_told_with_its_seed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--kill` a first synchronisation dies instead; a wrong end is the exit status, and the seed repeats it."""
    asked: list[tuple[int, int]] = []

    async def dies(home: Path, *, mails: int, kills: int, page: int, chance: random.Random) -> Deaths:
        asked.append((mails, chance.randrange(1000)))
        return Deaths(held=(0, 3), starting=1, survived=0, mails=mails, wrongs=("1:7 is missing",))

    monkeypatch.setattr(driver, "kill", dies)
    assert driver.main(["--kill", "--mails", "40", "--kills", "2", "--seed", "5"]) == 1
    assert driver.main(["--kill", "--mails", "40", "--kills", "2", "--seed", "5"]) == 1
    assert asked[0] == asked[1]
    said = capsys.readouterr().out
    assert "1:7 is missing" in said
    assert "--mails 40 --kills 2 --seed 5" in said


def test_damage_follows_from_the_seed() -> None:
    """The same chance does the same damage; different ones differ, and empty data is no obstacle."""
    data = bytes(range(64))
    damaged = [mutate(data, random.Random(seed)) for seed in range(50)]
    assert damaged == [mutate(data, random.Random(seed)) for seed in range(50)]
    assert len(set(damaged)) > 40
    assert all(isinstance(mutate(b"", random.Random(seed)), bytes) for seed in range(50))
