"""
From sets of settings to what holds for one person's device, each value with the set that it came from.

The product's defaults come first, then every set whose target fits, in order; a later one counts.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

from carrierpost.model.device import Platform
from carrierpost.model.policy import Policies, PolicySet, PolicyTarget, PolicyValues, TargetKind
from carrierpost.policy.settings import SETTINGS, stricter

__all__ = ["PRODUCT_DEFAULT", "EffectivePolicy", "concerned", "effective_policy", "groups_of", "matches", "set_named"]

PRODUCT_DEFAULT = "product default"
"""Where a value comes from that no set names; no set can be called so."""


@dataclasses.dataclass(frozen=True, slots=True)
class EffectivePolicy:
    """
    What holds for a person's device.

    Attributes:
        values: every setting's value.
        sources: by setting, the name of the set that it came from, or `PRODUCT_DEFAULT`.
    """

    values: PolicyValues = dataclasses.field(default_factory=PolicyValues)
    sources: Mapping[str, str] = dataclasses.field(default_factory=lambda: dict.fromkeys(SETTINGS, PRODUCT_DEFAULT))

    def strictest(self, name: str, chosen: Any) -> Any:
        """
        Give what holds when a person chose a value, too: whoever allows less wins.
        """
        return stricter(name, getattr(self.values, name), chosen)

    def source(self, name: str) -> str:
        """
        Say where a value comes from, as the end of a sentence.
        """
        found = self.sources[name]
        return f"the {found}" if found == PRODUCT_DEFAULT else f"policy set {found!r}"


def effective_policy(
    policies: Policies, *, address: str, groups: Iterable[str] = (), platform: Platform | None = None
) -> EffectivePolicy:
    """
    Decide what holds for a person, or for one device of a person.

    Args:
        policies: all that is set.
        address: the person's mail address.
        groups: groups that the person is in by other knowledge than the policies' own lists.
        platform: what the device runs; `None` for the person as such, whom sets for some platforms do not reach.
    """
    member_of = groups_of(policies, address) | {name.casefold() for name in groups}
    values: dict[str, Any] = {}
    sources = dict.fromkeys(SETTINGS, PRODUCT_DEFAULT)
    for one in policies.sets:
        if matches(one.target, address, member_of, platform):
            values.update(one.values)
            sources.update(dict.fromkeys(one.values, one.name))
    return EffectivePolicy(PolicyValues(**values), sources)


def groups_of(policies: Policies, address: str) -> frozenset[str]:
    """
    Give the names, in small letters, of the groups whose lists hold an address.
    """
    return frozenset(
        name.casefold()
        for name, members in policies.groups.items()
        if any(_fits(pattern, address) for pattern in members)
    )


def matches(target: PolicyTarget, address: str, groups: Iterable[str], platform: Platform | None) -> bool:
    """
    Tell whether a target reaches a person's device.

    Args:
        target: whom a set is for.
        address: the person's mail address.
        groups: names of the person's groups, in small letters.
        platform: what the device runs, or `None` for no device.
    """
    if target.platforms and platform not in target.platforms:
        return False
    if target.kind is TargetKind.EVERYONE:
        return True
    if target.kind is TargetKind.GROUP:
        return target.name.casefold() in groups
    return _fits(target.name, address)


def concerned(before: Policies, after: Policies, people: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """
    Tell for whom a change of the policies changes something.

    Args:
        before: the policies that held.
        after: the policies that will hold.
        people: addresses by account id.

    Returns:
        By account, the names of the settings that become different on at least one kind of device, or for the person
        as such.
    """
    found: dict[int, tuple[str, ...]] = {}
    for account_id, address in people.items():
        different: set[str] = set()
        for platform in (None, *Platform):
            old = effective_policy(before, address=address, platform=platform).values
            new = effective_policy(after, address=address, platform=platform).values
            different |= {name for name in SETTINGS if getattr(old, name) != getattr(new, name)}
        if different:
            found[account_id] = tuple(name for name in SETTINGS if name in different)
    return found


def set_named(policies: Policies, name: str) -> PolicySet | None:
    """
    Find a set by its name, in any letters.
    """
    return next((one for one in policies.sets if one.name.casefold() == name.casefold()), None)


def _fits(pattern: str, address: str) -> bool:
    # Brackets mean nothing in a pattern for addresses. Stars do not make it slow: each is matched once and for all.
    return fnmatch.fnmatchcase(address.strip().casefold(), pattern.strip().casefold().replace("[", "[[]"))
