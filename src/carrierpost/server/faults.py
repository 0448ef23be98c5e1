"""
Faults on demand: what breaks in the real world, by name.

A fault says what goes wrong, for whom, on which command and how often. From Python:

    server.faults.add(reject_key(), command="Sync", times=1)

and from the command line in one line of text:

    http(503, Retry-After: 20) on Sync x3
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable
from typing import Any

__all__ = [
    "FAULTS",
    "Fault",
    "Faults",
    "delay",
    "drop_after_commit",
    "drop_before_commit",
    "empty_200",
    "half_close",
    "http",
    "lie_more_available",
    "mutate_between",
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
    """

    name: str
    number: float = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    act: Callable[[], None] | None = None


def reject_key() -> Fault:
    """
    The sync key is refused: Sync answers 3, FolderSync 9, and the state behind it is forgotten.
    """
    return Fault("reject_key")


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


def mutate_between(act: Callable[[], None]) -> Fault:
    """
    The mailbox changes between two pages: `act` is called before the request is carried out.
    """
    return Fault("mutate_between", act=act)


def repeat_add() -> Fault:
    """
    A folder's items are told again as new, although the device has them, and nothing has changed.
    """
    return Fault("repeat_add")


def lie_more_available() -> Fault:
    """
    The answer claims that there is more, when there is not.
    """
    return Fault("lie_more_available")


def raw_wbxml(body: bytes) -> Fault:
    """
    The answer's body is these bytes, and the request is not carried out.
    """
    return Fault("raw_wbxml", body=body)


FAULTS: dict[str, Callable[..., Fault]] = {
    one.__name__: one
    for one in (
        reject_key, drop_after_commit, drop_before_commit, empty_200, delay, half_close, status, http,
        mutate_between, repeat_add, lie_more_available, raw_wbxml,
    )
}  # fmt: skip
"""All faults by name."""


@dataclasses.dataclass(slots=True)
class _Planned:
    fault: Fault
    command: str | None
    user: str | None
    times: int | None
    probability: float


class Faults:
    """
    The faults that a server is asked for.

    Args:
        chance: decides about faults that come with a probability.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._planned: list[_Planned] = []

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
        """
        self._planned.append(_Planned(fault, command, user, times, probability))

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
            if planned.command not in (None, command) or planned.user not in (None, user):
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
    r"^\s*(?P<name>\w+)(?:\((?P<arguments>.*)\))?(?:\s+on\s+(?P<command>\w+))?(?:\s+x(?P<times>\d+|\*))?\s*$"
)


def parse_fault(text: str) -> tuple[Fault, dict[str, Any]]:
    """
    Read a fault from one line: `name(arguments) on Command x3`; `x*` means always.

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
    words = [word.strip() for word in (match["arguments"] or "").split(",") if word.strip()]
    try:
        fault = _with_arguments(name, words)
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(f"the arguments of {name} are wrong: {error or 'a number is missing'}") from None
    times = None if match["times"] == "*" else int(match["times"] or 1)
    return fault, {"command": match["command"], "times": times}


def _with_arguments(name: str, words: list[str]) -> Fault:
    match name:
        case "delay":
            return delay(float(words[0]))
        case "status":
            return status(int(words[0]))
        case "http":
            headers = dict(word.split(":", 1) for word in words[1:])
            return http(int(words[0]), {key.strip(): value.strip() for key, value in headers.items()})
        case "raw_wbxml":
            return raw_wbxml(bytes.fromhex(words[0] if words else ""))
        case _:
            if words:
                raise ValueError(f"{name} takes none")
            return FAULTS[name]()
