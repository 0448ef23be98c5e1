"""
Out of office: planned, set, told.
"""

from __future__ import annotations

import datetime as dt
import functools

import pytest

from carrierpost.engine.away import NoOof, change_oof, plan_oof, read_oof
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import bench
from tests.support.virtual import virtual

INTERNAL, KNOWN, UNKNOWN = Audience
START = dt.datetime(2026, 12, 24, tzinfo=dt.UTC)
END = START + dt.timedelta(days=7)
HELD = Oof(messages=tuple(OofMessage(audience=one, enabled=False, reply_message="old") for one in Audience))


@pytest.mark.parametrize("version", Version)
@virtual
async def test_it_is_set_and_told(version: Version) -> None:
    """For a time and with texts for two of three audiences; switched off, the texts stay."""
    async with bench(version=version) as made:
        runner = made.new_runner()
        held = await runner.ask(read_oof)
        assert held.state is OofState.OFF
        plan = plan_oof(held, {INTERNAL: "Skiing.", UNKNOWN: "Away."}, start=START, end=END)
        await runner.ask(functools.partial(change_oof, wanted=plan))
        told = await runner.ask(read_oof)
        assert (told.state, told.start_time, told.end_time) == (OofState.BETWEEN, START, END)
        texts = {one.audience: (one.enabled, one.reply_message) for one in told.messages}
        assert (texts[INTERNAL], texts[UNKNOWN], texts[KNOWN][0]) == ((True, "Skiing."), (True, "Away."), False)
        await runner.ask(functools.partial(change_oof, wanted=Oof()))
        assert {one.reply_message for one in made.mailbox.oof.messages} >= {"Skiing.", "Away."}


def test_only_what_is_named_changes() -> None:
    """Others are not mentioned: what they have may be in another form, or hidden."""
    plan = plan_oof(HELD, {INTERNAL: "new", KNOWN: None})
    assert plan == Oof(
        state=OofState.ON,
        messages=(
            OofMessage(audience=INTERNAL, enabled=True, reply_message="new", body_type="Text"),
            OofMessage(audience=KNOWN, enabled=False),
        ),
    )


@pytest.mark.parametrize(
    ("held", "texts", "times", "sentence"),
    [
        (HELD, {INTERNAL: "x"}, (START, None), "a start and an end"),
        (HELD, {INTERNAL: "x"}, (END, START), "ends before it begins"),
        (Oof(messages=HELD.messages[:1]), {UNKNOWN: "x"}, (None, None), "no answers for: external unknown"),
    ],
)
def test_what_cannot_be_set_is_said(
    held: Oof, texts: dict[Audience, str | None], times: tuple[dt.datetime | None, ...], sentence: str
) -> None:
    """Before anything is sent; audiences that a server does not name must not be invented."""
    with pytest.raises(NoOof, match=sentence):
        plan_oof(held, texts, start=times[0], end=times[1])


@virtual
async def test_a_server_that_refuses_is_believed() -> None:
    """With its reason."""
    async with bench() as made:
        runner = made.new_runner()
        made.server.faults.add(faults.status(3), command="Settings")
        with pytest.raises(StatusError, match="does not allow this setting"):
            await runner.ask(read_oof)
