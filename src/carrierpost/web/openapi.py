"""
The description of the HTTP interface in OpenAPI 3.1, made from the operations themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from carrierpost import __version__
from carrierpost.web.operations import Access, Operation
from carrierpost.web.problems import MEDIA_TYPE, ProblemView

__all__ = ["describe"]

_REF = "#/components/schemas/{name}"
_ALWAYS = {400, 429, 500, 503}
_NOT_ANYBODY = {401, 403}
_WORDS = {
    200: "Done",
    201: "Made",
    202: "Begun",
    204: "Done",
    400: "The request cannot be read",
    401: "Nobody is signed in",
    403: "Not allowed",
    404: "There is no such thing, or it is somebody else's",
    409: "Not possible now",
    412: "Changed meanwhile",
    413: "Too large",
    415: "No JSON",
    422: "The request makes no sense",
    429: "Too often",
    500: "A defect",
    502: "The mail server cannot be used",
    503: "Not available now",
}


def describe(operations: Iterable[Operation], server: str = "/api/v1") -> dict[str, Any]:
    """
    Describe operations.

    Args:
        operations: what can be asked.
        server: where their paths begin.
    """
    every = list(operations)
    kinds: list[Any] = [ProblemView]
    for one in every:
        hints = one.hints
        kinds += [hints[name] for name in ("body", "query") if name in hints and hints[name] is not bytes]
        if _has_json(one):
            kinds.append(hints["return"])
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = {_key(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for one in every:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, by_kind, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carrierpost",
            "version": __version__,
            "description": "Mail, calendar and contacts of a person, their devices, and how mail reaches these.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-carrierpost"},
                "device": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _key(kind: Any) -> str:
    return repr(kind)


def _has_json(operation: Operation) -> bool:
    return operation.media_type is None and operation.status != 204


def _operation(one: Operation, by_kind: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    hints = one.hints
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
            if hints[name] is int
            else {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
        }
        for name in one.parameters
    ]
    if "query" in hints:
        parameters += _query(by_kind[_key(hints["query"])], components)
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": one.description,
        "tags": [one.tag],
        "parameters": parameters,
        "responses": _responses(one, by_kind),
        "security": [] if one.access is Access.ANYBODY else _security(one.access),
    }
    if "body" in hints:
        schema = {"type": "string", "format": "binary"} if hints["body"] is bytes else by_kind[_key(hints["body"])]
        media = "application/octet-stream" if hints["body"] is bytes else "application/json"
        described["requestBody"] = {"required": True, "content": {media: {"schema": schema}}}
    return described


def _security(access: Access) -> list[dict[str, list[str]]]:
    return [{"session": []}, {"device": []}] if access is Access.SIGNED_IN else [{"session": []}]


def _query(schema: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    whole = components[schema["$ref"].rpartition("/")[2]]
    required = set(whole.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": one}
        for name, one in whole["properties"].items()
    ]


def _responses(one: Operation, by_kind: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _WORDS[one.status]}
    if one.media_type is not None:
        answer["content"] = {one.media_type: {"schema": {"type": "string"}}}
    elif _has_json(one):
        answer["content"] = {"application/json": {"schema": by_kind[_key(one.hints["return"])]}}
    found = {str(one.status): answer}
    problems = _ALWAYS | set(one.problems)
    if one.access is not Access.ANYBODY or one.method != "GET":
        problems |= _NOT_ANYBODY
    if one.parameters:
        problems.add(404)
    if "body" in one.hints:
        problems |= {413, 415, 422}
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="ProblemView")}}}
    for status in sorted(problems - {one.status}):
        found[str(status)] = {"description": _WORDS[status], "content": content}
    return found
