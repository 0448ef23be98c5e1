"""
Mail's HTML, cleaned for display.

What may act is removed (scripts, event handlers, forms, frames), what may cover or imitate the page around it as well
(positions, `style` elements), and remote pictures, which tell their sender that and where a message is read, are held
back until somebody asks for them. The rest of the layout stays. `nh3` does the cleaning, this module says what mail
may hold.

A page that shows the result still does so in a sandboxed frame: this is one of two fences.
"""

from __future__ import annotations

import html as html_text
import re
import urllib.parse
from collections.abc import Callable

import msgspec
import nh3
from selectolax.lexbor import LexborHTMLParser

from carrierpost.protocol.nesting import shallow

__all__ = ["CleanHTML", "MisleadingLink", "clean_html", "text_to_html"]

_MOST = 2_000_000  # characters that are looked at

_TAGS = frozenset(
    "a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s samp "
    "section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
_DROPPED_WITH_CONTENT = frozenset("script style title template noscript iframe object svg math select".split())
_EVERYWHERE = frozenset("align bgcolor color dir height lang style title valign width background".split())
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(_EVERYWHERE),
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size"},
    "hr": {"size", "noshade"},
    "img": {"alt", "border", "src"},
    "li": {"value"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "nowrap", "rowspan"},
    "th": {"colspan", "nowrap", "rowspan", "scope"},
    "ul": {"type"},
}
_PROPERTIES = frozenset(
    "background-color background-image border border-bottom border-bottom-color border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color border-left-style "
    "border-left-width border-radius border-right border-right-color border-right-style border-right-width "
    "border-spacing border-style border-top border-top-color border-top-style border-top-width border-width clear "
    "color direction display float font font-family font-size font-style font-variant font-weight height "
    "letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-width "
    "min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align "
    "text-decoration text-indent text-transform unicode-bidi vertical-align white-space width word-break "
    "word-spacing word-wrap".split()
)
_IGNORED_BY_BROWSERS = re.compile(r"[\t\r\n]|^[\x00-\x20]+|[\x00-\x20]+$")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?[/\\]{2}|https?:", re.IGNORECASE)
_PICTURE_DATA = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=\s%]*", re.IGNORECASE)
_LINKS = frozenset({"http", "https", "mailto", "tel", "sip", "callto", "xmpp"})
_FUNCTION = re.compile(r"([a-z-]*)\s*\(", re.IGNORECASE)
_COLOURS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_URL = re.compile(r"""url\(\s*(?:"([^"()\\]*)"|'([^'()\\]*)'|([^"'()\\\s]*))\s*\)""", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_HOST = re.compile(r"\s*(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?:[/?#]\S*)?\s*", re.IGNORECASE)


class MisleadingLink(msgspec.Struct, frozen=True):
    """
    A link whose text names another place than the one it leads to.

    Attributes:
        shown: the host that the text names.
        leads_to: the host that it leads to.
    """

    shown: str
    leads_to: str


class CleanHTML(msgspec.Struct, frozen=True):
    """
    HTML that may be shown.

    Attributes:
        html: the cleaned body, without `html` and `body` elements around it.
        blocked_pictures: how many remote pictures were held back.
        content_ids: the content ids of pictures that it shows, in order, each once.
        misleading: links that lead elsewhere than they say.
        cut: whether it was too long, so that only its beginning is here.
    """

    html: str
    blocked_pictures: int = 0
    content_ids: tuple[str, ...] = ()
    misleading: tuple[MisleadingLink, ...] = ()
    cut: bool = False


def clean_html(
    html: str, *, remote_pictures: bool = False, picture_address: Callable[[str], str | None] | None = None
) -> CleanHTML:
    """
    Clean the HTML of a mail.

    Args:
        html: the body as it came; of more than two million characters the rest is left out.
        remote_pictures: whether pictures from the network are kept.
        picture_address: gives the address at which an inline picture of this content id is shown, or `None` for one
            that is not there; without it `cid:` addresses stay.

    Returns:
        What may be shown; also for a text that is no HTML at all.
    """
    pictures = _Pictures(remote_pictures, picture_address)

    def judge(tag: str, name: str, value: str) -> str | None:
        if name in ("src", "background"):
            return pictures.address(value)
        if name == "href":
            return _link(value)
        if name == "style":
            return _style(value, pictures)
        return value

    cleaned = nh3.clean(
        shallow(html[:_MOST]),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=judge,
        url_schemes=set(_LINKS | {"cid", "data"}),
        url_relative="pass_through",
        filter_style_properties=set(_PROPERTIES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"loading": "lazy"}},
    )
    return CleanHTML(
        html=cleaned,
        blocked_pictures=pictures.blocked,
        content_ids=tuple(pictures.content_ids),
        misleading=_misleading(cleaned),
        cut=len(html) > _MOST,
    )


