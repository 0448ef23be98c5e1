# mypy: ignore-errors
"""
The part of a desktop that shows notices, as a service on a message bus ([freedesktop.org] Desktop Notifications).
"""

from __future__ import annotations

from dbus_fast.service import ServiceInterface, method

__all__ = ["Desktop"]


class Desktop(ServiceInterface):
    """
    A desktop. The annotations of its methods are signatures of D-Bus.

    Attributes:
        shown: what a person sees: title, text and urgency by number.
    """

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: dict[int, tuple[str, str, int]] = {}
        self._number = 0

    @method("Notify")
    def notify(self, name: s, old: u, icon: s, title: s, body: s, actions: "as", hints: "a{sv}", timeout: i) -> u:
        """Show a notice."""
        self._number += 1
        self.shown[self._number] = (title, body, hints["urgency"].value)
        return self._number

    @method("CloseNotification")
    def close(self, number: u):
        """Take a notice away."""
        self.shown.pop(number, None)

    @method("GetCapabilities")
    def capabilities(self) -> "as":
        """List what it can do."""
        return ["body"]

    @method("GetServerInformation")
    def information(self) -> ssss:
        """Say what it is."""
        return ["Desk", "Larch", "1", "1.2"]
