"""
The app's own pages: what was built from `app/`, under a policy that lets a page run its own script and nothing else.

Files whose name holds a digest of their content are kept for ever; the page that names them, and the service worker,
are asked for each time. Whatever path belongs to the app, however deep, is answered with the one page, which finds its
way by itself.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from carrierpost.web.guard import APP_POLICY
from carrierpost.web.problems import Problem

__all__ = ["BUILT", "Pages", "built_pages"]

BUILT = Path(__file__).parent / "app"
"""Where the build puts the app."""

_FOR_EVER = "public, max-age=31536000, immutable"
_EACH_TIME = "no-cache"
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript; charset=utf-8"}


class _File(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    tag: str
    kept: str


class Pages:
    """
    Serves the app, as an ASGI application.

    Args:
        files: the content of each file by its path, without a slash at the front; `index.html` is the page.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {path: _file(path, content) for path, content in files.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer a request.
        """
        await self._answer(Request(scope, receive))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Problem(405, "other-method", "pages can only be read", {"Allow": "GET, HEAD"}).response()
        path = request.url.path.lstrip("/")
        found = self._files.get(path)
        if found is None and _may_be_a_place(path):
            found = self._files.get("index.html")
        if found is None:
            return Problem(404, "no-such-address", f"nothing is at {request.url.path}").response()
        headers = {"Cache-Control": found.kept, "ETag": found.tag, "Content-Security-Policy": APP_POLICY}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers, media_type=found.media_type)


def built_pages(folder: Path = BUILT) -> Pages | None:
    """
    Give the app as it was built; `None` where it was not, because there was nothing to build it with.
    """
    if not (folder / "index.html").is_file():
        return None
    files = (path for path in folder.rglob("*") if path.is_file())
    return Pages({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def _file(path: str, content: bytes) -> _File:
    ending = Path(path).suffix
    media_type = _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    kept = _FOR_EVER if path.startswith("assets/") else _EACH_TIME
    return _File(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"', kept)


def _may_be_a_place(path: str) -> bool:
    """
    Tell whether a path may be a place in the app: its last part has no ending, and it is none of the other faces.
    """
    parts = path.split("/")
    return parts[0] not in ("api", "dav", ".well-known", "assets") and "." not in parts[-1]
