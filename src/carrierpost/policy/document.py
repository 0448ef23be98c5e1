"""
Policies as a TOML file, and as the JSON that is kept: read with every fault named, written so that reading
gives the same.

    [groups]
    sales = ["ada@larch.example", "*@sales.example"]

    [[set]]
    name = "Sales phones"
    target = "group sales"
    platforms = ["ios"]
    note = "agreed with the works council"

    [set.values]
    export_contacts = true
    contact_fields = ["mail", "numbers"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import tomli_w

from carrierpost.model.device import Platform
from carrierpost.model.policy import Policies, PolicySet, PolicyTarget, TargetKind
from carrierpost.policy.errors import PolicyInvalid
from carrierpost.policy.sets import PRODUCT_DEFAULT
from carrierpost.policy.settings import nearest, parse_value, written_value

__all__ = [
    "check_policies",
    "load_policies",
    "parse_target",
    "read_policies",
    "save_policies",
    "write_policies",
    "written_target",
]

_LARGEST = 1_000_000  # characters of a file
_MOST_SETS, _MOST_MEMBERS = 1000, 100_000
_LONGEST = 200  # characters of a name or pattern
_KEYS = ("groups", "set")
_SET_KEYS = ("name", "target", "platforms", "note", "values")


class _Reading:
    """
    One reading of a document, which goes on after a fault so that all of them are told at once.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")

    def unknown(self, where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                self.fault(where, f"there is no key {key[:80]!r}; {nearest(key, known)}")

    def text(self, where: str, value: object, *, empty: bool = False) -> str:
        if isinstance(value, str) and (empty or value.strip()) and len(value) <= (_LONGEST if not empty else 2000):
            return value.strip()
        self.fault(where, f"is {str(value)[:60]!r}; it is a text of 1 to {_LONGEST} letters")
        return ""


def read_policies(text: str) -> Policies:
    """
    Read a TOML file.

    Raises:
        PolicyInvalid: it is no TOML, or says what cannot be; names every fault with its place.
    """
    if len(text) > _LARGEST:
        raise PolicyInvalid((f"the file has more than {_LARGEST} characters; no policies need so many",))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyInvalid((f"this is no TOML: {error}",)) from None
    except RecursionError:
        raise PolicyInvalid(("this is no TOML that anybody wrote: it is nested too deep",)) from None
    return _policies(table)


def write_policies(policies: Policies) -> str:
    """
    Write a TOML file.
    """
    return tomli_w.dumps(_table(policies), multiline_strings=False)


def load_policies(kept: bytes) -> Policies:
    """
    Read policies as they are kept (`PolicyVersion.policies`).

    What a newer or older program kept and this one does not know is left out: a setting that cannot be read must not
    lift all the others, and a set of which nobody can say whom it is for is for nobody.
    """
    table = msgspec.json.decode(kept)
    reading = _Reading()
    sets = tuple(_set(reading, "", one) for one in table.get("set", ()) if _is_for_somebody(one))
    return Policies(sets=sets, groups=_groups(reading, table.get("groups", {})))


def save_policies(policies: Policies) -> bytes:
    """
    Write policies as they are kept; the same policies give the same bytes.
    """
    return msgspec.json.encode(_table(policies), order="deterministic")


def parse_target(text: str) -> PolicyTarget:
    """
    Read a target: `everyone`, `address *@sales.example`, `group sales`; after a comma a platform, or several.

    Raises:
        PolicyInvalid: it is none of these.
    """
    reading = _Reading()
    head, _, platforms = text.partition(",")
    target = _target(reading, "target", head, [one.strip() for one in platforms.split(",") if one.strip()])
    if reading.faults:
        raise PolicyInvalid(tuple(reading.faults))
    return target


def written_target(target: PolicyTarget) -> str:
    """
    Write a target as `parse_target` reads it.
    """
    return ", ".join([_target_words(target), *map(str, target.platforms)])


# -- reading


def _policies(table: Mapping[str, Any]) -> Policies:
    reading = _Reading()
    reading.unknown("the file", table, _KEYS)
    groups = _groups(reading, table.get("groups", {}))
    found = table.get("set", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        reading.fault("set", "a set begins with the line [[set]]")
        found = []
    if len(found) > _MOST_SETS:
        reading.fault("set", f"there are more than {_MOST_SETS} sets")
        found = []
    sets = tuple(_set(reading, f"set {number}", one) for number, one in enumerate(found, 1))
    for fault in _contradictions(sets, groups):
        reading.faults.append(fault)
    if reading.faults:
        raise PolicyInvalid(tuple(reading.faults))
    return Policies(sets=sets, groups=groups)


def check_policies(policies: Policies) -> None:
    """
    Look at policies that were put together otherwise than from a file.

    Raises:
        PolicyInvalid: names every fault with its place.
    """
    _policies(_table(policies))


def _groups(reading: _Reading, table: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        reading.fault("groups", 'a group is written as: sales = ["ada@larch.example"]')
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, members in table.items():
        where = f"group {name[:80]!r}"
        if not isinstance(members, list) or len(members) > _MOST_MEMBERS:
            reading.fault(where, f"its members are a list of addresses, at most {_MOST_MEMBERS}")
            continue
        found[reading.text(where, name)] = tuple(reading.text(where, one) for one in members)
    return found


def _set(reading: _Reading, where: str, table: Mapping[str, Any]) -> PolicySet:
    name = reading.text(f"{where} name", table.get("name", ""))
    where = f"set {name!r}" if name else where
    reading.unknown(where, table, _SET_KEYS)
    if name.casefold() == PRODUCT_DEFAULT:
        reading.fault(where, "this is what values are said to come from that no set names; call it otherwise")
    target = _target(reading, f"{where} target", table.get("target", "everyone"), table.get("platforms", []))
    note = reading.text(f"{where} note", table.get("note", ""), empty=True)
    values = table.get("values", {})
    if not isinstance(values, dict):
        reading.fault(where, "its settings stand below the line [set.values]")
        values = {}
    return PolicySet(name=name, target=target, note=note, values=dict(_values(reading, where, values)))


def _values(reading: _Reading, where: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        try:
            yield key, parse_value(key, value)
        except PolicyInvalid as error:
            reading.fault(where, str(error))


def _target(reading: _Reading, where: str, text: object, platforms: object) -> PolicyTarget:
    words = text.split(None, 1) if isinstance(text, str) else []
    kind = next((one for one in TargetKind if words and words[0].lower() == one), None)
    name = words[1].strip() if len(words) == 2 else ""
    if kind is None or (kind is TargetKind.EVERYONE) == bool(name) or len(name) > _LONGEST:
        reading.fault(where, f'is {str(text)[:80]!r}; it is "everyone", "address *@sales.example" or "group sales"')
        kind, name = TargetKind.EVERYONE, ""
    known = {str(one): one for one in Platform}
    wanted = [platforms] if isinstance(platforms, str) else platforms
    if not isinstance(wanted, list):
        reading.fault(where, "platforms is a list of names")
        wanted = []
    for one in wanted:
        if one not in known:
            reading.fault(where, f"there is no platform {str(one)[:80]!r}; {nearest(str(one), known)}")
    chosen = tuple(dict.fromkeys(known[one] for one in wanted if one in known))
    return PolicyTarget(kind=kind, name=name, platforms=chosen)


def _is_for_somebody(table: Mapping[str, Any]) -> bool:
    reading = _Reading()
    _target(reading, "", table.get("target", "everyone"), table.get("platforms", []))
    return not reading.faults


def _contradictions(sets: tuple[PolicySet, ...], groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """
    Look for what each part alone does not show: two sets of one name, a target that no list describes.
    """
    names: set[str] = set()
    known = {name.casefold() for name in groups}
    for one in sets:
        if one.name and one.name.casefold() in names:
            yield f"set {one.name!r}: there are two sets of this name"
        names.add(one.name.casefold())
        if one.target.kind is TargetKind.GROUP and one.target.name.casefold() not in known:
            hint = nearest(one.target.name, groups) if groups else "no groups are given; begin them with [groups]"
            yield f"set {one.name!r} target: there is no group {one.target.name!r}; {hint}"


# -- writing


def _table(policies: Policies) -> dict[str, Any]:
    table: dict[str, Any] = {}
    if policies.groups:
        table["groups"] = {name: list(members) for name, members in policies.groups.items()}
    if policies.sets:
        table["set"] = [_set_table(one) for one in policies.sets]
    return table


def _set_table(one: PolicySet) -> dict[str, Any]:
    table: dict[str, Any] = {"name": one.name, "target": _target_words(one.target)}
    if one.target.platforms:
        table["platforms"] = [str(platform) for platform in one.target.platforms]
    if one.note:
        table["note"] = one.note
    return table | {"values": {name: written_value(name, value) for name, value in one.values.items()}}


def _target_words(target: PolicyTarget) -> str:
    return str(target.kind) if target.kind is TargetKind.EVERYONE else f"{target.kind} {target.name}"
