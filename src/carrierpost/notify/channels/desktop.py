"""
The desktop of the machine that the hub runs on: for a person who runs it for themselves.

It needs the package `desktop-notifier`, which `pip install carrierpost[desktop]` brings, and a session in which
somebody sees what is shown.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.answers import EXPIRED
from carrierpost.notify.channel import Accepted, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.payload import CANARY_TEXT, PLACEHOLDER_TEXT, seconds_left
from carrierpost.protocol.clock import Clock

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

__all__ = ["DesktopSender", "find_notifier"]

_NO_PACKAGE = "notices on this desktop need a package that is not installed: pip install 'carrierpost[desktop]'"
_NO_SESSION = "nothing here shows notices: the hub does not run in a desktop session"
_MOST_KEPT = 200


def find_notifier() -> DesktopNotifier:
    """
    Give what shows notices on this machine.

    Raises:
        ImportError: the package is not installed.
    """
    package = importlib.import_module("desktop_notifier")
    # It logs what it shows, and a traceback when it cannot; both are told here, in our own words and without content.
    logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)
    notifier: DesktopNotifier = package.DesktopNotifier(app_name="Carrierpost", app_icon=None)
    return notifier


class DesktopSender:
    """
    Shows notices on this machine's desktop.

    Args:
        clock: the time.
        find: gives what shows them.
    """

    channel = Channel.DESKTOP

    def __init__(self, *, clock: Clock, find: Callable[[], Any] = find_notifier) -> None:
        self._clock = clock
        self._find = find
        self._notifier: Any = None
        self._shown: dict[str, str] = {}

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: yes, it costs nothing here.
        """
        return True

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        if seconds_left(message, self._clock.now()) <= 0:
            return EXPIRED
        if message.kind in (Kind.WAKE, Kind.BADGE):
            return Refused("a desktop has neither an app to wake nor a number to set")
        try:
            if self._notifier is None:
                self._notifier = self._find()
        except ImportError:
            return Refused(_NO_PACKAGE)
        await self._clear(message.about if message.kind is Kind.WITHDRAW else message.tag)
        return Accepted() if message.kind is Kind.WITHDRAW else await self._show(message)

    async def _show(self, message: Message) -> Outcome:
        from desktop_notifier import Urgency as Loudness

        words = message.text or (CANARY_TEXT if message.kind is Kind.CANARY else PLACEHOLDER_TEXT)
        loudness = {Urgency.LOW: Loudness.Low, Urgency.HIGH: Loudness.Critical}.get(message.urgency, Loudness.Normal)
        dispatched: list[bool] = []
        try:
            identifier = await self._notifier.send(
                words.title, words.body, urgency=loudness, on_dispatched=lambda: dispatched.append(True)
            )
        except Exception as error:  # whatever a system's own notices may raise
            return Later(f"the desktop did not take it: {type(error).__name__}")
        if not dispatched:
            self._notifier = None  # a session may begin later
            return Refused(_NO_SESSION)
        self._shown[message.tag] = identifier
        while len(self._shown) > _MOST_KEPT:
            del self._shown[next(iter(self._shown))]
        return Accepted(identifier)

    async def _clear(self, tag: str) -> None:
        identifier = self._shown.pop(tag, None)
        if identifier is None or self._notifier is None:
            return
        try:
            await self._notifier.clear(identifier)
        except Exception:  # the person was faster, or the session is over
            return

    async def close(self) -> None:
        """
        Let go of the session.
        """
        notifier, self._notifier = self._notifier, None
        self._shown.clear()
        bus = getattr(getattr(notifier, "_backend", None), "bus", None)  # on Linux; the package itself never closes it
        if bus is not None:
            bus.disconnect()
