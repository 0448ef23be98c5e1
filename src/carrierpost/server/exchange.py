"""
The in-process ActiveSync server: an ASGI application over mailboxes in memory.

It is part of the product: the demonstration runs on it, and whoever writes an ActiveSync client can test against it.
It refuses malformed requests as Exchange does, speaks 12.1 to 16.1, holds Pings and wakes them at once, and breaks in
the ways it is asked to. It is not a mail server: nothing in it outlives the process.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import random
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from carrierpost.protocol.clock import Clock, SystemClock
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest, UnreadableAnswer
from carrierpost.protocol.http import COMMAND_CODES, PATH, CommandCall, parse_call
from carrierpost.protocol.message import Payload
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server import answers
from carrierpost.server.autodiscover import autodiscover_answer
from carrierpost.server.commands import HANDLERS, Context
from carrierpost.server.device import Device, WipeState
from carrierpost.server.faults import Fault, Faults, parse_fault
from carrierpost.server.mailbox import Mailbox

__all__ = ["ExchangeServer"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_MOST_BODY = 64 * 1024 * 1024


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
        heartbeat_limits: least and most seconds of a Ping.
        most_ping_folders: most folders of a Ping.
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
        heartbeat_limits: tuple[int, int] = (60, 3540),
        most_ping_folders: int = 200,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.chance = chance or random.Random()
        self.versions = tuple(sorted(versions))
        self.policy = policy
        self.enforce = enforce
        self.strict = strict
        self.hides_until_known = hides_until_known
        self.ping_acknowledges = ping_acknowledges
        self.heartbeat_limits = heartbeat_limits
        self.most_ping_folders = most_ping_folders
        self.faults = Faults(self.chance)
        self.control_token = ""
        self.mailboxes: dict[str, Mailbox] = {}
        self.devices: dict[tuple[str, str], Device] = {}
        self.log: list[tuple[float, str, str]] = []
        self.holding = 0
        self.most_connections = 0
        self._connections = 0
        self._passwords: dict[str, str] = {}
        self._held: dict[Device, set[asyncio.Future[None]]] = {}

    # -- people and devices

    def add_user(self, address: str, password: str, *, name: str = "") -> Mailbox:
        """
        Make a mailbox.

        Args:
            address: the mail address; also the login name, as is the part before the `@`.
            password: its password.
            name: the person's name.
        """
        address = address.lower()
        self._passwords[address] = password
        mailbox = self.mailboxes[address] = Mailbox(address, self.clock, name=name)
        return mailbox

    def mailbox(self, address: str) -> Mailbox:
        """
        Give a user's mailbox.

        Raises:
            KeyError: there is none.
        """
        return self.mailboxes[address.lower()]

    def device(self, address: str, device_id: str | None = None) -> Device:
        """
        Give what the server remembers of a user's device; of the only one unless it is named.

        Raises:
            KeyError: there is none.
        """
        for (owner, known), device in self.devices.items():
            if owner == address.lower() and device_id in (None, known):
                return device
        raise KeyError((address, device_id))

    def order_wipe(self, address: str, kind: WipeKind = WipeKind.DEVICE) -> None:
        """
        Order a user's devices to be wiped.
        """
        for (owner, _), device in self.devices.items():
            if owner == address.lower():
                device.wipe, device.wipe_kind = WipeState.ORDERED, kind
        self._wake(address)

    def clear_wipe(self, address: str) -> None:
        """
        Let wiped devices in again.
        """
        for (owner, _), device in self.devices.items():
            if owner == address.lower():
                device.wipe, device.provisioned, device.policy_key = WipeState.NONE, False, "0"

    def set_policy(self, policy: ProvisioningDocument | None) -> None:
        """
        Change the policy; all devices have to agree anew.
        """
        self.policy = policy
        for device in self.devices.values():
            device.provisioned = False
        self.release()

    def release(self) -> None:
        """
        End all held requests, as if their time were over.
        """
        for device in self.devices.values():
            self.supersede(device)

    def _wake(self, address: str) -> None:
        for (owner, _), device in self.devices.items():
            if owner == address.lower():
                self.supersede(device)

    # -- held requests

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
        self._connections += 1
        self.most_connections = max(self.most_connections, self._connections)
        try:
            await self._http(scope, receive, send)
        finally:
            self._connections -= 1

    async def _http(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        headers = {
            bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]
        }
        path, method = scope["path"], scope["method"]
        body = await _body(receive)
        if path.lower().startswith("/autodiscover/"):
            await answers.send_plain(send, *autodiscover_answer(self, scope, headers, body))
            return
        if path == "/-/faults" and method == "POST":
            await answers.send_plain(send, *self._control(headers, body))
            return
        if path.rstrip("/").lower() != PATH.lower():
            await answers.send_plain(send, 404, "text/plain", b"there is no ActiveSync at this path\n")
            return
        user = self._authenticated(headers)
        if user is None:
            await answers.send_unauthorized(send)
            return
        if method == "OPTIONS":
            await self._options(user, send)
            return
        if method != "POST":
            await answers.send_plain(send, 405, "text/plain", b"only POST and OPTIONS\n")
            return
        await self._post(user, scope["query_string"].decode("latin-1"), headers, body, receive, send)

    def _control(self, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """
        Take a fault from the command line; only with the token that the running server printed.
        """
        given = headers.get("x-carrierpost-token", "")
        if not self.control_token or not hmac.compare_digest(given, self.control_token):
            return 403, "text/plain", b"the token is missing or wrong\n"
        try:
            fault, options = parse_fault(body.decode("utf-8", "replace"))
        except ValueError as error:
            return 400, "text/plain", f"{error}\n".encode()
        self.faults.add(fault, **options)
        return 200, "text/plain", b"asked for\n"

    def _authenticated(self, headers: dict[str, str]) -> str | None:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            raw = base64.b64decode(value, validate=True)
        except binascii.Error:
            return None
        login, _, password = raw.decode("utf-8", "replace").partition(":")
        login = login.rpartition("\\")[2].lower()
        for address, known in self._passwords.items():
            if login in (address, address.partition("@")[0]) and hmac.compare_digest(known.encode(), password.encode()):
                return address
        return None

    async def _options(self, user: str, send: Send) -> None:
        self._note(user, "OPTIONS")
        fault = self.faults.take("OPTIONS", user)
        if fault is not None and fault.name == "http":
            await answers.send_plain(send, int(fault.number), "text/plain", b"", fault.headers)
            return
        listed = [
            ("MS-Server-ActiveSync", "15.1"),
            ("MS-ASProtocolVersions", ",".join(str(version) for version in self.versions)),
            ("MS-ASProtocolCommands", ",".join(command for command in COMMAND_CODES if command in HANDLERS)),
        ]
        await answers.send_plain(send, 200, "text/plain", b"", tuple(listed))

    def _note(self, user: str, command: str) -> None:
        self.log.append((self.clock.monotonic(), user, command))

    async def _post(
        self, user: str, query: str, headers: dict[str, str], body: bytes, receive: Receive, send: Send
    ) -> None:
        try:
            call = parse_call(query, headers, body)
        except MalformedRequest as error:
            await answers.send_plain(send, 400, "text/plain", f"{error}\n".encode())
            return
        self._note(user, call.command)
        fault = self.faults.take(call.command, user)
        if fault is not None and await self._broken(fault, receive, send, user, call):
            return
        version = self._version_of(call)
        if version is None:
            await answers.send_plain(send, 400, "text/plain", b"this protocol version is not spoken here\n")
            return
        device = self.devices.setdefault((user, call.device_id), Device(call.device_id, call.device_type))
        refusal = self._refusal(device, call, version)
        if refusal is None and fault is not None and fault.name == "status" and call.command != "Ping":
            refusal = int(fault.number)
        if refusal is not None:
            await answers.send_status(send, call.command, refusal, version)
            return
        gone = asyncio.ensure_future(_disconnected(receive))
        context = Context(
            server=self,
            mailbox=self.mailboxes[user],
            device=device,
            version=version,
            call=call,
            fault=fault,
            gone=gone,
        )
        try:
            payload = await HANDLERS[call.command](context)
        except MalformedRequest as error:
            await answers.send_status(send, call.command, error.status, version)
            return
        except UnreadableAnswer:
            await answers.send_status(send, call.command, 102, version)
            return
        finally:
            gone.cancel()
        if fault is not None and fault.name == "drop_after_commit":
            return
        await answers.send_payload(send, payload, call)

    async def _broken(self, fault: Fault, receive: Receive, send: Send, user: str, call: CommandCall) -> bool:
        """
        Do what a fault does instead of an answer; `False` when the request goes on.
        """
        match fault.name:
            case "drop_before_commit":
                return True
            case "half_close":
                await _disconnected(receive)
                return True
            case "delay":
                await self.clock.sleep(fault.number)
                return False
            case "empty_200":
                await answers.send_payload(send, Payload(), call)
                return True
            case "raw_wbxml":
                await answers.send_payload(send, Payload(body=fault.body), call)
                return True
            case "http":
                await answers.send_plain(send, int(fault.number), "text/plain", b"", fault.headers)
                return True
            case "mutate_between":
                assert fault.act is not None
                fault.act()
                return False
        return False

    def _version_of(self, call: CommandCall) -> Version | None:
        try:
            version = Version.parse(call.version)
        except LocalProtocolError:
            return None
        return version if version in self.versions else None

    def _refusal(self, device: Device, call: CommandCall, version: Version) -> int | None:
        """
        Say with which status a device is kept out, if it is.
        """
        if call.command not in HANDLERS:
            return 137
        if call.command == "Provision":
            return 129 if device.wipe is WipeState.DONE else None
        if device.wipe is WipeState.ORDERED:
            return 140
        if device.wipe is WipeState.DONE:
            return 129
        if not self.enforce or self.policy is None:
            return None
        if not device.provisioned:
            return 143 if device.policy_key != "0" else 142
        if call.command != "Ping" and call.policy_key != device.policy_key:
            return 144
        return None


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        piece = message.get("body", b"")
        size += len(piece)
        if size <= _MOST_BODY:
            pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
