"""
A person's policy as a managed app configuration, for an MDM that hands it to the app: a property list for iOS, JSON for
Android, and the description by which an MDM shows the settings in its own console.

Keys and values are those of the policy file, so that one documentation serves for all; a frequency is always a text
there, and names that nobody can list are a text with commas, since Android knows no list of free texts.
"""

from __future__ import annotations

import plistlib
from typing import Any

import msgspec

from carrierpost.policy.sets import EffectivePolicy
from carrierpost.policy.settings import SETTINGS, Kind, Setting, parse_value, written_value

__all__ = ["android_configuration", "android_schema", "ios_configuration", "read_configuration"]

_TYPES = {
    Kind.SWITCH: "BOOL",
    Kind.CHOICE: "CHOICE",
    Kind.NUMBER: "INTEGER",
    Kind.FREQUENCY: "STRING",
    Kind.NAMES: "MULTISELECT",
}


def ios_configuration(policy: EffectivePolicy) -> bytes:
    """
    Write a property list (XML), as an MDM takes it for the app's configuration.
    """
    values = {name: _value(one, getattr(policy.values, name)) for name, one in SETTINGS.items()}
    return plistlib.dumps(values, fmt=plistlib.FMT_XML, sort_keys=False)


def android_configuration(policy: EffectivePolicy) -> bytes:
    """
    Write JSON: a value for each key of `android_schema`.
    """
    values = {name: _value(one, getattr(policy.values, name)) for name, one in SETTINGS.items()}
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def android_schema() -> bytes:
    """
    Write JSON that describes the settings: key, type, title, description, default and choices of each.
    """
    return msgspec.json.format(msgspec.json.encode([_described(one) for one in SETTINGS.values()]), indent=2) + b"\n"


def read_configuration(values: dict[str, Any]) -> dict[str, Any]:
    """
    Read what an MDM handed to the app, from either system.

    Raises:
        PolicyInvalid: a key or a value is not known.
    """
    return {name: parse_value(name, value) for name, value in values.items()}


def _value(setting: Setting, value: Any) -> Any:
    written = written_value(setting.name, value)
    if setting.kind is Kind.FREQUENCY:
        return str(written)
    if setting.kind is Kind.NAMES and not setting.choices:
        return ", ".join(written)
    return written


def _described(setting: Setting) -> dict[str, Any]:
    free = setting.kind is Kind.NAMES and not setting.choices
    described: dict[str, Any] = {
        "key": setting.name,
        "type": "STRING" if free else _TYPES[setting.kind],
        "title": setting.title,
        "description": setting.meaning,
        "defaultValue": _value(setting, setting.default),
    }
    if setting.kind in (Kind.CHOICE, Kind.NAMES) and setting.choices:
        described["entries"] = [
            {"value": one, "name": one.replace("-", " ").replace("_", " ")} for one in setting.choices
        ]
    return described
