"""
Whether contacts may leave, by which way, and why: one pure decision, for each device and way out.

    policy Export contacts off       nothing leaves, no way is shown, and what left before is taken back
    sync with the address book       only while the person's switch Sync with local contacts is on, and besides:
      Android                          not while an Exchange or Hotmail account of the system does so, too
      iOS                              the same, unless Override native contacts check is on, as it is from the start
      desktop                          the system's other accounts are none of our business
    one contact to the address book  whenever the policy lets contacts leave
    one contact as a vCard in a mail whenever the policy lets contacts leave

Whether the system has such an account is known by the app's own report, else by its managed configuration, else by the
person's answer. Where nobody knows, there is taken to be none, and that is said.
"""

from __future__ import annotations

import dataclasses
import enum

from carrierpost.model import DeviceLife, DeviceSettings, Platform
from carrierpost.policy import EffectivePolicy

__all__ = [
    "ExportDecision",
    "NativeAccounts",
    "Outcome",
    "Way",
    "decide_export",
    "decide_exports",
    "native_accounts_of",
]


class Way(enum.StrEnum):
    """
    A way by which contacts leave.
    """

    SYNC = "sync"
    """All of them, continuously, into the address book of a device."""
    EXPORT = "export"
    """One of them, once."""
    SHARE = "share"
    """One of them, as a vCard that is attached to a message."""


class Outcome(enum.StrEnum):
    """
    What was decided.
    """

    ALLOWED = "allowed"
    OFF = "off"
    """The person has not turned it on."""
    HELD_BACK = "held back"
    """The person turned it on, or could, and the policy's check of other accounts stops it."""
    NOT_POSSIBLE = "not possible"
    """The system would mix it up with another account."""
    FORBIDDEN = "forbidden"
    """The policy lets no contacts leave."""


@dataclasses.dataclass(frozen=True, slots=True)
class NativeAccounts:
    """
    What is known of Exchange or Hotmail accounts of the system that put contacts into its address book.

    Attributes:
        there: whether there is one; `None` for not known.
        source: who says so, as the end of a sentence; empty for nobody.
    """

    there: bool | None = None
    source: str = ""

    def __str__(self) -> str:
        if self.there is None:
            return "unknown"
        return f"{'yes' if self.there else 'no'} ({self.source})"


@dataclasses.dataclass(frozen=True, slots=True)
class ExportDecision:
    """
    Whether contacts may leave by one way.

    Attributes:
        way: the way.
        outcome: what was decided.
        reason: why, in words for the device's owner.
        native: what is known of the system's own accounts, as far as it has a say.
    """

    way: Way
    outcome: Outcome
    reason: str
    native: NativeAccounts = NativeAccounts()

    @property
    def allowed(self) -> bool:
        """
        Whether contacts may leave.
        """
        return self.outcome is Outcome.ALLOWED

    @property
    def shown(self) -> bool:
        """
        Whether an app shows this way at all.
        """
        return self.outcome is not Outcome.FORBIDDEN

    @property
    def can_turn_on(self) -> bool:
        """
        Whether the switch or button can be used.
        """
        return self.outcome in (Outcome.ALLOWED, Outcome.OFF)


def native_accounts_of(life: DeviceLife | None, settings: DeviceSettings) -> NativeAccounts:
    """
    Say what is known of a device's own accounts, by the best source that says anything.
    """
    sources = (
        (life.native_accounts if life else None, "as the app reports"),
        (life.native_accounts_managed if life else None, "as the managed configuration says"),
        (settings.native_accounts, "as you answered"),
    )
    return next((NativeAccounts(there, source) for there, source in sources if there is not None), NativeAccounts())


def decide_export(
    way: Way,
    policy: EffectivePolicy,
    *,
    platform: Platform | None = None,
    turned_on: bool = False,
    native: NativeAccounts = NativeAccounts(),
) -> ExportDecision:
    """
    Decide on one way out.

    Args:
        way: the way.
        policy: what holds for the device, or for the person where no device is concerned.
        platform: what the device runs; `None` where none is concerned, such as for a file at a terminal.
        turned_on: the person's switch Sync with local contacts.
        native: what is known of the system's own accounts.
    """
    if not policy.values.export_contacts:
        source = policy.source("export_contacts")
        return ExportDecision(way, Outcome.FORBIDDEN, f"contacts may not leave: Export contacts is off ({source})")
    if way is not Way.SYNC:
        what = "be exported" if way is Way.EXPORT else "be shared as a vCard"
        return ExportDecision(way, Outcome.ALLOWED, f"a contact may {what}: Export contacts is on")
    concerned = native if platform in (Platform.ANDROID, Platform.IOS) else NativeAccounts()
    if platform is Platform.ANDROID and native.there:
        return ExportDecision(way, Outcome.NOT_POSSIBLE, _not_possible(native), concerned)
    override = policy.values.override_native_contacts_check
    if platform is Platform.IOS and native.there and not override:
        return ExportDecision(way, Outcome.HELD_BACK, _held_back(native, policy), concerned)
    if not turned_on:
        reason = "Sync with local contacts is off on this device; turn it on under Settings"
        return ExportDecision(way, Outcome.OFF, reason, concerned)
    return ExportDecision(way, Outcome.ALLOWED, _allowed(platform, native, policy), concerned)


def decide_exports(
    policy: EffectivePolicy,
    *,
    platform: Platform,
    turned_on: bool = False,
    native: NativeAccounts = NativeAccounts(),
) -> tuple[ExportDecision, ...]:
    """
    Decide on all ways out of a device; see `decide_export`.
    """
    return tuple(decide_export(way, policy, platform=platform, turned_on=turned_on, native=native) for way in Way)


def _not_possible(native: NativeAccounts) -> str:
    return (
        "Android cannot keep two apart: an Exchange or Hotmail account of this phone syncs contacts already "
        f"({native.source}); turn off its contacts under the phone's Settings > Accounts first"
    )


def _held_back(native: NativeAccounts, policy: EffectivePolicy) -> str:
    source = policy.source("override_native_contacts_check")
    return (
        f"an Exchange or Hotmail account of this device has contacts already ({native.source}), and Override native "
        f"contacts check is off ({source}); turn off that account's contacts under the device's Settings first"
    )


def _allowed(platform: Platform | None, native: NativeAccounts, policy: EffectivePolicy) -> str:
    reason = "contacts are kept in this device's address book"
    if platform is Platform.IOS and native.there:
        source = policy.source("override_native_contacts_check")
        return (
            f"{reason}, although an Exchange or Hotmail account of it has contacts, too ({native.source}): Override "
            f"native contacts check is on ({source})"
        )
    checked = platform is Platform.ANDROID or (
        platform is Platform.IOS and not policy.values.override_native_contacts_check
    )
    if checked and native.there is None:
        return f"{reason}; whether an Exchange or Hotmail account of it does so, too, is not known, and taken for no"
    return reason
