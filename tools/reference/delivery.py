"""
The page on delivery: the tables of `carrierpost.delivery`, its diagram, and the chart of the shipped story.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from carrierpost.delivery import RULES, TRANSITIONS, DeliveryPolicy, LifeEvent, RefreshPolicy, Way
from carrierpost.delivery.chart import draw
from carrierpost.delivery.folders import CHOICES, frequency
from carrierpost.delivery.simulation import simulate
from carrierpost.delivery.story import read_story
from carrierpost.model import AppState, Platform
from tools.reference.lifecycle_diagram import diagram
from tools.reference.markdown import page, table

__all__ = ["pages"]

_EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
_NAMES = {Platform.IOS: "iOS", Platform.ANDROID: "Android", Platform.DESKTOP: "Desktop"}
_WAYS = {
    Way.LIVE: "held connection, live stream",
    Way.NOTIFY: "held connection, notified",
    Way.REFRESH: "refreshes from time to time",
    Way.NOTHING: "nothing until it is opened",
}


def pages() -> dict[str, str]:
    """
    Make the page and its pictures.
    """
    parts = [
        "Which way mail takes to a device, and the life of an app, as the code has them. Why it is so is told in [how"
        " mail reaches your phone](../explanation/delivery.md).",
        "## Ways",
        "Exactly one row fits a device. *Channel* means one that is set up on the device, allowed by its owner and by"
        " the administrator, and that its system knows; *refresh* means background app refresh. An empty cell makes no"
        " difference.",
        *(_ways(platform) for platform in Platform),
        "## Limits",
        _limits(),
        "## An app's life",
        "The table that the code follows, and a drawing made from it. What is not in the table cannot happen, and is an"
        " error. In the drawing, events that leave the state as it is are left out.",
    ]
    pictures = {f"lifecycle-{platform}.svg": diagram(platform) for platform in Platform}
    for platform in Platform:
        parts += [f"### {_NAMES[platform]}", f"![The life of an app on {_NAMES[platform]}](lifecycle-{platform}.svg)"]
        parts.append(_life(platform))
    return {"delivery.md": page("Delivery", *parts), **pictures, **_charts()}


def _ways(platform: Platform) -> str:
    rows = [
        (
            ", ".join(state for state in AppState if state in rule.states),
            _yes(rule.notified),
            _yes(rule.refreshed),
            _WAYS[rule.way],
            rule.reason,
        )
        for rule in RULES
        if rule.platform is platform
    ]
    return f"### On {_NAMES[platform]}\n\n" + table(("the app is", "channel", "refresh", "way", "reason given"), rows)


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _limits() -> str:
    delivery, refresh = DeliveryPolicy(), RefreshPolicy()
    return table(
        ("limit", "value"),
        [
            ("grace period on iOS, unless the system says otherwise", f"{delivery.grace_seconds:g} s"),
            ("silence after which an open app is taken for one that is not", f"{delivery.silence_seconds / 60:g} min"),
            ("silence after which nothing is held for a device", f"{delivery.abandoned_days:g} days"),
            ("background refresh, never sooner after the last", f"{refresh.floor_minutes:g} min"),
            ("background refresh, when nothing speaks for sooner or later", f"{refresh.usual_minutes:g} min"),
            ("background refresh, never later", f"{refresh.most_minutes / 60:g} h"),
            ("background refreshes in any 24 hours", str(refresh.daily_budget)),
            ("check frequencies on offer", ", ".join(frequency(one) for one in CHOICES)),
        ],
    )


def _life(platform: Platform) -> str:
    then = {(one.state, one.event): one.to for one in TRANSITIONS if one.platform is platform}
    rows = [(event, *(then.get((state, event), "") for state in AppState)) for event in LifeEvent]
    return table(("event", *(f"when {state}" for state in AppState)), [row for row in rows if any(row[1:])])


def _chance(seed: int) -> Callable[[], float]:
    return random.Random(seed).random


def _charts() -> dict[str, str]:
    charts = {}
    for file in sorted(_EXAMPLES.glob("*.toml")):
        story = read_story(file.read_text(encoding="utf-8"))
        courses = simulate(story, functools.partial(_chance, story.seed))
        charts[f"{file.stem}.svg"] = draw(story.title, courses, ZoneInfo(story.zone))
    return charts
