"""
Bodies as text that a person can read, and addresses taken apart.

Both take whatever a stranger wrote into a mail, so neither raises, and both stay linear in their input.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from carrierpost.protocol.nesting import shallow

__all__ = ["display_name", "html_to_text", "plain_text", "split_addresses", "topic"]

_MOST = 2_000_000  # characters of HTML that are looked at
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tr ul".split()
)
_SKIPPED = frozenset({"head", "script", "style", "title", "template", "noscript"})
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_MARK = re.compile(r"\s*(?:re|aw|fwd?|wg|sv|vs|tr|antw|odp|rif|r|i)\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_LEADS_OUT = re.compile(r"(?:https?:/*|mailto:|tel:)", re.IGNORECASE)
_MOST_ADDRESS = 2000
_ADDRESS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<>,;"]*))\s*(?:<([^<>]*)>)?\s*(?:[,;]|$)')


def html_to_text(html: str, *, links: bool = False) -> str:
    """
    Give the text of an HTML body: blocks on lines of their own, list items marked.

    Args:
        html: the body; more than two million characters are not looked at.
        links: whether each link is followed by where it leads, unless it says just that.

    Returns:
        Plain text without markup; empty for a body without text.
    """
    body = LexborHTMLParser(shallow(html[:_MOST])).body
    if body is None:
        return ""
    pieces: list[str] = []
    node: LexborNode | None = body.child
    while node is not None:
        name = node.tag
        if name == "-text":
            pieces.append(_SPACE.sub(" ", node.text_content or ""))
        elif name in _BLOCKS:
            pieces.append("\n- " if name == "li" else "\n")
        elif name in ("td", "th"):
            pieces.append(" ")
        if node.child is not None and name not in _SKIPPED:
            node = node.child
            continue
        node = _onward(node, body, pieces, links=links)
    lines = [line.strip() for line in "".join(pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain_text(data: str | bytes, *, html: bool) -> str:
    """
    Give a body as plain text, whatever it came as.

    Args:
        data: the body.
        html: whether it is HTML.
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return (html_to_text(text) if html else text).replace("\r\n", "\n").strip()


def _onward(node: LexborNode, top: LexborNode, pieces: list[str], *, links: bool) -> LexborNode | None:
    """
    Find the next node in document order after a finished one, closing what ends on the way.
    """
    current: LexborNode | None = node
    while current is not None and current.mem_id != top.mem_id:
        if current.tag in _BLOCKS and current.tag not in ("br", "li", "tr"):
            pieces.append("\n")
        if links and current.tag == "a":
            pieces.append(_leads_to(current))
        if current.next is not None:
            return current.next
        current = current.parent
    return None


def _leads_to(link: LexborNode) -> str:
    """
    Say where a link leads; nothing where its text says the same, or it leads nowhere outside the mail.
    """
    address = _UNSEEN.sub("", link.attributes.get("href") or "")[:_MOST_ADDRESS]
    if not _LEADS_OUT.match(address):
        return ""
    said = (link.text(deep=True) or "").strip()
    return "" if _bare(said) == _bare(address) else f" <{address}>"


def _bare(address: str) -> str:
    return _LEADS_OUT.sub("", address.strip()).rstrip("/").lower()


def split_addresses(text: str | None, *, most: int = 1000) -> tuple[tuple[str, str], ...]:
    """
    Split an address list as ActiveSync sends it.

    Commas and semicolons divide, quoted names may hold them. What is no address is kept as a name.

    Args:
        text: `"Ada" <ada@example.org>, bob@example.org`, or `None`.
        most: no more than this many are split off.

    Returns:
        Name and address of each; either may be empty, never both.
    """
    found: list[tuple[str, str]] = []
    pos = 0
    text = text or ""
    while pos < len(text) and len(found) < most:
        match = _ADDRESS.match(text, pos)
        if match is None or match.end() == pos:
            stop = min((i for i in (text.find(",", pos + 1), text.find(";", pos + 1)) if i > 0), default=len(text))
            name, address = text[pos:stop].strip(), ""
            pos = stop + 1
        else:
            quoted, bare, address = match.group(1), match.group(2), (match.group(3) or "").strip()
            name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip()
            pos = match.end()
        if not address and "@" in name and " " not in name:
            name, address = "", name
        if name or address:
            found.append((name, address))
    return tuple(found)


def display_name(text: str | None) -> str:
    """
    Give what to show for an address list: its names, or the addresses where there are none.
    """
    return ", ".join(name or address for name, address in split_addresses(text, most=20))


def topic(subject: str) -> str:
    """
    Give a subject without the marks of answers and forwards, in the languages that put them there.
    """
    while match := _MARK.match(subject):
        subject = subject[match.end() :]
    return subject.strip()
