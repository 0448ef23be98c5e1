"""
What never gets into a trace, and what need not.

Secrets go always: passwords wherever they stand and however they are coded, login headers, cookies. Texts that people
wrote go on request: a veiled document has the shape of the real one, letter for letter, and says nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from carrierpost import wbxml
from carrierpost.protocol.secret import Secret
from carrierpost.wbxml import pages

__all__ = ["HIDDEN", "Redaction"]

HIDDEN = "[removed]"

_HIDDEN_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "authentication-info"})
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
_HIDDEN_TAGS = frozenset({pages.Settings.Password, pages.ItemOperations.Password, pages.Search.Password})
_SHORTEST = 4  # characters of a password; to take out shorter ones would take half the trace with them
_SHORTEST_COOKIE = 8  # shorter ones are words like "true"

_USER = re.compile(r"(?<=[?&]User=)[^&\s]*")
_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")
_COOKIE = re.compile(r"(?:^|, )([^=;,\s]+)=([^;,]*)")
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s+[^\s=]|\s*,|\s*$)")

_PERSONAL_PAGES = frozenset(
    pages.page_of(tag)
    for tag in (
        pages.AirSyncBase.Data, pages.Calendar.Subject, pages.ComposeMail.Mime, pages.Contacts.LastName,
        pages.Contacts2.NickName, pages.DocumentLibrary.DisplayName, pages.Email.Subject, pages.Email2.UmCallerID,
        pages.Find.Query, pages.FolderHierarchy.DisplayName, pages.GAL.DisplayName, pages.ItemOperations.Data,
        pages.Notes.Subject, pages.ResolveRecipients.To, pages.Search.Query, pages.Settings.FriendlyName,
        pages.Tasks.Subject,
    )
)  # fmt: skip
_CONTACT_PAGES = frozenset(pages.page_of(tag) for tag in (pages.Contacts.LastName, pages.GAL.Phone))
_KEPT_TAGS = frozenset(
    {
        # What programs compare or parse; without it a trace could not be replayed.
        pages.AirSyncBase.ContentId, pages.AirSyncBase.FileReference, pages.Calendar.Timezone, pages.Calendar.UID,
        pages.Email.ContentClass, pages.Email.GlobalObjId, pages.Email.MessageClass, pages.Email.TimeZone,
        pages.Email2.ConversationId, pages.Email2.ConversationIndex, pages.FolderHierarchy.ParentId,
        pages.FolderHierarchy.ServerId, pages.FolderHierarchy.SyncKey, pages.ItemOperations.Range,
        pages.ItemOperations.Store, pages.Notes.MessageClass, pages.ResolveRecipients.StartTime,
        pages.ResolveRecipients.EndTime, pages.Search.LongId, pages.Search.Name, pages.Search.Range,
    }
)  # fmt: skip
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d(T[\d:.]+Z?)?")
_NUMBER = re.compile(r"-?\d{1,10}(\.\d+)?")
_MARKUP = re.compile(r"(</?[A-Za-z][\w:-]*)|([^<]+|<)")


class Redaction:
    """
    Takes out of what is recorded what does not belong there.

    Args:
        secrets: what must not be seen anywhere.
        veil: whether texts that people wrote are made unreadable.

    Attributes:
        veil: as given.
    """

    def __init__(self, secrets: Iterable[Secret] = (), *, veil: bool = False) -> None:
        self.veil = veil
        self._known: set[Secret] = set()
        self._patterns: list[re.Pattern[bytes]] = []
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """
        Take out one more secret from now on.
        """
        if secret in self._known or len(secret.reveal()) < _SHORTEST:
            return
        self._known.add(secret)
        self._patterns.append(_pattern(secret.reveal()))

    def raw(self, content: bytes) -> bytes:
        """
        Take the secrets out of bytes.
        """
        for pattern in self._patterns:
            content = pattern.sub(HIDDEN.encode(), content)
        return content

    def text(self, content: str) -> str:
        """
        Take the secrets out of a text.
        """
        return self.raw(content.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")

    def url(self, url: str) -> str:
        """
        Take the user out of an address.
        """
        return _USER_INFO.sub(f"{HIDDEN}@", _USER.sub(HIDDEN, url))

    def header(self, name: str, value: str) -> str:
        """
        Give what may be seen of a header, and learn what it carries that must not be seen elsewhere.
        """
        name = name.lower()
        if name in _HIDDEN_HEADERS:
            self.learn(Secret(value.rpartition(" ")[2]))
            return HIDDEN
        if name == "set-cookie":
            cookies = _COOKIE.findall(value)
            for _, content in cookies:
                if len(content) >= _SHORTEST_COOKIE:
                    self.learn(Secret(content))
            return ", ".join(f"{cookie}={HIDDEN}" for cookie, _ in cookies) or HIDDEN
        if name in _CHALLENGES:  # the schemes tell how the server wants a login
            return ", ".join(f"{scheme} {HIDDEN}" for scheme in _SCHEME.findall(re.sub('"[^"]*"', '""', value)))
        return self.url(value) if name.endswith("location") else value

    def tree(self, tag: int, value: wbxml.Value) -> wbxml.Value:
        """
        Take the secrets out of an element's value, and veil it where that is wanted.

        Args:
            tag: the element.
            value: what it holds.
        """
        if isinstance(value, list):
            # Text that stands between elements belongs to the element around it.
            children = (
                (child, self.tree(tag if child == wbxml.TEXT else child, held)) for child, held in wbxml.pairs(value)
            )
            return [part for pair in children for part in pair]
        if not value:
            return value
        if tag in _HIDDEN_TAGS:
            return HIDDEN
        if isinstance(value, bytes):
            return veil_raw(self.raw(value)) if self.veil and _is_personal(tag, "") else self.raw(value)
        return veil_text(self.text(value)) if self.veil and _is_personal(tag, value) else self.text(value)

    def part(self, content: bytes) -> bytes:
        """
        Do the same to a body that is no document: a mail, an attachment.
        """
        return veil_raw(self.raw(content)) if self.veil else self.raw(content)


def _is_personal(tag: int, value: str) -> bool:
    page = pages.page_of(tag)
    if page not in _PERSONAL_PAGES or tag in _KEPT_TAGS or _DATE.fullmatch(value):
        return False
    return page in _CONTACT_PAGES or not _NUMBER.fullmatch(value)


def veil_text(text: str) -> str:
    """
    Make a text unreadable: letters become x, digits 9; length, words, punctuation and markup stay.

    To veil twice is to veil once.
    """
    return _MARKUP.sub(lambda found: found[1] or "".join(map(_veiled, found[2])), text)


def _veiled(letter: str) -> str:
    if letter.isascii():
        return "9" if letter.isdigit() else "X" if letter.isupper() else "x" if letter.isalpha() else letter
    return "é" if letter.isalpha() else letter  # that a letter was not of ASCII may be what matters


def veil_raw(content: bytes) -> bytes:
    """
    Make bytes unreadable; their number and the ends of lines stay.
    """
    return re.sub(rb"[^\r\n]", b"x", content)


def _pattern(text: str) -> re.Pattern[bytes]:
    """
    Match a secret as itself, as addresses, JSON and XML have it, and inside base64, wherever it begins there.
    """
    codings = {text.encode("utf-8", "surrogatepass")}
    if all(ord(letter) < 256 for letter in text):
        codings.add(text.encode("latin-1"))
    plain = {json.dumps(text)[1:-1].encode(), escape(text).encode(), escape(text, {'"': "&quot;"}).encode(), *codings}
    found = [re.escape(form) for form in plain]
    for raw in codings:
        quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
        found += [b"(?i:" + re.escape(form.encode()) + b")" for form in quoted if "%" in form or "+" in form]
        found += [_inside_base64(raw, before) for before in range(3)]
    found.sort(key=len, reverse=True)
    return re.compile(b"|".join(found))


_CODED = {b"+": rb"(?:\+|-|%2[Bb])", b"/": rb"(?:/|_|%2[Ff])"}


def _inside_base64(raw: bytes, before: int) -> bytes:
    coded = base64.b64encode(bytes(before) + raw)
    # What shares a letter with its neighbours differs with them: it is matched as any letter, and goes too.
    start, rest = (0, 2, 3)[before], (0, 3, 2)[(before + len(raw)) % 3]
    letters = (coded[index : index + 1] for index in range(start, len(coded) - rest))
    core = b"".join(_CODED.get(letter, re.escape(letter)) for letter in letters)
    around = rb"(?:[\w+/-]|%2[BbFf]){0,3}"
    return around + core + around + rb"(?:=|%3[Dd]){0,2}"
