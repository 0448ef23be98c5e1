"""
The page about policies: every setting, the groups of contact fields, and what is decided about contacts.
"""

from __future__ import annotations

from carrierpost.export.decision import NativeAccounts, Way, decide_export
from carrierpost.model import Platform, PolicyValues
from carrierpost.policy import SETTINGS, EffectivePolicy
from carrierpost.policy.fields import ALL_FIELDS, ALWAYS, CONTACT_GROUPS
from carrierpost.policy.settings import Kind, Setting, shown_value

__all__ = ["pages"]

_WRITTEN = {
    Kind.SWITCH: "`true`, `false`",
    Kind.NUMBER: "a whole number",
    Kind.FREQUENCY: '`"push"`, `"manual"`, or minutes',
    Kind.NAMES: "a list of names",
}


def pages() -> dict[str, str]:
    """
    Make the page.
    """
    return {"policies.md": f"{_SETTINGS_HEAD}{_settings()}\n{_FIELDS_HEAD}{_fields()}\n{_WAYS_HEAD}{_ways()}"}


def _settings() -> str:
    rows = ["| setting | values | unless set | what it is |", "| --- | --- | --- | --- |"]
    rows += [f"| `{one.name}` | {_values(one)} | {_default(one)} | {one.meaning} |" for one in SETTINGS.values()]
    return "\n".join(rows) + "\n"


def _values(setting: Setting) -> str:
    if setting.kind is Kind.CHOICE or setting.name == "notify_channels":
        return ", ".join(f"`{one}`" for one in setting.choices)
    return _WRITTEN[setting.kind]


def _default(setting: Setting) -> str:
    if setting.name == "notify_channels":
        return "all"
    return shown_value(setting.name, setting.default)


def _fields() -> str:
    rows = ["| name | fields |", "| --- | --- |", f"| `{ALL_FIELDS}` | everything |"]
    for name, fields in CONTACT_GROUPS.items():
        always = " (always)" if set(fields) <= ALWAYS else ""
        rows.append(f"| `{name}`{always} | {', '.join(f'`{one}`' for one in fields)} |")
    return "\n".join(rows) + "\n"


def _ways() -> str:
    rows = [
        "| device | own Exchange account has contacts | Override native contacts check | synchronizing | why |",
        "| --- | --- | --- | --- | --- |",
    ]
    for platform in Platform:
        told: dict[object, list[str]] = {
            there: [_decided(platform, override, there) for override in (True, False)] for there in (True, False, None)
        }
        if len({tuple(one) for one in told.values()}) == 1:
            told = {_ANY: told[None]}
        for there, (on, off) in told.items():
            known = _REPORTS.get(there, _ANY)
            both = [("any", on)] if on == off else [("on", on), ("off", off)]
            rows += [f"| {platform} | {known} | {override} | {decision} |" for override, decision in both]
    return "\n".join(rows) + "\n"


def _decided(platform: Platform, override: bool, there: bool | None) -> str:
    policy = EffectivePolicy(PolicyValues(export_contacts=True, override_native_contacts_check=override))
    native = NativeAccounts(there, "as the app reports" if there is not None else "")
    found = decide_export(Way.SYNC, policy, platform=platform, turned_on=True, native=native)
    return f"{found.outcome} | {found.reason.replace(' (the product default)', '')}"


_ANY = "any"
_REPORTS: dict[object, str] = {True: "yes", False: "no", None: "not known"}
_SETTINGS_HEAD = """# Policies

What an administrator can set, with `carrierpost policy set`, in a file, or through an MDM, all under the same names.

## Settings

Where a person chooses, too, whoever allows less wins.

"""
_FIELDS_HEAD = """
## Contact fields

What `contact_fields` takes: names of groups, and names of single fields. Names and the company leave with
every contact.

"""
_WAYS_HEAD = """
## Contacts into a device's address book

What is decided while the policy Export contacts and the person's switch Sync with local contacts are on. With Export
contacts off, nothing leaves by any way; exporting one contact and sharing one depend on it alone. With the switch off,
contacts are not synchronized, unless another reason comes first.

"""
