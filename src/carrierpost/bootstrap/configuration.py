"""
Settings of a hub that serves: a TOML file, then the environment, then what was said at the command line.

In the environment `CARRIERPOST_SERVE__PORT` is the setting `port` of the section `serve`; with `_FILE` at its end the
value stands in a file, so that no secret has to stand in the environment itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from carrierpost.bootstrap.errors import SetupError

__all__ = ["read_configuration"]

_PREFIX = "CARRIERPOST_"
_FILE = "_FILE"

T = TypeVar("T", bound=msgspec.Struct)


def read_configuration(
    kind: type[T],
    *,
    file: Path | None,
    environment: Mapping[str, str],
    said: Mapping[str, Mapping[str, Any]] | None = None,
) -> T:
    """
    Read settings.

    Args:
        kind: a struct whose fields are sections, structs themselves.
        file: the TOML file, or `None` for none.
        environment: the process's environment.
        said: what was said at the command line, by section; what is `None` was not.

    Raises:
        SetupError: a setting is not known or makes no sense; names it and where it stands.
    """
    values: dict[str, dict[str, Any]] = _from_file(file) if file is not None else {}
    sections = set(kind.__struct_fields__)
    for section, name, value in _from_environment(environment, sections):
        values.setdefault(section, {})[name] = value
    for section, settings in (said or {}).items():
        values.setdefault(section, {}).update({name: one for name, one in settings.items() if one is not None})
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        where = (
            f"{file}, the environment or the command line"
            if file is not None
            else "the environment or the command line"
        )
        raise SetupError(f"a setting cannot be used: {error} (it stands in {where})") from None


def _from_file(file: Path) -> dict[str, dict[str, Any]]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupError(f"there is no file {file}; name another with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} is no TOML: {error}") from None
    for section, settings in values.items():
        if not isinstance(settings, dict):
            raise SetupError(f"in {file}, {section} stands in no section; write it below [serve], for instance")
    return values


def _from_environment(environment: Mapping[str, str], sections: set[str]) -> list[tuple[str, str, Any]]:
    found = []
    for key, text in sorted(environment.items()):
        if not key.startswith(_PREFIX) or "__" not in key:
            continue
        section, _, name = key.removeprefix(_PREFIX).lower().partition("__")
        if section not in sections:
            known = ", ".join(f"{_PREFIX}{one.upper()}__..." for one in sorted(sections))
            raise SetupError(f"there is no setting {key}; known are: {known}")
        if key.endswith(_FILE):
            name, text = name.removesuffix(_FILE.lower()), _read(key, text)
        found.append((section, name, _listed(text)))
    return found


def _read(key: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"{key} names {file}, which cannot be read: {error.strerror}") from None


def _listed(text: str) -> Any:
    """
    Read several values where they stand in brackets, as in TOML.
    """
    if not text.startswith("["):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
