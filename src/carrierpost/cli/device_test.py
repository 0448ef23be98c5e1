"""
`carrierpost device test`: prove that a device receives, or say what stands in the way.

A test is a notice like any other. The running hub hands it over, the device says over HTTP that it came, and here the
steps of its trace are told as they are taken.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import secrets
from collections.abc import Iterator

import click

from carrierpost.bootstrap import Hub, SetupError
from carrierpost.cli.output import console, print_json
from carrierpost.delivery import DeliveryPolicy
from carrierpost.model import Channel, Device, Step, Subscription, TraceStep
from carrierpost.notify.canary import follow_notice, send_canary
from carrierpost.notify.governing import governing
from carrierpost.notify.setup import read_setups
from carrierpost.notify.trace import duration

__all__ = ["Tested", "conclude", "try_device"]

_TAKEN_UP_SECONDS = 15.0
"""Within which a hub that runs hands a test over."""

_WORDS = {
    Step.DECIDED: "put into the queue",
    Step.HANDED: "handed to the channel",
    Step.ACCEPTED: "accepted by the provider",
    Step.LATER: "put off",
    Step.RECEIVED: "received by the device",
    Step.SHOWN: "shown",
    Step.REFUSED: "not delivered",
    Step.EXPIRED: "given up",
    Step.WITHDRAWN: "taken back",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tested:
    """
    How a test ended.

    Attributes:
        arrived: whether the device said that it came.
        took: how long that took, or `None`.
        text: how it ended, in a sentence.
        steps: what happened.
    """

    arrived: bool
    took: dt.timedelta | None
    text: str
    steps: tuple[TraceStep, ...]


async def try_device(hub: Hub, device: Device, *, seconds: float, as_json: bool) -> int:
    """
    Send a test to a device and wait for its word, telling what happens.

    Args:
        hub: the hub.
        device: the device.
        seconds: how long to wait at most.
        as_json: print one JSON document at the end, instead of a line for each step.

    Returns:
        The exit status: 0 when it arrived.

    Raises:
        SetupError: nothing can be sent to it; says why, and what to do.
    """
    await _check(hub, device)
    made = await send_canary(hub.store, device.id, clock=hub.clock, name=lambda: secrets.token_urlsafe(16))
    steps: list[TraceStep] = []
    with _waiting(device, as_json):
        for limit in (min(seconds, _TAKEN_UP_SECONDS), seconds):
            async for step in follow_notice(hub.store, made.token, clock=hub.clock, seconds=limit):
                if step not in steps:
                    steps.append(step)
                    if not as_json:
                        _tell(step, steps[0].at)
            if not any(one.step is not Step.DECIDED for one in steps):
                break
    ended = conclude(device, tuple(steps), seconds)
    if as_json:
        print_json(_values(device, ended))
    else:
        click.secho(f"{device.name}: ", bold=True, nl=False)
        click.secho(ended.text, fg="green" if ended.arrived else "red")
    return 0 if ended.arrived else 1


def conclude(device: Device, steps: tuple[TraceStep, ...], seconds: float) -> Tested:
    """
    Say how a test ended. Pure.

    Args:
        device: the device.
        steps: what happened, in order.
        seconds: how long was waited.
    """
    begin = steps[0].at if steps else None
    heard = next((one for one in steps if one.step in (Step.RECEIVED, Step.SHOWN)), None)
    if heard is not None and begin is not None:
        took = heard.at - begin
        word = "shown" if heard.step is Step.SHOWN else "received"
        return Tested(True, took, f"it receives; the test was {word} after {duration(took)}", steps)
    last = steps[-1] if steps else None
    text = "nobody takes notices out of the queue; the hub has to run: carrierpost serve"
    if last is not None and last.step is not Step.DECIDED:
        text = _obstacle(device, last, seconds)
    return Tested(False, None, text, steps)


def _obstacle(device: Device, last: TraceStep, seconds: float) -> str:
    why = f": {last.detail}" if last.detail else ""
    match last.step:
        case Step.ACCEPTED:
            return (
                f"the provider took the test, and the device did not speak of it within {seconds:g} s. It may be off "
                f"or without network, or {device.name} may not show notices: look at its system's settings"
            )
        case Step.HANDED:
            return "the channel has not answered yet; see later: carrierpost trace --device " + str(device.id)
        case Step.LATER:
            return f"the test could not be delivered yet, and is tried again{why}"
        case _:
            return f"the test was {_WORDS.get(last.step, str(last.step))}{why}"


async def _check(hub: Hub, device: Device) -> None:
    """
    Look before a test whether it could be handed over at all.

    Raises:
        SetupError: it could not.
    """
    held = await hub.store.subscriptions(device.id)
    if not held:
        raise SetupError(f"{device.name} has no channel; open Carrierpost on it, and let it send notices")
    allowed = (
        await governing(hub.store, await hub.store.account(device.account_id), device, DeliveryPolicy())
    ).delivery.channels
    try:
        set_up = set(await read_setups(hub.store))
    except ValueError as error:
        raise SetupError(str(error)) from None
    obstacles = [_why_not(one, set_up, allowed) for one in held]
    if all(obstacles):
        raise SetupError(f"{device.name} cannot be told: {'; '.join(dict.fromkeys(obstacles))}")


def _why_not(one: Subscription, set_up: set[Channel], allowed: frozenset[Channel]) -> str:
    if one.failed:
        return f"its {one.channel} is used no more ({one.failed}); open Carrierpost on it, which sets that up anew"
    if one.channel not in set_up:
        return f"this hub has no {one.channel}; set it up with: carrierpost notify setup {one.channel}"
    return "" if one.channel in allowed else f"the administrator's policy does not allow {one.channel}"


@contextlib.contextmanager
def _waiting(device: Device, as_json: bool) -> Iterator[None]:
    """
    Show at a terminal that something is waited for.
    """
    screen = console(stderr=True)
    if as_json or not screen.is_terminal:
        yield
        return
    with screen.status(f"waiting for {device.name}"):
        yield


def _tell(step: TraceStep, begin: dt.datetime) -> None:
    at = step.at.astimezone()
    detail = click.style(f"  {step.detail}", dim=True) if step.detail else ""
    word = _WORDS.get(step.step, str(step.step))
    click.echo(f"  {at:%H:%M:%S}.{at.microsecond // 1000:03} {'+' + duration(step.at - begin):>10}  {word}{detail}")


def _values(device: Device, ended: Tested) -> dict[str, object]:
    return {
        "device": device.id,
        "name": device.name,
        "arrived": ended.arrived,
        "seconds": ended.took.total_seconds() if ended.took is not None else None,
        "text": ended.text,
        "steps": [{"step": one.step, "at": one.at, "detail": one.detail} for one in ended.steps],
    }
