"""
The in-process ActiveSync server: an ASGI application over mailboxes in memory.

It is part of the product: the demonstration runs on it, and whoever writes an ActiveSync client can test against it.
It refuses malformed requests as Exchange does, speaks 12.1 to 16.1, holds Pings and wakes them at once, and breaks in
the ways it is asked to. It is not a mail server: nothing in it outlives the process.

This module has what an administrator sees: people, devices, policies. `carrierpost.server.front` takes the requests.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from carrierpost.protocol.clock import Clock, SystemClock
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server.device import Device, WipeState
from carrierpost.server.faults import Faults
from carrierpost.server.front import Handled, answer
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.meetings import Meetings
from carrierpost.server.oddities import Oddity
from carrierpost.server.people import People
from carrierpost.server.post_office import PostOffice
from carrierpost.server.quarantine import Quarantine
from carrierpost.server.recipients import cache_of
from carrierpost.server.trust import Trust

__all__ = ["ExchangeServer"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_MOST_LOGGED = 200_000


class ExchangeServer:
    """
    A server with its mailboxes.

    Args:
        clock: the time; the machine's unless another is handed in.
        chance: makes keys and decides about faults.
        versions: the versions offered.
        policy: the device policy demanded, or `None` for no policy.
        enforce: refuse devices that have not agreed on the policy.
        strict: refuse devices that do not follow the whole policy.
        hides_until_known: show no item before the device has told what it is.
        ping_acknowledges: take a Ping as the acknowledgement of all answers before it, as Exchange does.
        compresses: compress answers for clients that accept it.
        heartbeat_limits: least and most seconds of a Ping.
        most_ping_folders: most folders of a Ping.
        most_sync_collections: most folders of a Sync.
        most_devices: most devices of a user.
        most_operations: most commands of a Sync.
        most_message_size: most bytes of a message to send; `None` for no limit.
        delivers_outside: take mail for people who are not here, and note it as gone out.
        keeps_recipients: keep the recipient information cache.
        oddities: what the server does that others do not.

    Attributes:
        faults: what goes wrong.
        post: takes mail and delivers it.
        meetings: brings meetings from mail into calendars and back.
        trust: which certificates are trusted for mail.
        quarantine: devices that have to be let in first.
        refuses_item: is handed what a client asks about an item, an `Add` or a `Move` for instance, and gives the
            status that refuses it, or `None` to carry it out.
        on_handled: is told each request when it is over.
        control_token: opens the control endpoint; while it is empty, that is closed.
        log: the latest requests: monotonic seconds, user, command.
        holding: requests that are held at present.
        connections: requests that are in work at present, held ones included.
        most_connections: most of them at the same time.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        versions: Iterable[Version] = tuple(Version),
        policy: ProvisioningDocument | None = None,
        enforce: bool = False,
        strict: bool = False,
        hides_until_known: bool = False,
        ping_acknowledges: bool = True,
        compresses: bool = True,
        heartbeat_limits: tuple[int, int] = (60, 3540),
        most_ping_folders: int = 200,
        most_sync_collections: int = 1000,
        most_devices: int = 100,
        most_operations: int = 200,
        most_message_size: int | None = None,
        delivers_outside: bool = False,
        keeps_recipients: bool = False,
        oddities: Iterable[Oddity] = (),
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.chance = chance or random.Random()
        self.versions = tuple(sorted(versions))
        self.policy = policy
        self.enforce = enforce
        self.strict = strict
        self.hides_until_known = hides_until_known
        self.ping_acknowledges = ping_acknowledges
        self.compresses = compresses
        self.heartbeat_limits = heartbeat_limits
        self.most_ping_folders = most_ping_folders
        self.most_sync_collections = most_sync_collections
        self.most_devices = most_devices
        self.most_operations = most_operations
        self.most_message_size = most_message_size
        self.delivers_outside = delivers_outside
        self.keeps_recipients = keeps_recipients
        self.oddities = frozenset(oddities)
        self.refuses_item: Callable[[Any], int | None] | None = None
        self.post = PostOffice(self)
        self.meetings = Meetings(self)
        self.trust = Trust()
        self.quarantine = Quarantine(self.clock)
        self.faults = Faults(self.chance)
        self.people = People()
        self.mailboxes: dict[str, Mailbox] = {}
        self.devices: dict[tuple[str, str], Device] = {}
        self.refused: dict[tuple[str, str | None], int] = {}
        self.control_token = ""
        self.log: list[tuple[float, str, str]] = []
        self.on_handled: Callable[[Handled], None] | None = None
        self.holding = 0
        self.connections = 0
        self.most_connections = 0
        self._held: dict[Device, set[asyncio.Future[None]]] = {}

    # -- people

    def add_user(self, address: str, password: str, *, name: str = "") -> Mailbox:
        """
        Make a mailbox.

        Args:
            address: the mail address; also the login name, as is the part before the `@`.
            password: its password.
            name: the person's name.
        """
        address = address.lower()
        self.people.add(address, password)
        mailbox = self.mailboxes[address] = Mailbox(address, self.clock, name=name)
        if self.keeps_recipients:
            cache_of(mailbox)
        return mailbox

    def mailbox(self, address: str) -> Mailbox:
        """
        Give a user's mailbox.

        Raises:
            KeyError: there is none.
        """
        return self.mailboxes[address.lower()]

    def refuse(self, address: str, status: int, device_id: str | None = None) -> None:
        """
        Keep a user, or one device of a user, out.

        Args:
            address: the user.
            status: why: 126 the user may not use ActiveSync, 129 the device may not, 130 access denied, 131 the
                account is disabled...
            device_id: the device; all of them unless it is named.
        """
        self.refused[address.lower(), device_id] = status
        self._wake(address)

    def admit(self, address: str, device_id: str | None = None) -> None:
        """
        Let in again whom `refuse` keeps out.
        """
        self.refused.pop((address.lower(), device_id), None)

    # -- devices

    def device(self, address: str, device_id: str | None = None) -> Device:
        """
        Give what the server remembers of a user's device; of the only one unless it is named.

        Raises:
            KeyError: there is none.
        """
        for device in self.devices_of(address, device_id):
            return device
        raise KeyError((address, device_id))

    def devices_of(self, address: str | None, device_id: str | None = None) -> list[Device]:
        """
        List devices: of a user or of everybody, all or those of a name.
        """
        return [
            device
            for (owner, known), device in self.devices.items()
            if (address is None or owner == address.lower()) and device_id in (None, known)
        ]

    def order_wipe(
        self, address: str | None, kind: WipeKind = WipeKind.DEVICE, *, device_id: str | None = None
    ) -> None:
        """
        Order a user's devices, or one of them, to be wiped.
        """
        for device in self.devices_of(address, device_id):
            device.wipe, device.wipe_kind = WipeState.ORDERED, kind
            self.supersede(device)

    def clear_wipe(self, address: str | None, *, device_id: str | None = None) -> None:
        """
        Let wiped devices in again; each begins anew.
        """
        for device in self.devices_of(address, device_id):
            device.wipe, device.provisioned, device.policy_key = WipeState.NONE, False, "0"

    def hold_back(self, address: str, *, device_id: str | None = None) -> None:
        """
        Put a user's devices into quarantine.
        """
        for device in self.devices_of(address, device_id):
            self.quarantine.put(device, self.mailbox(address))
            self.supersede(device)

    def let_in(self, address: str, *, device_id: str | None = None) -> None:
        """
        Let a user's devices out of quarantine; each begins anew.
        """
        for device in self.devices_of(address, device_id):
            self.quarantine.release(device)
            self.supersede(device)

    def announce_upgrade(self) -> None:
        """
        Tell each device with its next answers that the server was upgraded, until it begins anew ([MS-ASHTTP] X-MS-RP).
        """
        for device in self.devices.values():
            device.told_to_begin_anew = True

    def set_policy(self, policy: ProvisioningDocument | None) -> None:
        """
        Change the policy; all devices have to agree anew.
        """
        self.policy = policy
        for device in self.devices.values():
            device.provisioned = False
        self.release()

    def new_policy_key(self) -> str:
        """
        Make a policy key that no device has guessed.
        """
        return str(self.chance.randrange(1, 2**32))

    # -- held requests

    def release(self) -> None:
        """
        End all held requests, as if their time were over.
        """
        for device in self.devices.values():
            self.supersede(device)

    def _wake(self, address: str) -> None:
        for device in self.devices_of(address):
            self.supersede(device)

    def superseded(self, device: Device) -> asyncio.Future[None]:
        """
        Give a future that completes when a newer request takes the place of the one that is held; cancel it in the end.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        held = self._held.setdefault(device, set())
        held.add(future)
        future.add_done_callback(held.discard)
        return future

    def supersede(self, device: Device) -> None:
        """
        End the request of a device that is held.
        """
        for future in tuple(self._held.get(device, ())):
            if not future.done():
                future.set_result(None)

    # -- what happened

    def note(self, user: str, command: str) -> None:
        """
        Write a request into the log, which keeps the latest.
        """
        self.log.append((self.clock.monotonic(), user, command))
        if len(self.log) > _MOST_LOGGED:
            del self.log[: _MOST_LOGGED // 2]

    # -- the application

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """
        Answer one request ([ASGI] http), or take part in the server's start and end.
        """
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        try:
            await answer(self, scope, receive, send)
        finally:
            self.connections -= 1


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
