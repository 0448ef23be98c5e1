"""
The pages on the HTTP interface, from the description that it gives of itself, and on the hub's settings.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from carrierpost.cli.serve import Configuration, ServeSettings
from carrierpost.web.api import OPERATIONS
from carrierpost.web.operations import Operation
from carrierpost.web.settings import SignInSettings
from tools.reference.markdown import page, table

__all__ = ["pages"]

_ATTRIBUTE = re.compile(r"^(\w+): (.*)$")


def pages() -> dict[str, str]:
    """
    Make both pages.
    """
    return {"http.md": _interface(), "settings.md": _settings()}


def _interface() -> str:
    parts = [
        "Everything is below `/api/v1`, in JSON; `/api/v1/openapi.json` describes it in OpenAPI 3.1, with all types. "
        "What goes wrong is told as `application/problem+json`: `type` is for programs and stays, `detail` says what "
        "is wrong with what, and what to do next. Browsers come in by a cookie and send `X-CSRF-Token` with "
        "whatever changes something; devices send `Authorization: Bearer ...`.",
    ]
    tags = dict.fromkeys(one.tag for one in OPERATIONS)
    for tag in tags:
        parts.append(f"## {tag.capitalize()}")
        for one in (one for one in OPERATIONS if one.tag == tag):
            parts += [f"### `{one.method} {one.path}`", _escaped(one.description), _facts(one)]
    return page("HTTP interface", *parts)


def _facts(one: Operation) -> str:
    facts = [f"For {one.access.value}."]
    if "body" in one.hints:
        facts.append(f"Takes `{one.hints['body'].__name__}`.")
    if one.media_type is not None:
        facts.append(f"Answers with `{one.media_type}`.")
    return " ".join(facts)


def _settings() -> str:
    kinds: dict[str, Any] = {"serve": ServeSettings, "sign_in": SignInSettings}
    assert set(kinds) == set(Configuration.__struct_fields__)
    parts = [
        "They stand in `config.toml` in Carrierpost's home, or in the file that `carrierpost serve --config` names; "
        "the environment has the next word (`CARRIERPOST_SERVE__PORT`, or `CARRIERPOST_SERVE__PORT_FILE` for a value "
        "that stands in a file), the command line the last.",
    ]
    for section, kind in kinds.items():
        rows = [
            (f"`{name}`", f"`{_default(kind, name)}`", _escaped(_meanings(kind)[name]))
            for name in kind.__struct_fields__
        ]
        parts += [f"## `[{section}]`", _escaped(inspect.getdoc(kind) or "").partition("\n")[0]]
        parts.append(table(("setting", "unless set", "meaning"), rows))
    return page("Settings of the hub", *parts)


def _default(kind: Any, name: str) -> str:
    value = getattr(kind(), name)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return (
        str(list(value)).replace("'", '"')
        if isinstance(value, tuple)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )


def _meanings(kind: Any) -> dict[str, str]:
    """
    Read what a docstring says of each attribute.
    """
    found: dict[str, str] = {}
    name = ""
    for line in (inspect.getdoc(kind) or "").partition("Attributes:")[2].split("\n"):
        if match := _ATTRIBUTE.match(line.strip()) if line.startswith("    ") and line[4:5] != " " else None:
            name = match[1]
            found[name] = match[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")
