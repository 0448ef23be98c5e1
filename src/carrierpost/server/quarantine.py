"""
Quarantine: what a device sees that an administrator has not let in yet, as Exchange 2013 and later do it.

Synchronization goes well and every folder is empty, but for one notice in the Inbox. Folders have the ids that they
have in the mailbox itself, and nothing that such a device does reaches it.
"""

from __future__ import annotations

from carrierpost.protocol.clock import Clock
from carrierpost.server.device import Device
from carrierpost.server.mailbox import Mailbox

__all__ = ["Quarantine"]

_SUBJECT = "Your device has to be approved"
_TEXT = (
    "Your mail will be available on this device as soon as an administrator has approved it. "
    "There is nothing that you have to do.\r\n"
)


class Quarantine:
    """
    The devices that wait to be let in.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[Device, Mailbox] = {}

    def __contains__(self, device: Device) -> bool:
        return device in self._waiting

    def put(self, device: Device, mailbox: Mailbox) -> None:
        """
        Keep a device out of a mailbox, and give it one with a notice.
        """
        if device in self._waiting:
            return
        instead = self._waiting[device] = Mailbox(mailbox.address, self._clock, name=mailbox.name)
        instead.deliver(_SUBJECT, _TEXT, sender=f'"System Administrator" <administrator@{_domain(mailbox)}>')
        _begin_anew(device)

    def release(self, device: Device) -> None:
        """
        Let a device in; it has to begin anew.
        """
        if self._waiting.pop(device, None) is not None:
            _begin_anew(device)

    def mailbox_for(self, device: Device, mailbox: Mailbox) -> Mailbox:
        """
        Give the mailbox that a device gets to see.
        """
        return self._waiting.get(device, mailbox)


def _begin_anew(device: Device) -> None:
    device.collections.clear()
    device.hierarchy_key = device.hierarchy_position = 0
    device.previous_hierarchy = device.sync = None
    device.folders = {}


def _domain(mailbox: Mailbox) -> str:
    return mailbox.address.partition("@")[2]
