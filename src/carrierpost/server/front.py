"""
The front of the server: one HTTP request, from its first byte to its answer or to the lack of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec

from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.http import COMMAND_CODES, PATH, CommandCall
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server import answers
from carrierpost.server.autodiscover import autodiscover_answer
from carrierpost.server.commands import HANDLERS, Context, Refusal
from carrierpost.server.control import CONTROL, control_answer
from carrierpost.server.device import Device
from carrierpost.server.faults import Fault
from carrierpost.server.gate import COOKIE, admit, check_content, read_request, version_of

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["Handled", "answer"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_MOST_BODY = 64 * 1024 * 1024


class Handled(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request that has been answered, or will not be.

    Attributes:
        user: whose it was; empty before the login.
        device_id: the device; empty where the request names none.
        command: the command; `OPTIONS`, or HTTP method and path of what is none.
        version: the version spoken, as text.
        http_status: the answer's HTTP status; 0 when there was no answer.
        size: bytes of the answer's body.
        seconds: how long it took, held time included.
        fault: the fault that it hit; empty for none.
    """

    user: str
    device_id: str
    command: str
    version: str
    http_status: int
    size: int
    seconds: float
    fault: str = ""


class _TooLarge(Exception):
    pass


async def answer(server: ExchangeServer, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """
    Answer one request, and tell who watches how it went.
    """
    turn = _Turn(server, scope, receive, send)
    try:
        await turn.run()
    finally:
        turn.tell()  # of what got no answer


class _Turn:
    """
    One request on its way through the server.
    """

    def __init__(self, server: ExchangeServer, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.server = server
        self.scope = scope
        self.receive = receive
        self._send = send
        self.headers = {
            bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]
        }
        self.user = ""
        self.call: CommandCall | None = None
        self.device: Device | None = None
        self.fault: Fault | None = None
        self.http_status = 0
        self.size = 0
        self._started = server.clock.monotonic()
        self._told = False

    async def send(self, message: Message) -> None:
        """
        Pass a piece of the answer on, and note what it was; who watches hears of it before the client does.
        """
        if message["type"] == "http.response.start":
            self.http_status = message["status"]
            self.size = int(dict(message["headers"])[b"content-length"])  # every answer here is sent whole
            self.tell()
        await self._send(message)

    def tell(self) -> None:
        """
        Tell who watches the server, once.
        """
        if self.server.on_handled is None or self._told:
            return
        self._told = True
        call = self.call
        self.server.on_handled(
            Handled(
                user=self.user,
                device_id=call.device_id if call else "",
                command=call.command if call else self._plain_name(),
                version=call.version if call else "",
                http_status=self.http_status,
                size=self.size,
                seconds=self.server.clock.monotonic() - self._started,
                fault=self.fault.name if self.fault else "",
            )
        )

    def _plain_name(self) -> str:
        method, path = self.scope["method"], self.scope["path"]
        return "OPTIONS" if method == "OPTIONS" else f"{method} {path}"

    async def plain(self, status: int, text: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """
        Answer in plain text.
        """
        await answers.send_plain(self.send, status, "text/plain", text.encode(), headers)

    async def run(self) -> None:
        """
        Find out what is asked, and of whom.
        """
        try:
            body = await _body(self.receive)
        except _TooLarge:
            await self.plain(413, f"more than {_MOST_BODY} bytes are not taken\n")
            return
        if body is None:  # the client left before it had said all
            return
        path, method = self.scope["path"], self.scope["method"]
        if path.lower().startswith("/autodiscover/"):
            await answers.send_plain(self.send, *autodiscover_answer(self.server, self.scope, self.headers, body))
        elif path.startswith(CONTROL):
            await answers.send_plain(self.send, *control_answer(self.server, self.scope, self.headers, body))
        elif path.rstrip("/").lower() != PATH.lower():
            await self.plain(404, "there is no ActiveSync at this path\n")
        else:
            await self._activesync(method, body)

    async def _activesync(self, method: str, body: bytes) -> None:
        people = self.server.people
        user = people.authenticated(self.headers.get("authorization", ""))
        names = self.scope.get("extensions", {}).get("carrierpost.certificate")
        if names == ():
            await self.plain(403, "403.7: a client certificate is wanted\n")  # in the words of IIS
            return
        if user is None and names is not None:
            user = people.named(names)
        if user is None:
            await answers.send_unauthorized(self.send, people.challenges)
            return
        self.user = user
        gone = asyncio.ensure_future(_disconnected(self.receive))
        try:
            if method == "OPTIONS":
                await self._options(gone)
            elif method == "POST":
                await self._post(body, gone)
            else:
                await self.plain(501, "only POST and OPTIONS\n", (("Allow", "OPTIONS, POST"),))
        finally:
            gone.cancel()
            await asyncio.wait([gone])

    async def _options(self, gone: asyncio.Future[None]) -> None:
        server = self.server
        server.note(self.user, "OPTIONS")
        self.fault = server.faults.take("OPTIONS", self.user)
        if self.fault is not None and await self._broken(self.fault, gone):
            return
        listed = (
            ("MS-Server-ActiveSync", answers.PRODUCT),
            ("MS-ASProtocolVersions", ",".join(str(version) for version in server.versions)),
            ("MS-ASProtocolCommands", ",".join(command for command in COMMAND_CODES if command in HANDLERS)),
            ("Allow", "OPTIONS, POST"),
        )
        await self.plain(200, headers=listed)

    async def _post(self, body: bytes, gone: asyncio.Future[None]) -> None:
        """
        Answer a command: the gate, a fault, the handler, in this order.
        """
        query = self.scope["query_string"].decode("latin-1")
        try:
            call = self.call = read_request(query, self.headers, body)
        except MalformedRequest as error:
            spoken = version_of(self.headers.get("ms-asprotocolversion", ""))
            await answers.send_status(self.send, error.command, error.status, spoken)
            return
        self.server.note(self.user, call.command)
        self.fault = fault = self.server.faults.take(call.command, self.user)
        if fault is not None and await self._broken(fault, gone):
            return
        version = version_of(call.version)
        try:
            payload = await self._carried_out(call, version, gone)
        except (Refusal, MalformedRequest) as refusal:
            keyed = call.policy_key != "0"
            await answers.send_status(self.send, call.command, refusal.status, version, with_key=keyed)
            return
        if fault is not None and fault.name == "drop_after_commit":
            return
        accepted = self.server.compresses and _accepts_gzip(self.headers)
        await answers.send_payload(self.send, payload, compressed=accepted, headers=self._told_beside())

    def _told_beside(self) -> tuple[tuple[str, str], ...]:
        """
        Give the headers that go with an answer: a cookie, and that the server was upgraded.
        """
        device, server = self.device, self.server
        if device is None:
            return ()
        headers: list[tuple[str, str]] = []
        if device.cookie:
            headers.append(("Set-Cookie", f"{COOKIE}={device.cookie}; path=/; secure; HttpOnly"))
        if device.told_to_begin_anew:
            versions = ",".join(str(version) for version in server.versions)
            commands = ",".join(command for command in COMMAND_CODES if command in HANDLERS)
            headers += [("X-MS-RP", versions), ("MS-ASProtocolVersions", versions), ("MS-ASProtocolCommands", commands)]
        return tuple(headers)

    async def _carried_out(self, call: CommandCall, version: Version | None, gone: asyncio.Future[None]) -> Payload:
        server, fault = self.server, self.fault
        if version is None or version not in server.versions:
            raise Refusal(138)
        check_content(call, version, self.headers)
        device = admit(server, self.user, call, version, self.headers.get("cookie", ""))
        if fault is not None and fault.name == "status" and call.command != "Ping":
            raise Refusal(int(fault.number))
        mailbox = server.quarantine.mailbox_for(device, server.mailboxes[self.user])
        self.device = device
        context = Context(
            server=server, mailbox=mailbox, device=device, version=version, call=call, fault=fault, gone=gone
        )
        return await HANDLERS[call.command](context)

    async def _broken(self, fault: Fault, gone: asyncio.Future[None]) -> bool:
        """
        Do what a fault does instead of an answer; `False` when the request goes on.
        """
        match fault.name:
            case "drop_before_commit":
                return True
            case "half_close":
                await asyncio.wait([gone])
                return True
            case "delay":
                return await self._late(fault.number, gone)
            case "empty_200":
                await answers.send_payload(self.send, Payload())
                return True
            case "raw_wbxml":
                await answers.send_payload(self.send, Payload(body=fault.body))
                return True
            case "http":
                await self.plain(int(fault.number), headers=fault.headers)
                return True
            case "mutate_between":
                assert fault.act is not None
                fault.act()
        return False

    async def _late(self, seconds: float, gone: asyncio.Future[None]) -> bool:
        """
        Wait; a client that leaves meanwhile has not asked for anything.
        """
        waiting = asyncio.ensure_future(self.server.clock.sleep(seconds))
        try:
            await asyncio.wait([waiting, gone], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        return gone.done()


def _accepts_gzip(headers: Mapping[str, str]) -> bool:
    for one in headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


async def _body(receive: Receive) -> bytes | None:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > _MOST_BODY:
            raise _TooLarge
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
