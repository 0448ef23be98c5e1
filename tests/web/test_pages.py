"""
The app's own pages: found under every path of the app, kept as long as they may be, and fenced in.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.web import build_app
from carrierpost.web.pages import Pages, built_pages
from tests.support.virtual import virtual
from tests.web.browser import Answer, Browser
from tests.web.place import place

FILES = {"index.html": b"<!doctype html>", "worker.js": b"1", "assets/a-0f.js": b"2", "manifest.webmanifest": b"{}"}


async def get(path: str, **headers: str) -> Answer:
    async with place() as at:
        return await Browser(build_app(at.office, pages=Pages(FILES))).ask("GET", path, **headers)


@pytest.mark.parametrize("path", ["/", "/mail", "/mail/12/345", "/calendar/week/2026-11-25", "/settings"])
@virtual
async def test_every_place_in_the_app_is_the_page(path: str) -> None:
    """A link into the app works, also when it is opened first; the page is asked for each time."""
    answer = await get(path)
    assert (answer.status, answer.body) == (200, FILES["index.html"])
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/assets/b.js", "/app.js", "/api/v1/nothing", "/api/none", "/.well-known/x", "/a/../etc"]
)
@virtual
async def test_what_is_not_there_is_no_page(path: str) -> None:
    """A script or an address of the interface that does not exist is not answered with the page."""
    answer = await get(path)
    if path == "/a/../etc":  # a browser never sends it; it is a place like another, and no file
        assert answer.body == FILES["index.html"]
    else:
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"


@virtual
async def test_files_with_a_digest_in_their_name_are_kept_and_others_are_not() -> None:
    """An update reaches everybody with the next page, and loads only what changed."""
    kept, worker = await get("/assets/a-0f.js"), await get("/worker.js")
    assert "immutable" in kept.headers["cache-control"]
    assert worker.headers["cache-control"] == "no-cache"
    again = await get("/worker.js", if_none_match=worker.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await get("/manifest.webmanifest")).headers["content-type"] == "application/manifest+json"


@virtual
async def test_the_page_may_run_its_own_script_and_nothing_else() -> None:
    """Neither inline scripts nor styles nor other hosts, whatever a message smuggles in."""
    policy = dict(part.strip().split(" ", 1) for part in (await get("/")).headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert policy["require-trusted-types-for"] == "'script'"
    assert not any("unsafe" in value or "http" in value for value in policy.values())


def test_an_app_that_was_not_built_is_none(tmp_path: Path) -> None:
    """Without the build the hub serves its interface alone."""
    assert built_pages(tmp_path) is None
    (tmp_path / "index.html").write_bytes(b"x")
    assert built_pages(tmp_path) is not None
