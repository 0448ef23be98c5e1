"""
Changing policies as values, and telling two versions of them apart in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from carrierpost.model.policy import Policies, PolicySet, PolicyTarget
from carrierpost.policy.document import check_policies, written_target
from carrierpost.policy.errors import PolicyInvalid
from carrierpost.policy.sets import set_named
from carrierpost.policy.settings import SETTINGS, nearest, parse_value, shown_value

__all__ = ["differences", "with_values", "without_set"]


def with_values(
    policies: Policies, name: str, values: Mapping[str, object], *, target: PolicyTarget | None = None
) -> Policies:
    """
    Change settings of a set; a set that is not there is made, at the end.

    Args:
        policies: what there is.
        name: the set's name.
        values: by setting what is to stand there, as it is typed; `None` leaves it to the sets before.
        target: whom the set is for from now on; `None` leaves that, and makes a new set for everyone.

    Raises:
        PolicyInvalid: a setting or a value is not known, or the target is no group's.
    """
    read = {key: None if value is None else parse_value(key, value) for key, value in values.items() if _known(key)}
    found = set_named(policies, name) or PolicySet(name=name.strip())
    merged: dict[str, Any] = {**found.values, **read}
    changed = msgspec.structs.replace(
        found,
        target=target or found.target,
        values={key: merged[key] for key in SETTINGS if merged.get(key) is not None},
    )
    there = any(one.name == found.name for one in policies.sets)
    sets = tuple(changed if one.name == found.name else one for one in policies.sets) + (() if there else (changed,))
    made = msgspec.structs.replace(policies, sets=sets)
    check_policies(made)
    return made


def without_set(policies: Policies, name: str) -> Policies:
    """
    Remove a set.

    Raises:
        PolicyInvalid: there is none of this name.
    """
    found = set_named(policies, name)
    if found is None:
        names = [one.name for one in policies.sets]
        raise PolicyInvalid((f"there is no set {name[:80]!r}; {nearest(name, names) if names else 'there are none'}",))
    return msgspec.structs.replace(policies, sets=tuple(one for one in policies.sets if one is not found))


def differences(before: Policies, after: Policies) -> tuple[str, ...]:
    """
    Say what became different, a line for each thing.
    """
    return tuple(_different(before, after))


def _known(name: str) -> bool:
    if name not in SETTINGS:
        parse_value(name, None)  # says which is nearest
    return True


def _different(before: Policies, after: Policies) -> Iterator[str]:
    old, new = ({one.name: one for one in policies.sets} for policies in (before, after))
    yield from (f"set {name!r} is gone" for name in old if name not in new)
    for name, one in new.items():
        if name not in old:
            yield f"set {name!r} is new, for {written_target(one.target)}"
        elif old[name].target != one.target:
            yield f"set {name!r} is for {written_target(one.target)} instead of {written_target(old[name].target)}"
        was = old[name].values if name in old else {}
        for key in SETTINGS:
            if was.get(key) != one.values.get(key):
                yield f"set {name!r}: {key} {_shown(key, was.get(key))} -> {_shown(key, one.values.get(key))}"
        if name in old and old[name].note != one.note:
            yield f"set {name!r}: its note"
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield f"order: {', '.join(new)}"
    for name in dict.fromkeys((*before.groups, *after.groups)):
        was_in, is_in = before.groups.get(name), after.groups.get(name)
        if was_in != is_in:
            sizes = [("absent" if one is None else f"{len(one)} members") for one in (was_in, is_in)]
            yield f"group {name!r}: {sizes[0]} -> {sizes[1]}" + (", others" if sizes[0] == sizes[1] else "")


def _shown(name: str, value: Any) -> str:
    return "not set" if value is None else shown_value(name, value)
