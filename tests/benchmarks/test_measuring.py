"""
The measurements themselves, with sizes so small that their figures mean nothing: that they run, and count right.
"""

from __future__ import annotations

import json

import pytest

from benchmarks import first_sync, latency, lists, nothing_new, notices, wbxml
from benchmarks.__main__ import main
from benchmarks.libwbxml import LibWBXMLMissing


def test_first_sync_is_not_claimed_without_its_peer() -> None:
    """The whole Inbox is taken by a process of its own, and without mbsync no target is claimed."""
    part = first_sync.measure(count=30, size=200, rounds=1, peer=False)
    figures = part.figures
    assert 0 < figures["complete"] <= figures["on_disk"] <= figures["indexed"]
    assert figures["peak"] > 0
    assert figures["requests"] > 10
    assert not part.targets
    assert not part.held
    assert "mbsync" in part.missing[0]


def test_nothing_new_costs_as_many_requests_with_more_held() -> None:
    """Requests are counted by the server, so they are exact even where times are not."""
    part = nothing_new.measure(sizes=(5, 30), rounds=1)
    few, many = part.figures["sizes"]
    assert (few["held"], many["held"]) == (5, 30)
    assert few["requests"] == many["requests"] > 0
    assert [target.held for target in part.targets if target.name.startswith("requests")] == [True]


def test_notices_are_encrypted_and_sent() -> None:
    """The receiver, a process of its own, took every message; the peer is named when it is not there."""
    part = notices.measure(rounds=1, messages=5)
    assert part.figures["sending"]["a_second"] > 0
    assert part.figures["encrypting"]["a_second"] > 0
    assert "ratio" in part.figures["encrypting"] or "http-ece" in part.missing[0]


def test_lists_are_read_from_stores_of_each_size() -> None:
    """Each has as many mails as it says, and both lists are timed."""
    part = lists.measure(sizes=(300, 600), rounds=2)
    assert [one["held"] for one in part.figures["sizes"]] == [300, 600]
    assert all(one["mails_ms"] > 0 and one["threads_ms"] > 0 for one in part.figures["sizes"])
    assert len(part.targets) == 2


def test_every_arrival_is_timed() -> None:
    """Both ways of running give a latency for each mail that was delivered."""
    part = latency.measure(arrivals=5, held=3, pause=0.001)
    for name in ("apart", "together"):
        figures = part.figures[name]
        assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["most_ms"]
    assert len(part.targets) == 2


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without libwbxml the figures say so, the status is not 0, and the last line is still one JSON object."""

    def missing() -> None:
        raise LibWBXMLMissing

    monkeypatch.setattr(wbxml, "LibWBXML", missing)
    assert main(["wbxml", "--json"]) == 1
    values = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert values["held"] is False
    assert values["targets"] == []
    assert "apt-get install libwbxml2" in values["missing"][0]
    assert "Python" in values["interpreter"]


def test_parts_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the named part is measured and judged; a name that is none is refused."""
    main(["latency", "--arrivals", "3", "--json"])
    values = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "latency" in values
    assert "wbxml" not in values
    assert values["held"] == all(one["held"] for one in values["targets"])
    with pytest.raises(SystemExit, match="2"):
        main(["speed"])
