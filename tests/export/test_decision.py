"""
The rules by which contacts leave: every combination, and every reason as a person reads it.
"""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from carrierpost.export.decision import (
    ExportDecision,
    NativeAccounts,
    Outcome,
    Way,
    decide_export,
    decide_exports,
    native_accounts_of,
)
from carrierpost.model import AppState, DeviceLife, DeviceSettings, Platform
from carrierpost.policy import EffectivePolicy, effective_policy
from carrierpost.policy.document import read_policies

SWITCHES = (True, False)
NATIVE = (True, False, None)
COMBINATIONS = list(itertools.product(Way, [*Platform, None], SWITCHES, SWITCHES, SWITCHES, NATIVE))


def policy(export: bool, override: bool) -> EffectivePolicy:
    """Give what holds where one set says both."""
    values = f"export_contacts = {str(export).lower()}\noverride_native_contacts_check = {str(override).lower()}"
    return effective_policy(read_policies(f'[[set]]\nname = "Phones"\n[set.values]\n{values}'), address="a@x.example")


def decided(
    way: Way, platform: Platform | None, export: bool, override: bool, turned_on: bool, there: bool | None
) -> ExportDecision:
    native = NativeAccounts(there, "as the app reports" if there is not None else "")
    return decide_export(way, policy(export, override), platform=platform, turned_on=turned_on, native=native)


def expected(
    way: Way, platform: Platform | None, export: bool, override: bool, turned_on: bool, there: bool | None
) -> Outcome:
    """Say by the words of the requirement, rule by rule, what must come of a combination."""
    if not export:
        return Outcome.FORBIDDEN  # C4
    if way in (Way.EXPORT, Way.SHARE):
        return Outcome.ALLOWED  # C2, C3
    if platform == "android" and there:
        return Outcome.NOT_POSSIBLE  # C6
    if platform == "ios" and there and not override:
        return Outcome.HELD_BACK  # C7
    return Outcome.ALLOWED if turned_on else Outcome.OFF  # C5


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda one: "-".join(map(str, one)))
def test_every_combination(
    combination: tuple[Way, Platform | None, bool, bool, bool, bool | None],
) -> None:
    """Each is decided as the rules say, is shown and can be turned on accordingly, and has a reason of one sentence."""
    decision = decided(*combination)
    assert decision.outcome is expected(*combination)
    assert decision.allowed is (decision.outcome is Outcome.ALLOWED)
    assert decision.shown is combination[2]
    assert decision.can_turn_on is (decision.outcome in {Outcome.ALLOWED, Outcome.OFF})
    assert decision.reason
    assert decision.reason == decision.reason.strip(" .")
    assert "None" not in decision.reason
    assert "()" not in decision.reason


def test_reasons_name_whatever_decided() -> None:
    """The policy set, the switch, the other account and who knows of it, and what to do."""
    found = {
        decided(*one).reason for one in itertools.product([Way.SYNC], Platform, SWITCHES, SWITCHES, SWITCHES, NATIVE)
    }
    kept = "contacts are kept in this device's address book"
    assert found == {
        "contacts may not leave: Export contacts is off (policy set 'Phones')",
        "Sync with local contacts is off on this device; turn it on under Settings",
        kept,
        f"{kept}; whether an Exchange or Hotmail account of it does so, too, is not known, and taken for no",
        f"{kept}, although an Exchange or Hotmail account of it has contacts, too (as the app reports): "
        "Override native contacts check is on (policy set 'Phones')",
        "Android cannot keep two apart: an Exchange or Hotmail account of this phone syncs contacts already (as the "
        "app reports); turn off its contacts under the phone's Settings > Accounts first",
        "an Exchange or Hotmail account of this device has contacts already (as the app reports), and Override native "
        "contacts check is off (policy set 'Phones'); turn off that account's contacts under the device's Settings "
        "first",
    }


def test_nothing_leaves_before_an_administrator_decides() -> None:
    """The product's default is off; the override is on, as it is from the start."""
    for decision in decide_exports(EffectivePolicy(), platform=Platform.IOS, turned_on=True):
        assert decision.outcome is Outcome.FORBIDDEN
        assert decision.reason == "contacts may not leave: Export contacts is off (the product default)"
    assert EffectivePolicy().values.override_native_contacts_check is True


def test_the_best_source_tells_of_other_accounts() -> None:
    """The app's report goes before the managed configuration, that before the person's answer; nobody means unknown."""
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

    def known(report: bool | None, managed: bool | None, answer: bool | None) -> str:
        life = DeviceLife(state=AppState.FOREGROUND, since=now, native_accounts=report, native_accounts_managed=managed)
        return str(native_accounts_of(life, DeviceSettings(native_accounts=answer)))

    assert known(False, True, True) == "no (as the app reports)"
    assert known(None, True, False) == "yes (as the managed configuration says)"
    assert known(None, None, True) == "yes (as you answered)"
    assert known(None, None, None) == "unknown"
    assert native_accounts_of(None, DeviceSettings(native_accounts=False)) == NativeAccounts(False, "as you answered")