class _Pictures:
    """
    Decides which pictures are shown, and counts.
    """

    def __init__(self, remote: bool, local: Callable[[str], str | None] | None) -> None:
        self.blocked = 0
        self.content_ids: dict[str, None] = {}
        self._remote = remote
        self._local = local

    def address(self, value: str) -> str | None:
        """
        Give the address at which a picture is shown, or `None` for one that is not.
        """
        value = _IGNORED_BY_BROWSERS.sub("", value)
        if value[:4].lower() == "cid:":
            content_id = urllib.parse.unquote(value[4:])
            self.content_ids[content_id] = None
            return value if self._local is None else self._local(content_id)
        if _PICTURE_DATA.fullmatch(value):
            return value
        if not _REMOTE.match(value):
            return None
        if not self._remote:
            self.blocked += 1
            return None
        return value if _SCHEME.match(value) else f"https:{value}"


def _link(value: str) -> str | None:
    value = _IGNORED_BY_BROWSERS.sub("", value)
    scheme = _SCHEME.match(value)
    return value if scheme is not None and scheme[1].lower() in _LINKS else None


def _style(value: str, pictures: _Pictures) -> str | None:
    """
    Keep the declarations that hold no more than words, numbers, colours and allowed pictures.
    """
    kept = []
    for declaration in _CSS_COMMENT.sub("", value).split(";"):
        name, _, said = declaration.partition(":")
        name, said = name.strip().lower(), said.strip()
        if not said or "\\" in said or "<" in said or "{" in said:
            continue
        picture = _URL.search(said)
        if picture is not None and name in ("background", "background-image"):
            address = pictures.address(picture[1] or picture[2] or picture[3] or "")
            if address is not None and not re.search(r"[\"'()\\\s]", address):
                kept.append(f'background-image:url("{address}")')
            said = _URL.sub("", said).strip()
        if name == "background":  # what is left of the shorthand that is a colour
            name = "background-color"
        if all(function.lower() in _COLOURS for function in _FUNCTION.findall(said)) and said:
            kept.append(f"{name}:{said}")
    return ";".join(kept) or None


def _misleading(html: str) -> tuple[MisleadingLink, ...]:
    """
    Find the links whose text is an address of another host.
    """
    found: dict[MisleadingLink, None] = {}
    if "<a " not in html:
        return ()
    for link in LexborHTMLParser(html).css("a[href]"):
        leads = _host(link.attributes.get("href") or "")
        shown = _HOST.fullmatch(link.text(deep=True))
        if leads is None or shown is None:
            continue
        named = shown[1].lower()
        if not _belongs(leads, named) and not _belongs(named, leads):
            found[MisleadingLink(named, leads)] = None
    return tuple(found)


def _host(address: str) -> str | None:
    try:
        return urllib.parse.urlsplit(address).hostname
    except ValueError:
        return None


def _belongs(host: str, domain: str) -> bool:
    domain = domain.removeprefix("www.")
    return host == domain or host.endswith(f".{domain}")


_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def text_to_html(text: str) -> str:
    """
    Say a plain text in HTML: its lines and blanks stay, addresses of web pages become links.
    """
    pieces = []
    position = 0
    for match in _ADDRESS.finditer(text):
        address = html_text.escape(match[0])
        pieces.append(html_text.escape(text[position : match.start()]))
        pieces.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>')
        position = match.end()
    pieces.append(html_text.escape(text[position:]))
    lines = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")
    return f'<div style="white-space:pre-wrap">{lines}</div>'
