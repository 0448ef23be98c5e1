"""
Asking why a notice came, or not, at a terminal.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from carrierpost.bootstrap import open_hub
from carrierpost.cli import main
from carrierpost.model import NoticeMove, NoticeState, Step, TraceStep
from tests.store.values import NOW, Mailbox, mail, phone, push, told


@pytest.fixture
def item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Hold a mail of which a phone was told, late."""
    monkeypatch.setenv("CARRIERPOST_HOME", str(tmp_path))

    async def fill() -> int:
        async with open_hub() as hub:
            box = await Mailbox.begin(hub.store)
            await box.sync(adds=(mail(1, announce=True),))
            device = await hub.store.add_device(phone(box.id))
            await hub.store.put_subscription(push(device.id))
            held = await box.item("m1")
            [made] = await hub.store.commit_notices(told(box.id, device.id, after=0))
            step = TraceStep(
                account_id=box.id, step=Step.REFUSED, at=NOW + dt.timedelta(minutes=5), item_id=held.id,
                device_id=device.id, notice=made.token, detail="payload too large",
            )  # fmt: skip
            await hub.store.move_notices(
                [NoticeMove(notice_id=made.id, state=NoticeState.REFUSED, step=step, detail="payload too large")]
            )
            return held.id

    return asyncio.run(fill())


def test_a_trace_ends_in_a_sentence(item: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The way of a mail to each device, step by step, and first how it ended."""
    assert main(["trace", str(item)]) == 0
    said = capsys.readouterr().out
    assert "Ada's phone: not delivered: payload too large" in said
    assert "decided to tell" in said
    assert "5 min" in said


def test_what_was_late_is_listed(item: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What never arrived is late, too."""
    assert main(["trace", "--late"]) == 0
    assert "payload too large" in capsys.readouterr().out


def test_the_doctor_tells_what_would_happen_now(item: int, capsys: pytest.CaptureFixture[str]) -> None:
    """By the rules that decide about mail, with the channel's state."""
    main(["doctor", "--device", "1"])
    said = capsys.readouterr().out
    assert "a mail arriving in the Inbox now would" in said
    assert "the device never said that a notice came by it" in said
