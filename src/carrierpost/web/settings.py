"""
What may be set about the web face.
"""

from __future__ import annotations

import fnmatch

import msgspec

__all__ = ["SignInSettings", "WebSettings", "fits"]


class SignInSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Who may sign in, and how.

    Attributes:
        addresses: patterns of the mail addresses that may; `*` stands for any text.
        servers: patterns of the mail servers that a person may name; others are found by Autodiscover only. Whoever
            may name any server can begin an account in somebody else's name, so only a hub that nobody else can reach
            leaves this open.
        administrators: patterns of the addresses of administrators.
        hours: how long a sign-in lasts at most; a policy may make it shorter.
    """

    addresses: tuple[str, ...] = ("*",)
    servers: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    hours: int = 720


class WebSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What the web face has to know of the world.

    Attributes:
        hosts: names under which it is reached, without port; others are refused, so that no foreign name can be made
            to point here.
        public_url: its address as people type it, without a slash at the end; empty when it is what they asked for.
        sign_in: who may sign in.
        live_heartbeat: seconds between two signs of life of a live stream.
        live_backlog: a stream that missed more changes than this is told to load anew.
        largest_body: the largest request, octets.
        signing_certificate: a PEM file with the certificate chain that configuration profiles are signed with; empty
            to leave them unsigned.
        signing_key: a PEM file with its private key.
    """

    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    public_url: str = ""
    sign_in: SignInSettings = SignInSettings()
    live_heartbeat: float = 20.0
    live_backlog: int = 2000
    largest_body: int = 1_000_000
    signing_certificate: str = ""
    signing_key: str = ""


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """
    Tell whether a name fits one of some patterns, whatever its letters' case.
    """
    return any(fnmatch.fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)
