"""
The settings an administrator has: how each is written, what may be set, which of two values is the stricter one.

A value that a person chose on a device and one that the policy sets meet in `stricter`: whoever allows less wins. So a
user may show less on the lock screen than is allowed, and never more.
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from carrierpost.model.device import Channel
from carrierpost.model.policy import LockScreenDetail, PolicyValues, RemoteImages
from carrierpost.policy.errors import PolicyInvalid
from carrierpost.policy.fields import ALL_FIELDS, CONTACT_FIELDS, CONTACT_GROUPS
from carrierpost.protocol.commands.sync import FilterType

__all__ = ["SETTINGS", "Kind", "Setting", "nearest", "parse_value", "shown_value", "stricter", "written_value"]


class Kind(enum.StrEnum):
    """
    What a setting's values are.
    """

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    FREQUENCY = "frequency"
    NAMES = "names"


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """
    One setting.

    Attributes:
        name: as it stands in a file, and in `PolicyValues`.
        title: for a person, as in a console.
        meaning: what it does, one sentence.
        kind: what its values are.
        read: makes a value of one from a file; raises `ValueError` with what is expected.
        write: makes what stands in a file of a value.
        stricter: gives of two values the one that allows less, or what both allow.
        choices: what may be written, where that can be listed.
    """

    name: str
    title: str
    meaning: str
    kind: Kind
    read: Callable[[object], Any]
    write: Callable[[Any], Any]
    stricter: Callable[[Any, Any], Any]
    choices: tuple[str, ...] = ()

    @property
    def default(self) -> Any:
        """
        The product's own value.
        """
        return getattr(_DEFAULTS, self.name)


_DEFAULTS = PolicyValues()
_PUSH, _MANUAL, _DAY = 0, -1, 1440  # minutes
_WINDOWS = {
    "1-day": FilterType.ONE_DAY,
    "3-days": FilterType.THREE_DAYS,
    "1-week": FilterType.ONE_WEEK,
    "2-weeks": FilterType.TWO_WEEKS,
    "1-month": FilterType.ONE_MONTH,
    "all": FilterType.ALL,
}
_WORDS = {"on": True, "off": False, "true": True, "false": False, "yes": True, "no": False}


def nearest(word: str, known: Iterable[str]) -> str:
    """
    Give the end of a sentence about an unknown word: what was probably meant, or all that is known.
    """
    names = list(known)
    close = difflib.get_close_matches(word[:80].lower(), names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"


# -- kinds of settings


def _switch(name: str, title: str, meaning: str, *, strict: bool = False) -> Setting:
    """
    Make a setting that is on or off; `strict` is the value that allows less.
    """

    def read(value: object) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _WORDS:
            return _WORDS[value.lower()]
        raise ValueError(f"is {_shown(value)}; it is true or false")

    return Setting(
        name, title, meaning, Kind.SWITCH, read, bool, lambda a, b: strict if strict in (a, b) else a, ("false", "true")
    )


def _choice(name: str, title: str, meaning: str, order: Mapping[str, Any]) -> Setting:
    """
    Make a setting of which one of some words is chosen, those that allow less first.
    """
    words = {value: word for word, value in order.items()}
    ranks = list(order.values())

    def read(value: object) -> Any:
        if isinstance(value, str) and value.lower() in order:
            return order[value.lower()]
        said = nearest(value, order) if isinstance(value, str) else f"known are: {', '.join(order)}"
        raise ValueError(f"is {_shown(value)}; {said}")

    return Setting(
        name,
        title,
        meaning,
        Kind.CHOICE,
        read,
        words.__getitem__,
        lambda a, b: min(a, b, key=ranks.index),
        tuple(order),
    )


def _number(name: str, title: str, meaning: str, least: int, most: int, *, none: bool = False) -> Setting:
    """
    Make a setting that is a whole number; with `none`, 0 stands for no limit.
    """

    def read(value: object) -> int:
        number = _whole(value)
        if number is None or not (least <= number <= most or (none and number == 0)):
            expected = f"a whole number from {least} to {most}" + (", or 0 for no limit" if none else "")
            raise ValueError(f"is {_shown(value)}; it is {expected}")
        return number

    def both(a: int, b: int) -> int:
        return min(a, b) if not none or (a and b) else a or b

    return Setting(name, title, meaning, Kind.NUMBER, read, int, both)


def _frequency(name: str, title: str, meaning: str) -> Setting:
    """
    Make a setting that says how often: "push", "manual" or minutes.
    """

    def read(value: object) -> int:
        if isinstance(value, str) and value.lower() in ("push", "manual"):
            return _PUSH if value.lower() == "push" else _MANUAL
        number = _whole(value)
        if number is None or not 1 <= number <= _DAY:
            raise ValueError(f'is {_shown(value)}; it is "push", "manual" or a number of minutes from 1 to {_DAY}')
        return number

    def write(value: int) -> str | int:
        return {_PUSH: "push", _MANUAL: "manual"}.get(value, value)

    def rarer(a: int, b: int) -> int:
        return _MANUAL if _MANUAL in (a, b) else max(a, b)

    return Setting(name, title, meaning, Kind.FREQUENCY, read, write, rarer, ("push", "manual"))


def _names(
    name: str,
    title: str,
    meaning: str,
    known: Mapping[str, Any] | None,
    *,
    everything: str | None = None,
) -> Setting:
    """
    Make a setting that is a list of names, of known ones or of any; of two lists, what is in both is allowed.
    """

    def read(value: object) -> tuple[Any, ...]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) and one.strip() for one in value):
            raise ValueError(f"is {_shown(value)}; it is a list of names")
        found: list[Any] = []
        for one in value:
            if known is not None and one not in known:
                raise ValueError(f"holds {one!r}; {nearest(one, known)}")
            chosen = known[one] if known is not None else one.strip()
            if chosen not in found:
                found.append(chosen)
        return tuple(found)

    def both(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
        if everything is not None and everything in a:
            return b
        return a if everything is not None and everything in b else tuple(one for one in a if one in b)

    return Setting(
        name, title, meaning, Kind.NAMES, read, lambda value: [str(one) for one in value], both, tuple(known or ())
    )


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."


_FIELD_WORDS = {word: word for word in (ALL_FIELDS, *CONTACT_GROUPS, *CONTACT_FIELDS)}

SETTINGS: dict[str, Setting] = {
    one.name: one
    for one in (
        _switch(
            "export_contacts",
            "Export contacts",
            "Contacts may be synchronized with the phone's address book, exported one by one, and shared as vCards.",
        ),
        _switch(
            "override_native_contacts_check",
            "Override native contacts check",
            "On iOS, contacts are synchronized although an Exchange or Hotmail account of the phone does so too.",
        ),
        _names(
            "contact_fields",
            "Contact fields",
            "Groups of fields, or single fields, that leave with a contact; names and the company always do.",
            _FIELD_WORDS,
            everything=ALL_FIELDS,
        ),
        _number(
            "contact_photo_limit",
            "Largest contact photo",
            "Photos of more kilobytes stay here; 0 lets all of them out.",
            1,
            100_000,
            none=True,
        ),
        _names(
            "contact_folders",
            "Contact folders",
            "Folders whose contacts are exported beside those of the default contacts folder.",
            None,
        ),
        _switch(
            "two_way_contacts",
            "Two-way contacts",
            "What is changed in the phone's address book goes to the server.",
        ),
        _switch("export_calendar", "Export calendar", "Events may be synchronized with the phone's calendar."),
        _names(
            "notify_channels",
            "Notify channels",
            "Ways by which devices may be notified.",
            {str(one): one for one in Channel},
        ),
        _choice(
            "lock_screen_detail",
            "Lock screen detail",
            "The most that a notice may show on a locked screen.",
            {str(one): one for one in LockScreenDetail},
        ),
        _frequency(
            "default_check_frequency",
            "Default check frequency",
            "How often a folder is checked whose owner has not chosen.",
        ),
        _frequency(
            "shortest_check_frequency", "Shortest check frequency", "The most often that a folder may be checked."
        ),
        _choice("largest_mail_window", "Largest mail window", "How far back mail may be synchronized.", _WINDOWS),
        _switch("attachments", "Attachments", "Attachments may be fetched."),
        _number(
            "attachment_limit",
            "Largest attachment",
            "Attachments of more kilobytes are not fetched; 0 lets all of them come.",
            1,
            1_000_000,
            none=True,
        ),
        _switch("share_attachments", "Share attachments", "Attachments may be handed to other programs."),
        _number("sign_in_hours", "Sign-in lifetime", "After so many hours a person signs in again.", 1, 8760),
        _choice(
            "remote_images",
            "Remote images",
            "The most that may be done about pictures that a mail only links to.",
            {str(one): one for one in RemoteImages},
        ),
        _switch(
            "background_refresh", "Background refresh", "Mail may be refreshed while the app is in the background."
        ),
    )
}
"""All settings by name, in the order in which a console shows them."""


def parse_value(name: str, value: object) -> Any:
    """
    Read a setting's value as it stands in a file or was typed.

    Raises:
        PolicyInvalid: there is no such setting, or it cannot have this value.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        raise PolicyInvalid((f"there is no setting {name[:80]!r}; {nearest(name, SETTINGS)}",))
    try:
        return setting.read(value)
    except ValueError as error:
        raise PolicyInvalid((f"{name} {error}",)) from None


def written_value(name: str, value: Any) -> Any:
    """
    Write a setting's value as it stands in a file: true, a number, a word or a list of words.
    """
    return SETTINGS[name].write(value)


def shown_value(name: str, value: Any) -> str:
    """
    Write a setting's value for a person: on, a number, words with commas.
    """
    written = written_value(name, value)
    if isinstance(written, bool):
        return "on" if written else "off"
    return (", ".join(written) or "none") if isinstance(written, list) else str(written)


def stricter(name: str, policy: Any, chosen: Any) -> Any:
    """
    Give what holds where the policy and a person both have a say.

    Args:
        name: the setting.
        policy: the policy's value.
        chosen: what the person chose.
    """
    return SETTINGS[name].stricter(policy, chosen)
