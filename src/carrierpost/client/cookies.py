"""
Cookies of one account; most servers set none.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import BaseCookie, Morsel, SimpleCookie
from types import MappingProxyType
from typing import Any

import aiohttp
import yarl

__all__ = ["Cookies"]

_NONE: MappingProxyType[tuple[str, str], SimpleCookie] = MappingProxyType({})


class Cookies(aiohttp.abc.AbstractCookieJar):
    """
    A cookie jar that is made when the first cookie comes: empty ones of thousands of accounts are a kilobyte each.
    """

    def __init__(self) -> None:
        super().__init__()
        self._jar: aiohttp.CookieJar | None = None

    @property
    def unsafe(self) -> bool:
        """
        Whether servers that are reached by address may set cookies; they often are.
        """
        return True

    @property
    def quote_cookie(self) -> bool:
        """
        Whether values are quoted when they have to be.
        """
        return True

    @property
    def cookies(self) -> MappingProxyType[tuple[str, str], SimpleCookie]:
        """
        The cookies.
        """
        return self._jar.cookies if self._jar is not None else _NONE

    @property
    def host_only_cookies(self) -> frozenset[tuple[str, str, str]]:
        """
        Those that go to one host only.
        """
        return self._jar.host_only_cookies if self._jar is not None else frozenset()

    def clear(self, predicate: Any = None) -> None:
        """
        Forget all cookies, or some.
        """
        if self._jar is not None:
            self._jar.clear(predicate)

    def clear_domain(self, domain: str) -> None:
        """
        Forget a domain's cookies.
        """
        if self._jar is not None:
            self._jar.clear_domain(domain)

    def update_cookies(self, cookies: Any, response_url: yarl.URL = yarl.URL()) -> None:  # noqa: B008 - as its base has
        """
        Take cookies of an answer.
        """
        if self._jar is None:
            self._jar = aiohttp.CookieJar(unsafe=True)
        self._jar.update_cookies(cookies, response_url)

    def filter_cookies(self, request_url: yarl.URL) -> BaseCookie[str]:
        """
        Give the cookies that go with a request.
        """
        return self._jar.filter_cookies(request_url) if self._jar is not None else SimpleCookie()

    def __iter__(self) -> Iterator[Morsel[str]]:
        return iter(self._jar if self._jar is not None else ())

    def __len__(self) -> int:
        return len(self._jar) if self._jar is not None else 0
