"""
Faults on demand: what breaks in the real world, by name.

A fault says what goes wrong, for whom, on which command and how often. From Python:

    server.faults.add(reject_key(), command="Sync", times=1)

and from the command line in one line of text:

    http(503, Retry-After: 20) on Sync for ada@larch.example x3
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable
from typing import Any

from carrierpost.protocol.http import COMMAND_CODES

__all__ = [
    "FAULTS",
    "Fault",
    "Faults",
    "Planned",
    "delay",
    "drop_after_commit",
    "drop_before_commit",
    "empty_200",
    "half_close",
    "http",
    "lie_more_available",
    "mutate_between",
    "mute_adds",
    "parse_fault",
    "raw_wbxml",
    "reject_key",
    "repeat_add",
    "status",
]


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """
    Something that goes wrong.

    Attributes:
        name: its name.
        number: a status, an HTTP status, or seconds, as the name needs.
        headers: headers of an HTTP refusal.
        body: the bytes of a raw answer.
        act: what to do between reading a request and answering it.
        commands: the only commands on which it can happen; none means all.
    """

    name: str
    number: float = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    act: Callable[[], object] | None = None
    commands: tuple[str, ...] = ()

    def __str__(self) -> str:
        """
        Write it as `parse_fault` reads it.
        """
        match self.name:
            case "delay" | "status":
                return f"{self.name}({self.number:g})"
            case "http":
                headers = "".join(f", {name}: {value}" for name, value in self.headers)
                return f"http({self.number:g}{headers})"
            case "raw_wbxml":
                return f"raw_wbxml({self.body.hex()})"
        return self.name


def reject_key() -> Fault:
    """
    The sync key is refused: Sync answers 3, FolderSync 9, and the state behind it is forgotten.
    """
    return Fault("reject_key", commands=("Sync", "FolderSync"))


def drop_after_commit() -> Fault:
    """
    The request is carried out, and the connection ends before the answer.
    """
    return Fault("drop_after_commit")


def drop_before_commit() -> Fault:
    """
    The connection ends before the request is carried out.
    """
    return Fault("drop_before_commit")


def empty_200() -> Fault:
    """
    The answer has no body, and the request is not carried out.
    """
    return Fault("empty_200")


def delay(seconds: float) -> Fault:
    """
    The answer comes late.
    """
    return Fault("delay", number=seconds)


def half_close() -> Fault:
    """
    Nothing ever comes back, and the connection stays: as behind a router that forgot it.
    """
    return Fault("half_close")


def status(number: int) -> Fault:
    """
    The command is refused with this status.
    """
    return Fault("status", number=number)


def http(number: int, headers: dict[str, str] | None = None) -> Fault:
    """
    The request is refused with this HTTP status and these headers.
    """
    return Fault("http", number=number, headers=tuple((headers or {}).items()))


def mutate_between(act: Callable[[], object]) -> Fault:
    """
    The mailbox changes between two pages: `act` is called before the request is carried out.
    """
    return Fault("mutate_between", act=act)


def repeat_add() -> Fault:
    """
    A folder's items are told again as new, although the device has them, and nothing has changed.
    """
    return Fault("repeat_add", commands=("Sync",))


def lie_more_available() -> Fault:
    """
    The answer claims that there is more, when there is not.
    """
    return Fault("lie_more_available", commands=("Sync",))


def mute_adds() -> Fault:
    """
    Items that the client adds are taken and not answered; they are told as new ones afterwards.
    """
    return Fault("mute_adds", commands=("Sync",))


def raw_wbxml(body: bytes) -> Fault:
    """
    The answer's body is these bytes, and the request is not carried out.
    """
    return Fault("raw_wbxml", body=body)


FAULTS: dict[str, Callable[..., Fault]] = {
    one.__name__: one
    for one in (
        reject_key, drop_after_commit, drop_before_commit, empty_200, delay, half_close, status, http,
        mutate_between, repeat_add, lie_more_available, mute_adds, raw_wbxml,
    )
}  # fmt: skip
"""All faults by name."""


_COMMANDS = ("OPTIONS", *COMMAND_CODES)


@dataclasses.dataclass(slots=True)
class Planned:
    """
    A fault that a server was asked for.

    Attributes:
        fault: what goes wrong.
        command: on which command; `None` for any.
        user: for whom; `None` for anybody.
        times: how often yet; `None` for always.
        probability: how likely, each time it could happen.
    """

    fault: Fault
    command: str | None = None
    user: str | None = None
    times: int | None = 1
    probability: float = 1.0

    def concerns(self, command: str, user: str) -> bool:
        """
        Tell whether the fault may hit a request.
        """
        if self.fault.commands and command not in self.fault.commands:
            return False
        return self.command in (None, command) and self.user in (None, user)

    def __str__(self) -> str:
        """
        Write it as `parse_fault` reads it.
        """
        parts = [str(self.fault)]
        parts += [f"on {self.command}"] if self.command else []
        parts += [f"for {self.user}"] if self.user else []
        parts += [f"{self.probability:.0%}"] if self.probability < 1 else []
        return " ".join([*parts, "x*" if self.times is None else f"x{self.times}"])


class Faults:
    """
    The faults that a server is asked for. Of several that concern a request, the one asked for first hits it.

    Args:
        chance: decides about faults that come with a probability.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._planned: list[Planned] = []

    @property
    def planned(self) -> tuple[Planned, ...]:
        """
        The faults that are still to come.
        """
        return tuple(self._planned)

    def add(
        self,
        fault: Fault,
        *,
        command: str | None = None,
        user: str | None = None,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> None:
        """
        Ask for a fault.

        Args:
            fault: what goes wrong.
            command: on which command; `None` for any.
            user: for whom; `None` for anybody.
            times: how often; `None` for always.
            probability: how likely, each time it could happen.

        Raises:
            ValueError: the command is none, or the fault cannot happen on it.
        """
        if command is not None and command not in _COMMANDS:
            raise ValueError(f"there is no command {command!r}; known: {', '.join(sorted(_COMMANDS))}")
        if command is not None and fault.commands and command not in fault.commands:
            raise ValueError(f"{fault.name} can only happen on {' and '.join(fault.commands)}, not on {command}")
        self._planned.append(Planned(fault, command, user.lower() if user else None, times, probability))

    def clear(self) -> None:
        """
        Let everything work again.
        """
        self._planned.clear()

    def take(self, command: str, user: str) -> Fault | None:
        """
        Give the fault that hits a request, if one does, and count it.
        """
        for planned in self._planned:
            if not planned.concerns(command, user):
                continue
            if planned.probability < 1.0 and self._chance.random() >= planned.probability:
                continue
            if planned.times is not None:
                planned.times -= 1
                if planned.times <= 0:
                    self._planned.remove(planned)
            return planned.fault
        return None


_LINE = re.compile(
    r"^\s*(?P<name>\w+)(?:\((?P<arguments>.*)\))?"
    r"(?:\s+on\s+(?P<command>\w+))?(?:\s+for\s+(?P<user>\S+@\S+))?"
    r"(?:\s+(?P<percent>\d{1,3})%)?(?:\s+x(?P<times>\d+|\*))?\s*$"
)
_COMMA = re.compile(r",\s*(?=[\w-]+\s*:)")  # between headers, not inside the date of one


def parse_fault(text: str) -> tuple[Fault, dict[str, Any]]:
    """
    Read a fault from one line: `name(arguments) on Command for USER 50% x3`. All after the name may be left out; `x*`
    means always, a percentage how likely it is each time. `mutate_between` needs Python.

    Returns:
        The fault, and the keyword arguments for `Faults.add`.

    Raises:
        ValueError: there is no such fault, or its arguments are wrong; says which there are.
    """
    match = _LINE.match(text)
    name = match["name"] if match else text.strip()
    if match is None or name not in FAULTS or name == "mutate_between":
        known = ", ".join(sorted(set(FAULTS) - {"mutate_between"}))
        raise ValueError(f"there is no fault {name!r}; known: {known}")
    try:
        fault = _with_arguments(name, (match["arguments"] or "").strip())
    except ValueError as error:
        raise ValueError(f"the arguments of {name} are wrong: {error}") from None
    options: dict[str, Any] = {
        "command": match["command"],
        "user": match["user"],
        "times": None if match["times"] == "*" else int(match["times"] or 1),
        "probability": min(int(match["percent"] or 100), 100) / 100,
    }
    return fault, options


def _with_arguments(name: str, text: str) -> Fault:
    match name:
        case "delay":
            return delay(_number(text, "seconds"))
        case "status":
            return status(int(_number(text, "a status")))
        case "http":
            number, _, rest = text.partition(",")
            headers = [one.partition(":") for one in _COMMA.split(rest.strip()) if one]
            if any(not colon for _, colon, _ in headers):
                raise ValueError("a header is written Name: value")
            return http(
                int(_number(number, "an HTTP status")), {one.strip(): value.strip() for one, _, value in headers}
            )
        case "raw_wbxml":
            return raw_wbxml(bytes.fromhex(text))
        case _:
            if text:
                raise ValueError(f"{name} takes none")
            return FAULTS[name]()


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{what} expected, not {text!r}") from None
