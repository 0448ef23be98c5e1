"""
Addresses and links by which programs are set up, and pictures of them for a phone's camera.
"""

from __future__ import annotations

import io
import urllib.parse

import segno

from carrierpost.web.dav.places import ROOT

__all__ = ["davx5_link", "picture", "server_address"]


def server_address(base: str) -> str:
    """
    Give the address that a program asks for.

    Args:
        base: where Carrierpost is reached, as `https://mail.example.org`.
    """
    return base.rstrip("/") + ROOT


def davx5_link(base: str, user: str, password: str) -> str:
    """
    Give the link by which DAVx5 sets an account up: its own scheme instead of https, name and password within.

    Args:
        base: where Carrierpost is reached.
        user: the mail address.
        password: the device's.
    """
    where = urllib.parse.urlsplit(server_address(base))
    login = f"{urllib.parse.quote(user, safe='')}:{urllib.parse.quote(password, safe='')}"
    return f"davx5://{login}@{where.netloc}{where.path}"


def picture(link: str) -> str:
    """
    Draw a link as a QR code, an SVG image.
    """
    stream = io.BytesIO()
    segno.make(link, micro=False).save(stream, kind="svg", scale=4, xmldecl=False, svgns=True, light="white")
    return stream.getvalue().decode()
